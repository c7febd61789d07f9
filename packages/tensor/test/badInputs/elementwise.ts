/** @file Bad calls of elementwise ops. */
import { families } from "../../src/api/engine.js";
import * as t from "../../src/api/index.js";
import {
  type BadCall,
  bad,
  gone,
  noTensor,
  number,
  type Table,
  there,
  wrong,
  x23,
  x45,
} from "./table.js";

type Unary = (x: t.Tensor) => t.Tensor;
type Binary = (a: t.TensorLike, b: t.TensorLike) => t.Tensor;

const disposed = "a tensor of shape [2, 3] is used after it was disposed";
const apart = "shapes do not broadcast: [2, 3] and [4, 5]";

const ofOne = (f: Unary): BadCall[] => [...noTensor(f), bad.usage(() => f(gone()), disposed)];

const ofTwo = (f: Binary): BadCall[] => [
  bad.dtype(() => f(wrong([1]), x23), "the first operand is an array"),
  bad.dtype(() => f(x23, wrong(undefined)), "the second operand is undefined"),
  bad.dtype(() => f(x23, wrong("1")), "the second operand is a string"),
  bad.shape(() => f(x23, x45), apart),
  bad.device(() => f(x23, there)),
];

const ofBits = (f: Binary): BadCall[] => [
  bad.dtype(() => f(x23, 1), "bits of float32 are asked for"),
  bad.dtype(() => f(wholes, 0.5), "bits of 0.5 are asked for"),
  bad.dtype(() => f(wholes, wrong([1, 2])), "needs a tensor, got an array"),
  bad.shape(() => f(wholes, others), apart),
  bad.device(() => f(wholes, t.zeros([2, 3], { dtype: "int32", device: "reference" }))),
];
const wholes = t.zeros([2, 3], { dtype: "int32" });
const others = t.zeros([4, 5], { dtype: "int32" });

const slopes = (f: (at: t.Tensor, g: t.Tensor) => t.Tensor): BadCall[] => [
  bad.shape(() => f(x23, x45), "float32 [2, 3] beside float32 [4, 5]"),
  bad.shape(() => f(x23, t.ones([2, 3], { dtype: "float64" })), "float32 [2, 3] beside float64"),
  bad.device(() => f(x23, there)),
  ...noTensor((g) => f(x23, g)),
];

/** The calls of every op of a family. */
function each<F>(family: object, calls: (f: F) => BadCall[]): Table {
  const ops = Object.entries(family).filter(([, f]) => "op" in f);
  return Object.fromEntries(ops.map(([name, f]) => [name, calls(f as F)]));
}

const { where, clip, ...comparisons } = families.compare;
const { fmod, xlogy, polygamma, ...one } = families.special;
const condition = t.greater(x23, 0);

export const elementwise: Table = {
  ...each(families.unary, ofOne),
  ...each(families.binary, ofTwo),
  ...each(comparisons, ofTwo),
  ...each(families.bits, ofBits),
  ...each(families.slopes, slopes),
  ...each(one, ofOne),
  ...each({ fmod, xlogy }, ofTwo),
  polygamma: [
    ...noTensor((x) => polygamma(1, x)),
    bad.usage(() => polygamma(-1, x23), "the order must be a whole number from 0 to 100, got -1"),
    bad.usage(() => polygamma(0.5, x23), "got 0.5"),
    bad.usage(() => polygamma(wrong(x23), wrong(1)), "0 to 100, got an object"),
  ],
  where: [
    ...noTensor((c) => where(c, 1, 2)),
    bad.dtype(() => where(x23, 1, 2), "the condition is float32, not bool"),
    bad.dtype(() => where(condition, wrong("a"), 1), "needs a tensor, got a string"),
    bad.shape(() => where(condition, x23, x45), apart),
    bad.shape(() => where(condition, x45, 1), apart),
    bad.device(() => where(condition, there, 1)),
  ],
  clip: [
    ...noTensor((x) => clip(x, { min: 0 })),
    bad.usage(() => clip(x23, wrong(undefined)), "the bounds are undefined"),
    bad.usage(() => clip(x23, wrong([0, 1])), "the bounds are an array"),
    bad.dtype(() => clip(x23, { min: wrong("0") }), "needs a tensor, got a string"),
    bad.shape(() => clip(x23, { max: x45 }), apart),
  ],
  cast: [
    ...noTensor((x) => t.cast(x, "int32")),
    bad.dtype(() => t.cast(x23, wrong("int64")), 'unknown dtype "int64"'),
    bad.dtype(() => t.cast(x23, wrong(undefined)), 'unknown dtype "undefined"'),
  ],
  matmul: [
    ...noTensor((x) => t.matmul(x, x23)),
    bad.shape(() => t.matmul(x23, x45), "inner dimensions differ: [2, 3] @ [4, 5] (3 vs 4)"),
    bad.shape(() => t.matmul(number, x23), "an operand is 0-d: [] @ [2, 3]"),
    bad.shape(
      () => t.matmul(t.ones([2, 2, 3]), t.ones([4, 3, 2])),
      "do not broadcast: [2] and [4]",
    ),
    bad.device(() => t.matmul(x23, t.ones([3, 2], { device: "reference" }))),
  ],
};
