/**
 * @file What the parts of the library promise each other: tensors, operands, storages, devices, ops
 * and their rules. Types only; knows no op, no device and no tape.
 */
import type { DType, TypedArray } from "../base/dtype.js";
import type { Shape } from "../base/shape.js";
import type { Tensor } from "./tensor.js";

/** What a tensor is before it has memory. A Tensor is one too. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Memory as plain TypeScript sees it: a typed array and how to walk it. */
export interface View extends Spec {
  readonly data: TypedArray;
  /** In elements; null when contiguous. */
  readonly strides: Shape | null;
}

/** A block of device memory and the number of its holders: handles, views and tape nodes. */
export interface Storage {
  holders: number;
  /**
   * Of indices: all are known to lie in [0, bound), or in [bound, −bound) when it is negative; 0
   * when nobody has looked.
   */
  bound: number;
  readonly device: Device;
  readonly dtype: DType;
  /** Capacity in elements; a tensor over it may use fewer. */
  readonly size: number;
  /** Address, for devices with addresses; 0 elsewhere. */
  readonly ptr: number;
  /** The device's own handle, for devices without addresses; null elsewhere. */
  readonly data: unknown;
}

/** What a device sees of a tensor: its memory, and how its elements lie there. Never changes. */
export interface Operand extends Spec {
  readonly size: number;
  /** In elements, when a permutation or a broadcast is remembered; null when contiguous. */
  readonly strides: Shape | null;
  readonly storage: Storage;
}

/** What a tensor holds of a recorder: a node that is freed when nobody holds it. */
export interface Recorded {
  holders: number;
  /** The gradient collected here, for leaves of `backward()`. */
  readonly grad: Tensor | null;
  /** Whether what a walk would read was freed: no gradient flows from here any more. */
  readonly emptied: boolean;
  free(): void;
  /** Walks back from one of this node's results. */
  backward(from: Tensor, cotangent: Tensor | undefined): void;
}

/** A tensor as the engine sees it: an operand, a place on a tape, and the scope that owns it. */
export interface Handle extends Tensor {
  operand: Operand;
  /** The recorder's node, when this tensor takes part in a gradient. */
  node: Recorded | null;
  /** Which of the node's results this is. */
  slot: number;
  disposed: boolean;
  /** Depth of the scope that this handle outlives; 0 for none. */
  kept: number;
  /** What the garbage collector frees for this handle, once it knows of the handle. */
  hold: Hold | null;
}

/** The part of a handle that must be freed when the handle itself is collected. */
export interface Hold {
  storage: Storage;
  node: Recorded | null;
  done: boolean;
}

/** Bytes a device holds for tensors, and bytes it has taken from the system. */
export interface DeviceMemory {
  readonly bytes: number;
  readonly reserved: number;
}

/** Which inputs of a call the device may overwrite: true where nobody else will read the input. */
export type Donated = readonly boolean[] | null;

/** What every device offers: a name, dtypes, and memory. */
interface Memory {
  readonly name: string;
  readonly dtypes: readonly DType[];
  /** Bytes of one tensor at most, where the device knows. */
  readonly maxBytes?: number;
  /** A storage that holds these values. */
  upload(data: TypedArray, dtype: DType): Storage;
  /** A storage of one element, for devices with a quicker way than `upload`. */
  fromNumber?(value: number, dtype: DType): Storage;
  /** Frees a storage; called once, when its last holder is gone. */
  release(storage: Storage): void;
  /** Copies the first `size` elements out. */
  read(storage: Storage, size: number): Promise<TypedArray>;
  /** The same at once; throws a DeviceError where that is impossible. */
  readSync(storage: Storage, size: number): TypedArray;
  memory(): DeviceMemory;
}

/**
 * A place where tensors live and ops run. Ops are synchronous: `run` enqueues or computes and
 * returns; only `read` may wait. Storages are flat: a reshape shares its input's storage.
 */
