/** @file Bad calls of what writes at places. */
import { cumulativeArgmax, maxAlongAxis, setAlongAxis } from "../../src/api/engine.js";
import * as t from "../../src/api/index.js";
import {
  type BadCall,
  bad,
  badAxis,
  noTensor,
  type Table,
  vector,
  wrong,
  x23,
  x45,
} from "./table.js";

const int = { dtype: "int32" } as const;
const at = t.zeros([2, 1], int);
const far = t.tensor([[0], [7]], int);
const rows = t.tensor([1, 0], int);
const how = { axis: 1 };
const named = (as: string, calls: readonly BadCall[]): BadCall[] =>
  calls.map((call) => ({ ...call, as }));

type Scatter = (x: t.Tensor, i: t.Tensor, v: t.Tensor, how: { axis: number }) => unknown;

const writing = (f: Scatter): BadCall[] => [
  ...noTensor((x) => f(x, at, at, how)),
  bad.dtype(() => f(x23, t.ones([2, 1]), t.ones([2, 1]), how), "indices are float32, not int32"),
  bad.dtype(() => f(x23, at, at, how), "values are int32, the tensor float32"),
  bad.shape(() => f(x23, at, x23, how), "values [2, 3] are written at indices [2, 1]"),
  bad.shape(
    () => f(x23, rows, vector, how),
    "indices of shape [2] do not go along axis 1 of [2, 3]",
  ),
  bad.device(() => f(x23, at, t.ones([2, 1], { device: "reference" }), how)),
];

export const scatter: Table = {
  setAlongAxis: [
    ...writing(setAlongAxis),
    ...named("putAlongAxis", [
      ...noTensor((x) => t.putAlongAxis(x, at, 1)),
      ...noTensor((i) => t.putAlongAxis(x23, i, 1)),
      ...badAxis((axis) => t.putAlongAxis(x23, at, 1, { axis })),
      bad.shape(
        () => t.putAlongAxis(x23, far, 1),
        "index 7 (number 1 of the indices) is outside of [-3, 3)",
      ),
      bad.usage(() => t.putAlongAxis(x23, at, 1, { mode: wrong("mul") }), 'there is no mode "mul"'),
      bad.shape(() => t.putAlongAxis(x23, at, x45), "shapes do not broadcast: [4, 5] and [2, 1]"),
      bad.shape(() => t.putAlongAxis(x23, at, x23), "values [2, 3] do not broadcast to [2, 1]"),
      bad.dtype(() => t.putAlongAxis(x23, at, wrong("1")), "needs a tensor, got a string"),
    ]),
  ],
  maxAlongAxis: [
    ...writing(maxAlongAxis),
    ...named("segmentMax", [
      ...noTensor((x) => t.segmentMax(x, rows, 2)),
      bad.shape(
        () => t.segmentMax(x45, rows, 2),
        "ids of shape [2] do not match axes 0… of [4, 5]",
      ),
      bad.usage(() => t.segmentMax(x23, rows, -1), "cannot make -1 segments"),
      bad.dtype(() => t.segmentMax(t.greater(x23, 0), rows, 2), "values are bool"),
    ]),
  ],
  cumulativeArgmax: [
    ...noTensor((x) => cumulativeArgmax(x, 0)),
    ...named("cumulativeMax", [
      ...noTensor((x) => t.cumulativeMax(x)),
      ...badAxis((axis) => t.cumulativeMax(x23, { axis })),
      bad.shape(() => t.cumulativeMax(x23), "[2, 3] is not 1-d"),
    ]),
  ],
};
