/**
 * @file Windows of signal processing: sums of cosines that fall off to both ends.
 *
 * @noMethod
 */

import { isFloat } from "../../base/dtype.js";
import { DTypeError } from "../../base/errors.js";
import { given, noMore } from "../../base/options.js";
import { checkShape } from "../../base/shape.js";
import { fromTypedArray, roomFor, type TensorOptions } from "../../core/creation.js";
import type { Tensor } from "../../core/tensor.js";

/** Which of the two usual forms a window has, and its dtype and device. */
export interface TaperOptions extends TensorOptions {
  /**
   * Whether element n would be equal to element 0, as Fourier transforms want it; else (the
   * default) the window is symmetric, as filters want it.
   */
  readonly periodic?: boolean | undefined;
}

/** Σₖ weights[k] cos(k π t) at evenly spaced t from −1 to 1. */
function taper(
  op: string,
  n: number,
  weights: readonly number[],
  options: TaperOptions | undefined,
  surplus: readonly unknown[],
): Tensor {
  noMore(op, surplus);
  checkShape(op, [n]);
  const chosen = given(op, options, "periodic? dtype device");
  const { periodic = false, dtype = "float32", device } = chosen;
  roomFor(op, [n], dtype, device);
  if (!isFloat(dtype)) {
    throw new DTypeError(op, `a window of ${dtype} has no fractions`, "use float32 or float64");
  }
  const last = periodic ? n : n - 1;
  const at = (i: number) => {
    const t = n === 1 ? 0 : (2 * i - last) / last;
    return weights.reduce((sum, w, k) => sum + w * Math.cos(k * Math.PI * t), 0);
  };
  return fromTypedArray(
    Float64Array.from({ length: n }, (_, i) => at(i)),
    [n],
    dtype,
    device,
  );
}

/**
 * Hann's window, `½ − ½ cos(2π i/(n − 1))`: NumPy's `hanning`. With `periodic`, n in the place of
 * n − 1.
 *
 * @throws ShapeError unless n is a length; DTypeError for integers.
 * @example
 * hann(5).toString(); // Tensor(float32, [5]) [0, 0.5, 1, 0.5, 0]
 */
export function hann(n: number, options?: TaperOptions, ...surplus: []): Tensor {
  return taper("hann", n, [0.5, 0.5], options, surplus);
}

/**
 * Hamming's window, `0.54 − 0.46 cos(2π i/(n − 1))`. With `periodic`, n in the place of n − 1.
 *
 * @throws ShapeError unless n is a length; DTypeError for integers.
 * @example
 * hamming(3).toString(); // Tensor(float32, [3]) [0.08, 1, 0.08]
 */
export function hamming(n: number, options?: TaperOptions, ...surplus: []): Tensor {
  return taper("hamming", n, [0.54, 0.46], options, surplus);
}

/**
 * Blackman's window, `0.42 − ½ cos(2π i/(n − 1)) + 0.08 cos(4π i/(n − 1))`. With `periodic`, n in
 * the place of n − 1.
 *
 * @throws ShapeError unless n is a length; DTypeError for integers.
 * @example
 * blackman(3).at(1).get().item(); // 1
 */
export function blackman(n: number, options?: TaperOptions, ...surplus: []): Tensor {
  return taper("blackman", n, [0.42, 0.5, 0.08], options, surplus);
}
