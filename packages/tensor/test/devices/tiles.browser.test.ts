/**
 * @file Matrix products by the GPU device's own tiles, for shapes that fit no tile, against sums in
 * double precision.
 */
import { cast, matmul, memory, rng, scope, setDefaultDevice, type Tensor } from "@isograd/tensor";
import { type GpuOptions, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const RTOL = 1e-4;

/** Shapes of the operands as they are multiplied, and whether each is stored transposed. */
interface Case {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly transposed: readonly [boolean, boolean];
}

const ODD = [1, 3, 17, 33, 65, 129];
const EVEN = [4, 8, 64, 68];
const plain = [false, false] as const;
const ways = [plain, [true, false], [false, true], [true, true]] as const;

const sizes = (m: number, k: number, n: number) => ({ a: [m, k], b: [k, n] });
const cases: Case[] = [
  // every pair of odd sizes as rows and terms, with every way to store the operands in turn
  ...ODD.flatMap((m, i) =>
    ODD.map((k, j) => {
      const n = ODD[(i + j) % ODD.length] as number;
      return { ...sizes(m, k, n), transposed: ways[(i + 2 * j) % 4] ?? plain };
    }),
  ),
  ...EVEN.flatMap((m) => ways.map((transposed) => ({ ...sizes(m, 2 * m, m + 4), transposed }))),
  { a: [3, 33, 17], b: [3, 17, 65], transposed: plain },
  { a: [3, 33, 17], b: [17, 65], transposed: [true, true] },
  { a: [33, 17], b: [5, 17, 65], transposed: [false, true] },
  { a: [2, 1, 9, 12], b: [1, 3, 12, 8], transposed: [true, false] },
  { a: [2, 3, 40, 36], b: [3, 36, 44], transposed: plain },
  { a: [9000, 5, 4], b: [4, 8], transposed: plain }, // more rows than a texture is high
];

const drawn = (shape: readonly number[], seed: number, flip: boolean): Tensor => {
  const stored = flip ? [...shape.slice(0, -2), shape.at(-1) ?? 1, shape.at(-2) ?? 1] : shape;
  const x = rng(seed).normal([...stored]);
  return flip ? x.mT : x;
};

/** Null when `got` is the product up to RTOL times the sum of its terms; else where it differs. */
async function difference({ a, b, transposed }: Case): Promise<string | null> {
  setDefaultDevice("cpu");
  const [x, y] = scope(() => [drawn(a, 1, transposed[0]), drawn(b, 2, transposed[1])]);
  const [gx, gy] = await Promise.all([x.to("gpu"), y.to("gpu")]);
  const product = matmul(gx, gy);
  const got = await product.data();
  const [wanted, scale] = scope(() => {
    const [xs, ys] = [cast(x, "float64"), cast(y, "float64")];
    return [matmul(xs, ys).dataSync(), matmul(xs.abs(), ys.abs()).dataSync()];
  });
  for (const t of [x, y, gx, gy, product]) t.dispose();
  const at = Array.from(got).findIndex((v, i) => {
    return !(Math.abs(Number(v) - Number(wanted?.[i])) <= RTOL * Number(scale?.[i]));
  });
  return at < 0 ? null : `element ${at} is ${got[at]}, expected ${wanted?.[at]}`;
}

/** Shapes whose products use shared memory; others run as on the device before. */
const isLarge = ({ a, b }: Case): boolean => Math.min(a.at(-2) ?? 0, b.at(-1) ?? 0) > 32;

const devices: [string, GpuOptions][] = [
  ["webgl2", { mode: "webgl2" }],
  ["webgpu in registers", { mode: "webgpu", sharedMemory: false }],
  ["webgpu through shared memory", { mode: "webgpu", sharedMemory: true }],
];

describe.each(devices)("%s", (_, options) => {
  beforeAll(async () => void (await startGpu(options)));
  afterAll(stopGpu);

  test("products of all shapes", async () => {
    const before = memory().tensors;
    const wrong: string[] = [];
    for (const c of options.sharedMemory === true ? cases.filter(isLarge) : cases) {
      const differs = await difference(c);
      if (differs !== null) wrong.push(`${c.a} @ ${c.b}, transposed ${c.transposed}: ${differs}`);
    }
    expect(wrong).toEqual([]);
    expect(memory().tensors).toBe(before);
  }, 180_000);
});
