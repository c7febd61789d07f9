/** @file Fourier transforms. */
import { dft, realDft, realDftTransposed } from "@isograd/tensor/engine";
import { type Case, numbers } from "./case.js";

/** Of lengths that are and are not powers of two. */
export const transforming: readonly Case[] = [1, 2, 7, 12].map((n) => ({
  name: `Fourier transforms of length ${n}`,
  ops: ["dft", "realDft", "realDftTransposed"],
  inputs: () => [numbers([3, 2, n]), numbers([2, n], -1, 1, 1)],
  run: (z, x) => [
    dft(z, false),
    dft(z, true),
    realDft(x),
    realDftTransposed(realDft(x), n),
    realDft(realDftTransposed(realDft(x), n)),
  ],
  rtol: 1e-5,
}));
