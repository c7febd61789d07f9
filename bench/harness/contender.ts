/** @file What is compared: rows of work, with one contender per library. Knows no library. */

/** In the order of the table. */
export const libraries = ["isograd", "tfjs", "jax-js jit", "jax-js eager", "plain"] as const;
export type Library = (typeof libraries)[number];

/** Numbers on the host. */
export type Numbers = Float32Array | Int32Array;

/** One library doing one row's work. */
export interface Contender {
  /** Does the work once, waits until it is done, and frees every temporary. */
  run(): void | Promise<void>;
  /** The numbers that the work makes; compared before anything is timed. */
  values(): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Frees inputs and state. */
  free(): void;
}

export type Unit = "GFLOP/s" | "ms" | "µs";

export interface Baseline {
  readonly name: string;
  readonly make: () => Contender;
}

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly unit: Unit;
  /** Floating-point operations of one run, for GFLOP/s. */
  readonly flops?: number;
  /** Largest difference allowed between contenders, relative to the largest number. */
  readonly tolerance: number;
  readonly contenders: Partial<Record<Library, () => Contender | Promise<Contender>>>;
  /** Isograd on other work to compare the row with; timed in turns with the others. */
  readonly baseline?: Baseline;
  /** Why a library is missing. */
  readonly absent: Partial<Record<Library, string>>;
}
