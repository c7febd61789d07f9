/**
 * @file The past of what changes: generators, parameters and buffers tell before they do, so that a
 * function can run again from where it began, and leave no trace. Knows none of them.
 */
import { UsageError } from "./errors.js";

/** What something was at one time. */
export interface Memory {
  /** Makes it that again; may be called many times. */
  put(): void;
  free(): void;
}

/** Hears of a flag that is read, and of its value. */
export type FlagReader = (flag: Remembered<unknown>, value: unknown) => void;

const state = {
  pasts: [] as Past[],
  latest: null as Past | null,
  clock: 0,
  run: 0,
  /** Hears of every flag that is read. */
  reader: null as FlagReader | null,
};

/** One thing that changes, as the past sees it. */
export class Changes {
  readonly remember: () => Memory;
  /** When it was made. */
  readonly born: number;

  /** @param born when it was made: now, unless it is older than this */
  constructor(remember: () => Memory, born = state.clock) {
    this.remember = remember;
    this.born = born;
  }

  /** To be called before it changes. */
  soon(): void {
    if (state.latest !== null) state.latest.note(this);
  }

  /**
   * For changes that cannot be taken back.
   *
   * @throws UsageError inside of a function that runs more than once, unless this was made there.
   */
  refuse(op: string, what: string): void {
    if (this.born >= state.run) return;
    throw new UsageError(
      op,
      `${what} inside of a function that runs more than once ` +
        "(a checkpoint, a Hessian, a gradient check)",
      "do it outside of the function, once its gradient is there",
    );
  }
}

/** A value that changes and needs no memory of its own, such as a flag. */
export class Remembered<T> {
  #value: T;
  readonly #changes = new Changes(() => {
    const before = this.#value;
    const put = () => {
      this.#value = before;
    };
    return { put, free() {} };
  });

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    if (state.reader !== null) state.reader(this, this.#value);
    return this.#value;
  }

  set value(next: T) {
    if (next === this.#value) return;
    this.#changes.soon();
    this.#value = next;
  }
}

/**
 * A time to which one can go back until it is closed. Of what changes after it, only the latest one
 * keeps what was before; how things were at an earlier time is the first that it or one after it
 * holds.
 */
export class Past {
  readonly #start = ++state.clock;
  readonly #held = new Map<Changes, Memory>();

  constructor() {
    state.pasts.push(this);
    state.latest = this;
  }

  /**
   * What is made later was not there at this time, and is not put back: it may hold what waits for
   * this to close.
   */
  note(x: Changes): void {
    if (x.born < this.#start && !this.#held.has(x)) this.#held.set(x, x.remember());
  }

  /** The run of a function that will run again. */
  first<R>(fn: () => R): R {
    const before = state.run;
    state.run = this.#start;
    try {
      return fn();
    } finally {
      state.run = before;
    }
  }

  /** Runs `fn` with everything as it was at this time. Nothing that it changes stays changed. */
  revisit<R>(fn: () => R): R {
    const undo = new Past();
    try {
      this.#putAll(undo);
      return undo.first(fn);
    } finally {
      undo.#putAll(null);
      if (state.latest === undo) undo.#forget(); // else a time since then looks back through it
      undo.close();
    }
  }

  /** Makes everything what it was at this time, by what was noted before `end`. */
  #putAll(end: Past | null): void {
    const { pasts } = state;
    const seen = new Set<Changes>();
    for (let i = pasts.indexOf(this); i < pasts.length && pasts[i] !== end; i++) {
      for (const [x, memory] of (pasts[i] as Past).#held) {
        if (seen.has(x)) continue;
        seen.add(x);
        x.soon();
        memory.put();
      }
    }
  }

  #forget(): void {
    for (const memory of this.#held.values()) memory.free();
    this.#held.clear();
  }

  /** Makes everything what it was at this time, for good: what failed leaves no trace. */
  restore(): void {
    try {
      this.#putAll(null);
    } finally {
      this.close();
    }
  }

  /** Nobody will come back to this time; to earlier ones, perhaps. */
  close(): void {
    const { pasts } = state;
    const at = pasts.lastIndexOf(this);
    if (at < 0) return;
    pasts.splice(at, 1);
    state.latest = pasts[pasts.length - 1] ?? null;
    const before = pasts[at - 1];
    for (const [x, memory] of this.#held) {
      const known = before === undefined || x.born >= before.#start || before.#held.has(x);
      if (known) memory.free();
      else before.#held.set(x, memory);
    }
    this.#held.clear();
  }
}

/** Whether somebody may still go back in time: what changes now must tell. */
export function mayGoBack(): boolean {
  return state.latest !== null;
}

/** Runs `fn` while `see` hears of every flag that is read. */
export function seeingFlags<R>(see: FlagReader, fn: () => R): R {
  const before = state.reader;
  state.reader = see;
  try {
    return fn();
  } finally {
    state.reader = before;
  }
}
