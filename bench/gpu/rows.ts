/**
 * @file What is timed on a GPU: names, inputs, how much each row computes and moves. Knows no
 * library.
 */
import type { Unit } from "../harness/contender.js";
import { floats, type Host, integers } from "../harness/inputs.js";

/** One line of the table. */
export interface GpuRow {
  readonly name: string;
  readonly unit: Unit;
  /** Floating-point operations of one run. */
  readonly flops?: number;
  /** Bytes that one run must read and write, for rows that memory limits. */
  readonly bytes?: number;
  /** Largest difference allowed between contenders, relative to the largest number. */
  readonly tolerance: number;
  /** None for training steps, which make their own. */
  readonly inputs: () => readonly Host[];
}

const MILLION = 1e6;
/** Few, because a kernel of TensorFlow.js visits every element for each of them. */
const SLOTS = 1e3;
const FLOAT = 4;

const vector = (seed: number) => floats([MILLION], seed, 2);

const matmul = (n: number): GpuRow => ({
  name: `matmul ${n}`,
  unit: "GFLOP/s",
  flops: 2 * n ** 3,
  tolerance: 1e-4,
  inputs: () => [floats([n, n], 1), floats([n, n], 2)],
});

/** x, y and z read, one result written. */
const chain = (name: string): GpuRow => ({
  name,
  unit: "ms",
  bytes: 4 * MILLION * FLOAT,
  tolerance: 1e-4,
  inputs: () => [vector(1), vector(2), vector(3)],
});

const simple = (name: string, inputs: GpuRow["inputs"]): GpuRow => ({
  name,
  unit: "ms",
  tolerance: 1e-4,
  inputs,
});

/** Ends of the names of scatter rows: indices made on the GPU, sums by atomic additions. */
export const MADE = ", made";
export const ATOMIC = ", atomic";

/** With indices from the host and from an op; each in sorted order and by atomic additions. */
const scatters = (name: string, shape: number[]): GpuRow[] =>
  ["", ATOMIC, MADE, MADE + ATOMIC].map((how) =>
    simple(name + how, () => [floats(shape, 1), integers(shape.slice(0, 1), SLOTS, 2)]),
  );

const step = (name: string): GpuRow => ({ ...simple(name, () => []), tolerance: 1e-3 });

export const gpuRows: readonly GpuRow[] = [
  ...[256, 512, 1024].map(matmul),
  chain("tanh(x·y + z) 1e6"),
  chain("gelu(x·y + z) 1e6"),
  chain("gelu by erf(x·y + z) 1e6"),
  simple("softmax 1024²", () => [floats([1024, 1024], 1, 4)]),
  simple("sum over axis 0 2048²", () => [floats([2048, 2048], 1)]),
  simple("sum over axis 1 2048²", () => [floats([2048, 2048], 1)]),
  simple("gather 1e6", () => [floats([MILLION], 1), integers([MILLION], MILLION, 2)]),
  ...scatters("scatter-add 1e5 → 1e3", [1e5]),
  ...scatters("scatter-add 1e4 rows of 16 → 1e3", [1e4, 16]),
  step("training step 784-256-128-10"),
  step("PONITA training step, C 32, L 3, O 8"),
];

/** Segments of the scatter rows. */
export const SEGMENTS = SLOTS;
