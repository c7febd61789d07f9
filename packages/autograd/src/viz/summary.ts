/** @file The tensors of a model and the cost of a call, as tables of text. */
import { Tensor } from "@isograd/tensor";
import {
  bytesOf,
  deviceOf,
  expectFunction,
  expectSync,
  formatShape,
  setWatcher,
} from "@isograd/tensor/engine";
import { namedLeaves } from "../tree.js";
import { type Cost, costOf, short } from "./cost.js";
import { onLine } from "./escape.js";

/**
 * A table of the tensors of a tree or the trainable parameters of a module: name, shape, count.
 * With `run`, which calls the model, also a table of the ops that ran: calls, work (multiply-adds;
 * for other functions, elements) and bytes read and written. Work and bytes are estimated from
 * shapes.
 *
 * @example
 * const params = { w: ones([2, 3]), b: zeros([3]) };
 * summary(params).split("\n").at(-1); // total          9, 36 B
 * const run = () => ones([1, 2]).matmul(params.w).add(params.b);
 * summary(params, run).includes("matmul  1      6     44 B"); // true
 */
export function summary(tree: unknown, run?: () => unknown): string {
  if (run !== undefined) expectFunction("summary", run, "write summary(model, () => …)");
  const leaves = namedLeaves(tree);
  const count = leaves.reduce((sum, [, x]) => sum + x.size, 0);
  const bytes = leaves.reduce((sum, [, x]) => sum + x.size * bytesOf(x.dtype), 0);
  const rows = leaves.map(([name, x]) => [name, formatShape(x.shape), short(x.size).trim()]);
  const total = ["total", "", `${short(count).trim()}, ${short(bytes)}B`];
  const held = table([["name", "shape", "count"], ...rows, total]);
  return run === undefined ? held : `${held}\n\n${table(costTable(run))}`;
}

interface Row extends Cost {
  readonly calls: number;
}

function costTable(run: () => unknown): string[][] {
  const found = new Map<string, Row>();
  const before = setWatcher((op, inputs, _, outs) => {
    const list = outs instanceof Tensor ? [outs] : outs;
    if (op.compose !== undefined || (list[0] && deviceOf(list[0]).over) !== undefined) return;
    const { work, bytes } = costOf(op, inputs, list);
    const old = found.get(op.name) ?? { calls: 0, work: 0, bytes: 0 };
    found.set(op.name, { calls: old.calls + 1, work: old.work + work, bytes: old.bytes + bytes });
  });
  try {
    expectSync("summary", run(), "ops are counted until its function returns: await outside");
  } finally {
    setWatcher(before);
  }
  const rows = [...found].sort((a, b) => b[1].work - a[1].work);
  const all = rows.reduce(
    (sum, [, r]) => ({
      calls: sum.calls + r.calls,
      work: sum.work + r.work,
      bytes: sum.bytes + r.bytes,
    }),
    { calls: 0, work: 0, bytes: 0 },
  );
  const cells = [...rows, ["total", all] as const].map(([name, r]) => [
    name,
    String(r.calls),
    short(r.work).trim(),
    `${short(r.bytes)}B`,
  ]);
  return [["op", "calls", "work", "bytes"], ...cells];
}

/** Columns padded to the longest cell. */
function table(texts: readonly (readonly string[])[]): string {
  const rows = texts.map((row) => row.map(onLine));
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i] as number));
  return rows.map((row) => line(row).join("  ").trimEnd()).join("\n");
}