export interface HomeDevice extends Memory {
  readonly over?: undefined;
  /** Whether permuted and broadcast tensors may exist as strides over a shared storage. */
  readonly strided: boolean;
  /** Whether the op runs on operand `i` with its strides; else it is made contiguous. */
  accepts(op: Op, operands: readonly Operand[], i: number): boolean;
  /**
   * Runs one op: a storage for each of `specs`. An operand's own storage stands for a result that
   * has the operand's values, or that was written over it: only where `donated` allows that.
   */
  run(
    op: Op,
    operands: readonly Operand[],
    attrs: unknown,
    specs: readonly Spec[],
    donated: Donated,
  ): readonly Storage[];
  /** The same for one result, where a device has a quicker way than by lists of one. */
  runOne?(
    op: Op,
    operands: readonly Operand[],
    attrs: unknown,
    spec: Spec,
    donated: Donated,
  ): Storage;
  /** The elements of a strided operand, row-major, in a storage of their own. */
  materialize(x: Operand): Storage;
}

/**
 * A device that stands for another, such as a batch of samples on it. Tensors of both may meet in
 * an op; the device of the higher level runs it, on the tensors themselves.
 */
export interface LayeredDevice extends Memory {
  readonly over: Layer;
}

export interface Layer {
  readonly home: Device;
  readonly level: number;
  /**
   * One sample that stands for all along axis 0 of a tensor of the device below; absent where the
   * device has no samples.
   */
  sample?(all: Tensor): Tensor;
  /** Runs one op, composed ops whole: a storage for each of `specs`. */
  run(
    op: Op,
    inputs: Inputs,
    attrs: unknown,
    specs: readonly Spec[],
    donated: Donated,
  ): readonly Storage[];
}

export type Device = HomeDevice | LayeredDevice;

/** Tensors of an op's inputs: a tuple of fixed length, or a list of any length. */
export type Inputs = readonly Tensor[];

/** The same inputs as something else: `ViewsOf<[Tensor, Tensor]>` is `[View, View]`. */
type Each<A extends Inputs, T> = { readonly [K in keyof A]: T };
export type SpecsOf<A extends Inputs> = Each<A, Spec>;
export type ViewsOf<A extends Inputs> = Each<A, View>;
export type OperandsOf<A extends Inputs> = Each<A, Operand>;

/** A GPU.js kernel as text: its parameters, one an input, and its body. */
export interface GpuKernelText {
  readonly parameters: readonly string[];
  readonly body: string;
}

/** Makes the text of a kernel for one call. */
export type GpuKernelMaker<A extends Inputs = Inputs, P = unknown> = {
  make(inputs: SpecsOf<A>, attrs: P, spec: Spec): GpuKernelText;
}["make"];

/** Kernels that an op brings along, by device. Other devices add theirs to this interface. */
export interface OpKernels<A extends Inputs = Inputs, P = unknown> {
  /**
   * For elementwise ops, the body of a GPU.js function of the scalars x (and y, z). For any op, a
   * function that makes the text of a kernel over flat arrays; `this.thread` is the element of the
   * result, x along the last axis, y along the one before, z along all others.
   */
  readonly gpu?: string | GpuKernelMaker<A, P> | undefined;
}

/**
 * An op: a pure function of tensors and attributes. `infer` gives the result's shape and dtype or
 * throws; one of `reference`, `compose` or `view` gives its values. The name is for people only:
 * users may reuse it, so nothing is looked up by it.
 */
