/** @file What does not fit is refused before any work, with its shape, its bytes and what to do. */
import * as t from "@isograd/tensor";
import { DeviceError, ShapeError, type Tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

const { broadcastTo, interpolate, ones, rng, tensor } = t;

/** 2³¹ elements over one: 8 GiB of float32 once they are copied. */
const long = () => broadcastTo(tensor(1), [2 ** 31]);
const square = () => broadcastTo(tensor(1), [2 ** 16, 2 ** 16]);
const image = (...lengths: number[]) => ones([1, 1, ...lengths]);
const at = (x: number) => tensor([x], { dtype: "int32" });

/** The error of a call that takes less than five seconds and no memory. */
function refusal(call: () => unknown): Error {
  const start = performance.now();
  const { bytes } = t.memory();
  let error: unknown = null;
  try {
    call();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(Error);
  expect(performance.now() - start).toBeLessThan(5000);
  expect(t.memory().bytes - bytes).toBeLessThan(2 ** 20);
  return error as Error;
}

describe("results beyond the memory of the cpu", () => {
  it.each<[string, () => unknown, string]>([
    ["add", () => long().add(1), "[2147483648] of float32 takes 8.0 GiB, more than 3.5 GiB"],
    ["reading", () => long().dataSync(), "dataSync: [2147483648] of float32"],
    ["int32", () => long().cast("int32"), "of int32 takes 8.0 GiB"],
    ["softmax", () => t.softmax(long()), "softmax: [2147483648]"],
    ["sort", () => t.sort(long()), "of int32 takes 8.0 GiB"],
    ["concat", () => t.concat([long(), long()]), "[4294967296] of float32 takes 16.0 GiB"],
    ["outer", () => t.outer(ones([1e5]), ones([1e5])), "[100000, 100000] of float32 takes 37.3"],
    ["matmul", () => t.matmul(ones([1e5, 1]), ones([1, 1e5])), "matmul: [100000, 100000]"],
    ["einsum", () => t.einsum("i,j->ij", ones([1e5]), ones([1e5])), "takes 37.3 GiB"],
    ["oneHot", () => t.oneHot(at(0), 2 ** 31), "oneHot: [1, 2147483648]"],
    ["take", () => t.take(ones([3]), long().cast("bool").cast("int32")), "out of memory"],
    ["segmentSum", () => t.segmentSum(ones([1]), at(0), 2 ** 31), "segmentSum: [2147483648]"],
    ["conv1d", () => padded(2 ** 31), "out of memory"],
  ])("%s", (_, call, text) => {
    const error = refusal(call);
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toContain(text);
    expect(error.message).toContain("help: work in smaller pieces");
  });
});

const padded = (padding: number) => t.conv1d(image(4), ones([1, 1, 2]), undefined, { padding });

describe("results for which lists of places are made", () => {
  it.each<[string, () => unknown]>([
    ["tril", () => t.tril(square())],
    ["triu", () => t.triu(square())],
    ["repeat", () => t.repeat(ones([2, 1000]), 2e6, { axis: 0 })],
    ["repeat", () => t.repeat(long(), 1, { axis: 0 })],
    ["tile", () => t.tile(ones([1000]), [4e6])],
    ["pad", () => t.pad(ones([2]), [[2 ** 31, 0]])],
    ["permutation", () => rng(0).permutation(2e9)],
    ["interpolate", () => interpolate(image(4), { size: 2 ** 31 })],
    ["interpolate", () => interpolate(image(4), { size: 5e8, mode: "cubic" })],
    ["interpolate", () => interpolate(image(4), { scaleFactor: 1e300 })],
    ["interpolate", () => interpolate(image(2, 2), { size: 1e6, mode: "linear" })],
    ["interpolate", () => interpolate(image(4), { size: 4e8, mode: "area" })],
  ])("%s", (name, call) => {
    const error = refusal(call);
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(new RegExp(`^${name}: .* more than 3.5 GiB: out of memory`));
  });
});

describe("views of more elements than memory holds", () => {
  it("are printed from what they show", () => {
    const { bytes } = t.memory();
    expect(String(long())).toBe("Tensor(float32, [2147483648]) [1, 1, 1, …, 1, 1, 1]");
    const rows = broadcastTo(tensor([[1], [2]]), [2, 2 ** 31]);
    expect(String(rows)).toContain("[[1, 1, 1, …, 1, 1, 1],\n [2, 2, 2, …, 2, 2, 2]]");
    expect(String(t.arange(6).reshape([2, 3]).mT)).toContain("[[0, 3],\n [1, 4],\n [2, 5]]");
    expect(t.memory().bytes - bytes).toBeLessThan(2 ** 20);
  });

  it("say how many numbers a text would have, if too many", () => {
    const deep = broadcastTo(tensor(1), new Array<number>(31).fill(2));
    for (const text of [String(deep), long().toString({ threshold: Number.POSITIVE_INFINITY })]) {
      expect(text).toContain("(2147483648 numbers to show)");
    }
  });

  it("make no nested arrays", () => {
    const flags = broadcastTo(tensor(true), [2 ** 31]); // 2 GiB, which memory would hold
    for (const x of [long(), flags]) {
      const error = refusal(() => x.toArray());
      expect(error).toBeInstanceOf(DeviceError);
      expect(error.message).toContain("toArray: [2147483648] of float64");
    }
  });
});

/** The first k of all numbers below n in random order, from a list of all of them. */
function chosen(n: number, k: number): number[] {
  const random = rng(3);
  const items = Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < k; i++) {
    const j = i + random.nextInt(n - i);
    [items[i], items[j]] = [items[j] as number, items[i] as number];
  }
  return items.slice(0, k);
}

it("a choice of a few among many makes no list of all, and is the same", () => {
  for (const k of [0, 1, 7, 30]) {
    expect(rng(3).choice(600, k).toArray()).toEqual(chosen(600, k));
  }
  expect(rng(3).choice(600, 600).toArray()).toEqual(chosen(600, 600));
  const few = rng(0).choice(2e9, 1000);
  expect(new Set(few.dataSync()).size).toBe(1000);
});

/** As NumPy's `tril`: element (i, j) stays where j − i ≤ k. */
function triangle(x: Tensor, keep: (above: number) => boolean): number[][] {
  const rows = x.toArray() as number[][];
  return rows.map((row, i) => row.map((v, j) => (keep(j - i) ? v : 0)));
}

it("triangles have every diagonal", () => {
  for (const x of [t.arange(1, 13).reshape([3, 4]), t.arange(1, 13).reshape([4, 3])]) {
    for (let k = -6; k <= 6; k++) {
      expect(t.tril(x, { k }).toArray()).toEqual(triangle(x, (above) => above <= k));
      expect(t.triu(x, { k }).toArray()).toEqual(triangle(x, (above) => above >= k));
    }
  }
});
