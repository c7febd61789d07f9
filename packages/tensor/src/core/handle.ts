/**
 * @file The handle behind a tensor, and what the engine may do with it: where its memory is, which
 * node of a tape it came from. Everything here but the methods of Tensor is for the engine.
 */
import type { DType, TypedArray } from "../base/dtype.js";
import { DTypeError, GradientError, ShapeError, UsageError } from "../base/errors.js";
import { type Elements, formatTensor, type Nested, toNested } from "../base/print/format.js";
import { htmlOf } from "../base/print/html.js";
import type { PrintOptions } from "../base/print/numbers.js";
import { contiguousStrides, formatShape, type Shape, sizeOf } from "../base/shape.js";
import { context } from "./context.js";
import type {
  Arrival,
  Device,
  Handle,
  Hold,
  HomeDevice,
  Operand,
  Recorded,
  Spec,
  Storage,
} from "./contract.js";
import { expectLive, expectUnchanged } from "./expect.js";
import { getDevice } from "./registry.js";
import { adopt, dispose, releaseNode } from "./scope.js";
import { release, retain, roomOn } from "./storage.js";
import { Tensor } from "./tensor.js";

/** The most bytes of nested arrays. */
const NESTED = { maxBytes: 2 ** 29 };

class TensorHandle extends Tensor implements Handle {
  declare operand: Operand; // without an initial undefined: handles are made for every op
  node: Recorded | null = null;
  slot = 0;
  override disposed = false;
  kept = 0;
  hold: Hold | null = null;

  constructor(operand: Operand) {
    super();
    this.operand = operand;
  }

  override get isTensor(): true {
    return true;
  }

  override get shape(): Shape {
    return this.operand.shape;
  }

  override get dtype(): DType {
    return this.operand.dtype;
  }

  override get size(): number {
    return this.operand.size;
  }

  override get rank(): number {
    return this.operand.shape.length;
  }

  override get ndim(): number {
    return this.rank;
  }

  override get device(): string {
    return this.operand.storage.device.name;
  }

  override get grad(): Tensor | null {
    return this.node === null ? null : this.node.grad;
  }

  static {
    // a setter where types forbid one: its error says what to do
    const fields = Object.getOwnPropertyDescriptors(TensorHandle.prototype);
    for (const name of ["shape", "dtype", "size", "rank", "ndim", "device", "grad"] as const) {
      const set = (): never => {
        throw readonly(name);
      };
      Object.defineProperty(TensorHandle.prototype, name, { ...fields[name], set });
    }
  }

  override async data(): Promise<TypedArray> {
    expectLive("data", this);
    const { storage, size } = realize("data", this);
    return storage.device.read(storage, size);
  }

  override dataSync(): TypedArray {
    expectLive("dataSync", this);
    const { storage, size } = realize("dataSync", this);
    return storage.device.readSync(storage, size);
  }

