/**
 * @file The data loader: batches of rows, in order or shuffled in every epoch by an explicit
 * generator.
 */
import { noGrad } from "@isograd/autograd";
import { dispose, keep, Rng, scope, type Tensor, UsageError } from "@isograd/tensor";
import { closeScope, expectSync, given, madeSince, openScope, shown } from "@isograd/tensor/engine";
import { expectRecord, expectWhole, isWhole } from "../expect.js";
import { type Collated, collate, rowCount, sliceRows, takeRows } from "./collate.js";

/** Batches of data of type T: a list of examples is collated, other data keep their structure. */
export type BatchOf<T> = T extends Tensor
  ? Tensor
  : T extends readonly (infer E)[]
    ? Collated<E>
    : T;

/** The argument of `collate`: the examples of a list; other data have none. */
type Examples<T> = T extends readonly (infer E)[] ? readonly E[] : never;

export interface LoaderOptions<T, B> {
  /** Default: 32. */
  readonly batchSize?: number | undefined;
  /** Generator that shuffles the data before each epoch; default: none, the order stays. */
  readonly shuffle?: Rng | false | undefined;
  /** Whether to leave out a last batch that is not full; default: false. */
  readonly dropLast?: boolean | undefined;
  /** For lists of examples: how a batch is put together. */
  readonly collate?: ((examples: Examples<T>) => B) | undefined;
  /** Whether batches stay; default: false, each is freed when the next one is asked for. */
  readonly keepBatches?: boolean | undefined;
}

/** The options, whatever the types of data and batches. */
interface AnyLoaderOptions extends Omit<LoaderOptions<never, unknown>, "collate"> {
  readonly collate?: ((examples: never) => unknown) | undefined;
}

function checkNames(options: AnyLoaderOptions | undefined): void {
  given("DataLoader", options, "batchSize# shuffle dropLast? collate() keepBatches?");
}

/** The position of a loader in its epoch: plain JSON. */
export interface LoaderState {
  readonly epoch: number;
  /** Batches of this epoch that are done. */
  readonly position: number;
  /** State of the generator before it shuffled this epoch; null without shuffling. */
  readonly shuffle: readonly number[] | null;
}

/**
 * Batches over data: a tensor or record of tensors (the first axis counts examples), or a list of
 * examples. Each iteration is one epoch. A batch is freed when the next one is asked for, so loops
 * need not free anything; pass `keepBatches: true` to collect batches.
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

  constructor(data: T, options?: LoaderOptions<T, B>) {
    this.data = data;
    checkNames(options);
    this.options = { ...options };
    const { batchSize = 32, shuffle = false } = this.options;
    if (!isWhole(batchSize, 1)) {
      const problem = `batchSize must be a whole number from 1, got ${shown(batchSize)}`;
      throw new UsageError("DataLoader", problem, "it counts the examples of a batch");
    }
    if (shuffle !== false && !(shuffle instanceof Rng)) {
      const help = "give a generator, so that runs can be repeated: { shuffle: rng(0) }";
      throw new UsageError("DataLoader", `shuffle is ${shown(shuffle)}`, help);
    }
    this.batchSize = batchSize;
    this.size = Array.isArray(data) ? data.length : rowCount(data);
    if (this.options.collate !== undefined && !Array.isArray(data)) {
      throw new UsageError("DataLoader", "collate is for lists of examples", "leave it out");
    }
  }

  /** Batches in an epoch. */
  get length(): number {
    const whole = this.size / this.batchSize;
    return this.options.dropLast === true ? Math.floor(whole) : Math.ceil(whole);
  }

  /** Examples in batch number `i` of an epoch. */
  sizeOf(i: number): number {
    expectWhole("DataLoader", "the number of a batch", i);
    return Math.min(this.batchSize, this.size - i * this.batchSize);
  }

  /** The generator that shuffles, if any. */
  get rng(): Rng | null {
    return this.options.shuffle || null;
  }

  /** One epoch. */
  [Symbol.iterator](): Iterator<B> {
    const order = this.#begin();
    let last: B | null = null;
    return {
      next: (): IteratorResult<B> => {
        if (last !== null && this.options.keepBatches !== true) this.release(last);
        last = null;
        const { epoch, position, shuffle } = this.#state;
        if (position >= this.length) {
          this.#state = { epoch: epoch + 1, position: 0, shuffle: null };
          return { done: true, value: undefined };
        }
        last = this.#batch(position, order);
        this.#state = { epoch, position: position + 1, shuffle };
        return { done: false, value: last };
      },
    };
  }

  /** Draws the order of an epoch; after `loadState`, the same order as in the saved epoch. */
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
    const rows = order?.subarray(start, stop);
    const mark = openScope();
    try {
      const batch = keep(noGrad(() => scope(() => this.#make(start, stop, rows))));
      if (isObject(batch)) this.#made.set(batch, madeSince(mark));
      return batch as B; // BatchOf<T>, or what `collate` returns
    } finally {
      closeScope(mark);
    }
  }

  #make(start: number, stop: number, rows: Int32Array | undefined): unknown {
    const { data, options } = this;
    if (!Array.isArray(data)) {
      return rows === undefined ? sliceRows(data, start, stop) : takeRows(data, rows);
    }
    const examples: unknown[] =
      rows === undefined ? data.slice(start, stop) : Array.from(rows, (i) => data[i]);
    if (options.collate === undefined) return collate(examples);
    const batch: unknown = options.collate(examples as unknown[] & Examples<T>);
    expectSync("DataLoader", batch, "load what collate needs before, as it is called in a step");
    return batch;
  }

  /** Frees the tensors that were made for a batch; those that `collate` only passed on stay. */
  release(batch: B): void {
    if (isObject(batch)) for (const x of this.#made.get(batch) ?? []) dispose(x);
  }

  /** The position, for checkpoints. The generator's own state is saved separately. */
  state(): LoaderState {
    const { epoch, position, shuffle } = this.#state;
    return { epoch, position, shuffle: shuffle && [...shuffle] };
  }

  /** The next iteration goes on from the saved position. */
  loadState(state: LoaderState): void {
    expectRecord("DataLoader", "a saved state", state, "give what state() returned");
    const { epoch, position, shuffle } = state;
    expectWhole("DataLoader", "epoch", epoch);
    expectWhole("DataLoader", "position", position);
    if (shuffle !== null) Rng.fromState(shuffle); // throws unless it is a state
    this.#state = { epoch, position, shuffle: shuffle && [...shuffle] };
    this.#resume = this.#state;
  }
}

function isObject(x: unknown): x is object {
  return typeof x === "object" && x !== null;
}
