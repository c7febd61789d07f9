/** @file Elementwise arithmetic of two tensors, broadcasting; numbers take the other operand's dtype. */
import { binary } from "./define.js";
import { gpuText } from "./specialGpu.js";

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
/** `a · b`, elementwise. */
export const mul = binary("mul", { scalar: (x, y) => x * y, gpu: "return x * y;" });
/** `a / b`; integers become float32. */
export const div = binary("div", {
  scalar: (x, y) => x / y,
  gpu: "return x / y;",
  samples: positive,
  on: "float",
});
/** `aᵇ`; NaN for a negative base with a fractional exponent. */
export const pow = binary("pow", { scalar: powScalar, gpu: gpuText.pow, samples: positive });
/** Remainder with the sign of the divisor, as in NumPy: `a − ⌊a/b⌋ b`. */
export const mod = binary("mod", { scalar: modScalar, gpu: gpuText.mod, samples: positive });
/** The larger of the two; NaN if either is NaN. At a tie the gradient is split evenly. */
export const maximum = binary("maximum", { scalar: Math.max, gpu: gpuText.maximum });
/** The smaller of the two; NaN if either is NaN. At a tie the gradient is split evenly. */
export const minimum = binary("minimum", { scalar: Math.min, gpu: gpuText.minimum });
/** Angle of the point (b, a) in radians, in (−π, π]. */
export const atan2 = binary("atan2", {
  scalar: Math.atan2,
  gpu: "return Math.atan2(x, y);",
  samples: positive,
  on: "float",
});

// Math.pow(±1, NaN or ±∞) is NaN by ECMAScript; IEEE 754 and NumPy say 1.
function powScalar(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;
}

function modScalar(x: number, y: number): number {
  const r = x % y;
  return r !== 0 && r < 0 !== y < 0 ? r + y : r === 0 && y < 0 ? -0 : r === 0 ? 0 : r;
}
