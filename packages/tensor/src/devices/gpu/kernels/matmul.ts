/**
 * @file Batched matrix products: one thread a result, or four neighbouring results where a kernel
 * can return them.
 */
import { broadcastStrides } from "../../../shape.js";
import type { Block } from "../backend.js";
import { checkExact, coalesce, divide, offset } from "../source.js";
import type { Kernel, Operand } from "./kernel.js";

interface Strides {
  readonly row: number;
  readonly column: number;
}

const last2 = (x: Operand): Strides => ({
  row: x.strides[x.strides.length - 2] as number,
  column: x.strides[x.strides.length - 1] as number,
});

/** Statements and expressions for the first element of this batch's matrices. */
function batchOffsets(op: string, a: Operand, b: Operand, batch: readonly number[]) {
  const of = (x: Operand) => broadcastStrides(x.shape.slice(0, -2), batch, x.strides.slice(0, -2));
  const { lengths, steps } = coalesce(batch, [of(a), of(b)]);
  const names: string[] = [];
  let lines = "";
  if (lengths.length === 1) names.push("this.thread.z");
  if (lengths.length > 1) {
    lines = "let k0 = this.thread.z;\n";
    lengths.slice(0, -1).forEach((n, i) => {
      lines += divide(`k${i}`, n, `k${i + 1}`, `r${i}`);
      names.push(`r${i}`);
    });
    names.push(`k${lengths.length - 1}`);
    checkExact(op, Math.max(a.block.size, b.block.size));
  }
  const [ofA, ofB] = steps.map((s) => offset(names, s)) as [string, string];
  return { lines, ofA, ofB };
}

/**
 * `Σₗ a[row, l] · b[l, column + lane]` for each lane; four terms a turn keep the loop's cost down.
 */
function products(
  a: Strides,
  b: Strides,
  at: { row: string; column: string; ofA: string; ofB: string; inner: number; lanes: number },
): string {
  const lanes = Array.from({ length: at.lanes }, (_, i) => i);
  const column = at.lanes === 1 ? at.column : `${at.column} * ${at.lanes}`;
  const term = (l: string): string => {
    const x = `const v = a[${at.ofA} + ${at.row} * ${a.row} + ${l} * ${a.column}];`;
    const sums = lanes.map((i) => {
      const y = `b[${at.ofB} + ${l} * ${b.row} + (${column} + ${i}) * ${b.column}]`;
      return `s${i} = s${i} + v * ${y};`;
    });
    return `{ ${x} ${sums.join(" ")} }`;
  };
  const turns = Math.floor(at.inner / 4);
  const tail = Array.from({ length: at.inner % 4 }, (_, i) => term(`${turns * 4 + i}`));
  const four = [0, 1, 2, 3].map((i) => term(`(l * 4 + ${i})`)).join("\n");
  const loop = turns === 0 ? "" : `for (let l = 0; l < ${turns}; l++) {\n${four}\n}`;
  return [...lanes.map((i) => `let s${i} = 0.0;`), loop, ...tail].join("\n");
}

/** `[…, m, k] @ […, k, n]`; operands may be permuted, so transposes cost nothing. */
export const matmul: Kernel = (kit, { op, inputs, spec }): Block => {
  const [a, b] = inputs as [Operand, Operand];
  const { backend } = kit.launcher;
  const batch = spec.shape.slice(0, -2);
  const [m, n] = spec.shape.slice(-2) as [number, number];
  const inner = a.shape[a.shape.length - 1] as number;
  const count = batch.reduce((x, y) => x * y, 1);
  const lanes = backend.lanes && n % 4 === 0 ? 4 : 1;
  // WebGL2 stores a result of [n, m] as a texture n wide; with rows along z it folds like any
  // other.
  const flat = backend.mode === "webgl2" && count === 1;
  const { lines, ofA, ofB } = batchOffsets(op, a, b, batch);
  const row = flat ? "this.thread.z" : "this.thread.y";
  const at = { row, column: "this.thread.x", ofA, ofB, inner, lanes };
  const result = lanes === 1 ? "s0" : "[s0, s1, s2, s3]";
  const body = `${lines}${products(last2(a), last2(b), at)}\nreturn ${result};`;
  const output = flat ? [n, 1, m] : [n / lanes, m, count];
  return kit.launch({ op, body, output, arrays: { a: a.block, b: b.block } });
};
