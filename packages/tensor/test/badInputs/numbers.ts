/** @file Bad calls of reductions, normalisation, linear algebra and optimiser steps. */

import {
  accumulate,
  adamUpdate,
  families,
  lerpUpdate,
  sgdUpdate,
  standardizeGrad,
} from "../../src/api/engine.js";
import * as t from "../../src/api/index.js";
import { standardize } from "../../src/api/index.js";
import {
  type BadCall,
  bad,
  badAxis,
  none,
  noTensor,
  number,
  type Table,
  there,
  vector,
  whole,
  wrong,
  x23,
  x45,
} from "./table.js";

type Options = { readonly axis?: never; readonly dtype?: never };
type Reduction = (x: t.Tensor, options?: Options) => t.Tensor;

const twice = "axis 1 of [2, 3] is given twice in [1, -1]";

const overAxes = (f: Reduction): BadCall[] => [
  ...noTensor(f),
  ...badAxis((axis) => f(x23, { axis })),
  bad.shape(() => f(x23, { axis: wrong([1, -1]) }), twice),
  bad.shape(() => f(x23, { axis: wrong([0, 2]) }), "axis 2 is out of range for [2, 3]"),
  bad.shape(() => f(x23, { axis: wrong([null]) }), "axis null of [2, 3] is no whole number"),
];
const oneAxis = (f: Reduction): BadCall[] => [
  ...noTensor(f),
  ...badAxis((axis) => f(x23, { axis })),
];
const inDType = (f: Reduction): BadCall =>
  bad.dtype(() => f(x23, { axis: wrong(0), dtype: wrong("int8") }), 'unknown dtype "int8"');

const { sum, mean, prod, all, any, variance } = t;
const reductions: Table = {
  ...Object.fromEntries(
    Object.entries({ mean, all, any, variance }).map(([name, f]) => [name, overAxes(f)]),
  ),
  sum: [...overAxes(sum), inDType(sum)],
  prod: [...overAxes(prod), inDType(prod)],
  ...Object.fromEntries(
    [t.max, t.min].map((f) => [
      f.op.name,
      [...overAxes(f), bad.shape(() => f(none), "nothing to reduce in a tensor of shape [0, 3]")],
    ]),
  ),
  ...Object.fromEntries(
    [t.argmax, t.argmin].map((f) => [
      f.op.name,
      [
        ...oneAxis(f),
        bad.shape(() => f(none, { axis: 0 }), "axis 0 of [0, 3] is empty"),
        bad.shape(() => f(none), "axis 0 of [0, 3] is empty"),
      ],
    ]),
  ),
  cumulativeSum: [
    ...oneAxis(t.cumulativeSum),
    inDType(t.cumulativeSum),
    bad.shape(() => t.cumulativeSum(x23), "[2, 3] is not 1-d"),
  ],
};

const floats = (f: (x: t.Tensor) => unknown): BadCall =>
  bad.dtype(() => f(whole), "needs floats, got int32");

const normalize: Table = {
  softmax: [...oneAxis(t.softmax), floats(t.softmax)],
  logSoftmax: [...oneAxis(t.logSoftmax), floats(t.logSoftmax)],
  logSumExp: [...overAxes(t.logSumExp), floats(t.logSumExp)],
  standardize: [
    ...noTensor(standardize),
    floats(standardize),
    bad.shape(() => standardize(number), "a 0-d tensor [] has no last axis"),
  ],
  standardizeGrad: [
    ...noTensor((g) => standardizeGrad(x23, g, { eps: 0 })),
    bad.shape(() => standardizeGrad(x23, x45, { eps: 0 }), "float32 [2, 3] beside float32 [4, 5]"),
    bad.device(() => standardizeGrad(x23, there, { eps: 0 })),
  ],
  layerNorm: [
    ...noTensor((x) => t.layerNorm(x, vector, vector)),
    ...noTensor((weight) => t.layerNorm(x23, weight, vector)),
    floats((x) => t.layerNorm(x23, vector, x)),
    bad.shape(() => t.layerNorm(number, vector, vector), "a 0-d tensor [] has no last axis"),
    bad.shape(
      () => t.layerNorm(x23, vector, x45),
      "weight and bias must be [3] for x of shape [2, 3], got [4, 5]",
    ),
    bad.device(() => t.layerNorm(x23, vector, t.ones([3], { device: "reference" }))),
  ],
};

const square = t.eye(2);
const matrices = (f: (x: t.Tensor) => unknown): BadCall[] => [
  ...noTensor(f),
  bad.shape(() => f(vector), "needs a matrix, got [3]"),
  bad.shape(() => f(number), "needs a matrix, got []"),
];
const squares = (f: (x: t.Tensor) => unknown): BadCall[] => [
  ...matrices(f),
  bad.shape(() => f(x23), "the matrix is not square: [2, 3]"),
];
const systems = (f: (a: t.Tensor, b: t.Tensor) => unknown): BadCall[] => [
  ...squares((a) => f(a, x23)),
  ...noTensor((b) => f(square, b)),
  bad.shape(() => f(square, x45), "a right side [4, 5] does not fit the matrix [2, 2]"),
  bad.shape(() => f(square, vector), "a right side [3, 1] does not fit the matrix [2, 2]"),
  bad.usage(() => f(t.zeros([2, 2]), x23), "matrix 0 of the batch is singular: pivot 0 is 0"),
  bad.device(() => f(square, there)),
];

const { qr, svd, svdvals, eigh, slogdet, det, cholesky, solve, solveTriangular } = families.linalg;
const linalg: Table = {
  qr: [...matrices(qr), bad.usage(() => qr(square, { mode: wrong("full") }), 'no mode "full"')],
  svd: matrices(svd),
  svdvals: matrices(svdvals),
  eigh: squares(eigh),
  slogdet: squares(slogdet),
  det: squares(det),
  cholesky: [
    ...squares(cholesky),
    bad.usage(() => cholesky(t.neg(square)), "matrix 0 of the batch is not positive definite"),
  ],
  solve: systems(solve),
  solveTriangular: systems(solveTriangular),
};

const step = { lr: 0.1, donate: false, weightDecay: 0 };
const adam = { ...step, beta1: 0.9, beta2: 0.99, eps: 1e-8, correction1: 1, correction2: 1 };
const sgd = { ...step, momentum: 0, nesterov: false };
const unlike = "parameter float32 [2, 3] with float32 [4, 5]";

const updates = (f: (x: t.Tensor) => unknown): BadCall[] => [
  ...noTensor(f),
  bad.shape(() => f(x45), unlike),
  bad.shape(() => f(t.ones([2, 3], { dtype: "float64" })), "parameter float32 [2, 3] with float64"),
  bad.device(() => f(there)),
];

const update: Table = {
  adamUpdate: updates((g) => adamUpdate(x23, g, x23, x23, adam)),
  sgdUpdate: updates((g) => sgdUpdate(x23, g, x23, sgd)),
  lerpUpdate: updates((b) => lerpUpdate(x23, b, { weight: 0.5, donate: false })),
  accumulate: [
    ...noTensor((b) => accumulate(x23, b)),
    bad.shape(() => accumulate(x23, x45), "float32 [2, 3] beside float32 [4, 5]"),
    bad.device(() => accumulate(x23, there)),
  ],
};

export const numbers: Table = { ...reductions, ...normalize, ...linalg, ...update };
