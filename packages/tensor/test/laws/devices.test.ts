/** @file Both builds of the cpu device beside the reference, at lengths around the widths of their kernels. */
import * as library from "@isograd/tensor";
import { allOps, families } from "@isograd/tensor/engine";
import { forEachCpuBuild, installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";

installMatchers();

const { rng, tensor } = library;
type Tensor = library.Tensor;

// Below, at and above multiples of 4 and 16 lanes, and past the block sizes of reductions.
const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 65, 127, 255, 1025, 4099];
const CLOSE = { rtol: 2e-6, atol: 2e-6 };

/** The same numbers on both devices. */
function both(shape: readonly number[], seed: string, low: number, high: number): Tensor[] {
  const values = rng(seed).uniform(shape, { low, high, device: "reference" }).dataSync();
  return ["reference", "cpu"].map((device) => tensor(values, { shape, device }));
}

function agree(make: (device: 0 | 1) => Tensor, tolerance = CLOSE): void {
  expect(make(1)).toBeCloseToTensor(make(0), tolerance);
}

const unary = Object.entries(families.unary) as [string, (x: Tensor) => Tensor][];
const binary = [...Object.entries(families.binary), ...Object.entries(families.compare)].filter(
  ([name]) => allOps().get(name)?.scalar !== undefined,
) as [string, (a: Tensor, b: Tensor) => Tensor][];

describe("elementwise, of kernels that are the same in both builds", () => {
  it.each(binary)("%s", (name, f) => {
    const { from, to } = allOps().get(name)?.samples ?? { from: -2, to: 2 };
    for (const n of LENGTHS) {
      const layouts = [
        [[n], [n]],
        [[n], []],
        [[], [n]],
        [[3, n], [n]],
        [
          [n, 3],
          [n, 1],
        ],
        [
          [1, n],
          [2, 1],
        ],
      ];
      for (const [i, [p, q]] of layouts.entries()) {
        const a = both(p as number[], `${name}${n}${i}a`, from, to);
        const b = both(q as number[], `${name}${n}${i}b`, from, to);
        agree((d) => f(a[d] as Tensor, b[d] as Tensor));
      }
    }
  });
});

forEachCpuBuild(() => {
  describe("elementwise", () => {
    it.each(unary)("%s", (name, f) => {
      const { from, to } = allOps().get(name)?.samples ?? { from: -2, to: 2 };
      for (const n of LENGTHS) {
        const x = both([n], `${name}${n}`, from, to);
        agree((d) => f(x[d] as Tensor));
      }
    });
  });

  describe("reductions", () => {
    const { sum, mean, max, min, prod, variance, argmax, argmin, logSumExp, cumulativeSum } =
      library;
    const { softmax, logSoftmax } = library;
    const functions: Record<string, (x: Tensor, options: { axis: number }) => Tensor> = {
      sum,
      mean,
      max,
      min,
      prod,
      variance,
      argmax,
      argmin,
      logSumExp,
      cumulativeSum,
      softmax,
      logSoftmax,
    };
    it.each(Object.entries(functions))("%s", (name, f) => {
      for (const n of LENGTHS.slice(1)) {
        for (const [shape, axis] of [
          [[n], 0],
          [[3, n], 1],
          [[n, 3], 0],
          [[n, 5], 1],
          [[2, n, 3], 1],
          [[5, n], 0],
        ] as const) {
          const x = both(shape, `${name}${n}${shape}`, -1, 1);
          agree((d) => f(x[d] as Tensor, { axis }), { rtol: 1e-5, atol: 2e-5 });
        }
      }
    });
  });

  describe("matrices", () => {
    const SIZES = [
      [1, 1, 1],
      [1, 64, 64],
      [5, 7, 9],
      [8, 8, 8],
      [16, 16, 16],
      [17, 33, 65],
      [64, 1, 64],
      [3, 200, 2],
      [64, 64, 1],
      [2, 3, 130],
      [67, 5, 16],
      [129, 65, 33],
    ] as const;
    it.each(SIZES)("[%i, %i] @ [%i], plain and transposed", (m, k, n) => {
      const a = both([m, k], `a${m}${k}`, -1, 1);
      const b = both([k, n], `b${k}${n}`, -1, 1);
      const solid = (x: Tensor) => x.reshape([x.size]).reshape(x.shape);
      const transposed = (x: Tensor) => solid(x.mT).mT;
      const tolerance = { rtol: 1e-5, atol: 3e-5 };
      for (const f of [(x: Tensor) => x, transposed]) {
        for (const g of [(x: Tensor) => x, transposed]) {
          agree((d) => library.matmul(f(a[d] as Tensor), g(b[d] as Tensor)), tolerance);
        }
      }
    });
  });

  describe("rows", () => {
    it.each(LENGTHS.slice(1))("gather, scatter, copies of length %i", (n) => {
      const x = both([6, n], `x${n}`, -1, 1);
      const at = ["reference", "cpu"].map((device) =>
        tensor([5, 0, 0, 3, 5], { dtype: "int32", device }),
      );
      agree((d) => library.take(x[d] as Tensor, at[d] as Tensor));
      agree((d) => library.segmentSum(library.slice(x[d] as Tensor, [[0, 5]]), at[d] as Tensor, 7));
      agree((d) => library.concat([x[d] as Tensor, x[d] as Tensor], { axis: 1 }));
      agree((d) =>
        library.slice(x[d] as Tensor, [
          [1, 5, 2],
          [null, null, -1],
        ]),
      );
      agree((d) => (x[d] as Tensor).mT.add(0));
      agree((d) => library.permuteDims((x[d] as Tensor).reshape([2, 3, n]), [2, 0, 1]).mul(2));
      agree((d) => library.standardize(x[d] as Tensor), { rtol: 1e-5, atol: 2e-5 });
    });
  });
});
