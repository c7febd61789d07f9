/**
 * @file Convolutions as windows times weights: one matrix product for each group.
 *
 * @noMethod
 */

import { ShapeError } from "../../base/errors.js";
import { given, noMore } from "../../base/options.js";
import { formatShape, type Shape } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { add } from "../../ops/elementwise/binary.js";
import { matmul } from "../../ops/matmul.js";
import { matrixTranspose } from "../../ops/shape/axes.js";
import { reshape } from "../../ops/shape/movement.js";
import { fold, unfold } from "./unfold.js";
import {
  type AxisWindow,
  extent,
  FLAT,
  type Padding,
  type PerAxis,
  perAxis,
  twoAxes,
  windowsOf,
} from "./windows.js";

/** Options of convolutions; for two axes each may be a pair [height, width]. */
export interface ConvOptions {
  /** Distance of neighbouring windows; default: 1. */
  readonly stride?: PerAxis | undefined;
  /** Zeros on both sides (default: 0, "valid"); "same" keeps the lengths, for stride 1 only. */
  readonly padding?: Padding | undefined;
  /** Distance of neighbouring places in a window; default: 1. */
  readonly dilation?: PerAxis | undefined;
  /** The number of groups of channels; each is convolved alone. Default: 1. */
  readonly groups?: number | undefined;
}

/** Options of transposed convolutions. */
export interface ConvTransposeOptions {
  readonly stride?: PerAxis | undefined;
  /** Cut off on both sides of the result; default: 0. */
  readonly padding?: PerAxis | undefined;
  /** Added on the far side of the result: among the lengths that a stride maps to one. */
  readonly outputPadding?: PerAxis | undefined;
  readonly dilation?: PerAxis | undefined;
  readonly groups?: number | undefined;
}

/** x, weight and groups that belong together, with one batch axis and two spatial ones. */
interface Operands {
  readonly x: Shape;
  readonly weight: Shape;
  readonly groups: number;
}

/**
 * Checks ranks, channels, groups and bias. `inward` is the axis of `weight` that holds channels of
 * x: those of one group on axis 1 (convolution), or all of them on axis 0 (its transpose).
 */
function check(
  op: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  { groups = 1, rank, inward }: { groups: number | undefined; rank: number; inward: 0 | 1 },
): Operands {
  for (const t of [x, weight, ...(bias === undefined ? [] : [bias])]) expectTensor(op, t);
  const spatial = rank === 1 ? "length" : "height, width";
  if (
    (x.shape.length !== rank + 2 && x.shape.length !== rank + 1) ||
    weight.shape.length !== rank + 2
  ) {
    throw new ShapeError(
      op,
      `x is ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}`,
      `x is [n, channels, ${spatial}] or [channels, ${spatial}], ` +
        `weight [${inward ? "out, in / groups" : "in, out / groups"}, …]`,
    );
  }
  const channels = x.shape[x.shape.length - rank - 1] as number;
  const expected = (weight.shape[inward] as number) * (inward ? groups : 1);
  const divides =
    Number.isInteger(groups) && groups > 0 && (weight.shape[0] as number) % groups === 0;
  if (channels !== expected || !divides) {
    throw new ShapeError(
      op,
      `${channels} channels do not fit weight ${formatShape(weight.shape)} in ${groups} groups`,
      inward ? "weight is [out, in / groups, …]" : "weight is [in, out / groups, …]",
    );
  }
  const out = (weight.shape[inward ? 0 : 1] as number) * (inward ? 1 : groups);
  if (bias !== undefined && formatShape(bias.shape) !== `[${out}]`) {
    throw new ShapeError(
      op,
      `bias is ${formatShape(bias.shape)}, expected [${out}]`,
      "one number for each channel that comes out",
    );
  }
  const one = rank === 1 ? [1] : [];
  const lead = x.shape.length === rank + 1 ? [1] : [];
  const [a = 0, b = 0, ...kernel] = weight.shape;
  return {
    x: [...lead, ...x.shape.slice(0, x.shape.length - rank), ...one, ...x.shape.slice(-rank)],
    weight: [a, b, ...one, ...kernel],
    groups,
  };
}

function isFlat(w: AxisWindow): boolean {
  return w.kernel === 1 && w.stride === 1 && w.before === 0 && w.after === 0;
}

/** Adds the bias and gives the result the rank of x. */
function finish(y: Tensor, like: Tensor, bias: Tensor | undefined, rank: number): Tensor {
  const shape = y.shape.slice(-rank);
  const channels = y.shape[1] as number;
  const lead = like.shape.length === rank + 1 ? [] : [y.shape[0] as number];
  const shaped = reshape(y, [...lead, channels, ...shape]);
  if (bias === undefined) return shaped;
  return add(shaped, reshape(bias, [channels, ...shape.map(() => 1)]));
}

interface Args<O> {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
  readonly options: O | undefined;
}

function conv(op: string, rank: 1 | 2, args: Args<ConvOptions>): Tensor {
  const { x, weight, bias } = args;
  const options = given(op, args.options, "stride padding dilation groups#");
  const of = check(op, x, weight, bias, { groups: options.groups, rank, inward: 1 });
  const found = windowsOf(op, weight.shape.slice(2), x.shape.slice(-rank), options);
  const windows = twoAxes(FLAT, found);
  const [n, channels, height, width] = of.x as [number, number, number, number];
  const [out, , kh, kw] = of.weight as [number, number, number, number];
  const { groups } = of;
  const inner = (channels / groups) * kh * kw;
  return scope(() => {
    const planes = reshape(x, of.x);
    const columns = windows.every(isFlat) ? planes : unfold(planes, { windows, value: 0 });
    const [rows, cols] = columns.shape.slice(-2) as [number, number];
    const counts = columns === planes ? [height, width] : [rows, cols];
    // [groups, out / groups, in · kernel] @ [n, groups, in · kernel, windows]
    const lead = groups === 1 ? [] : [groups];
    const y = matmul(
      reshape(weight, [...lead, out / groups, inner]),
      reshape(columns, [n, ...lead, inner, (counts[0] as number) * (counts[1] as number)]),
    );
    return finish(reshape(y, [n, out, ...counts]), x, bias, rank);
  });
}

