/**
 * @file Numbers with a constant quotient: NumPy's `logspace` and `geomspace`.
 *
 * @noMethod
 */

import { checkNumber, makeArray } from "../../base/dtype.js";
import { UsageError } from "../../base/errors.js";
import { given, noMore, shown } from "../../base/options.js";
import { checkShape } from "../../base/shape.js";
import { fromTypedArray, roomFor, type TensorOptions } from "../../core/creation.js";
import type { Tensor } from "../../core/tensor.js";

/** Whether the last number is left out, and the dtype and the device. */
export interface SpacedOptions extends TensorOptions {
  /** Whether `stop` is the last number; otherwise it would be the next. Default: true. */
  readonly endpoint?: boolean | undefined;
}

function filled(
  op: string,
  count: number,
  at: (i: number) => number,
  { dtype = "float32", device }: TensorOptions,
): Tensor {
  roomFor(op, [count], dtype, device);
  const data = makeArray(dtype, count);
  for (let i = 0; i < count; i++) {
    const value = at(i);
    checkNumber(op, value, dtype);
    data[i] = dtype === "bool" ? Number(value !== 0) : value;
  }
  return fromTypedArray(data, [count], dtype, device);
}

/** `a + (b − a) i / parts`, exact at both ends. */
function between(a: number, b: number, parts: number): (i: number) => number {
  const fits = Number.isFinite((b - a) * parts);
  return (i) => {
    if (i === 0 || i === parts) return i === 0 ? a : b;
    return fits ? a + ((b - a) * i) / parts : a * (1 - i / parts) + b * (i / parts);
  };
}

function checkEnds(op: string, start: number, stop: number): void {
  if (Number.isFinite(start) && Number.isFinite(stop)) return;
  const problem = `nothing lies between ${shown(start)} and ${shown(stop)}`;
  throw new UsageError(op, problem, "give finite numbers");
}

/**
 * `count` powers of `base` (default: 10) whose exponents are evenly spaced from `start` to `stop`,
 * `base^linspace(start, stop, count)`. For int32 fractions are dropped.
 *
 * @throws UsageError unless both ends are finite; DTypeError for what int32 does not hold.
 * @example
 * logspace(0, 3, 4).toArray(); // [1,10,100,1000]
 * logspace(0, 2, 2, { base: 2, endpoint: false }).toArray(); // [1,2]
 */
export function logspace(
  start: number,
  stop: number,
  count: number,
  options?: SpacedOptions & { readonly base?: number | undefined },
  ...surplus: []
): Tensor {
  noMore("logspace", surplus);
  checkShape("logspace", [count]);
  const chosen = given("logspace", options, "base# endpoint? dtype device");
  const { base = 10, endpoint = true, ...where } = chosen;
  checkEnds("logspace", start, stop);
  const exponent = between(start, stop, endpoint ? count - 1 : count);
  return filled("logspace", count, (i) => base ** exponent(i), where);
}

/**
 * `count` numbers from `start` to `stop` with a constant quotient,
 * `start (stop/start)^(i/(count − 1))`. Both ends are exact, and may both be negative. For int32
 * fractions are dropped.
 *
 * @throws UsageError unless both ends are finite, not 0, and of one sign.
 * @example
 * geomspace(1, 1000, 4).toArray(); // [1,10,100,1000]
 * geomspace(-1, -100, 3).toArray(); // [-1,-10,-100]
 */
export function geomspace(
  start: number,
  stop: number,
  count: number,
  options?: SpacedOptions,
  ...surplus: []
): Tensor {
  noMore("geomspace", surplus);
  checkShape("geomspace", [count]);
  const { endpoint = true, ...where } = given("geomspace", options, "endpoint? dtype device");
  checkEnds("geomspace", start, stop);
  if (start === 0 || stop === 0 || start < 0 !== stop < 0) {
    throw new UsageError(
      "geomspace",
      `no quotient leads from ${shown(start)} to ${shown(stop)}`,
      "give two numbers above 0, or two below",
    );
  }
  const parts = endpoint ? count - 1 : count;
  const exponent = between(Math.log10(Math.abs(start)), Math.log10(Math.abs(stop)), parts);
  const inside = (i: number) => Math.sign(start) * 10 ** exponent(i);
  const at = (i: number) => (i === 0 ? start : i === parts ? stop : inside(i));
  return filled("geomspace", count, at, where);
}
