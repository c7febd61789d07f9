/** @file What an op costs, from shapes alone: work and memory traffic. */
import { bytesOf, commonFamilies, type Op, opsOf, type Spec, sizeOf } from "@isograd/tensor/engine";

/** An estimate of work and memory traffic. */
export interface Cost {
  /** Multiply-adds; for other functions, elements. */
  readonly work: number;
  /** Read and written; 0 for ops that make a view of their input. */
  readonly bytes: number;
}

const matmul: unknown = commonFamilies.matmul.matmul.op;
const movements: ReadonlySet<Op> = new Set(opsOf(commonFamilies.movement).map(([, op]) => op));
const free: Cost = { work: 0, bytes: 0 };

/** The cost of one call. A composition costs nothing: the ops in it count for themselves. */
export function costOf(op: Op, inputs: readonly Spec[], outs: readonly Spec[]): Cost {
  if (op.compose !== undefined || op.view !== undefined) return free;
  const all = [...inputs, ...outs];
  const bytes = all.reduce((sum, x) => sum + sizeOf(x.shape) * bytesOf(x.dtype), 0);
  if (movements.has(op)) return { work: 0, bytes };
  const [a, out] = [inputs[0] as Spec, outs[0] as Spec];
  // [m, k] @ [k, n]: k multiply-adds for each of the m · n results
  if (op === matmul) return { work: sizeOf(out.shape) * (a.shape.at(-1) ?? 1), bytes };
  return { work: Math.max(...all.map((x) => sizeOf(x.shape))), bytes };
}

const units = ["", "k", "M", "G", "T"];

/** About three digits: 1234567 becomes "1.23 M". */
export function short(n: number): string {
  const step = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, n)) / 3)));
  return step === 0 ? `${n} ` : `${Number((n / 1000 ** step).toPrecision(3))} ${units[step]}`;
}
