/**
 * @file Parameters and buffers: named places that hold a tensor for a module. Knows neither modules
 * nor optimisers.
 */
import { requiresGrad } from "@isograd/autograd";
import {
  type DType,
  dispose,
  type Shape,
  ShapeError,
  type Tensor,
  tensor,
  UsageError,
} from "@isograd/tensor";
import {
  Changes,
  contiguous,
  expectTensor,
  formatShape,
  type Memory,
  Remembered,
  release,
  retain,
  shapesEqual,
  treeChildren,
} from "@isograd/tensor/engine";

/**
 * By whom a handle is remembered: its slot, or for a tensor of the caller's somebody made when it
 * is asked for.
 */
const owners = new WeakMap<Tensor, Changes>();

/**
 * A place that holds a tensor of fixed shape and dtype. Its handle stays the same for life:
 * assigning a value, or an optimiser's step, puts other memory behind it, so that no scope takes a
 * parameter away.
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

  /**
   * The tensor to compute with: the own one, or what a transform has put in its place for a while.
   */
  get value(): Tensor {
    return this.#lent ?? this.#own;
  }

  /**
   * Takes over the values of a tensor of the same shape and dtype; the handle given stays the
   * caller's.
   *
   * @throws ShapeError for another shape or dtype.
   */
  set value(next: Tensor) {
    if (next === this.#own) return;
    assign(this.#own, next);
  }

  /** The own handle, whatever stands in its place: what optimisers write to. */
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
   * Puts another tensor in the place of the own one until `lend(null)`; for transforms and
   * `functionalCall`.
   */
  lend(other: Tensor | null): void {
    this.#changes.soon();
    this.#lent = other === this.#own ? null : other;
  }

  /** What now stands in the place of the own tensor, if anything. */
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
        this.#lent = lent === null ? null : lent.put();
      },
      free() {
        own.free();
        lent?.free();
      },
    };
  }

  /** What scopes and transforms see inside. */
  [treeChildren](): Iterable<unknown> {
    return [this.#own];
  }
}

/**
 * A tensor that is trained: a leaf of `loss.backward()`, and what `grad(f)(module)` differentiates
 * by. `trainable: false` makes it a constant until `unfreeze()`.
 *
 * @example
 * const w = new Parameter(tensor([1, 2]));
 * w.value.square().sum().backward();
 * w.grad?.toString(); // Tensor(float32, [2]) [2, 4]
 */
export class Parameter extends Slot {
  readonly #trainable: Remembered<boolean>;

  constructor(value: Tensor, options: { readonly trainable?: boolean | undefined } = {}) {
    super(value);
    this.#trainable = new Remembered(options.trainable ?? true);
    if (this.trainable) requiresGrad(value);
  }

  /** Whether transforms and optimisers see it. */
  get trainable(): boolean {
    return this.#trainable.value;
  }

  set trainable(on: boolean) {
    if (on === this.trainable) return;
    beforeChange(this.own);
    this.#trainable.value = on;
    if (on) requiresGrad(this.own);
    else this.own.dropNode();
  }

  /** What `loss.backward()` has collected; null before. */
  get grad(): Tensor | null {
    return this.own.grad;
  }

  /** Forgets what `loss.backward()` has collected. */
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
 * constant, cut off from the graph that made it, and part of the state dict unless
 * `persistent: false`.
 */
export class Buffer extends Slot {
  readonly persistent: boolean;

  constructor(value: Tensor, options: { readonly persistent?: boolean | undefined } = {}) {
    super(value);
    value.dropNode();
    this.persistent = options.persistent ?? true;
  }
}

/** Empties the place where a leaf collects its gradient; the leaf itself stays. */
export function clearGrad(leaf: Tensor): void {
  const node = leaf.node as { grad: Tensor | null } | null;
  if (node === null || node.grad === null) return;
  dispose(node.grad);
  node.grad = null;
}

/**
 * Puts the values of `from` behind the handle `to`, which stays on its device. On one device they
 * share memory: whoever writes later copies first.
 */
export function assign(to: Tensor, from: Tensor): void {
  expectTensor("assign", to);
  expectTensor("assign", from);
  if (!shapesEqual(to.shape, from.shape) || to.dtype !== from.dtype) {
    throw new ShapeError(
      "assign",
      `${to.dtype} ${formatShape(to.shape)} cannot take ${from.dtype} ${formatShape(from.shape)}`,
      "shape and dtype of a parameter are fixed: reshape or cast the new value first",
    );
  }
  checkOneValue("assign", "a parameter, a buffer or another state", to, from);
  beforeChange(to);
  replace(to, from);
}

/** {@link assign} for memory that no function can look at. */
export function replace(to: Tensor, from: Tensor): void {
  const here = from.device === to.device ? from : tensor(from, { device: to.device });
  putStorage(to, contiguous(here).storage);
  if (here !== from) dispose(here);
}

function putStorage(to: Tensor, storage: Tensor["storage"]): void {
  const old = to.storage;
  to.replaceStorage(retain(storage));
  release(old);
}

/** How many calls of vmap a tensor has samples of. */
function levelOf(x: Tensor): number {
  return x.storage.device.over?.level ?? 0;
}

/**
 * State has one value; under vmap a new one may stand for many.
 *
 * @throws UsageError then.
 */
export function checkOneValue(op: string, what: string, to: Tensor, from: Tensor): void {
  if (levelOf(from) <= levelOf(to)) return;
  throw new UsageError(
    op,
    `${what} of shape ${formatShape(to.shape)} has one value, and vmap gives it one for each sample`,
    "return the values from vmap, reduce them over the samples, and write the result outside",
  );
}

/** To be called before other memory comes behind a handle, or its own is written to. */
export function beforeChange(handle: Tensor): void {
  let owner = owners.get(handle);
  if (owner === undefined) {
    owner = new Changes(() => rememberHandle(handle), 0); // the handle may be of any age
    owners.set(handle, owner);
  }
  owner.soon();
}

/** What a handle holds; where it has been disposed meanwhile, `put` gives another. */
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
      putStorage(handle, spare.storage);
      handle.strides = spare.strides;
      if (handle.node !== spare.node) {
        if (spare.node === null) handle.dropNode();
        else handle.setNode(spare.node);
      }
      return handle;
    },
    free() {
      for (const x of copies) dispose(x);
    },
  };
}
