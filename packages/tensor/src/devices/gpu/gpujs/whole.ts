/**
 * @file Flat indices in texts of kernels. The variables of GPU.js are floats, exact up to 2²⁴:
 * where arrays are larger, an index is an expression of whole numbers over variables that stay
 * exact.
 *
 * A text declares them by `whole at = k * 3 + j;` and `whole q, r = k / 7;` (quotient and rest),
 * and turns a float into a whole number by `whole(x)`.
 */
import type { HelperKind } from "./backend.js";

/** A function of numbers that a kernel calls. */
export interface Helper extends HelperKind {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: string;
}

const DECLARATION = /\bwhole (\w+)(?:, (\w+))? = ([^;]+);/;
/** A whole number as two floats: `high · PART + low`. */
const PART = 4096;
const FLOATS = 2 ** 24;

const quotient: Helper = {
  name: "quotient",
  parameters: ["dividend", "divisor"],
  body: "return Math.floor(dividend / divisor);",
  takes: "Integer",
  gives: "Integer",
};
const rest: Helper = {
  name: "rest",
  parameters: ["dividend", "divisor"],
  body: "return dividend - quotient(dividend, divisor) * divisor;",
  takes: "Integer",
  gives: "Integer",
};
const whole: Helper = {
  name: "whole",
  parameters: ["value"],
  body: "return value;",
  gives: "Integer",
};

/** Functions that texts of `inWholeNumbers` call. */
export const wholeHelpers: readonly Helper[] = [quotient, rest, whole];

/**
 * `quotient = ⌊from / n⌋`, `rest = from − quotient · n`, exact for whole numbers below 2²⁴: drivers
 * may divide with an error of 2.5 units in the last place, so the text corrects the quotient.
 */
const divided = (from: string, n: string, q: string, r: string): string =>
  `let ${q} = Math.floor(${from} / ${n});
    let ${r} = ${from} - ${q} * ${n};
    if (${r} < 0.0) { ${q} = ${q} - 1.0; ${r} = ${r} + ${n}; }
    if (${r} >= ${n}) { ${q} = ${q} + 1.0; ${r} = ${r} - ${n}; }\n`;

const parts = (value: string) => value.split(" / ") as [string, string];

/** The text with its whole numbers as floats. */
export function inFloats(text: string): string {
  return text
    .replace(new RegExp(DECLARATION, "g"), (_, name: string, remainder, value: string) =>
      remainder === undefined
        ? `let ${name} = ${value};`
        : divided(...parts(value), name, remainder),
    )
    .replace(/\bwhole\(/g, "(");
}

/** The text with its whole numbers in integer arithmetic; it calls `wholeHelpers`. */
export function inWholeNumbers(text: string): string {
  const found = DECLARATION.exec(text);
  if (found === null) return text;
  const [line, name = "", remainder, value = ""] = found;
  let after = text.slice(found.index + line.length);
  const put = (variable: string, expression: string) => {
    after = after.replace(new RegExp(`(?<![.\\w])${variable}\\b`, "g"), expression);
  };
  let lines = "";
  if (remainder === undefined) put(name, `(${value})`);
  else {
    const [from, n] = parts(value);
    const far = Number(n) * PART;
    const high = far < 2 ** 31 ? `quotient(${from}, ${far})` : "0.0";
    lines = `const ${name}_high = ${high};
      const ${name}_low = rest(quotient(${from}, ${n}), ${PART});\n`;
    put(name, `(whole(${name}_high) * ${PART} + whole(${name}_low))`);
    if (Number(n) <= FLOATS) {
      lines += `const ${remainder}_part = rest(${from}, ${n});\n`;
      put(remainder, `whole(${remainder}_part)`);
    } else put(remainder, `rest(${from}, ${n})`);
  }
  return text.slice(0, found.index) + lines + inWholeNumbers(after);
}
