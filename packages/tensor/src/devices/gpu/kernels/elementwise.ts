/** @file Elementwise ops from their scalar formulas, casts, clipping and choosing. */
import { contiguousOp } from "../../../op.js";
import type { CastAttrs } from "../../../ops/cast.js";
import type { ClipAttrs } from "../../../ops/compare.js";
import type { LerpAttrs } from "../../../ops/update.js";
import { broadcastStrides } from "../../../shape.js";
import { type Job, type Kernel, type Kit, map, type Operand } from "./kernel.js";

/** A kernel of one formula over the broadcast operands. */
export function formula(
  body: string,
  numbers?: (attrs: unknown) => Readonly<Record<string, number>>,
): Kernel {
  return (kit, { op, inputs, attrs, spec }) =>
    map(kit, {
      op,
      body,
      shape: spec.shape,
      operands: inputs.map((x) => stretched(x, spec.shape)),
      numbers: numbers?.(attrs) ?? {},
    });
}

/** An operand as if it had `shape`. */
function stretched(x: Operand, shape: readonly number[]): Pick<Operand, "block" | "strides"> {
  return { block: x.block, strides: broadcastStrides(x.shape, shape, x.strides) };
}

const CASTS = {
  int32: "return x > 0.0 ? Math.floor(x) : (x < 0.0 ? Math.ceil(x) : 0.0);",
  bool: "return x === 0.0 ? 0.0 : 1.0;",
} as const;

function cast(kit: Kit, job: Job) {
  const from = (job.inputs[0] as Operand).dtype;
  const { dtype } = job.attrs as CastAttrs;
  const narrows = dtype === "bool" || (dtype === "int32" && from !== "bool");
  return formula(narrows ? CASTS[dtype] : "return x;")(kit, job);
}

/** Ops of this file that read permuted and repeated operands where they lie. */
export const elementwise: Readonly<Record<string, Kernel>> = {
  [contiguousOp.name]: formula("return x;"),
  cast,
  clip: formula("return x < low ? low : (x > high ? high : x);", (attrs) => {
    const { min, max } = attrs as ClipAttrs;
    return { low: min, high: max };
  }),
  where: formula(`return x > 0.0 ? y : z;`),
  accumulate: formula("return x + y;"),
  lerpUpdate: formula("return x + weight * (y - x);", (attrs) => ({
    weight: (attrs as LerpAttrs).weight,
  })),
};
