/**
 * @file Sample calls of Fourier transforms: odd and even lengths, primes, powers of two; batches;
 * rows that are views.
 */
import type { Case } from "./case.js";

const LENGTHS = [1, 2, 3, 4, 6, 7, 8, 37];

const complex = (inverse: boolean): readonly Case[] =>
  LENGTHS.map((n) => ({ shapes: [[2, n]], attrs: { inverse } }));

/** Cases by name of the op. */
export const fourierSamples: Readonly<Record<string, readonly Case[]>> = {
  dft: [
    ...complex(false),
    ...complex(true),
    { shapes: [[3, 2, 4]], attrs: { inverse: false } },
    { shapes: [[2, 5, 2]], permuted: [[0, 2, 1]], attrs: { inverse: true } },
    { shapes: [[0, 2, 3]], attrs: { inverse: false } },
  ],
  realDft: [
    ...LENGTHS.map((n) => ({ shapes: [[n]] })),
    { shapes: [[2, 3]] },
    { shapes: [[3, 2]], permuted: [[1, 0]] },
    { shapes: [[2, 2, 4]] },
    { shapes: [[0, 4]] },
  ],
  realDftTransposed: [
    ...LENGTHS.map((n) => ({ shapes: [[2, Math.floor(n / 2) + 1]], attrs: { n } })),
    { shapes: [[3, 2, 3]], attrs: { n: 4 } },
    { shapes: [[3, 2, 3]], attrs: { n: 5 } },
    { shapes: [[0, 2, 3]], attrs: { n: 5 } },
  ],
};
