/** @file Layers without parameters for images: pooling, resampling and flattening. */
import {
  type AvgPoolOptions,
  avgPool2d,
  type InterpolateOptions,
  interpolate,
  type MaxPoolOptions,
  maxPool2d,
  type PerAxis,
  ShapeError,
  type Tensor,
  UsageError,
} from "@isograd/tensor";
import {
  expectTensor,
  formatShape,
  given,
  normalizeAxis,
  ownList,
  ownLists,
  shown,
} from "@isograd/tensor/engine";
import { isWhole } from "../expect.js";
import { Module } from "../module.js";

/** @throws UsageError unless a kernel is a whole number from 1, or two of them. */
function checkKernel(op: string, kernel: unknown): void {
  const sizes: readonly unknown[] = Array.isArray(kernel) ? kernel : [kernel, kernel];
  if (sizes.length === 2 && sizes.every((n) => isWhole(n, 1))) return;
  throw new UsageError(op, `kernel is ${shown(kernel)}`, "give a whole number, or [height, width]");
}

/**
 * The largest of each window: [n, channels, height, width] → [n, channels, …]. See `maxPool2d`.
 *
 * @example
 * new MaxPool2d(2).forward(ones([1, 3, 8, 8])).shape; // [1, 3, 4, 4]
 */
export class MaxPool2d extends Module {
  readonly kernel: PerAxis;
  readonly options: MaxPoolOptions;

  constructor(kernel: PerAxis, options?: MaxPoolOptions) {
    super();
    checkKernel("MaxPool2d", kernel);
    this.kernel = ownList(kernel);
    this.options = ownLists(given("MaxPool2d", options, "stride padding dilation"));
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernel, this.options);
  }
}

/**
 * The mean of each window: [n, channels, height, width] → [n, channels, …]. See `avgPool2d`.
 *
 * @example
 * new AvgPool2d(2).forward(tensor([[[[1, 2], [3, 6]]]])).toArray(); // [[[[3]]]]
 */
export class AvgPool2d extends Module {
  readonly kernel: PerAxis;
  readonly options: AvgPoolOptions;

  constructor(kernel: PerAxis, options?: AvgPoolOptions) {
    super();
    checkKernel("AvgPool2d", kernel);
    this.kernel = ownList(kernel);
    this.options = ownLists(given("AvgPool2d", options, "stride padding countIncludePad?"));
  }

  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernel, this.options);
  }
}

/**
 * Images or signals at another resolution: [n, channels, …] → [n, channels, …]. See `interpolate`.
 *
 * @example
 * const layer = new Upsample({ scaleFactor: 2, mode: "linear" });
 * layer.forward(ones([1, 3, 4, 4])).shape; // [1, 3, 8, 8]
 */
export class Upsample extends Module {
  readonly options: InterpolateOptions;

  constructor(options: InterpolateOptions) {
    super();
    this.options = ownLists(given("Upsample", options, "size scaleFactor mode alignCorners?"));
    const { size, scaleFactor } = this.options;
    if ((size === undefined) !== (scaleFactor === undefined)) return;
    throw new UsageError(
      "Upsample",
      `needs one of size and scaleFactor, got ${size === undefined ? "none" : "both"}`,
      "write { scaleFactor: 2 } or { size: [32, 32] }",
    );
  }

  forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }
}

/**
 * Axes `first` to `last` become one axis; default: all axes except the first.
 *
 * @throws ShapeError when x does not have these axes in this order.
 * @example
 * new Flatten().forward(ones([5, 3, 2, 2])).shape; // [5, 12]
 */
export class Flatten extends Module {
  readonly first: number;
  readonly last: number;

  constructor(first = 1, last = -1) {
    super();
    for (const axis of [first, last]) {
      if (Number.isInteger(axis)) continue;
      throw new UsageError(
        "Flatten",
        `there is no axis ${shown(axis)}`,
        "write new Flatten(1, -1)",
      );
    }
    this.first = first;
    this.last = last;
  }

  forward(x: Tensor): Tensor {
    expectTensor("Flatten", x);
    const rank = x.shape.length;
    const from = normalizeAxis("Flatten", this.first, rank);
    const to = normalizeAxis("Flatten", this.last, rank);
    if (from > to) {
      throw new ShapeError(
        "Flatten",
        `axis ${from} comes after axis ${to} of ${formatShape(x.shape)}`,
        "write new Flatten(first, last)",
      );
    }
    const length = x.shape.slice(from, to + 1).reduce((a, b) => a * b, 1);
    return x.reshape([...x.shape.slice(0, from), length, ...x.shape.slice(to + 1)]);
  }
}
