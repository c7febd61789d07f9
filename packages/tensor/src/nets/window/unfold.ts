/**
 * @file Sliding windows as ops: unfold lays them side by side, fold adds them up again; each is the
 * other's transpose.
 *
 * @internal
 */

import { ShapeError } from "../../base/errors.js";
import { formatShape, sizeOf } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import type { Op } from "../../core/contract.js";
import { defineOp, withOp } from "../../core/op.js";
import { linear } from "../../core/rule.js";
import type { Tensor } from "../../core/tensor.js";

import { foldKernel, unfoldKernel } from "./kernels.js";
import { type AxisWindow, type FoldAttrs, type UnfoldAttrs, windowCount } from "./windows.js";

/** Windows that stay as they are when the caller's change: nodes of the tape keep them. */
function ownWindows([v, h]: UnfoldAttrs["windows"]): UnfoldAttrs["windows"] {
  return [{ ...v }, { ...h }];
}

/** Calls `visit(place among windows, place in the plane)` for all that are inside of the planes. */
function eachPlace(
  planes: number,
  [height, width]: readonly [number, number],
  [v, h]: readonly [AxisWindow, AxisWindow],
  visit: (window: number, plane: number) => void,
): void {
  const [rows, columns] = [windowCount(height, v), windowCount(width, h)];
  let k = 0;
  for (let p = 0; p < planes; p++) {
    for (let i = 0; i < v.kernel; i++) {
      for (let j = 0; j < h.kernel; j++) {
        for (let r = 0; r < rows; r++) {
          const y = r * v.stride + i * v.dilation - v.before;
          for (let c = 0; c < columns; c++, k++) {
            const x = c * h.stride + j * h.dilation - h.before;
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            visit(k, (p * height + y) * width + x);
          }
        }
      }
    }
  }
}

const unfoldOp: Op<readonly [Tensor], UnfoldAttrs> = defineOp({
  name: "unfold",
  kernels: { cpu: unfoldKernel },
  infer([x], { windows: [v, h] }) {
    if (x.shape.length !== 4) {
      throw new ShapeError(
        "unfold",
        `needs [n, channels, height, width], got ${formatShape(x.shape)}`,
        "reshape it to four axes",
      );
    }
    const [n, channels, height, width] = x.shape as [number, number, number, number];
    const counts = [windowCount(height, v), windowCount(width, h)];
    return { shape: [n, channels, v.kernel, h.kernel, ...counts], dtype: x.dtype };
  },
  reference([x], { windows, value }, out) {
    const { shape, data } = x;
    if (value !== 0) out.data.fill(value);
    const [n, channels, height, width] = shape as [number, number, number, number];
    eachPlace(n * channels, [height, width], windows, (window, plane) => {
      out.data[window] = data[plane] as number;
    });
  },
  rule: linear(({ inputs: [x], attrs: { windows } }) => [
    (g) => fold(g, { windows, size: x.shape.slice(2) as [number, number] }),
  ]),
});

/**
 * Windows side by side, the im2col of convolutions:
 * `out[n, c, i, j, r, s] = x[n, c, r·stride + i·dilation − before, …]`, and `value` outside of x;
 * [n, c, height, width] → [n, c, kernel height, kernel width, rows, columns].
 *
 * @throws ShapeError for other than four axes.
 */
export const unfold = withOp(unfoldOp, (x: Tensor, { windows, value }: UnfoldAttrs): Tensor => {
  return apply(unfoldOp, [x], { windows: ownWindows(windows), value });
});

const foldOp: Op<readonly [Tensor], FoldAttrs> = defineOp({
  name: "fold",
  kernels: { cpu: foldKernel },
  infer([x], { windows: [v, h], size }) {
    const counts = [windowCount(size[0], v), windowCount(size[1], h)];
    const wanted = [v.kernel, h.kernel, ...counts];
    if (x.shape.length !== 6 || formatShape(x.shape.slice(2)) !== formatShape(wanted)) {
      throw new ShapeError(
        "fold",
        `${formatShape(x.shape)} are not the windows of ${formatShape(size)}`,
        `these are [n, channels, ${wanted.join(", ")}]`,
      );
    }
    return { shape: [...x.shape.slice(0, 2), ...size], dtype: x.dtype };
  },
  reference([x], { windows, size }, out) {
    const { shape, data } = x;
    const sums = new Float64Array(out.data.length);
    eachPlace(sizeOf(shape.slice(0, 2)), size, windows, (window, plane) => {
      (sums[plane] as number) += data[window] as number;
    });
    out.data.set(sums);
  },
  rule: linear(({ attrs: { windows } }) => [(g) => unfold(g, { windows, value: 0 })]),
});

/**
 * The transpose of {@link unfold}: each element of a window is added where it came from;
 * [n, c, kernel height, kernel width, rows, columns] → [n, c, …size].
 *
 * @throws ShapeError when the windows are not those of `size`.
 */
export const fold = withOp(foldOp, (x: Tensor, { windows, size }: FoldAttrs): Tensor => {
  return apply(foldOp, [x], { windows: ownWindows(windows), size: [size[0], size[1]] });
});
