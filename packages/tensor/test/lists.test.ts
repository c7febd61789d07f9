/** Lists that users pass in stay theirs: changing one later changes no tensor. */

import {
  arange,
  broadcastTo,
  full,
  init,
  memory,
  ones,
  permuteDims,
  reshape,
  rng,
  scope,
  split,
  sum,
  type Tensor,
  tensor,
  UsageError,
  zeros,
} from "@isograd/tensor";
import { apply, applyMany, defineOp, fromTypedArray, place, unfold } from "@isograd/tensor/engine";
import { loadNpy, saveNpy } from "@isograd/tensor/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handleOf } from "../src/api/engine.js";

/** A list that is changed after use. */
function changedAfter<R>(list: number[], use: (list: number[]) => R): R {
  const result = use(list);
  list[0] = 12;
  list.push(7);
  return result;
}

describe("a shape that is changed after use", () => {
  const data = Float32Array.of(1, 2);
  const makers: readonly [name: string, make: (shape: number[]) => Tensor][] = [
    ["ones", (s) => ones(s)],
    ["zeros", (s) => zeros(s, { dtype: "int32" })],
    ["full", (s) => full(s, 3, { device: "reference" })],
    ["tensor", (s) => tensor([1, 2], { shape: s })],
    ["tensor of a typed array", (s) => tensor(data, { shape: s })],
    ["fromTypedArray", (s) => fromTypedArray(data, s, "float32")],
    ["rng.normal", (s) => rng(0).normal(s)],
    ["rng.uniform", (s) => rng(0).uniform(s)],
    ["rng.integers", (s) => rng(0).integers(s, { high: 5 })],
    ["rng.bernoulli", (s) => rng(0).bernoulli(s)],
    ["reshape", (s) => reshape(ones([2, 1]), s)],
    ["broadcastTo", (s) => broadcastTo(ones([1]), s)],
    ["place", (s) => place(ones([1]), { shape: s, starts: [1], steps: [1], value: 0 })],
    ["loadNpy", (s) => loadNpy(saveNpy({ shape: s, dtype: "float32", data }))],
    [
      "an op of one's own",
      (s) => {
        const spec = { shape: s, dtype: "float32" as const };
        const op = defineOp<readonly [Tensor]>({
          name: "mine",
          infer: () => spec,
          reference: () => {},
        });
        return apply(op, [ones([2])], undefined);
      },
    ],
  ];
  for (const [name, make] of makers) {
    it(`leaves the result of ${name} as it is`, () => {
      const x = changedAfter([2], make);
      expect(x.shape).toEqual([2]);
      expect((x.toArray() as number[]).length).toBe(2);
      expect(x.add(1).sum({ axis: 0 }).shape).toEqual([]);
    });
  }

  it("of a single element too", () => {
    expect(changedAfter([1], (s) => ones(s)).shape).toEqual([1]);
    expect(changedAfter([1], (s) => full(s, true)).toArray()).toEqual([true]);
  });
});

describe("lists of axes and lengths that are changed after use", () => {
  it("leave results as they are", () => {
    const x = arange(6).reshape([2, 3]);
    expect(changedAfter([1, 0], (a) => permuteDims(x, a)).toArray()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(changedAfter([1, 0], (axis) => sum(x, { axis })).item()).toBe(15);
    const parts = changedAfter([1, 1], (sizes) => split(x, sizes));
    expect(parts.map((p) => p.toArray())).toEqual([[[0, 1, 2]], [[3, 4, 5]]]);
  });

  it("leave windows as they are", () => {
    const wide = { kernel: 2, stride: 1, dilation: 1, before: 0, after: 0 };
    const windows: [typeof wide, typeof wide] = [{ ...wide, kernel: 1 }, wide];
    const y = unfold(ones([1, 1, 1, 3]), { windows, value: 0 });
    windows[1].kernel = 9;
    expect(y.shape).toEqual([1, 1, 1, 2, 1, 2]);
  });
});

describe("a tensor's own shape", () => {
  beforeAll(() => init({ checks: true })); // whatever NODE_ENV says here
  afterAll(() => init());
  const makers = [
    (device: string) => ones([2], { device }),
    (device: string) => ones([4, 3], { device }).mT,
    (device: string) => ones([1], { device }).add(1),
    (device: string) => broadcastTo(ones([2], { device }), [1000, 2]),
  ];
  it("that somebody writes to is an error at the next op, on every device, never a read beyond the block", () => {
    for (const device of ["cpu", "reference"]) {
      for (const make of makers) {
        const x = make(device);
        (x.shape as number[])[0] = 1200;
        expect(() => x.add(1)).toThrow(UsageError);
        expect(() => x.sum()).toThrow(/shape .* of a tensor of \d+ elements were changed: \[1200/);
        if (handleOf(x).operand.strides === null) expect(x.dataSync().length).toBe(x.size);
        else expect(() => x.dataSync()).toThrow(/were changed/);
      }
    }
  });

  it("may not change places with another length either, where elements are repeated", () => {
    for (const device of ["cpu", "reference"]) {
      const x = broadcastTo(ones([2], { device }), [1000, 2]);
      Object.assign(x.shape, [2, 1000]);
      expect(() => x.add(1)).toThrow(/were changed/);
      const y = ones([2, 3], { device }).mT;
      Object.assign(handleOf(y).operand.strides as object, [1, 300]);
      expect(() => y.add(1)).toThrow(/were changed/);
    }
  });
});

describe("values", () => {
  it("that are given or read share no memory with a tensor", async () => {
    for (const device of ["cpu", "reference"]) {
      const given = Float32Array.of(1, 2);
      const x = tensor(given, { device });
      given[0] = 9;
      (await x.data())[0] = 8;
      x.dataSync()[0] = 7;
      expect(x.toArray()).toEqual([1, 2]);
      const file = saveNpy(x);
      const y = loadNpy(file, { device });
      file.fill(0);
      expect(y.toArray()).toEqual([1, 2]);
    }
  });

  it("options of a generator are its own", () => {
    const options: { dtype: "float32" | "float64" } = { dtype: "float32" };
    const random = rng(0, options);
    options.dtype = "float64";
    expect(random.normal([1]).dtype).toBe("float32");
  });
});

describe("an op that fails", () => {
  it("gives all memory back that it took, whichever of its blocks was the one too many", () => {
    const bytes = () => memory().bytes;
    const before = bytes();
    const x = ones([2]);
    const held = bytes();
    const huge = 2 ** 30; // 4 GiB of float32: more than the memory can hold
    const many = defineOp<readonly [Tensor]>({
      name: "many",
      infer: ([a]) => a,
      inferMany: ([a]) => [a, { shape: [huge], dtype: "float32" }],
      referenceMany: () => {},
    });
    const brought = defineOp<readonly [Tensor]>({
      name: "brought",
      infer: ([a]) => a,
      kernels: {
        cpu: ({ heap }) => {
          const first = heap.alloc(1e5);
          heap.free(heap.alloc(64), 64);
          heap.alloc(3e5);
          if (first > 0) throw new Error("it fails");
          return first;
        },
      },
    });
    for (let i = 0; i < 3; i++) {
      expect(() => applyMany(many, [x], undefined)).toThrow(/out of memory/);
      expect(() => apply(brought, [x], undefined)).toThrow("it fails");
      const wide = () => broadcastTo(x, [huge, 2]).add(1);
      expect(() => scope(wide)).toThrow(/out of memory/);
      expect(bytes()).toBeLessThanOrEqual(held);
    }
    x.dispose();
    expect(bytes()).toBe(before);
  });
});