  override item(): number {
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

  elements(): Elements {
    const { shape, strides, size, storage } = this.operand;
    const data = storage.device.readSync(storage, strides === null ? size : storage.size);
    return { data, strides: strides ?? contiguousStrides(shape) };
  }

  override toArray(): Nested {
    expectLive("toArray", this);
    roomOn("toArray", this.shape, "float64", NESTED);
    return toNested(this.dataSync(), this.shape, this.dtype);
  }

  override toJSON(): Nested {
    return this.toArray();
  }

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

  override alias(scoped = false, op = "alias"): Tensor {
    expectLive(op, this);
    const { operand, node } = this;
    retain(operand.storage);
    const twin = newHandle(operand, "alias", scoped);
    twin.slot = this.slot;
    if (node !== null) setNode(twin, node);
    return twin;
  }

  override backward(cotangent?: Tensor): void {
    expectLive("backward", this);
    if (this.node === null) {
      throw new GradientError(
        "backward",
        "this tensor depends on nothing that requires a gradient",
        "call requiresGrad(x) before, or use grad(f)",
      );
    }
    this.node.backward(this, cotangent);
  }

  override dispose(): void {
    dispose(this);
  }

  override [Symbol.dispose](): void {
    dispose(this);
  }

  override async to(device: string): Promise<Tensor> {
    expectLive("to", this);
    const target = getDevice(String(device), "to");
    if (target === this.operand.storage.device) return this;
    if (!target.dtypes.includes(this.dtype)) {
      throw new DTypeError("to", `${device} does not hold ${this.dtype}`, "cast first: x.cast(…)");
    }
    const values = await this.data();
    return fromStorage(this, target.upload(values, this.dtype), "move");
  }
}

function readonly(field: string): UsageError {
  return new UsageError(
    field,
    `the ${field} of a tensor is readonly`,
    "write x.reshape(shape), x.cast(dtype), await x.to(device)",
  );
}

/** The engine's side of a tensor. */
export function handleOf(x: Tensor): Handle {
  return x as Handle;
}

function newHandle(operand: Operand, how: Arrival, scoped: boolean): Handle {
  const handle: Handle = new TensorHandle(operand);
  adopt(handle, scoped);
  context.watcher?.stored?.(handle, how);
  return handle;
}

/**
 * A tensor over a storage, whose holder it becomes. All tensors are made here. `strides`: in
 * elements, of a permutation or a broadcast. Outside of every scope unless `scoped`.
 */
export function fromStorage(
  { shape, dtype }: Spec,
  storage: Storage,
  how: Arrival,
  strides: Shape | null = null,
  scoped = true,
): Tensor {
  return newHandle({ shape, dtype, size: sizeOf(shape), strides, storage }, how, scoped);
}

/** The device that holds a tensor. */
export function deviceOf(x: Tensor): Device {
  return handleOf(x).operand.storage.device;
}

/** How high a device of samples stands; 0 for all others. */
export function sampleLevel({ over }: Device): number {
  return over?.sample === undefined ? 0 : over.level;
}

/** The memory of a tensor. */
export function storageOf(x: Tensor): Storage {
  return handleOf(x).operand.storage;
}

/** The node of a tape that a tensor came from; null for constants. */
export function nodeOf(x: Tensor): Recorded | null {
  return handleOf(x).node;
}

/** Which of the results of its node a tensor is. */
export function slotOf(x: Tensor): number {
  return handleOf(x).slot;
}

/** Ties a handle to a recorder's node. */
export function setNode(x: Tensor, node: Recorded, slot = handleOf(x).slot): void {
  expectLive("setNode", x);
  const handle = handleOf(x);
  node.holders++;
  const old = handle.node;
  handle.node = node;
  handle.slot = slot;
  if (old !== null) releaseNode(old);
  if (handle.hold !== null) handle.hold.node = node;
}

/** Cuts a handle off its graph. */
export function dropNode(x: Tensor): void {
  const handle = handleOf(x);
  const { node } = handle;
  if (node === null) return;
  handle.node = null;
  if (handle.hold !== null) handle.hold.node = null;
  releaseNode(node);
}

/**
 * Makes a remembered permutation or broadcast real, once, behind the same handle. Nothing else
 * does: devices run on operands as they come.
 */
export function realize(op: string, x: Tensor): Operand {
  const { operand } = handleOf(x);
  if (operand.strides === null) return operand;
  expectUnchanged(op, operand);
  const { device } = operand.storage;
  roomOn(op, operand.shape, operand.dtype, device);
  const made = (device as HomeDevice).materialize(operand); // a layered device has no strides
  replace(x, { ...operand, strides: null, storage: made }, "materialize");
  release(operand.storage);
  return handleOf(x).operand;
}

/**
 * Puts the memory of `from`, a tensor of the same shape and dtype, behind the handle `to`; both
 * share it from now on.
 */
export function share(to: Tensor, from: Tensor): void {
  expectLive("share", to);
  const old = storageOf(to);
  const { operand } = handleOf(from);
  retain(operand.storage);
  replace(to, { ...operand, shape: to.shape }, "share");
  release(old);
}

function replace(x: Tensor, operand: Operand, how: Arrival): void {
  const handle = handleOf(x);
  handle.operand = operand;
  if (handle.hold !== null) handle.hold.storage = operand.storage;
  context.watcher?.stored?.(x, how);
}
