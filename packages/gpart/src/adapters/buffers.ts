/**
 * @file The buffers that an adapter has of its own, such as running statistics: a model that runs
 * with an adapter may change those, and its own stay as they are. Independent of the methods.
 */
import { stopGradient } from "@isograd/autograd";
import { Buffer, type Module } from "@isograd/nn";
import { dispose, type Tensor } from "@isograd/tensor";
import { dropNode, recordOf, type Storage, storageOf } from "@isograd/tensor/engine";

/** A buffer of the model, and what the adapter has in its place. */
interface Pair {
  readonly name: string;
  readonly base: Buffer;
  readonly own: Buffer;
  /** The memory of `own` as long as it is that of the model. */
  readonly shared: Storage;
}

/** A buffer of the model before a merge, and the memory that the adapter last saw in it. */
interface Kept {
  readonly before: Tensor;
  written: Storage;
}

function held(buffer: Buffer): Tensor {
  const handle = buffer.own.alias(false, "adapter");
  dropNode(handle);
  return handle;
}

/**
 * Runs `fn` with other values in buffers; `see` gets those that `fn` changed. Afterwards the
 * buffers have their values of before.
 */
function lending<T>(
  buffers: readonly (readonly [Buffer, Tensor | null])[],
  fn: () => T,
  see: (i: number) => void = () => {},
): T {
  const before = buffers.map(([buffer]) => held(buffer));
  for (const [buffer, value] of buffers) if (value !== null) buffer.value = value;
  const start = buffers.map(([buffer]) => storageOf(buffer.own));
  try {
    return fn();
  } finally {
    buffers.forEach(([buffer], i) => {
      const old = before[i] as Tensor;
      if (storageOf(buffer.own) !== start[i]) see(i);
      if (storageOf(buffer.own) !== storageOf(old)) buffer.value = old;
      dispose(old);
    });
  }
}

/** Runs `fn` and leaves the buffers of the model as they were. */
export function keepingBuffers<T>(model: Module, fn: () => T): T {
  return lending(
    [...model.namedBuffers().values()].map((buffer) => [buffer, null]),
    fn,
  );
}

/** The buffers of an adapter. Those that no run changed are the model's. */
export class OwnBuffers {
  readonly #pairs: readonly Pair[];
  #kept: readonly Kept[] | null = null;
  #running = false;

  constructor(model: Module) {
    this.#pairs = [...model.namedBuffers()].map(([name, base]) => {
      const own = new Buffer(stopGradient(base.own), { persistent: base.persistent });
      return { name, base, own, shared: storageOf(own.own) };
    });
  }

  /** All of them, by their names in the model. */
  get all(): Readonly<Record<string, Buffer>> {
    return recordOf(this.#pairs.map(({ name, own }) => [name, own]));
  }

  /** Those that differ from the model's, and are saved. */
  get changed(): ReadonlyMap<string, Buffer> {
    this.#follow();
    const own = this.#pairs.filter((pair) => pair.own.persistent && isApart(pair));
    return new Map(own.map((pair) => [pair.name, pair.own]));
  }

  /** Runs the model with the adapter's buffers, or with its own, and leaves its own unchanged. */
  run<T>(fn: () => T, enabled: boolean): T {
    if (this.#running || this.#pairs.length === 0) return fn();
    this.#running = true;
    try {
      if (!enabled) return lending(this.#bases(), fn);
      if (this.#kept === null) {
        const values = this.#pairs.map((pair) => [pair.base, valueIn(pair)] as const);
        return lending(values, fn, (i) => take(this.#pairs[i] as Pair));
      }
      const result = fn();
      this.#follow();
      return result;
    } finally {
      this.#running = false;
    }
  }

  #bases(): (readonly [Buffer, Tensor | null])[] {
    return this.#pairs.map(({ base }, i) => [base, this.#kept?.[i]?.before ?? null]);
  }

  /** Writes them into the model. */
  merge(): void {
    this.#kept = this.#pairs.map((pair) => {
      const before = held(pair.base);
      if (isApart(pair)) pair.base.value = pair.own.own;
      return { before, written: storageOf(pair.base.own) };
    });
  }

  /** Restores those of the model, and keeps what changed since the merge. */
  unmerge(): void {
    this.#follow();
    this.#pairs.forEach(({ base }, i) => {
      const kept = this.#kept?.[i];
      if (kept !== undefined) base.value = kept.before;
    });
    this.free();
  }

  /** While merged, the model's buffers are the adapter's: takes what changed there. */
  #follow(): void {
    this.#pairs.forEach((pair, i) => {
      const kept = this.#kept?.[i];
      if (kept === undefined || kept.written === storageOf(pair.base.own)) return;
      take(pair);
      kept.written = storageOf(pair.base.own);
    });
  }

  /** Takes the values of another adapter of the model. */
  copy(other: OwnBuffers): void {
    other.#follow();
    other.#pairs.forEach((pair, i) => {
      if (isApart(pair)) (this.#pairs[i] as Pair).own.value = pair.own.own;
    });
  }

  /** Frees what the merge kept. */
  free(): void {
    for (const { before } of this.#kept ?? []) dispose(before);
    this.#kept = null;
  }
}

function isApart({ own, shared }: Pair): boolean {
  return storageOf(own.own) !== shared;
}

function valueIn(pair: Pair): Tensor | null {
  return pair.own.lent ?? (isApart(pair) ? pair.own.own : null);
}

function take({ base, own }: Pair): void {
  own.value = base.own;
}
