/** @file Sample calls of special functions with attributes. */
import type { Case } from "./case.js";

/** Cases by name of the op. */
export const specialSamples: Readonly<Record<string, readonly Case[]>> = {
  polygamma: [
    { shapes: [[]], attrs: { order: 1 } },
    { shapes: [[0]], attrs: { order: 2 } },
    { shapes: [[1]], attrs: { order: 0 } },
    { shapes: [[5]], attrs: { order: 1 } },
    { shapes: [[2, 3]], attrs: { order: 2 }, permuted: [[1, 0]] },
    { shapes: [[2, 1, 3]], attrs: { order: 3 } },
    { shapes: [[4]], attrs: { order: 1 }, values: { 0: { values: [-0.5, -1.25, -2.75, 12] } } },
  ],
};
