/**
 * @file Numbers as text in columns: how many decimals, when exponents, where the points line up.
 */

/** How tensors are printed. */
export interface PrintOptions {
  /** Digits after the point at most; trailing zeros are dropped. 4 at first. */
  readonly precision?: number | undefined;
  /** Tensors with more elements are summarised. 1000 at first. */
  readonly threshold?: number | undefined;
  /** Elements kept at each end of a summarised axis. 3 at first. */
  readonly edgeItems?: number | undefined;
  /** Lines are broken beyond this many columns. 80 at first. */
  readonly lineWidth?: number | undefined;
}

/** A printed number in two parts, so that points can be put under each other. */
interface Parts {
  /** Sign and digits before the point; the whole text when there is nothing to align. */
  readonly whole: string;
  /** Digits after the point. */
  readonly fraction: string;
  /** `e+09`, or nothing. */
  readonly exponent: string;
  /** NaN, inf and words stand at the right edge of a column. */
  readonly word: boolean;
}

/** Text of every number. `align` makes all of one width, with the points in one column. */
export function formatNumbers(
  values: readonly number[],
  single: boolean,
  precision: number,
  align: boolean,
): string[] {
  const shortest = single ? values.map(shortSingle) : values;
  const exponential = needsExponent(shortest);
  const parts = shortest.map((x) => partsOf(x, precision, exponential));
  if (!align) return parts.map((p) => join(p, p.fraction));
  const left = longest(parts.map((p) => (p.word ? 0 : p.whole.length)));
  const right = longest(parts.map((p) => p.fraction.length));
  const texts = parts.map((p) => {
    if (p.word) return p.whole;
    // Exponents stay under each other: their mantissas are filled with zeros, others with blanks.
    if (exponential) return join(p, p.fraction.padEnd(right, "0"));
    const blanks = right === 0 ? 0 : right - p.fraction.length + (p.fraction === "" ? 1 : 0);
    return p.whole.padStart(left) + (p.fraction && `.${p.fraction}`) + " ".repeat(blanks);
  });
  return padWords(texts);
}

/** Words of one width, each at the right edge. */
export function padWords(words: readonly string[]): string[] {
  const width = longest(words.map((word) => word.length));
  return words.map((word) => word.padStart(width));
}

function longest(lengths: readonly number[]): number {
  return lengths.reduce((a, b) => Math.max(a, b), 0);
}

/** As in NumPy: from 10⁸ on, or with a non-zero magnitude below 10⁻⁴. */
function needsExponent(values: readonly number[]): boolean {
  return values.some((x) => {
    const size = Math.abs(x);
    return (size >= 1e8 && size < Number.POSITIVE_INFINITY) || (size > 0 && size < 1e-4);
  });
}

function join(p: Parts, fraction: string): string {
  return p.whole + (fraction === "" ? "" : `.${fraction}`) + p.exponent;
}

function partsOf(x: number, precision: number, exponential: boolean): Parts {
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  const size = Math.abs(x);
  if (!Number.isFinite(x)) {
    const whole = Number.isNaN(x) ? "NaN" : `${sign}inf`;
    return { whole, fraction: "", exponent: "", word: true };
  }
  const text = exponential ? size.toExponential(precision) : size.toFixed(precision);
  const [mantissa = "", power = ""] = text.split("e");
  const [whole = "", digits = ""] = mantissa.split(".");
  const exponent = power && `e${power[0]}${power.slice(1).padStart(2, "0")}`;
  return { whole: sign + whole, fraction: digits.replace(/0+$/, ""), exponent, word: false };
}

/** The decimal number of fewest digits that rounds to the float32 `x`: 0.1, not 0.10000000149. */
function shortSingle(x: number): number {
  if (Number.isInteger(x) || !Number.isFinite(x)) return x;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return short;
  }
  return x;
}
