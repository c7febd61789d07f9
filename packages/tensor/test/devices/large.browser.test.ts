/**
 * @file Tables of more than 2²⁴ numbers, as the embedding of BERT, on the GPU in headless Chromium:
 * each result against the cpu, element by element.
 */
import {
  add,
  addAlongAxis,
  any,
  argmax,
  broadcastTo,
  cast,
  concat,
  flip,
  greater,
  indexAdd,
  keep,
  layerNorm,
  logSumExp,
  matmul,
  max,
  mean,
  mul,
  oneHot,
  pad,
  permuteDims,
  putAlongAxis,
  reshape,
  scope,
  segmentSum,
  slice,
  softmax,
  split,
  sum,
  type Tensor,
  take,
  takeAlongAxis,
  tensor,
  variance,
  where,
} from "@isograd/tensor";
import { adamUpdate, sgdUpdate } from "@isograd/tensor/engine";
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The embedding of BERT: 23,440,896 numbers. */
const [WORDS, WIDTH] = [30522, 768];
const IDS = [0, 1, 101, 21845, 21846, 21847, 30000, 30520, 30521, 101];

const values = (size: number, seed = 0): Float32Array => {
  const made = new Float32Array(size);
  for (let i = 0; i < size; i++) made[i] = (((i + seed) * 7919) % 8191) / 4096 - 1;
  return made;
};
const TABLE = values(WORDS * WIDTH);

/** Tensors of one device. */
interface On {
  readonly table: Tensor;
  floats(shape: readonly number[], seed?: number): Tensor;
  ids(list: readonly number[], shape?: readonly number[]): Tensor;
  /** The same, but made by an op, so that the host does not know them. */
  madeIds(list: readonly number[]): Tensor;
}

const tables = new Map<string, Tensor>();

function on(device: string): On {
  const known = tables.get(device);
  const table = known ?? keep(tensor(TABLE, { shape: [WORDS, WIDTH], device }));
  tables.set(device, table);
  const size = (shape: readonly number[]) => shape.reduce((n, m) => n * m, 1);
  const ids = (list: readonly number[], shape = [list.length] as readonly number[]) =>
    tensor(Int32Array.from(list), { shape, dtype: "int32", device });
  return {
    table,
    floats: (shape, seed = 1) => tensor(values(size(shape), seed), { shape, device }),
    ids,
    madeIds: (list) => add(ids(list), tensor(0, { dtype: "int32", device })),
  };
}

/** A row of places along an axis for each of `count`. */
const spread = (count: number, n: number) =>
  Array.from({ length: count }, (_, i) => (i * 7919 + n - 1) % n);

