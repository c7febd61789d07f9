/** @file Pieces of text that the functions of several files are made of. Pure text. */

/** NaN, computed at run time from a finite number: compilers have no constant for it. */
export const nan = (v: string): string => `(${v} - ${v}) / (${v} - ${v})`;

/** `c₀ + v (c₁ + v (c₂ + …))`. */
export const polynomial = (v: string, [first, ...rest]: readonly number[]): string =>
  rest.length === 0 ? `${first}` : `(${first} + ${v} * ${polynomial(v, rest)})`;

/** `let <out> = log(1 + v)`: 2 artanh(v/(2 + v)) by its series near 0. */
export function log1pOf(v: string, out: string): string {
  return `
    let ${out} = ${v};
    if (${v} > -0.4 && ${v} < 0.6) {
      const ${out}T = ${v} / (2.0 + ${v});
      const ${out}S = ${out}T * ${out}T;
      ${out} = 2.0 * ${out}T * (1.0 + ${out}S * (0.33333333 + ${out}S * (0.2 + ${out}S *
        (0.14285714 + ${out}S * (0.11111111 + ${out}S * 0.09090909)))));
    } else if (${v} > -1.0 && ${v} < 3.4e38) {
      ${out} = Math.log(1.0 + ${v});
    } else if (${v} === -1.0) {
      ${out} = -1.0 / (1.0 + ${v});
    } else if (${v} < -1.0) {
      ${out} = ${nan(v)};
    }`;
}
