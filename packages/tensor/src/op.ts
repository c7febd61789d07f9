/** @file What an op is, and the only door through which one runs: apply(). Knows no op by name. */
import type { CpuKernel } from "./devices/cpu/table.js";
import type { Device, Spec, View } from "./devices/device.js";
import { DeviceError, DTypeError, UsageError } from "./errors.js";
import { closeScope, openScope, release, retain, type Storage } from "./memory.js";
import type { Rule } from "./rule.js";
import { contiguousStrides, formatShape, type Shape, sizeOf } from "./shape.js";
import { Tensor } from "./tensor.js";
import type { Path } from "./tree.js";

/** Tensors of an op's inputs: a tuple of fixed length, or a list of any length. */
export type Inputs = readonly Tensor[];

/**
 * An op: a pure function of tensors and attributes. `infer` gives the result's shape and dtype or
 * throws; one of `reference`, `compose` or `view` gives its values. Devices may bring faster
 * kernels for it. The name is for people only: users may reuse it, so nothing is looked up by it.
 */
export interface Op<A extends Inputs = Inputs, P = unknown> {
  readonly name: string;
  infer(inputs: A, attrs: P): Spec;
  /** For ops of several results, instead of `infer`. */
  inferMany?(inputs: A, attrs: P): readonly Spec[];
  /** Plain TypeScript over typed arrays; `out` arrives zero-filled. The oracle and the fallback. */
  reference?(inputs: readonly View[], attrs: P, out: View): void;
  referenceMany?(inputs: readonly View[], attrs: P, outs: readonly View[]): void;
  /** The op as other ops. Runs unrecorded: the op keeps its own rule. */
  compose?(inputs: A, attrs: P): Tensor;
  /** Strides over the storage of `inputs[0]` (null: contiguous), when no copy is needed. */
  view?(inputs: A, attrs: P, spec: Spec): Shape | null;
  /** Body of a GPU.js function of the scalars x (and y, z), for elementwise ops. */
  readonly gpu?: string;
  /**
   * For any op: parameters (one an input, flat arrays) and body of a GPU.js kernel; `this.thread`
   * is the element of the result, x along the last axis, y along the one before, z along all
   * others.
   */
  gpuKernel?(
    inputs: readonly Spec[],
    attrs: P,
    spec: Spec,
  ): { readonly parameters: readonly string[]; readonly body: string };
  /** For elementwise ops: the number that the op makes of numbers. */
  readonly scalar?: (x: number, y: number, z: number) => number;
  /**
   * The derivative, of ops that bring their own; null when there is none by nature. Others have
   * theirs in autograd.
   */
  readonly rule?: Rule<A, P> | null;
  /** The kernel for the CPU, of ops that bring their own; others have theirs in a table there. */
  readonly cpu?: CpuKernel;
  /**
   * Whether it works on the last axes alone, and all inputs have the same ones before: what vmap
   * needs to know.
   */
  readonly inFront?: boolean;
  /** Where to draw inputs for checks of values and gradients. */
  readonly samples?: Samples;
}

/** A range of inputs on which an op is defined and smooth. */
export interface Samples {
  readonly from: number;
  readonly to: number;
}

/** A function users call, with the op behind it: what registries and rules see. */
export type OpFunction<F, A extends Inputs, P> = F & { readonly op: Op<A, P> };

/** Names an op. The identity at run time; its worth is in the types. */
export function defineOp<A extends Inputs, P = undefined>(op: Op<A, P>): Op<A, P> {
  return op;
}

/**
 * {@link defineOp} for whoever extends the engine: the shapes that the op's rules give are copied,
 * since the lists may be changed later by those who gave them.
 */
export function defineForeignOp<A extends Inputs, P = undefined>(op: Op<A, P>): Op<A, P> {
  if (Object.isFrozen(op)) return op;
  const { infer, inferMany } = op;
  const own = ({ shape, dtype }: Spec): Spec => ({ shape: [...shape], dtype });
  const rules = op as { -readonly [K in "infer" | "inferMany"]: Op<A, P>[K] };
  rules.infer = (inputs, attrs) => own(infer.call(op, inputs, attrs));
  if (inferMany !== undefined) {
    rules.inferMany = (inputs, attrs) => inferMany.call(op, inputs, attrs).map(own);
  }
  return op;
}

/** A callable with its op attached. */
export function withOp<F extends object, A extends Inputs, P>(
  op: Op<A, P>,
  fn: F,
): OpFunction<F, A, P> {
  return Object.assign(fn, { op });
}

