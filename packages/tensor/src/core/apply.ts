/** @file The only door through which an op runs: apply(). Knows no op by name, and no device. */
import { DeviceError, UsageError } from "../base/errors.js";
import { neededStrides, type Shape, sizeOf } from "../base/shape.js";
import { context, setRecorder } from "./context.js";
import type {
  Device,
  Donated,
  HomeDevice,
  Inputs,
  Op,
  Operand,
  Spec,
  Storage,
} from "./contract.js";
import { expectTensor, expectUnchanged } from "./expect.js";
import { deviceOf, fromStorage, handleOf, realize } from "./handle.js";
import { closeScope, openScope } from "./scope.js";
import { retain, roomOn } from "./storage.js";
import type { Tensor } from "./tensor.js";

/**
 * Runs `op` on `inputs` where they live. `attrs` are kept, not copied: nobody may change them
 * afterwards. `donate`: the inputs that the caller gives away, true for each; the device may write
 * the result over one that nobody else holds.
 */
export function apply<A extends Inputs, P>(
  op: Op<A, P>,
  inputs: A,
  attrs: P,
  donate?: Donated,
): Tensor;
export function apply(op: Op, inputs: Inputs, attrs: unknown, donate: Donated = null): Tensor {
  const operands = new Array<Operand>(inputs.length);
  const device = gather(op.name, inputs, operands);
  const spec = op.infer(inputs, attrs);
  const out = compute(device, op, inputs, operands, attrs, spec, donate);
  if (context.recorder !== null) context.recorder(op, inputs, attrs, out);
  if (context.watcher !== null) context.watcher.ran?.(op, inputs, attrs, out);
  return out;
}

/** Runs an op of several results; see {@link apply}. */
export function applyMany<A extends Inputs, P>(
  op: Op<A, P>,
  inputs: A,
  attrs: P,
  donate?: Donated,
): Tensor[];
export function applyMany(
  op: Op,
  inputs: Inputs,
  attrs: unknown,
  donate: Donated = null,
): Tensor[] {
  const operands = new Array<Operand>(inputs.length);
  const device = gather(op.name, inputs, operands);
  const specs = op.inferMany?.(inputs, attrs) ?? [];
  const storages = run(device, op, inputs, operands, attrs, specs, donate);
  const outs = specs.map((spec, i) => fromStorage(spec, storages[i] as Storage, "op"));
  if (context.recorder !== null) context.recorder(op, inputs, attrs, outs);
  if (context.watcher !== null) context.watcher.ran?.(op, inputs, attrs, outs);
  return outs;
}

/** As many elements of any dtype fit on every device. */
const SOME = 2 ** 28;

function compute(
  device: Device,
  op: Op,
  inputs: Inputs,
  operands: Operand[],
  attrs: unknown,
  spec: Spec,
  donate: Donated,
): Tensor {
  if (op.view !== undefined) {
    const strides = op.view(operands, attrs, spec);
    if (strides === null || (device.over === undefined && device.strided)) {
      const x = inputs[0] as Tensor;
      const { storage } = strides === null ? realize(op.name, x) : (operands[0] as Operand);
      const own = strides === null ? null : neededStrides(spec.shape, strides);
      return fromStorage(spec, retain(storage), "view", own);
    }
  }
  if (sizeOf(spec.shape) > SOME) roomOn(op.name, spec.shape, spec.dtype, device);
  if (op.compose !== undefined && device.over === undefined) {
    return composed(op, inputs, attrs, spec);
  }
  if (device.over !== undefined || device.runOne === undefined) {
    const [storage] = run(device, op, inputs, operands, attrs, [spec], donate);
    return fromStorage(spec, storage as Storage, "op");
  }
  prepare(device, op, inputs, operands);
  const storage = device.runOne(op, operands, attrs, spec, unheld(operands, donate));
  return fromStorage(spec, taken(storage, operands), "op");
}

