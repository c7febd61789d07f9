/** @file Rotary position embedding. */
import { concat, ShapeError, scope, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { expectTensor, formatShape, given } from "@isograd/tensor/engine";

export interface RotaryOptions {
  /** Wavelengths range from 2π to almost 2π · base; default: 10000. */
  readonly base?: number | undefined;
  /** Position of the first vector; default: 0. */
  readonly offset?: number | undefined;
}

/**
 * Rotates pairs of features by angles that grow with the position p, so that products of two
 * vectors depend on the distance between their positions:
 * `(xᵢ, x_{i+d/2}) ↦ R(p · base^(−2i/d)) (xᵢ, x_{i+d/2})`; […, positions, features d] → the same
 * shape. Source: arXiv 2104.09864; the halves are paired as in Llama.
 *
 * @throws ShapeError for an odd number of features.
 * @example
 * rotary(tensor([[1, 0]]), { offset: 1 }).toString(); // Tensor(float32, [1, 2]) [[0.5403, 0.8415]]
 */
export function rotary(x: Tensor, options?: RotaryOptions): Tensor {
  const { base = 10000, offset = 0 } = given("rotary", options, "base# offset#");
  expectTensor("rotary", x);
  if (!(base > 0 && base < Infinity) || !Number.isFinite(offset)) {
    const help = "base is a positive number such as 10000, offset the first position";
    throw new UsageError("rotary", `base is ${base}, offset ${offset}`, help);
  }
  const [length = 0, features = 1] = x.shape.slice(-2);
  if (x.shape.length < 2 || features % 2 !== 0) {
    throw new ShapeError(
      "rotary",
      `x is ${formatShape(x.shape)}, expected an even number of features ` +
        "on the last of two axes or more",
      "give x as [..., positions, features]: features turn in pairs",
    );
  }
  const half = features / 2;
  const angles = Array.from(
    { length: length * half },
    (_, k) => (offset + Math.floor(k / half)) * base ** (-(k % half) / half),
  );
  const { dtype, device } = x;
  const table = (f: (angle: number) => number) =>
    tensor(angles.map(f), { shape: [length, half], dtype, device });
  return scope(() => {
    const [cos, sin] = [table(Math.cos), table(Math.sin)];
    const lead = x.shape.slice(0, -1).map(() => null);
    const [a, b] = [x.slice([...lead, [0, half]]), x.slice([...lead, [half, features]])];
    return concat([a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))], { axis: -1 });
  });
}