const CASES: Readonly<Record<string, (d: On) => Tensor | Tensor[]>> = {
  take: ({ table, ids }) => take(table, ids(IDS)),
  "take at computed places": ({ table, madeIds }) => take(table, madeIds(IDS)),
  "take of columns": ({ table, ids }) => take(table, ids([0, 767, 5]), { axis: 1 }),
  "take of numbers in a row": ({ table, ids }) =>
    take(reshape(table, [-1]), ids([0, 2 ** 24 - 1, 2 ** 24, 9999991])),
  takeAlongAxis: ({ table, ids }) =>
    takeAlongAxis(table, ids(spread(2 * WIDTH, WORDS), [2, WIDTH]), { axis: 0 }),
  "takeAlongAxis of columns": ({ table, ids }) =>
    takeAlongAxis(table, ids(spread(WORDS, WIDTH), [WORDS, 1]), { axis: 1 }),
  slice: ({ table }) => slice(table, [[21840, 30522]]),
  "slice with steps": ({ table }) =>
    slice(table, [
      [30521, 0, -7],
      [3, 700, 5],
    ]),
  "slice of numbers in a row": ({ table }) => slice(reshape(table, [-1]), [[16777210, 16777230]]),
  split: ({ table }) => split(table, [30500, 22]),
  flip: ({ table }) => flip(table),
  concat: ({ table, floats }) => concat([floats([3, WIDTH]), table]),
  "concat of columns": ({ table, floats }) => concat([table, floats([WORDS, 2])], { axis: 1 }),
  pad: ({ table }) =>
    pad(
      slice(table, [[0, 30520]]),
      [
        [1, 3],
        [2, 0],
      ],
      { value: 5 },
    ),
  transpose: ({ table }) => add(permuteDims(table, [1, 0]), 0.5),
  "three axes": ({ table }) => add(permuteDims(reshape(table, [WORDS, 12, 64]), [1, 0, 2]), 1),
  "rows and columns in one": ({ table, floats }) =>
    mul(add(table, floats([WIDTH])), floats([WORDS, 1], 3)),
  where: ({ table, floats }) => where(greater(table, 0), table, floats([WORDS, 1])),
  comparison: ({ table, floats }) => greater(table, floats([WORDS, 1])),
  cast: ({ table }) => cast(mul(table, 100), "int32"),
  broadcast: ({ floats }) => add(broadcastTo(floats([WORDS, 1]), [WORDS, WIDTH]), 1),
  sum: ({ table }) => [sum(table), sum(table, { axis: 0 }), sum(table, { axis: 1 })],
  mean: ({ table }) => [mean(table), mean(table, { axis: 1 })],
  max: ({ table }) => [max(table), max(table, { axis: 0 }), max(table, { axis: 1 })],
  any: ({ table }) => any(greater(table, 0.999), { axis: 1 }),
  variance: ({ table }) => [variance(table, { axis: 1 }), variance(table, { axis: 0 })],
  argmax: ({ table }) => [argmax(table, { axis: 1 }), argmax(table, { axis: 0 })],
  softmax: ({ table }) => softmax(table),
  logSumExp: ({ table }) => logSumExp(table, { axis: 1 }),
  layerNorm: ({ table, floats }) => layerNorm(table, floats([WIDTH]), floats([WIDTH], 2)),
  "a tied head": ({ table, floats }) => matmul(floats([5, WIDTH]), table.mT),
  "the slope of the head to its input": ({ table, floats }) => matmul(floats([5, WORDS]), table),
  "the slope of the head to the table": ({ floats }) =>
    matmul(permuteDims(floats([5, WORDS]), [1, 0]), floats([5, WIDTH], 2)),
  segmentSum: ({ floats, ids }) => segmentSum(floats([IDS.length, WIDTH]), ids(IDS), WORDS),
  "segmentSum at computed places": ({ floats, madeIds }) =>
    segmentSum(floats([3, WIDTH]), madeIds([30521, 21846, 30521]), WORDS),
  indexAdd: ({ table, floats, ids }) => indexAdd(table, ids(IDS), floats([IDS.length, WIDTH])),
  addAlongAxis: ({ floats, ids }) =>
    addAlongAxis(floats([2, WIDTH]), ids(spread(2 * WIDTH, WORDS), [2, WIDTH]), WORDS),
  putAlongAxis: ({ table, floats, ids }) =>
    putAlongAxis(table, ids(spread(2 * WIDTH, WORDS), [2, WIDTH]), floats([2, WIDTH]), { axis: 0 }),
  oneHot: ({ ids }) => oneHot(ids(spread(600, WORDS)), WORDS),
  adamUpdate: ({ table, floats }) =>
    adamUpdate(table, add(table, floats([WIDTH])), table, mul(table, table), ADAM),
  sgdUpdate: ({ table, floats }) => sgdUpdate(table, add(table, floats([WIDTH])), table, SGD),
};

const ADAM = {
  lr: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0.01,
  correction1: 10,
  correction2: 1000,
  donate: false,
};
const SGD = { lr: 0.01, momentum: 0.9, weightDecay: 0.01, nesterov: false, donate: false };

/** Some slices of what is large, on both sides of element 2²⁴: reading all of it takes seconds. */
function sampled(x: Tensor): Tensor {
  const [n = 0] = x.shape;
  if (x.size <= 2 ** 24) return x;
  const middle = Math.floor((2 ** 24 / x.size) * n);
  const places = [0, 1, middle - 1, middle, middle + 1, n - 2, n - 1];
  const { device } = x;
  return take(x, tensor(Int32Array.from(places), { dtype: "int32", device }));
}

const list = (x: Tensor | Tensor[]): Tensor[] => (Array.isArray(x) ? x : [x]).map(sampled);

describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
  beforeAll(async () => void (await startGpu({ mode })));
  afterAll(async () => {
    await stopGpu();
    tables.delete("gpu");
  });

  test.each(Object.entries(CASES))("%s", async (_, run) => {
    const wanted = list(scope(() => run(on("cpu"))));
    const got = list(scope(() => run(on("gpu"))));
    for (const [i, want] of wanted.entries()) {
      const have = got[i] as Tensor;
      expect([have.dtype, ...have.shape]).toEqual([want.dtype, ...want.shape]);
      const [a, b] = [await have.data(), want.dataSync()];
      let wrong = -1;
      for (let k = 0; k < b.length && wrong < 0; k++) {
        const [x, y] = [a[k] as number, b[k] as number];
        if (!(Math.abs(x - y) <= 1e-4 + 1e-4 * Math.abs(y))) wrong = k;
      }
      expect([wrong, a[wrong]]).toEqual([-1, undefined]);
    }
    for (const x of [...wanted, ...got]) x.dispose();
  });
});