/** Sees every op that ran while it is installed; autograd's door. */
export type Recorder = (
  op: Op,
  inputs: Inputs,
  attrs: unknown,
  outs: Tensor | readonly Tensor[],
) => void;

const hook = { recorder: null as Recorder | null, watcher: null as Recorder | null };

/** Installs a recorder and returns the one before it. */
export function setRecorder(recorder: Recorder | null): Recorder | null {
  const before = hook.recorder;
  hook.recorder = recorder;
  return before;
}

/** Installs a watcher, which sees every op, recorded or not, and returns the one before it. */
export function setWatcher(watcher: Recorder | null): Recorder | null {
  const before = hook.watcher;
  hook.watcher = watcher;
  return before;
}

/**
 * Runs `op` on `inputs` where they live. `attrs` are kept, not copied: nobody may change them
 * afterwards.
 */
export function apply<A extends Inputs, P>(op: Op<A, P>, inputs: A, attrs: P): Tensor {
  const device = deviceOf(op.name, inputs);
  const spec = op.infer(inputs, attrs);
  const out = compute(device, op as unknown as Op, inputs, attrs, spec);
  if (hook.recorder !== null) hook.recorder(op as unknown as Op, inputs, attrs, out);
  if (hook.watcher !== null) hook.watcher(op as unknown as Op, inputs, attrs, out);
  return out;
}

/** Runs an op of several results. */
export function applyMany<A extends Inputs, P>(op: Op<A, P>, inputs: A, attrs: P): Tensor[] {
  const device = deviceOf(op.name, inputs);
  const specs = op.inferMany?.(inputs, attrs) ?? [];
  const plain = op as unknown as Op;
  makeContiguous(device, plain, inputs);
  const storages = device.runMany(plain, inputs, attrs, specs);
  const outs = specs.map((s, i) => new Tensor(s.shape, s.dtype, storages[i] as Storage, null));
  if (hook.recorder !== null) hook.recorder(plain, inputs, attrs, outs);
  if (hook.watcher !== null) hook.watcher(plain, inputs, attrs, outs);
  return outs;
}

function compute(device: Device, op: Op, inputs: Inputs, attrs: unknown, spec: Spec): Tensor {
  const { shape, dtype } = spec;
  if (op.view !== undefined) {
    const strides = op.view(inputs, attrs, spec);
    if (strides === null || device.strided) {
      const storage = retain((inputs[0] as Tensor).storage);
      return new Tensor(shape, dtype, storage, strides === null ? null : strided(shape, strides));
    }
  }
  makeContiguous(device, op, inputs);
  if (op.compose !== undefined && device.over === undefined)
    return composed(op, inputs, attrs, spec);
  return new Tensor(shape, dtype, device.run(op, inputs, attrs, spec), null);
}

/** Strides that mean something: null when they are those of a contiguous tensor. */
function strided(shape: Shape, strides: Shape): Shape | null {
  let step = 1;
  let plain = true;
  for (let i = shape.length - 1; i >= 0; i--) {
    const n = shape[i] as number;
    if (n === 0) return null;
    if (n !== 1 && strides[i] !== step) plain = false;
    step *= n;
  }
  return plain ? null : strides;
}

function composed(op: Op, inputs: Inputs, attrs: unknown, spec: Spec): Tensor {
  const before = setRecorder(null);
  let storage: Storage;
  const mark = openScope();
  try {
    const made = (op.compose as NonNullable<Op["compose"]>)(inputs, attrs);
    if (sizeOf(spec.shape) !== made.size || spec.dtype !== made.dtype) {
      throw new UsageError(
        op.name,
        `the shape rule says ${spec.dtype} [${spec.shape}], the forward made ${made.dtype} [${made.shape}]`,
        "make the one what the other says",
      );
    }
    storage = retain(contiguous(made).storage);
  } finally {
    closeScope(mark);
    setRecorder(before);
  }
  return new Tensor(spec.shape, spec.dtype, storage, null);
}

function makeContiguous(device: Device, op: Op, inputs: Inputs): void {
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i] as Tensor;
    if (x.strides !== null && !device.acceptsStrides(op)) contiguous(x);
  }
}

/** The op behind contiguous(): copies a strided tensor into a plain one. */
export const contiguousOp = defineOp<readonly [Tensor]>({
  name: "contiguous",
  infer: ([x]) => x,
  reference([x], _, out) {
    const view = x as View;
    const { shape } = view;
    const strides = view.strides ?? contiguousStrides(shape);
    const index = new Array<number>(shape.length).fill(0);
    let at = 0;
    for (let k = 0; k < out.data.length; k++) {
      out.data[k] = view.data[at] as number;
      for (let d = shape.length - 1; d >= 0; d--) {
        at += strides[d] as number;
        if (++(index[d] as number) < (shape[d] as number)) break;
        at -= (strides[d] as number) * (shape[d] as number);
        index[d] = 0;
      }
    }
  },
});

