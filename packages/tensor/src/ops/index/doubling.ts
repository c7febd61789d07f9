/** @file Running values of an associative function, in ⌈log₂ n⌉ steps over the whole. @internal */
import type { Tensor } from "../../core/tensor.js";
import { reshape } from "../shape/movement.js";
import { slice } from "../shape/slicing.js";
import { concat } from "../shape/stack.js";

/**
 * `y₀, y₀ ∘ y₁, y₀ ∘ y₁ ∘ y₂, …` along an axis: each element is that of the last `step` of them,
 * then of twice as many. Its derivatives are those of ∘.
 */
export function doubling(
  x: Tensor,
  axis: number,
  join: (later: Tensor, earlier: Tensor) => Tensor,
): Tensor {
  const n = x.shape[axis] as number;
  const part = (y: Tensor, from: number, to: number) =>
    slice(
      y,
      x.shape.map((_, i) => (i === axis ? ([from, to] as const) : null)),
    );
  let y = reshape(x, x.shape);
  for (let step = 1; step < n; step *= 2) {
    const joined = join(part(y, step, n), part(y, 0, n - step));
    y = concat([part(y, 0, step), joined], { axis });
  }
  return y;
}
