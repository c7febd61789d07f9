/**
 * @file Elementwise ops at signed zeros, infinities, NaN, the largest and the smallest numbers:
 * where the GPU differs.
 */
import { scope, type Tensor, tensor } from "@isograd/tensor";
import { allOps, apply, type Op } from "@isograd/tensor/engine";

/** The numbers; ops of two operands get all pairs. */
export const VALUES = [0, -0, 1, -1, 0.5, -2, 3e38, -3e38, Infinity, -Infinity, NaN];

const zeros = "the sign of a zero is lost";
const tiny = "results below 2⁻¹²⁶ are 0";
const large = "near the largest number: the reduction of the angle, or eˣ, has no digits left";
const masked = "where the slope is 0 or 1, an infinite or NaN cotangent or a −0 does not pass";
const quotient = "quotients beyond the largest number";

/** Ops that differ at some of these values, and why; docs/guide/ops.md lists them. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(["sin", "cos", "tan", "sinh", "cosh", "acosh"].map((op) => [op, large])),
  ...Object.fromEntries(["asinh", "atanh", "log1p", "hypot"].map((op) => [op, zeros])),
  ...Object.fromEntries(
    ["gelu", "geluTanh", "silu", "maximum", "minimum"].map((op) => [op, zeros]),
  ),
  ...Object.fromEntries(["reciprocal", "div", "atan2"].map((op) => [op, tiny])),
  ...Object.fromEntries(["geluGrad", "geluTanhGrad", "siluGrad"].map((op) => [op, masked])),
  ...Object.fromEntries(["mod", "fmod"].map((op) => [op, quotient])),
  pow: "results below 2⁻¹²⁶ are 0; (−∞)^½ is NaN",
};

/** Ops of one or two numbers, without bitwise ones. */
export function elementwiseOps(): Op[] {
  return [...allOps().values()].filter(
    (op) => op.scalar !== undefined && op.scalar.length < 3 && !op.name.startsWith("bitwise"),
  );
}

function operands(op: Op, device: string): Tensor[] {
  const list = (values: number[]) => tensor(Float32Array.from(values), { device });
  if ((op.scalar as (x: number) => number).length === 1) return [list(VALUES)];
  const pairs = VALUES.flatMap((a) => VALUES.map((b) => [a, b] as const));
  return [list(pairs.map(([a]) => a)), list(pairs.map(([, b]) => b))];
}

/** The kind of a number, which must agree. */
function kind(x: number): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return Object.is(x, 0) ? "0" : "−0";
  return "number";
}

/** Kinds of operands at which an op differs: what the GPU gives, and what is right. */
export async function differences(op: Op, device: string): Promise<string[]> {
  const run = (inputs: Tensor[]) => scope(() => apply(op, inputs, undefined));
  const there = operands(op, device);
  const here = operands(op, "reference");
  const [got, wanted] = [run(there), run(here)];
  const values = await got.data();
  const places = here.map((x) => x.dataSync());
  const found = new Set<string>();
  wanted.dataSync().forEach((w, k) => {
    const g = values[k] as number;
    const off = Math.abs(g - w) > 1e-5 + 1e-4 * Math.abs(w);
    if (kind(g) === kind(w) && !(kind(w) === "number" && off)) return;
    if (kind(w) === "number" && kind(g) === "number" && !off) return;
    found.add(`${places.map((p) => p[k]).join(", ")}: ${g} for ${w}`);
  });
  for (const x of [...there, ...here, got, wanted]) x.dispose();
  return [...found];
}