function convTranspose(op: string, rank: 1 | 2, args: Args<ConvTransposeOptions>): Tensor {
  const { x, weight, bias } = args;
  const names = "stride padding outputPadding dilation groups#";
  const options = given(op, args.options, names);
  const of = check(op, x, weight, bias, { groups: options.groups, rank, inward: 0 });
  const stride = perAxis(op, "stride", options.stride ?? 1, rank, 1);
  const dilation = perAxis(op, "dilation", options.dilation ?? 1, rank, 1);
  const padding = perAxis(op, "padding", options.padding ?? 0, rank, 0);
  const extra = perAxis(op, "outputPadding", options.outputPadding ?? 0, rank, 0);
  const sizes: number[] = [];
  const found = weight.shape.slice(2).map((kernel, i): AxisWindow => {
    const [s, d] = [stride[i] as number, dilation[i] as number];
    const [p, e] = [padding[i] as number, extra[i] as number];
    const window = { kernel, stride: s, dilation: d, before: p, after: p };
    const length = x.shape[x.shape.length - rank + i] as number;
    sizes.push((length - 1) * s - 2 * p + extent(window) + e);
    if (e < Math.max(s, d) && (sizes[i] as number) > 0) return { ...window, after: p - e };
    throw new ShapeError(
      op,
      `outputPadding ${e} with stride ${s}, dilation ${d} and padding ${p} ` +
        `gives length ${sizes[i]}`,
      "give a smaller outputPadding",
    );
  });
  const windows = twoAxes(FLAT, found);
  const size = twoAxes(1, sizes);
  const [n, channels, height, width] = of.x as [number, number, number, number];
  const [, each, kh, kw] = of.weight as [number, number, number, number];
  const { groups } = of;
  const lead = groups === 1 ? [] : [groups];
  return scope(() => {
    const columns = matmul(
      matrixTranspose(reshape(weight, [...lead, channels / groups, each * kh * kw])),
      reshape(x, [n, ...lead, channels / groups, height * width]),
    );
    const laid = reshape(columns, [n, groups * each, kh, kw, height, width]);
    return finish(fold(laid, { windows, size }), x, bias, rank);
  });
}

/**
 * Convolution along one axis (cross-correlation, as in PyTorch):
 * `out[n, o, t] = bias[o] + Σ_{c, i} weight[o, c, i] · x[n, c, t·stride + i·dilation − padding]`;
 * x [n, in, length] or [in, length], weight [out, in / groups, kernel], bias [out].
 *
 * @throws ShapeError when channels, groups, bias or the kernel do not fit.
 * @example
 * const x = tensor([[[1, 2, 3, 4]]]);
 * conv1d(x, tensor([[[1, -1]]])).toArray(); // [[[-1, -1, -1]]]
 */
export function conv1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options?: ConvOptions,
  ...surplus: []
): Tensor {
  noMore("conv1d", surplus);
  return conv("conv1d", 1, { x, weight, bias, options });
}

/**
 * Convolution along two axes (cross-correlation, as in PyTorch):
 * `out[n, o, y, x] = bias[o] + Σ_{c, i, j} weight[o, c, i, j] · x[n, c, y′, x′]`,
 * `y′ = y·stride + i·dilation − padding`, x′ likewise;
 * x [n, in, height, width] or without n, weight [out, in / groups, kernel height, kernel width],
 * bias [out].
 *
 * @throws ShapeError when channels, groups, bias or the kernel do not fit.
 * @example
 * conv2d(ones([1, 1, 3, 3]), ones([1, 1, 3, 3]), undefined, { padding: "same" }).toArray();
 * // → [[[[4, 6, 4], [6, 9, 6], [4, 6, 4]]]]
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options?: ConvOptions,
  ...surplus: []
): Tensor {
  noMore("conv2d", surplus);
  return conv("conv2d", 2, { x, weight, bias, options });
}

/**
 * The transpose of {@link conv1d} as a linear map of x: [n, in, length] → [n, out, longer], with
 * `longer = (length − 1)·stride − 2·padding + dilation·(kernel − 1) + 1 + outputPadding`; weight
 * [in, out / groups, kernel].
 *
 * @throws ShapeError when channels, groups, bias or outputPadding do not fit.
 * @example
 * const weight = tensor([[[1, 2]]]);
 * convTranspose1d(ones([1, 1, 2]), weight, undefined, { stride: 2 }).toArray(); // [[[1,2,1,2]]]
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options?: ConvTransposeOptions,
  ...surplus: []
): Tensor {
  noMore("convTranspose1d", surplus);
  return convTranspose("convTranspose1d", 1, { x, weight, bias, options });
}

/**
 * The transpose of {@link conv2d} as a linear map of x: [n, in, height, width] → [n, out, …],
 * lengths as in {@link convTranspose1d}; weight [in, out / groups, kernel height, kernel width].
 *
 * @throws ShapeError when channels, groups, bias or outputPadding do not fit.
 * @example
 * const weight = ones([2, 3, 3, 3]);
 * convTranspose2d(ones([1, 2, 4, 4]), weight, undefined, { stride: 2 }).shape; // [1,3,9,9]
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options?: ConvTransposeOptions,
  ...surplus: []
): Tensor {
  noMore("convTranspose2d", surplus);
  return convTranspose("convTranspose2d", 2, { x, weight, bias, options });
}
