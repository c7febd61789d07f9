/** @file Means, standard errors, and numbers as text. */

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Standard error of the mean, `s/√n` with `s² = Σ(x − x̄)²/(n − 1)`. */
export function standardError(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** Three significant digits, with an exponent only for very small and very large numbers. */
export function short(x: number): string {
  if (x === 0) return "0";
  const size = Math.abs(x);
  return size >= 1e-4 && size < 1e5 ? String(Number(x.toPrecision(3))) : x.toExponential(1);
}

/** Numbers of bytes as text. */
export function bytes(n: number): string {
  return n < 10_000 ? `${n} B` : `${(n / 1024).toFixed(1)} kB`;
}

/** Rows in columns: the first column to the left, the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((h, i) =>
    Math.max(h.length, ...rows.map((row) => (row[i] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((c, i) => (i === 0 ? c.padEnd(widths[i] ?? 0) : c.padStart(widths[i] ?? 0)))
      .join("  ");
  const rule = widths.map((w) => "─".repeat(w)).join("  ");
  return [line(head), rule, ...rows.map(line)].join("\n");
}
