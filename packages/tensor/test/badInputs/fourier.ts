/** @file Bad calls of Fourier transforms. */
import { dft, realDft, realDftTransposed } from "../../src/api/engine.js";
import * as t from "../../src/api/index.js";
import {
  type BadCall,
  bad,
  badAxis,
  noTensor,
  number,
  type Table,
  vector,
  whole,
  wrong,
  x23,
  x45,
} from "./table.js";

const as = (name: string, calls: readonly BadCall[]): BadCall[] =>
  calls.map((call) => ({ ...call, as: name }));

export const fourier: Table = {
  dft: [
    ...noTensor((x) => dft(x, false)),
    bad.dtype(() => dft(whole, false), "the operand is int32"),
    bad.shape(() => dft(x45, false), "needs [..., 2, n], got [4, 5]"),
    bad.shape(() => dft(vector, false), "needs [..., 2, n], got [3]"),
    ...as("fft", [
      ...badAxis((axis) => t.fft(x23, { axis })),
      bad.usage(() => t.fft(wrong([1, 2])), "got object"),
      bad.usage(() => t.fft(x23, { n: 0 }), "cannot transform 0 numbers"),
      bad.usage(() => t.fft(x23, { n: 1.5 }), "cannot transform 1.5 numbers"),
      bad.usage(() => t.fft(x23, { norm: wrong("half") }), 'there is no norm "half"'),
      bad.shape(
        () => t.fft({ re: x23, im: x45 }),
        "the real part is [2, 3], the imaginary one [4, 5]",
      ),
    ]),
    ...as("fftn", [
      bad.shape(() => t.fftn(x23, { axes: [1, -1] }), "axis 1 of [2, 3] is given twice in [1, -1]"),
      bad.usage(() => t.fftn(x23, { s: [2], axes: [0, 1] }), "1 lengths are given for 2 axes"),
      bad.shape(() => t.fftn(x23, { axes: wrong(0) }), "axes are 0, not a list"),
    ]),
  ],
  realDft: [
    ...noTensor(realDft),
    bad.dtype(() => realDft(whole), "the operand is int32"),
    bad.shape(() => realDft(number), "needs [..., n], got []"),
    ...as("rfft", [
      ...badAxis((axis) => t.rfft(x23, { axis })),
      bad.usage(() => t.rfft(wrong({ re: x23, im: x23 })), "got a pair { re, im }"),
    ]),
  ],
  realDftTransposed: [
    ...noTensor((x) => realDftTransposed(x, 4)),
    bad.shape(() => realDftTransposed(x23, 9), "[2, 3] does not hold the 5 numbers of length 9"),
    bad.shape(() => realDftTransposed(x45, 8), "needs [..., 2, n], got [4, 5]"),
    ...as("irfft", [
      ...badAxis((axis) => t.irfft(x23, { axis })),
      bad.usage(() => t.irfft(x23, { n: -1 }), "cannot transform -1 numbers"),
    ]),
  ],
};
