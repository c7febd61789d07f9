/**
 * @file Elementwise arithmetic of two tensors, broadcasting; numbers take the other operand's
 * dtype.
 */
import { isFloat } from "../../base/dtype.js";
import { DTypeError } from "../../base/errors.js";
import { noMore } from "../../base/options.js";
import { withOp } from "../../core/op.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";

import { type BinaryFunction, binary } from "../define/elementwise.js";

const positive = { from: 0.3, to: 2.5 } as const;

/**
 * `a + b`, elementwise with broadcasting.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * add(tensor([1, 2]), 1).toString(); // Tensor(float32, [2]) [2, 3]
 */
export const add = binary("add", { scalar: (x, y) => x + y, gpu: "return x + y;" });
/** `a − b`. */
export const sub = binary("sub", { scalar: (x, y) => x - y, gpu: "return x - y;" });
/** `a · b`, elementwise; integers wrap. */
export const mul = binary("mul", {
  scalar: (x, y) => x * y,
  whole: Math.imul,
  gpu: "return x * y;",
});
/** `a / b`; integers become float32. */
export const div = binary("div", {
  scalar: (x, y) => x / y,
  gpu: "return x / y;",
  samples: positive,
  on: "float",
});
const powers = binary("pow", {
  scalar: powScalar,
  whole: powWhole,
  samples: positive,
});
/**
 * `aᵇ`; NaN for a negative base with a fractional exponent. Integers wrap; to the negative
 * exponents of an integer tensor they are rounded towards zero.
 *
 * The derivative by the exponent, `aᵇ log a`, is NaN for a negative base; at base 0 the logarithm
 * counts as 0 when b ≥ 0.
 *
 * @throws DTypeError for integers to the power of a negative whole number.
 */
export const pow: BinaryFunction = withOp(
  powers.op,
  (a: TensorLike, b: TensorLike, surplus?: unknown): Tensor => {
    if (surplus !== undefined) noMore("pow", [surplus], true);
    if (typeof b === "number" && b < 0 && Number.isInteger(b)) {
      if (a instanceof Tensor && !isFloat(a.dtype)) {
        throw new DTypeError(
          "pow",
          `${a.dtype} to the power of ${b} is not whole`,
          'cast the integers: x.cast("float32")',
        );
      }
    }
    return powers(a, b);
  },
);
/**
 * Remainder with the sign of the divisor, as in NumPy: `a − ⌊a/b⌋ b`. Its derivative by b is
 * `−floorDivide(a, b)`.
 */
export const mod = binary("mod", { scalar: modScalar, samples: positive });
/** The larger of the two; NaN if either is NaN. At a tie the gradient is split evenly. */
export const maximum = binary("maximum", { scalar: Math.max });
/** The smaller of the two; NaN if either is NaN. At a tie the gradient is split evenly. */
export const minimum = binary("minimum", { scalar: Math.min });
/**
 * `⌊a / b⌋`, of integers too, which are divided exactly; 0 when an integer is divided by 0. No
 * gradient.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * floorDivide(tensor([7, -7]), 2).toArray(); // [3,-4]
 */
export const floorDivide = binary("floorDivide", {
  scalar: floorDivideScalar,
  samples: positive,
});
/**
 * `√(a² + b²)` without overflow. The derivatives of first and second order at (0, 0) are 0.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * hypot(tensor([3]), 4).toArray(); // [5]
 */
export const hypot = binary("hypot", {
  scalar: Math.hypot,
  samples: positive,
  on: "float",
});
/**
 * `|a|` with the sign of `b`, that of a zero included.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * copysign(tensor([2, -2]), -1).toArray(); // [-2,-2]
 */
export const copysign = binary("copysign", {
  scalar: (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
  gpu: "return y < 0.0 || (y === 0.0 && 1.0 / y < 0.0) ? -Math.abs(x) : Math.abs(x);",
  samples: positive,
  on: "float",
});
/**
 * `log(eᵃ + eᵇ)` without overflow. Where both are −∞ the gradient is 0; where both are ∞ they share
 * it.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * logaddexp(tensor([1000]), 1000).toString(); // Tensor(float32, [1]) [1000.693…]
 */
export const logaddexp = binary("logaddexp", {
  scalar: logaddexpScalar,
  on: "float",
});
/** Angle of the point (b, a) in radians, in (−π, π]. The gradient at (0, 0) is 0. */
export const atan2 = binary("atan2", {
  scalar: Math.atan2,
  samples: positive,
  on: "float",
});

// Math.pow(±1, NaN or ±∞) is NaN by ECMAScript; IEEE 754 and NumPy say 1.
function powScalar(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;
}

// By squaring, modulo 2³²; towards zero for a negative exponent.
function powWhole(x: number, y: number): number {
  if (y < 0) return powScalar(x, y);
  let product = 1;
  for (let [power, left] = [x, y]; left > 0; left >>= 1) {
    if (left % 2 === 1) product = Math.imul(product, power);
    power = Math.imul(power, power);
  }
  return product;
}

function modScalar(x: number, y: number): number {
  const r = x % y;
  return r !== 0 && r < 0 !== y < 0 ? r + y : r === 0 && y < 0 ? -0 : r === 0 ? 0 : r;
}

// NumPy's npy_floor_divide: exact where x / y rounds up to a whole number, as 1 / 0.1 does.
function floorDivideScalar(x: number, y: number): number {
  if (y === 0) return x / y;
  const r = x % y;
  const whole = (x - r) / y - (r !== 0 && r < 0 !== y < 0 ? 1 : 0);
  if (whole === 0) return x / y < 0 || Object.is(x / y, -0) ? -0 : 0;
  const floor = Math.floor(whole);
  return whole - floor > 0.5 ? floor + 1 : floor;
}

function logaddexpScalar(x: number, y: number): number {
  if (x === y) return x + Math.LN2;
  return Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
}
