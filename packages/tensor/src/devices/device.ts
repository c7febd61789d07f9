/**
 * @file What a device must offer. Devices know storages and kernels; nothing of gradients or
 * scopes.
 */
import type { DType, TypedArray } from "../dtype.js";
import type { Storage } from "../memory.js";
import type { Op } from "../op.js";
import type { Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";

/** What a tensor is before it has memory. A Tensor is one too. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Memory as plain TypeScript sees it: a typed array and how to walk it. */
export interface View extends Spec {
  readonly data: TypedArray;
  /**
   * In elements; null when contiguous. Only ops for which the device accepts strides see others.
   */
  readonly strides: Shape | null;
}

/** Bytes a device holds for tensors, and bytes it has taken from the system. */
export interface DeviceMemory {
  readonly bytes: number;
  readonly reserved: number;
}

/**
 * A place where tensors live and ops run. Ops are synchronous: `run` enqueues or computes and
 * returns; only `read` may wait. Storages are flat: a reshape shares its input's storage on every
 * device.
 */
export interface Device {
  readonly name: string;
  readonly dtypes: readonly DType[];
  /**
   * Set on devices that stand for another, such as a batch of samples on it: tensors of both may
   * meet in an op, and the one of the higher level runs it. Such a device is also given composed
   * ops whole.
   */
  readonly over?: {
    readonly home: Device;
    readonly level: number;
    /** One sample that stands for all along axis 0 of a tensor of the device below. */
    sample(all: Tensor): Tensor;
  };
  /** Whether permuted and broadcast tensors may exist as strides over a shared storage. */
  readonly strided: boolean;
  /** Whether this op's kernel walks strided inputs itself; all others get contiguous ones. */
  acceptsStrides(op: Op): boolean;
  /** Runs one op; `attrs` are those the op was applied with. Never called for an empty result. */
  run(op: Op, inputs: readonly Tensor[], attrs: unknown, spec: Spec): Storage;
  /** Runs an op of several results. */
  runMany(op: Op, inputs: readonly Tensor[], attrs: unknown, specs: readonly Spec[]): Storage[];
  /** A storage of one element, for devices with a quicker way than `upload`. */
  fromNumber?(value: number, dtype: DType): Storage;
  /** A storage holding these values. */
  upload(data: TypedArray, dtype: DType): Storage;
  /** Gives memory back; called once, when the last holder let go. */
  release(storage: Storage): void;
  /** Copies the first `size` elements out. */
  read(storage: Storage, size: number): Promise<TypedArray>;
  /** The same at once; throws a DeviceError where that is impossible. */
  readSync(storage: Storage, size: number): TypedArray;
  memory(): DeviceMemory;
}