/** Runs an op on its device: on operands as it accepts them, or above it on the tensors. */
function run(
  device: Device,
  op: Op,
  inputs: Inputs,
  operands: Operand[],
  attrs: unknown,
  specs: readonly Spec[],
  donate: Donated,
): readonly Storage[] {
  if (device.over !== undefined) return device.over.run(op, inputs, attrs, specs, donate);
  prepare(device, op, inputs, operands);
  const storages = device.run(op, operands, attrs, specs, unheld(operands, donate));
  for (const storage of storages) taken(storage, operands);
  return storages;
}

/** Makes operands contiguous where the device does not run the op on them as they are. */
function prepare(device: HomeDevice, op: Op, inputs: Inputs, operands: Operand[]): void {
  for (let i = 0; i < operands.length; i++) {
    if ((operands[i] as Operand).strides === null || device.accepts(op, operands, i)) continue;
    operands[i] = realize(op.name, inputs[i] as Tensor);
  }
}

/** A result's storage; where it is an operand's own, it has one holder more. */
function taken(storage: Storage, operands: readonly Operand[]): Storage {
  for (let i = 0; i < operands.length; i++) {
    if ((operands[i] as Operand).storage === storage) return retain(storage);
  }
  return storage;
}

/** What was given away and has no other holder. */
function unheld(operands: readonly Operand[], donate: Donated): Donated {
  if (donate === null) return null;
  return operands.map(({ storage }, i) => donate[i] === true && storage.holders === 1);
}

function composed(op: Op, inputs: Inputs, attrs: unknown, spec: Spec): Tensor {
  return fromStorage(spec, opened(op, inputs, attrs, spec), "op");
}

/** The result of a composed op by the ops that it is made of, unrecorded, with a holder. */
export function opened(op: Op, inputs: Inputs, attrs: unknown, spec: Spec): Storage {
  const before = setRecorder(null);
  const mark = openScope();
  try {
    const made = (op.compose as NonNullable<Op["compose"]>)(inputs, attrs);
    if (sizeOf(spec.shape) !== made.size || spec.dtype !== made.dtype) {
      throw new UsageError(
        op.name,
        `the shape rule says ${spec.dtype} [${spec.shape}], ` +
          `the forward made ${made.dtype} [${made.shape}]`,
        "make the one what the other says",
      );
    }
    return retain(realize(op.name, made).storage);
  } finally {
    closeScope(mark);
    setRecorder(before);
  }
}

/** Checks the inputs of an op, fills in their operands, and returns the device they live on. */
function gather(op: string, inputs: Inputs, operands: Operand[]): Device {
  let device: Device | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const x: Tensor | undefined = inputs[i];
    expectTensor(op, x);
    const { operand } = handleOf(x);
    if (context.checks) expectUnchanged(op, operand);
    operands[i] = operand;
    const own = operand.storage.device;
    if (own !== device) device = device === null ? own : higherDevice(op, device, own);
  }
  if (device === null) {
    throw new UsageError(op, "needs at least one tensor", "it runs where its tensors live");
  }
  return device;
}

/** The higher of two devices that stand for one and the same. */
function higherDevice(op: string, a: Device, b: Device): Device {
  const [p, q] = [a.over?.level ?? 0, b.over?.level ?? 0];
  if (p !== q && (a.over?.home ?? a) === (b.over?.home ?? b)) return p > q ? a : b;
  throw new DeviceError(
    op,
    `operands are on two devices: ${a.name} and ${b.name}`,
    `move one of them: await x.to("${a.name}")`,
  );
}

/**
 * `draw(shape)` where `x` is no sample of a batch; else one sample of what it draws for all of
 * them, in their order: each has numbers of its own, those that it has where the batch is an axis
 * in front.
 */
export function perSample(
  x: Tensor,
  draw: (shape: Shape) => Tensor,
  shape: Shape = x.shape,
): Tensor {
  const { over } = deviceOf(x);
  if (over?.sample === undefined) return draw(shape);
  const all = handleOf(x).operand.storage.data as Tensor;
  return over.sample(perSample(all, draw, [all.shape[0] as number, ...shape]));
}
