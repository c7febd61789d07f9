/**
 * @file The data loader: batches of rows, in order or shuffled by an explicit generator, each epoch
 * anew.
 */
import { noGrad } from "@isograd/autograd";
import { dispose, keep, Rng, scope, type Tensor, UsageError } from "@isograd/tensor";
import { closeScope, madeSince, openScope } from "@isograd/tensor/engine";
import { type Collated, collate, rowCount, sliceRows, takeRows } from "./collate.js";

/** Batches of data of type T: a list of examples is collated, tensors keep their places. */
export type BatchOf<T> = T extends Tensor
  ? Tensor
  : T extends readonly (infer E)[]
    ? Collated<E>
    : T;

export interface LoaderOptions<T, B> {
  /** 32 unless said. */
  readonly batchSize?: number | undefined;
  /** Generator that orders each epoch anew; without it the order stays. */
  readonly shuffle?: Rng | false | undefined;
  /** Whether to leave out a last batch that is not full. */
  readonly dropLast?: boolean | undefined;
  /** For lists of examples: how a batch is put together. */
  readonly collate?:
    | ((examples: T extends readonly (infer E)[] ? readonly E[] : never) => B)
    | undefined;
  /** Keeps batches alive; otherwise each is released when the next one is asked for. */
  readonly keepBatches?: boolean | undefined;
}

/** Where a loader stands: plain JSON. */
export interface LoaderState {
  readonly epoch: number;
  /** Batches of this epoch given out. */
  readonly position: number;
  /** The generator before it ordered this epoch; null without shuffling. */
  readonly shuffle: readonly number[] | null;
}

/**
 * Batches over data: a tensor or record of tensors (the first axis counts examples), or a list of
 * examples. Each iteration is one epoch. A batch lives until the next one is asked for, so that
 * loops need no bookkeeping; pass `keepBatches: true` to collect them.
 *
 * @throws UsageError for a batch size below 1; ShapeError when tensors differ in their number of
 * rows.
 * @example
 * const data = { x: ones([10, 3]), y: ones([10]) };
 * const loader = new DataLoader(data, { batchSize: 4, shuffle: rng(0) });
 * let rows = 0;
 * for (const { x } of loader) rows += x.shape[0] ?? 0;
 * `${rows} rows in ${loader.length} batches`; // 10 rows in 3 batches
 */
export class DataLoader<T, B = BatchOf<T>> implements Iterable<B> {
  readonly data: T;
  readonly options: LoaderOptions<T, B>;
  /** Number of examples. */
  readonly size: number;
  readonly batchSize: number;
  #state: LoaderState = { epoch: 0, position: 0, shuffle: null };
  #resume: LoaderState | null = null;
  readonly #made = new WeakMap<object, readonly Tensor[]>();

  constructor(data: T, options: LoaderOptions<T, B> = {}) {
    this.data = data;
    this.options = options;
    const { batchSize = 32 } = options;
    if (!(Number.isInteger(batchSize) && batchSize > 0)) {
      throw new UsageError(
        "DataLoader",
        `batchSize must be a whole number from 1, got ${batchSize}`,
      );
    }
    this.batchSize = batchSize;
    this.size = Array.isArray(data) ? data.length : rowCount(data);
    if (options.collate !== undefined && !Array.isArray(data)) {
      throw new UsageError("DataLoader", "collate is for lists of examples", "drop it");
    }
  }

  /** Batches in an epoch. */
  get length(): number {
    const whole = this.size / this.batchSize;
    return this.options.dropLast === true ? Math.floor(whole) : Math.ceil(whole);
  }

  /** Examples in batch number `i` of an epoch. */
  sizeOf(i: number): number {
    return Math.min(this.batchSize, this.size - i * this.batchSize);
  }

  /** The generator that shuffles, if any. */
  get rng(): Rng | null {
    return this.options.shuffle || null;
  }

  /** One epoch. */
  [Symbol.iterator](): Iterator<B> {
    const order = this.#begin();
    let held: B | null = null;
    return {
      next: (): IteratorResult<B> => {
        if (held !== null && this.options.keepBatches !== true) this.release(held);
        held = null;
        const { epoch, position, shuffle } = this.#state;
        if (position >= this.length) {
          this.#state = { epoch: epoch + 1, position: 0, shuffle: null };
          return { done: true, value: undefined };
        }
        held = this.#batch(position, order);
        this.#state = { epoch, position: position + 1, shuffle };
        return { done: false, value: held };
      },
    };
  }

  /** Draws the order of an epoch, or draws again that of the one which a state was saved in. */
  #begin(): Int32Array | null {
    const resumed = this.#resume;
    this.#resume = null;
    const { rng } = this;
    if (resumed !== null && resumed.position > 0) {
      this.#state = resumed;
      return resumed.shuffle === null ? null : this.#order(Rng.fromState(resumed.shuffle));
    }
    const shuffle = rng === null ? null : rng.state();
    this.#state = { epoch: this.#state.epoch, position: 0, shuffle };
    return rng === null ? null : this.#order(rng);
  }

  #order(rng: Rng): Int32Array {
    const drawn = rng.permutation(this.size, { device: "reference" });
    const order = drawn.dataSync() as Int32Array;
    drawn.dispose();
    return order;
  }

  #batch(position: number, order: Int32Array | null): B {
    const start = position * this.batchSize;
    const stop = start + this.sizeOf(position);
    const { data, options } = this;
    const make = (): B => {
      if (Array.isArray(data)) {
        const examples = order === null ? data.slice(start, stop) : pick(data, order, start, stop);
        return (options.collate ?? collate)(examples as never) as B;
      }
      const rows = order?.subarray(start, stop);
      return (rows === undefined
        ? sliceRows(data, start, stop)
        : takeRows(data, rows)) as unknown as B;
    };
    const mark = openScope();
    try {
      const batch = keep(noGrad(() => scope(make)));
      if (typeof batch === "object" && batch !== null) this.#made.set(batch, madeSince(mark));
      return batch;
    } finally {
      closeScope(mark);
    }
  }

  /** Frees the tensors that were made for a batch; those that `collate` only passed on stay. */
  release(batch: B): void {
    for (const x of this.#made.get(batch as object) ?? []) dispose(x);
  }

  /**
   * Where this loader stands, for checkpoints. The generator's own state is saved apart from it.
   */
  state(): LoaderState {
    const { epoch, position, shuffle } = this.#state;
    return { epoch, position, shuffle: shuffle && [...shuffle] };
  }

  /** The next iteration goes on where the loader that gave this state stood. */
  loadState({ epoch, position, shuffle }: LoaderState): void {
    this.#state = { epoch, position, shuffle: shuffle && [...shuffle] };
    this.#resume = this.#state;
  }
}

function pick<E>(data: readonly E[], order: Int32Array, start: number, stop: number): E[] {
  return Array.from(order.subarray(start, stop), (i) => data[i] as E);
}
