/**
 * @file Parameters and buffers: the tensors of a module, behind handles that stay the same. Knows
 * neither modules nor optimisers.
 */
import { requiresGrad } from "@isograd/autograd";
import {
  type DType,
  dispose,
  type Shape,
  ShapeError,
  type Tensor,
  tensor,
  treeChildren,
  UsageError,
} from "@isograd/tensor";
import {
  Changes,
  currentTracer,
  deviceOf,
  dropNode,
  expectTensor,
  formatShape,
  given,
  type Memory,
  nodeOf,
  Remembered,
  realize,
  sampleLevel,
  setLent,
  setNode,
  shapesEqual,
  share,
  shown,
} from "@isograd/tensor/engine";

/**
 * The record of changes of each handle: that of its slot, or for a tensor of the caller one made by
 * the first change.
 */
const owners = new WeakMap<Tensor, Changes>();

/**
 * A tensor of fixed shape and dtype behind one handle. Assigning a value, or a step of an
 * optimiser, puts other memory behind the same handle, so no scope disposes a parameter.
 */
abstract class Slot {
  #own: Tensor;
  #lent: Tensor | null = null;
  readonly #changes = new Changes(() => this.#remember());

  constructor(value: Tensor) {
    expectTensor(new.target.name, value);
    this.#own = value;
    owners.set(value, this.#changes);
  }

  /** The tensor to compute with: the own tensor, or the one that a transform lends. */
  get value(): Tensor {
    if (this.#lent !== null) return this.#lent;
    currentTracer()?.reads(this.#own);
    return this.#own;
  }

  /**
   * Takes the values of a tensor of the same shape and dtype; the caller still owns the handle it
   * gave.
   *
   * @throws ShapeError for another shape or dtype.
   */
  set value(next: Tensor) {
    if (next === this.#own) return;
    assign(this.#own, next);
  }

  /** The own handle, even while another tensor is lent; optimisers write to it. */
  get own(): Tensor {
    return this.#own;
  }

  get shape(): Shape {
    return this.#own.shape;
  }

  get dtype(): DType {
    return this.#own.dtype;
  }

  get device(): string {
    return this.#own.device;
  }

  /**
   * Makes another tensor the value until `lend(null)`; for transforms and `functionalCall`.
   */
  lend(other: Tensor | null): void {
    if (other !== null) expectTensor("lend", other);
    this.#changes.soon();
    this.#setLent(other === this.#own ? null : other);
  }

  #setLent(other: Tensor | null): void {
    this.#lent = other;
    setLent(this.#own, other);
  }

  /** The tensor that is lent now, or null. */
  get lent(): Tensor | null {
    return this.#lent;
  }

  /** Replaces the handle itself: another dtype or device. The old one is disposed. */
  renew(own: Tensor): void {
    expectTensor("renew", own);
    this.#changes.soon();
    dispose(this.#own);
    this.#own = own;
    owners.set(own, this.#changes);
  }

  dispose(): void {
    this.#changes.soon();
    dispose(this.#own);
  }

  #remember(): Memory {
    const own = rememberHandle(this.#own);
    const lent = this.#lent === null ? null : rememberHandle(this.#lent);
    return {
      put: () => {
        this.#own = own.put();
        this.#setLent(lent === null ? null : lent.put());
      },
      free() {
        own.free();
        lent?.free();
      },
    };
  }

  /** The children in which scopes and transforms look for tensors. */
  [treeChildren](): Iterable<unknown> {
    return [this.#own];
  }
}

/**
 * A tensor that is trained: a leaf of `loss.backward()`, and what `grad(f)(module)` differentiates
 * by. With `trainable: false` it is a constant until `unfreeze()`.
 *
 * @example
 * const w = new Parameter(tensor([1, 2]));
 * w.value.square().sum().backward();
 * w.grad?.toString(); // Tensor(float32, [2]) [2, 4]
 */
export class Parameter extends Slot {
  readonly #trainable: Remembered<boolean>;

  constructor(value: Tensor, options?: { readonly trainable?: boolean | undefined }) {
    const { trainable = true } = given("Parameter", options, "trainable?");
    super(value);
    this.#trainable = new Remembered(trainable);
    if (this.trainable) requiresGrad(value);
  }

  /** Whether transforms differentiate by it and optimisers update it. */
  get trainable(): boolean {
    return this.#trainable.value;
  }

  set trainable(on: boolean) {
    if (on === this.trainable) return;
    if (typeof on !== "boolean") {
      throw new UsageError("trainable", `it is set to ${shown(on)}`, "true or false");
    }
    beforeChange(this.own);
    this.#trainable.value = on;
    if (on) requiresGrad(this.own);
    else dropNode(this.own);
  }

  /** The gradient that `loss.backward()` has accumulated, or null. */
  get grad(): Tensor | null {
    return this.own.grad;
  }

  /** Drops the accumulated gradient. */
  zeroGrad(): void {
    clearGrad(this.own);
  }

  override renew(own: Tensor): void {
    super.renew(own);
    if (this.trainable) requiresGrad(own);
  }
}

/**
 * A tensor that belongs to a module and is not trained: running statistics, a grid, a mask. It is a
 * constant, detached from the graph that made it, and part of the state dict unless
 * `persistent: false`.
 */
export class Buffer extends Slot {
  readonly persistent: boolean;

  constructor(value: Tensor, options?: { readonly persistent?: boolean | undefined }) {
    const { persistent = true } = given("Buffer", options, "persistent?");
    super(value);
    dropNode(value);
    this.persistent = persistent;
  }
}

/** Drops the gradient that a leaf has accumulated; the leaf itself stays. */
export function clearGrad(leaf: Tensor): void {
  const node = nodeOf(leaf) as { grad: Tensor | null } | null;
  if (node === null || node.grad === null) return;
  dispose(node.grad);
  node.grad = null;
}

/**
 * Puts the values of `from` behind the handle `to`, which stays on its device. On one device both
 * share memory until one of them is written to.
 */
export function assign(to: Tensor, from: Tensor): void {
  expectTensor("assign", to);
  expectTensor("assign", from);
  checkFits("assign", "", to, from);
  checkOneValue("assign", "a parameter, a buffer or another state", to, from);
  beforeChange(to);
  replace(to, from);
}

/** @throws ShapeError unless both have the same shape and dtype. */
export function checkFits(op: string, name: string, to: Tensor, from: Tensor): void {
  if (shapesEqual(to.shape, from.shape) && to.dtype === from.dtype) return;
  const place = name === "" ? "" : `${name}: `;
  const taker = `${to.dtype} ${formatShape(to.shape)}`;
  throw new ShapeError(
    op,
    `${place}${taker} cannot take ${from.dtype} ${formatShape(from.shape)}`,
    "shape and dtype of a parameter are fixed: reshape or cast the new value first",
  );
}

/** {@link assign} without checks, for tensors that no other code can access. */
export function replace(to: Tensor, from: Tensor): void {
  const here = from.device === to.device ? from : tensor(from, { device: to.device });
  realize("assign", here);
  share(to, here);
  if (here !== from) dispose(here);
}

/** Higher for samples of an inner call of vmap; 0 outside of all. */
function levelOf(x: Tensor): number {
  return sampleLevel(deviceOf(x));
}

/**
 * State has one value; under vmap a new value may have one for each sample.
 *
 * @throws UsageError if it does.
 */
export function checkOneValue(op: string, what: string, to: Tensor, from: Tensor): void {
  if (levelOf(from) <= levelOf(to)) return;
  throw new UsageError(
    op,
    `${what} of shape ${formatShape(to.shape)} has one value, ` +
      "and vmap gives it one for each sample",
    "return the values from vmap, reduce them over the samples, and write the result outside",
  );
}

/** Must be called before the memory of a handle is replaced or written to. */
export function beforeChange(handle: Tensor): void {
  let owner = owners.get(handle);
  if (owner === undefined) {
    owner = new Changes(() => rememberHandle(handle), 0); // the handle may be of any age
    owners.set(handle, owner);
  }
  owner.soon();
}

/** Remembers the memory of a handle; `put` restores it, on a new handle if this was disposed. */
function rememberHandle(handle: Tensor): { put(): Tensor; free(): void } {
  const copies = handle.disposed ? [] : [handle.alias()];
  return {
    put() {
      const spare = copies[0];
      if (spare === undefined) return handle;
      if (handle.disposed) {
        const copy = spare.alias();
        copies.push(copy);
        return copy;
      }
      share(handle, spare);
      const node = nodeOf(spare);
      if (node === null) dropNode(handle);
      else if (node !== nodeOf(handle)) setNode(handle, node);
      return handle;
    },
    free() {
      for (const x of copies) dispose(x);
    },
  };
}