export interface Op<A extends Inputs = Inputs, P = unknown> {
  readonly name: string;
  infer(inputs: A, attrs: P): Spec;
  /** For ops of several results, instead of `infer`. */
  inferMany?(inputs: A, attrs: P): readonly Spec[];
  /** Plain TypeScript over typed arrays; `out` arrives zero-filled. The oracle and the fallback. */
  reference?(inputs: ViewsOf<A>, attrs: P, out: View): void;
  referenceMany?(inputs: ViewsOf<A>, attrs: P, outs: readonly View[]): void;
  /** The op as other ops. Runs unrecorded: the op keeps its own rule. */
  compose?(inputs: A, attrs: P): Tensor;
  /** Strides over the storage of `inputs[0]` (null: contiguous), when no copy is needed. */
  view?(inputs: OperandsOf<A>, attrs: P, spec: Spec): Shape | null;
  /** For elementwise ops: the number that the op makes of numbers. */
  readonly scalar?: ((x: number, y: number, z: number) => number) | undefined;
  /** Kernels of ops that bring their own; others have theirs in tables of the devices. */
  readonly kernels?: OpKernels<A, P> | undefined;
  /** The derivative, of ops that bring their own; null when there is none by nature. */
  readonly rule?: Rule<A, P> | null | undefined;
  /** Whether it works on the last axes alone, and all inputs have the same ones before. */
  readonly inFront?: boolean | undefined;
  /** Where to draw inputs for checks of values and gradients. */
  readonly samples?: Samples | undefined;
}

/** A range of inputs on which an op is defined and smooth. */
export interface Samples {
  readonly from: number;
  readonly to: number;
}

/** A function users call, with the op behind it: what registries and rules see. */
export type OpFunction<F, A extends Inputs, P> = F & { readonly op: Op<A, P> };

/** Sends the cotangent of the result to one input; null for no gradient. */
export type Send = (g: Tensor) => Tensor | null;
/** The same of an op of several results: a cotangent that never came is null. */
export type SendMany = (gs: readonly (Tensor | null | undefined)[]) => Tensor | null;

/** For each input a function; null for an input without a derivative. */
export type PerInput<A extends Inputs, F> = number extends A["length"]
  ? readonly (F | null)[]
  : { readonly [K in keyof A]: F | null };

/** The rule of an op of one result, with inputs A and attributes P. */
export interface RuleOfOne<A extends Inputs, P> {
  readonly many: false;
  /** What the rule reads when the walk passes ({@link Reads}): only that is kept alive. */
  readonly reads: number;
  vjp(seen: { inputs: A; out: Tensor; attrs: P }): readonly (Send | null)[];
}

/** The rule of an op of several results. */
export interface RuleOfMany<A extends Inputs, P> {
  readonly many: true;
  readonly reads: number;
  vjp(seen: { inputs: A; out: readonly Tensor[]; attrs: P }): readonly (SendMany | null)[];
}

export type Rule<A extends Inputs, P> = RuleOfOne<A, P> | RuleOfMany<A, P>;
export type AnyRule = Rule<Inputs, unknown>;

/** Sees every op that ran while it is installed. */
export type Recorder = (
  op: Op,
  inputs: Inputs,
  attrs: unknown,
  outs: Tensor | readonly Tensor[],
) => void;

/** How memory came behind a handle. */
export type Arrival = "op" | "view" | "create" | "move" | "materialize" | "share" | "alias";

/** Sees whatever passes the door: ops, recorded or not, and all memory that handles get. */
export interface Watcher {
  readonly ran?: Recorder;
  readonly stored?: (x: Tensor, how: Arrival) => void;
}

/**
 * Writes a program down while a function runs once, without numbers. What the host does beside the
 * ops is told to it, so that a replay of the program does it too.
 */
export interface Tracer {
  /**
   * Ops with numbers that change from call to call, such as a learning rate: `run` gives results
   * of `inputs`, and is called again before each replay, with tensors of the same shapes.
   */
  changing(inputs: Inputs, run: (inputs: Inputs) => Tensor[]): Tensor[];
  /** What the host does after each replay, such as counting steps. */
  after(act: () => void): void;
  /**
   * A tensor of numbers that `draw` gives, once now and once for each replay. The same generator in
   * the same state draws once: that is how a checkpoint runs again.
   */
  drawn(spec: Spec, generator: object, state: string, draw: () => TypedArray): Tensor;
  /** Throws: somebody asks a generator for what cannot be drawn anew at each replay. */
  refuse(op: string, what: string): never;
  /** A function reads a tensor whose memory may be another one at the next call. */
  reads(x: Tensor): void;
}
