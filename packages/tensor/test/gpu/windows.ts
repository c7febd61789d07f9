/** @file Sliding windows, convolutions and pooling. */
import { avgPool2d, conv1d, conv2d, convTranspose2d, maxPool2d } from "@isograd/tensor";
import { fold, unfold } from "@isograd/tensor/engine";
import { type Case, numbers } from "./case.js";

const axis = (kernel: number, stride: number, dilation: number, before: number, after: number) => ({
  kernel,
  stride,
  dilation,
  before,
  after,
});

/** Windows over planes. */
export const windows: readonly Case[] = [
  {
    name: "unfold and fold",
    ops: ["unfold", "fold"],
    inputs: () => [numbers([2, 2, 5, 6])],
    run: (x) => {
      const plain = [axis(3, 1, 1, 0, 0), axis(2, 1, 1, 0, 0)] as const;
      const odd = [axis(2, 3, 2, 1, 0), axis(3, 2, 1, 1, 2)] as const;
      const laid = unfold(x, { windows: odd, value: 0 });
      return [
        laid,
        unfold(x, { windows: plain, value: 0 }),
        unfold(x, { windows: odd, value: 2.5 }),
        fold(laid, { windows: odd, size: [5, 6] }),
        fold(unfold(x, { windows: plain, value: 0 }), { windows: plain, size: [5, 6] }),
      ];
    },
    rtol: 1e-5,
  },
  {
    name: "convolutions and pooling",
    ops: [],
    inputs: () => [numbers([2, 4, 6, 5]), numbers([6, 2, 3, 2], -1, 1, 1), numbers([6], -1, 1, 2)],
    run: (x, w, b) => [
      conv2d(x, w, b, { groups: 2, stride: [2, 1], padding: [1, 0], dilation: [1, 2] }),
      conv1d(x.reshape([4, 4, 15]), w.reshape([6, 4, 3]), b, { padding: "same" }),
      convTranspose2d(x, w.reshape([4, 3, 3, 2]), undefined, { stride: 2, outputPadding: 1 }),
      maxPool2d(x, 2, { padding: 1 }),
      avgPool2d(x, [3, 2], { stride: 1, padding: 1, countIncludePad: false }),
    ],
    rtol: 1e-5,
    atol: 1e-5,
  },
];
