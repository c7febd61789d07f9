/**
 * @file Shared slopes: the derivative of an activation at one place, which several gradients ask
 * for, is computed once. `tanhGrad(x, g)` is `g · slope(x)`, rounded like that, so all bits stay.
 */
import { mul } from "@isograd/tensor";
import {
  FALLBACK,
  formatShape,
  geluGrad,
  geluTanhGrad,
  type Op,
  sigmoidGrad,
  siluGrad,
  tanhGrad,
} from "@isograd/tensor/engine";
import type { Instruction, Program, Use, Value } from "../program.js";

type Name = "geluGrad" | "geluTanhGrad" | "siluGrad" | "tanhGrad" | "sigmoidGrad";

/** The slope itself, as an op: `xGrad(x, 1)`. */
function slopeOf({ op }: { readonly op: Op }, name: Name): Op {
  const scalar = (x: number) => op.scalar?.(x, 1, 0) ?? Number.NaN;
  return {
    name: name.replace("Grad", "Slope"),
    infer: ([x]) => ({ shape: x?.shape ?? [], dtype: x?.dtype ?? "float32" }),
    reference([x], _, out) {
      for (let i = 0; i < out.data.length; i++) out.data[i] = scalar(x?.data[i] as number);
    },
    kernels: {
      cpu(rt, [x]) {
        if (x?.dtype !== "float32") return FALLBACK;
        const out = rt.heap.alloc(x.size * 4);
        rt.core.fillF32(x.size, 1, out);
        rt.math[name](x.size, x.storage.ptr, out, out);
        return out;
      },
    },
  };
}

const SLOPES = new Map<Op, Op>(
  Object.entries({ geluGrad, geluTanhGrad, siluGrad, tanhGrad, sigmoidGrad }).map(([name, own]) => [
    own.op as unknown as Op,
    slopeOf(own as unknown as { readonly op: Op }, name as Name),
  ]),
);

/** Computes a slope that several instructions multiply with once, and multiplies. */
export function shareSlopes(program: Program): Program {
  const users = new Map<string, number>();
  for (const own of program.instructions) {
    const key = keyOf(own);
    if (key !== null) users.set(key, (users.get(key) ?? 0) + 1);
  }
  let next = 0;
  for (const { results } of program.instructions) {
    for (const { value } of results) next = Math.max(next, value.id + 1);
  }
  const slopes = new Map<string, Use>();
  const instructions = program.instructions.flatMap((own): Instruction[] => {
    const key = keyOf(own);
    if (key === null || (users.get(key) ?? 0) < 2) return [own];
    const [x, g] = own.operands as [Use, Use];
    const known = slopes.get(key);
    const slope = known ?? slopeUse(x, next++);
    slopes.set(key, slope);
    const times = { ...own, op: mul.op as unknown as Op, operands: [g, slope] };
    if (known !== undefined) return [times];
    const op = SLOPES.get(own.op) as Op;
    return [{ ...own, op, operands: [x], results: [slope] }, times];
  });
  return { ...program, instructions };
}

function slopeUse({ value: { dtype, size }, shape }: Use, id: number): Use {
  const value: Value = { id, dtype, size, origin: { kind: "made" } };
  return { value, shape };
}

/** The op and where it is asked for the slope; null for other instructions. */
function keyOf({ op, operands: [x], changing }: Instruction): string | null {
  if (x === undefined || changing || !SLOPES.has(op)) return null;
  return `${op.name} ${x.value.id} ${formatShape(x.shape)}`;
}
