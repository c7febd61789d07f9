/** @file Convolution and correlation of two vectors, as NumPy has them. */

import { isFloat, promoteTypes } from "../../base/dtype.js";
import { ShapeError, UsageError } from "../../base/errors.js";
import { given, noMore, shown } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { castTo } from "../../ops/elementwise/cast.js";
import { flip, reshape } from "../../ops/shape/movement.js";
import { slice } from "../../ops/shape/slicing.js";
import { conv1d } from "./conv.js";

/** "full": all overlaps; "same": as many as the longer has; "valid": those without a border. */
export type ConvolveMode = "full" | "same" | "valid";

/** Which overlaps are computed. */
export interface ConvolveOptions {
  readonly mode?: ConvolveMode | undefined;
}

function overlaps(
  op: string,
  a: Tensor,
  v: Tensor,
  options: ConvolveOptions | undefined,
  usual: ConvolveMode,
): Tensor {
  const { mode = usual } = given(op, options, "mode");
  if (mode !== "full" && mode !== "same" && mode !== "valid") {
    throw new UsageError(op, `there is no mode ${shown(mode)}`, 'use "full", "same" or "valid"');
  }
  for (const x of [a, v]) expectTensor(op, x);
  for (const x of [a, v]) {
    if (x.shape.length !== 1 || x.size === 0) {
      const problem = `${formatShape(a.shape)} and ${formatShape(v.shape)}`;
      throw new ShapeError(op, problem, "give two vectors with elements");
    }
  }
  const dtype = promoteTypes(a.dtype, v.dtype);
  const exact = isFloat(dtype) ? dtype : "float64";
  return scope(() => {
    const longer = a.size >= v.size;
    const [long, short] = (longer ? [a, v] : [v, a]).map((x) => castTo(x, exact)) as [
      Tensor,
      Tensor,
    ];
    // Σ long[t − i] short[i] over all i: the kernel turned round; for correlation the second vector
    // is turned round before, so the result runs backwards where that is the longer one
    const turned = op === "correlate";
    const kernel = turned ? short : flip(short);
    const [n, m] = [long.size, short.size];
    const signal = reshape(long, [1, 1, n]);
    const all = conv1d(signal, reshape(kernel, [1, 1, m]), undefined, { padding: m - 1 });
    const full = reshape(all, [n + m - 1]);
    const made = turned && !longer ? flip(full) : full;
    const [start, length] = { full: [0, n + m - 1], same: [0, n], valid: [m - 1, n - m + 1] }[
      mode
    ] as [number, number];
    const from = mode === "same" ? sameStart(m, turned && !longer) : start;
    const part = mode === "full" ? made : slice(made, [[from, from + length]]);
    return castTo(part, dtype === "bool" ? "int32" : dtype);
  });
}

/** Where the middle begins: NumPy computes it before it turns the result round. */
const sameStart = (m: number, backwards: boolean): number =>
  backwards ? Math.ceil((m - 1) / 2) : Math.floor((m - 1) / 2);

/**
 * The convolution of two vectors, `out[t] = Σᵢ a[i] · v[t − i]`: all overlaps (mode "full", the
 * default), as many as the longer vector has ("same"), or those without a border ("valid").
 *
 * @noMethod
 *
 * @throws ShapeError unless both are vectors with elements; UsageError for another mode.
 * @example
 * convolve(tensor([1, 2, 3]), tensor([0, 1, 0.5])).toArray(); // [0, 1, 2.5, 4, 1.5]
 */
export function convolve(a: Tensor, v: Tensor, options?: ConvolveOptions, ...surplus: []): Tensor {
  noMore("convolve", surplus);
  return overlaps("convolve", a, v, options, "full");
}

/**
 * The cross-correlation of two vectors, `out[k] = Σᵢ a[i + k] · v[i]`; mode "valid" by default, the
 * others as in {@link convolve}.
 *
 * @noMethod
 *
 * @throws ShapeError unless both are vectors with elements; UsageError for another mode.
 * @example
 * correlate(tensor([1, 2, 3]), tensor([0, 1, 0.5])).toArray(); // [3.5]
 */
export function correlate(a: Tensor, v: Tensor, options?: ConvolveOptions, ...surplus: []): Tensor {
  noMore("correlate", surplus);
  return overlaps("correlate", a, v, options, "valid");
}
