/** @file Bad calls of ops that move, pick and order elements. */

import { fold, place, unfold } from "../../src/api/engine.js";
import * as t from "../../src/api/index.js";
import { addAlongAxis } from "../../src/api/index.js";
import {
  bad,
  badAxis,
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

const ids = t.tensor([0, 1], { dtype: "int32" });
const far = t.tensor([0, 7], { dtype: "int32" });
const window = { kernel: 2, stride: 1, dilation: 1, before: 0, after: 0 };
const windows = [window, window] as const;
const into = (shape: number[], starts: number[], steps: number[]) => ({
  shape,
  starts,
  steps,
  value: 0,
});

const movement: Table = {
  reshape: [
    ...noTensor((x) => t.reshape(x, [6])),
    bad.shape(() => t.reshape(x23, [4]), "cannot turn [2, 3] (6 elements) into [4] (4)"),
    bad.shape(() => t.reshape(x23, [-1, 4]), "cannot turn [2, 3] (6 elements) into [-1, 4]"),
    bad.shape(() => t.reshape(x23, [-1, -1]), "only one length may be -1, got [-1, -1]"),
    bad.shape(() => t.reshape(x23, wrong(6)), "lengths are 6, not a list"),
  ],
  permuteDims: [
    ...noTensor((x) => t.permuteDims(x)),
    ...badAxis((axis) => t.permuteDims(x23, [0, axis])),
    bad.shape(() => t.permuteDims(x23, [0, 0]), "[0, 0] is not an order of the 2 axes of [2, 3]"),
    bad.shape(() => t.permuteDims(x23, [0]), "[0] is not an order of the 2 axes of [2, 3]"),
    bad.shape(() => t.permuteDims(x23, wrong("10")), 'axes are "10", not a list'),
  ],
  broadcastTo: [
    ...noTensor((x) => t.broadcastTo(x, [2, 3])),
    bad.shape(() => t.broadcastTo(x23, [4, 3]), "[2, 3] does not broadcast to [4, 3]"),
    bad.shape(() => t.broadcastTo(x23, [3]), "[2, 3] does not broadcast to [3]"),
    bad.shape(() => t.broadcastTo(vector, [-1, 3]), "shape [-1, 3] has the length -1"),
    bad.shape(() => t.broadcastTo(vector, wrong(3)), "a shape is a list of lengths, got 3"),
  ],
  slice: [
    ...noTensor((x) => t.slice(x, [0])),
    bad.shape(() => t.slice(x23, [0, 0, 0]), "3 ranges for the 2 axes of [2, 3]"),
    bad.shape(() => t.slice(x23, [2]), "index 2 is out of range for axis 0 of [2, 3]"),
    bad.shape(() => t.slice(x23, [0.5]), "index 0.5 is out of range for axis 0 of [2, 3]"),
    bad.shape(() => t.slice(x23, [[0, 2, 0]]), "[0, 2, 0] is no range on axis 0 of [2, 3]"),
    bad.shape(() => t.slice(x23, [[0.5, 2]]), "[0.5, 2] is no range on axis 0 of [2, 3]"),
    bad.shape(() => t.slice(x23, wrong("1:2")), 'ranges are "1:2", not a list'),
    bad.shape(
      () => t.slice(x23, [null, wrong("1:2")]),
      'the places on axis 1 are "1:2", not a list',
    ),
  ],
  place: [
    ...noTensor((x) => place(x, into([2, 3], [0, 0], [1, 1]))),
    bad.shape(
      () => place(x23, into([2, 3], [1, 0], [1, 1])),
      "[2, 3] from [1,0] by [1,1] leaves [2, 3]",
    ),
    bad.shape(() => place(x23, into([6], [0], [1])), "[2, 3] from [0] by [1] leaves [6]"),
    bad.shape(() => place(x23, into([6, 3, 1], [0, 0], [1, 1])), "leaves [6, 3, 1]"),
    bad.shape(() => place(vector, into([6], [-1], [1])), "[3] from [-1] by [1] leaves [6]"),
    bad.shape(() => place(vector, into([6], [6], [-1])), "[3] from [6] by [-1] leaves [6]"),
    bad.shape(() => place(vector, into([6], [1], [-1])), "[3] from [1] by [-1] leaves [6]"),
    bad.shape(() => place(vector, into([6], [2], [2])), "[3] from [2] by [2] leaves [6]"),
    { ...bad.shape(() => t.pad(x23, wrong(1)), "widths are 1, not a list"), as: "pad" },
    { ...bad.shape(() => t.pad(vector, wrong([1])), "widths [1] do not fit [3]"), as: "pad" },
    { ...bad.shape(() => t.pad(vector, wrong([[1]])), "widths [[1]] do not fit [3]"), as: "pad" },
    { ...bad.shape(() => t.pad(x23, [[1, 0]]), "widths [[1,0]] do not fit [2, 3]"), as: "pad" },
    { ...bad.shape(() => t.pad(vector, [[-1, 0]]), "widths [[-1,0]] do not fit [3]"), as: "pad" },
  ],
  concat: [
    bad.dtype(() => t.concat(wrong(x23)), "needs a list of tensors, got a tensor"),
    bad.dtype(() => t.concat([x23, wrong([1])]), "needs a tensor, got an array"),
    bad.shape(() => t.concat([]), "no tensors to join"),
    bad.shape(
      () => t.concat([x23, x45]),
      "cannot join float32 [2, 3], float32 [4, 5] along axis 0",
    ),
    bad.shape(
      () => t.concat([x23, vector]),
      "cannot join float32 [2, 3], float32 [3] along axis 0",
    ),
    ...badAxis((axis) => t.concat([x23, x23], { axis })),
    bad.device(() => t.concat([x23, there])),
  ],
  split: [
    ...noTensor((x) => t.split(x, 2)),
    ...badAxis((axis) => t.split(x23, 1, { axis })),
    bad.shape(() => t.split(x23, 3), "axis 0 of [2, 3] does not split into 3 equal parts"),
    bad.shape(() => t.split(x23, -1), "axis 0 of [2, 3] does not split into -1 equal parts"),
    bad.shape(() => t.split(x23, 0.5), "axis 0 of [2, 3] does not split into 0.5 equal parts"),
    bad.shape(() => t.split(x23, [1, 2]), "axis 0 of [2, 3] does not split into [1, 2]"),
    bad.shape(() => t.split(x23, [3, -1]), "axis 0 of [2, 3] does not split into [3, -1]"),
    bad.shape(() => t.split(x23, wrong("2")), 'parts are "2", not a list'),
  ],
  flip: [
    ...noTensor((x) => t.flip(x)),
    ...badAxis((axis) => t.flip(x23, { axis })),
    bad.shape(() => t.flip(x23, { axis: [1, -1] }), "axis 1 of [2, 3] is given twice in [1, -1]"),
  ],
};

const indices = (call: (i: t.Tensor) => unknown) => [
  ...noTensor(call),
  bad.dtype(() => call(vector), "indices are float32, not int32"),
];

const indexing: Table = {
  take: [
    ...noTensor((x) => t.take(x, ids)),
    ...indices((i) => t.take(x23, i)),
    ...badAxis((axis) => t.take(x23, ids, { axis })),
    bad.shape(() => t.take(x23, far), "index 7 (number 1 of the indices) is outside of [-2, 2)"),
  ],
  segmentSum: [
    ...noTensor((x) => t.segmentSum(x, ids, 2)),
    ...indices((i) => t.segmentSum(x23, i, 2)),
    bad.shape(() => t.segmentSum(x23, whole, 2), "ids of shape [3] do not match axes 0… of [2, 3]"),
    bad.shape(
      () => t.segmentSum(x23, far, 2),
      "index 7 (number 1 of the indices) is outside of [0, 2)",
    ),
    bad.usage(() => t.segmentSum(x23, ids, -1), "the number of segments is -1"),
    bad.usage(
      () => t.segmentSum(x23, ids, wrong(undefined)),
      "the number of segments is undefined",
    ),
  ],
  indexAdd: [
    ...noTensor((x) => t.indexAdd(x, ids, x23)),
    ...noTensor((updates) => t.indexAdd(x23, ids, updates)),
    ...indices((i) => t.indexAdd(x23, i, x23)),
    ...badAxis((axis) => t.indexAdd(x23, ids, x23, { axis })),
    bad.shape(
      () => t.indexAdd(x23, ids, x45),
      "updates are float32 [4, 5], expected float32 [2, 3]",
    ),
    bad.shape(
      () => t.indexAdd(x23, far, x23),
      "index 7 (number 1 of the indices) is outside of [-2, 2)",
    ),
  ],
  takeAlongAxis: [
    ...noTensor((x) => t.takeAlongAxis(x, ids)),
    ...indices((i) => t.takeAlongAxis(x23, i)),
    ...badAxis((axis) => t.takeAlongAxis(x23, t.zeros([2, 1], { dtype: "int32" }), { axis })),
    bad.shape(
      () => t.takeAlongAxis(x23, ids),
      "indices of shape [2] do not go along axis 1 of [2, 3]",
    ),
    bad.shape(
      () => t.takeAlongAxis(vector, far),
      "index 7 (number 1 of the indices) is outside of [-3, 3)",
    ),
  ],
  addAlongAxis: [
    ...noTensor((x) => addAlongAxis(x, ids, 2)),
    ...indices((i) => addAlongAxis(vector, i, 2)),
    bad.shape(
      () => addAlongAxis(vector, ids, 2),
      "indices of shape [2] do not go along axis 1 of [3]",
    ),
    bad.shape(
      () => addAlongAxis(t.ones([2]), far, 2),
      "index 7 (number 1 of the indices) is outside",
    ),
    bad.usage(() => addAlongAxis(vector, whole, -1), "the length is -1"),
  ],
  oneHot: [
    ...indices((i) => t.oneHot(i, 3)),
    bad.shape(() => t.oneHot(far, 3), "index 7 (number 1 of the indices) is outside of [0, 3)"),
    bad.usage(() => t.oneHot(ids, -1), "the depth is -1"),
    bad.usage(() => t.oneHot(ids, wrong(undefined)), "the depth is undefined"),
    bad.dtype(() => t.oneHot(ids, 3, { dtype: wrong("int32") }), "cannot make int32"),
  ],
};

const ordering: Table = {
  argsort: [
    ...noTensor((x) => t.argsort(x)),
    ...badAxis((axis) => t.argsort(x23, { axis })),
    bad.shape(() => t.argsort(number), "axis -1 is out of range for []"),
    bad.shape(() => t.argsort(x23, { axis: wrong([0]) }), "axis [0] of [2, 3] is no whole number"),
    bad.shape(() => t.argsort(x23, { axis: wrong({}) }), "axis (object) of [2, 3] is no whole"),
    { ...bad.shape(() => t.topK(x23, 4), "there are no 4 places on axis 1 of [2, 3]"), as: "topK" },
    {
      ...bad.shape(() => t.topK(x23, -1), "there are no -1 places on axis 1 of [2, 3]"),
      as: "topK",
    },
    { ...bad.shape(() => t.sort(number), "axis -1 is out of range for []"), as: "sort" },
  ],
  searchsorted: [
    ...noTensor((x) => t.searchsorted(x, vector)),
    ...noTensor((x) => t.searchsorted(vector, x)),
    bad.shape(() => t.searchsorted(x23, vector), "[2, 3] is not 1-d"),
    bad.usage(
      () => t.searchsorted(vector, x23, { side: wrong("middle") }),
      'there is no side "middle"',
    ),
    bad.device(() => t.searchsorted(vector, there)),
  ],
};

const convolution: Table = {
  unfold: [
    ...noTensor((x) => unfold(x, { windows, value: 0 })),
    bad.shape(
      () => unfold(x23, { windows, value: 0 }),
      "needs [n, channels, height, width], got [2, 3]",
    ),
    {
      ...bad.shape(() => t.conv2d(x23, x45), "x is [2, 3], weight [4, 5]"),
      as: "conv2d",
    },
    {
      ...bad.shape(
        () => t.conv2d(t.ones([1, 2, 5, 5]), t.ones([1, 3, 2, 2])),
        "2 channels do not fit weight [1, 3, 2, 2] in 1 groups",
      ),
      as: "conv2d",
    },
  ],
  fold: [
    ...noTensor((x) => fold(x, { windows, size: [3, 3] })),
    bad.shape(() => fold(x23, { windows, size: [3, 3] }), "[2, 3] are not the windows of [3, 3]"),
    {
      ...bad.shape(
        () => t.convTranspose2d(t.ones([1, 2, 5, 5]), t.ones([3, 1, 2, 2])),
        "2 channels do not fit weight [3, 1, 2, 2] in 1 groups",
      ),
      as: "convTranspose2d",
    },
  ],
};

export const arrays: Table = { ...movement, ...indexing, ...ordering, ...convolution };
