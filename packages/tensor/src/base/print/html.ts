/**
 * @file A tensor as HTML, for notebooks: a table of its last two axes, with the middle of long ones
 * left out.
 */
import { formatShape } from "../shape.js";
import type { Printable } from "./format.js";

const EDGE = 5;

/** Places shown of an axis of length n; null stands for those left out. */
function shown(n: number): (number | null)[] {
  const most = 2 * EDGE + 1;
  return Array.from({ length: Math.min(n, most) }, (_, i) =>
    n < most || i < EDGE ? i : i === EDGE ? null : n - most + i,
  );
}

function cell(v: number | undefined, dtype: string): string {
  if (v === undefined) return "…";
  if (dtype === "bool") return v === 0 ? "false" : "true";
  return String(Number(v.toPrecision(4)));
}

/** Up to four tables, one for each of the first matrices; a vector is a table of one row. */
export function htmlOf(x: Printable): string {
  const values = x.dataSync();
  const columns = x.shape.at(-1) ?? 1;
  const rows = x.shape.at(-2) ?? 1;
  const count = rows * columns === 0 ? 0 : x.size / (rows * columns);
  const tables = Array.from({ length: Math.min(count, 4) }, (_, t) => {
    const body = shown(rows).map((i) => {
      const cells = shown(columns).map((j) => {
        const at = i === null || j === null ? undefined : values[(t * rows + i) * columns + j];
        return `<td>${cell(at, x.dtype)}</td>`;
      });
      return `<tr>${cells.join("")}</tr>`;
    });
    return `<table>${body.join("")}</table>`;
  });
  const more = count > tables.length ? `<p>… ${count - tables.length} more</p>` : "";
  const head = `<p><b>Tensor</b> ${x.dtype} ${formatShape(x.shape)} ${x.device}</p>`;
  return head + tables.join("") + more;
}
