/** @file Ops made of one GPU.js kernel: what the tests on every device share. */
import { type Tensor, tensor } from "@isograd/tensor";
import { type CustomOp, defineKernelOp } from "../../src/index.js";

/** `a @ b`, as the GPU.js handbook writes it. */
export const product = defineKernelOp<readonly [Tensor, Tensor]>({
  name: "product",
  kernel: `function (a, b) {
    let sum = 0;
    for (let i = 0; i < this.constants.n; i++) {
      sum += a[this.thread.y][i] * b[i][this.thread.x];
    }
    return sum;
  }`,
  shape: ([a, b]) => [a.shape[0] as number, b.shape[1] as number],
  constants: ([a]) => ({ n: a.shape[1] as number }),
  vjp: ({ inputs: [a, b] }) => [(g) => g.matmul(b.mT), (g) => a.mT.matmul(g)],
});

/** The mean of each place and its neighbours along the last axis; weights at the ends are 0. */
export const blur: CustomOp<readonly [Tensor], { weight: number }> = defineKernelOp({
  name: "blur",
  kernel: function (a) {
    const here = a[this.thread.z][this.thread.y][this.thread.x];
    let sum = 0;
    for (let d = -1; d <= 1; d++) {
      const x = this.thread.x + d;
      // d = 0 is the place itself
      if (x >= 0 && x < this.constants.width) {
        sum = sum + this.constants.weight * a[this.thread.z][this.thread.y][x];
      }
    }
    return here + Math.max(sum, -1000);
  },
  constants: ([a], { weight }) => ({ width: a.shape[2] as number, weight }),
  vjp: ({ attrs }) => [(g) => blur(g, attrs)], // it is its own transpose
});

/** One call of each, where the inputs live. */
export function kernelCases(device: string, dtype: "float32" | "float64" = "float32") {
  const values = (shape: number[], seed: number) => {
    const size = shape.reduce((n, m) => n * m, 1);
    const numbers = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + seed));
    return tensor(numbers, { shape, device, dtype });
  };
  return {
    product: { inputs: [values([3, 5], 1), values([5, 4], 2)] as const },
    blur: { inputs: [values([2, 3, 4], 3)] as const },
  };
}
