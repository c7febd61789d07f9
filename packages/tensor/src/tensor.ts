/**
 * @file The immutable handle of a tensor: shape, dtype, device, storage, and its methods, one line
 * each.
 */

import { getDevice } from "./devices/registry.js";
import type { DType, TypedArray } from "./dtype.js";
import { DTypeError, GradientError, ShapeError } from "./errors.js";
import { formatTensor, type Nested, toNested } from "./format.js";
import type { PrintOptions } from "./formatNumbers.js";
import { htmlOf } from "./html.js";
import {
  adopt,
  dispose,
  dropNode,
  type Hold,
  type Recorded,
  retain,
  type Storage,
} from "./memory.js";
import { TensorMethods } from "./methods.js";
import { contiguous, expectLive } from "./op.js";
import { formatShape, type Shape, sizeOf } from "./shape.js";

/**
 * Anything that stands for a tensor in arithmetic: JavaScript numbers take the other operand's
 * dtype.
 */
export type TensorLike = Tensor | number | boolean;

/**
 * An n-dimensional array of one dtype, living in the memory of one device. Immutable: every op
 * makes a new one. Methods bear the names of the functions: `x.tanh()` is `tanh(x)`.
 */
export class Tensor extends TensorMethods {
  readonly isTensor = true;
  readonly size: number;
  /** The recorder's node, when this tensor takes part in a gradient. */
  node: Recorded | null = null;
  /** Which of the node's results this is. */
  slot = 0;
  disposed = false;
  /** Depth of the scope that this handle outlives; 0 for none. */
  kept = 0;
  /** What the garbage collector gives up for this handle, once it has been told of it. */
  hold: Hold | null = null;

  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    public storage: Storage,
    /** In elements, when a permutation or broadcast is remembered and not yet made real. */
    public strides: Shape | null,
    scoped = true,
  ) {
    super();
    this.size = sizeOf(shape);
    adopt(this, scoped);
  }

  /** Name of the device that holds this tensor. */
  get device(): string {
    return this.storage.device.name;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** The elements, row-major, in a new typed array; works on every device. */
  async data(): Promise<TypedArray> {
    expectLive("data", this);
    const { storage } = contiguous(this);
    return storage.device.read(storage, this.size);
  }

  /** The elements at once; a DeviceError on devices that can only be read asynchronously. */
  dataSync(): TypedArray {
    expectLive("dataSync", this);
    const { storage } = contiguous(this);
    return storage.device.readSync(storage, this.size);
  }

  /** The only element, as a JavaScript number (0 or 1 for bool). */
  item(): number {
    expectLive("item", this);
    if (this.size !== 1) {
      throw new ShapeError(
        "item",
        `needs exactly one element, got shape ${formatShape(this.shape)}`,
        "reduce first, or read all elements with data()",
      );
    }
    return this.dataSync()[0] as number;
  }

  /** Nested JavaScript arrays of numbers (booleans for bool), or one number for a 0-d tensor. */
  toArray(): Nested {
    expectLive("toArray", this);
    return toNested(this.dataSync(), this.shape, this.dtype);
  }

  /** NumPy-like text: `Tensor(float32, [2]) [4, 6]`. */
  override toString(options?: PrintOptions): string {
    return formatTensor(this, options);
  }

  /** What Node's console prints. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** What a notebook shows (Deno's kernel and those that follow it). */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "text/plain": this.toString(), "text/html": htmlOf(this) };
  }

  /**
   * A second handle on the same memory and the same place in the graph. Outside of every scope
   * unless `scoped`: then its owner disposes it.
   *
   * @throws UsageError that names `op` when this handle is disposed.
   */
  alias(scoped = false, op = "alias"): Tensor {
    expectLive(op, this);
    const handle = new Tensor(this.shape, this.dtype, retain(this.storage), this.strides, scoped);
    handle.slot = this.slot;
    if (this.node !== null) handle.setNode(this.node);
    return handle;
  }

  /** Ties this handle to a recorder's node. */
  setNode(node: Recorded): void {
    expectLive("setNode", this);
    node.holders++;
    const old = this.node;
    this.node = node;
    if (old !== null) dropNode(old);
    if (this.hold !== null) this.hold.node = this.node;
  }

  /** Cuts this handle off its graph. */
  dropNode(): void {
    const node = this.node;
    if (node === null) return;
    this.node = null;
    if (this.hold !== null) this.hold.node = this.node;
    dropNode(node);
  }

  /**
   * The gradient that `backward()` collected here; null before, and for tensors that require none.
   */
  get grad(): Tensor | null {
    return this.node === null ? null : this.node.grad;
  }

  /**
   * Walks back from this tensor and adds its gradient to every leaf that requires one.
   * @throws GradientError when nothing was recorded (see `requiresGrad` of @isograd/autograd).
   */
  backward(cotangent?: Tensor): void {
    expectLive("backward", this);
    if (this.node === null) {
      throw new GradientError(
        "backward",
        "this tensor depends on nothing that requires a gradient",
        "mark the leaves with requiresGrad(x) before computing, or use grad(f)",
      );
    }
    this.node.backward(this, cotangent);
  }

  /** Gives this handle up; memory goes back when nobody else holds it. */
  dispose(): void {
    dispose(this);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** This tensor on another device (itself when it is there already). */
  async to(device: string): Promise<Tensor> {
    expectLive("to", this);
    const target = getDevice(device);
    if (target === this.storage.device) return this;
    if (!target.dtypes.includes(this.dtype)) {
      throw new DTypeError("to", `${device} does not hold ${this.dtype}`, "cast first: x.cast(…)");
    }
    const values = await this.data();
    return new Tensor(this.shape, this.dtype, target.upload(values, this.dtype), null);
  }

  /** Puts other memory behind this handle; the values must be the same. */
  replaceStorage(storage: Storage): void {
    expectLive("replaceStorage", this);
    this.storage = storage;
    this.strides = null;
    if (this.hold !== null) this.hold.storage = storage;
  }
}