/** Makes a remembered permutation or broadcast real, once, in place; returns the same handle. */
export function contiguous(x: Tensor): Tensor {
  if (x.strides === null) return x;
  if (sizeOf(x.shape) !== x.size || !lies(x)) throw changedError("contiguous", x);
  const old = x.storage;
  const made = old.device.run(contiguousOp as unknown as Op, [x], undefined, x);
  x.replaceStorage(made);
  release(old);
  return x;
}

function deviceOf(op: string, inputs: Inputs): Device {
  if (inputs.length === 0) {
    throw new UsageError(op, "needs at least one tensor", "it runs where its tensors live");
  }
  let device: Device | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const x: Tensor | undefined = inputs[i];
    expectTensor(op, x);
    if (sizeOf(x.shape) !== x.size || (x.strides !== null && !lies(x))) throw changedError(op, x);
    const own = x.storage.device;
    if (own !== device) device = device === null ? own : jointDevice(op, device, own);
  }
  return device as Device;
}

/**
 * `draw(shape)` where `x` is no sample of a batch; else one sample of what it draws for all of
 * them, in their order: each has numbers of its own, those that it has where the batch is an axis
 * in front.
 */
export function perSample(x: Tensor, draw: (shape: Shape) => Tensor, shape = x.shape): Tensor {
  const { device, data } = x.storage;
  if (device.over === undefined) return draw(shape);
  const all = data as Tensor;
  return device.over.sample(perSample(all, draw, [all.shape[0] as number, ...shape]));
}

/** The higher of two devices that stand for one and the same. */
function jointDevice(op: string, a: Device, b: Device): Device {
  const [p, q] = [a.over?.level ?? 0, b.over?.level ?? 0];
  if (p !== q && (a.over?.home ?? a) === (b.over?.home ?? b)) return p > q ? a : b;
  throw new DeviceError(
    op,
    `operands are on two devices: ${a.name} and ${b.name}`,
    `move one of them: await x.to("${a.name}")`,
  );
}

/**
 * Throws a DTypeError that names the op unless `x` is a tensor, a UsageError when it is disposed.
 */
export function expectTensor(op: string, x: unknown): asserts x is Tensor {
  if (x instanceof Tensor) {
    expectLive(op, x);
    return;
  }
  throw new DTypeError(op, `needs a tensor, got ${kindOf(x)}`, "make one with tensor(…)");
}

/** Throws unless `x` is a list of tensors. */
export function expectTensors(op: string, x: unknown): asserts x is readonly Tensor[] {
  if (!Array.isArray(x)) {
    throw new DTypeError(op, `needs a list of tensors, got ${kindOf(x)}`, "write [a, b]");
  }
  for (let i = 0; i < x.length; i++) expectTensor(op, x[i]);
}

/** What a value is, for errors: "an array", "a string", "undefined". */
export function kindOf(x: unknown): string {
  if (x === null || x === undefined) return String(x);
  if (x instanceof Tensor) return "a tensor";
  const kind = Array.isArray(x) ? "array" : typeof x;
  return `${kind === "array" || kind === "object" ? "an" : "a"} ${kind}`;
}

/** Whether the last element of a strided tensor lies in its memory. */
function lies({ shape, strides, size, storage }: Tensor): boolean {
  let last = 0;
  for (let i = 0; i < shape.length; i++) {
    last += ((shape[i] as number) - 1) * ((strides as Shape)[i] as number);
  }
  return size === 0 || (last >= 0 && last < storage.size);
}

/**
 * A list of lengths that was written to: kernels that trusted it would leave the tensor's memory.
 */
function changedError(op: string, { shape, size }: Tensor): UsageError {
  return new UsageError(
    op,
    `the shape or the strides of a tensor of ${size} elements were changed: [${shape.join(", ")}]`,
    "shapes are readonly: copy the list ([...x.shape]) before changing it",
  );
}

/**
 * Throws a UsageError that names the op, and the place in a tree, when `x` is disposed: its memory
 * may be another tensor's by now.
 */
export function expectLive(op: string, x: Tensor, place: Path | null = null): void {
  if (!x.disposed) return;
  const at = place === null || place.keys.length === 0 ? "" : `${place}: `;
  throw new UsageError(
    op,
    `${at}a tensor of shape ${formatShape(x.shape)} is used after it was disposed`,
    "return it from the scope that made it, or drop the dispose()",
  );
}
