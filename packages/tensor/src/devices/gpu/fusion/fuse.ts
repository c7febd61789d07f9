/** @file One kernel for a plan: reads its leaves, calls a helper for each op, returns the last value. */
import { sizeOf } from "../../../shape.js";
import type { Block } from "../backend.js";
import type { Call, Helper } from "../launcher.js";
import { coalesce, offset, places } from "../source.js";
import { type Expression, namesOf, type Plan } from "./expression.js";

const PARAMETERS = ["x", "y", "z"] as const;

/** The launch that computes a plan; `blockOf` gives the memory of a leaf. */
export function callOf(what: Plan, blockOf: (leaf: number) => Block): Call {
  const { nodes, leaves } = what;
  const expressions = nodes.map((cell) => cell.expression as Expression);
  const { shape } = expressions.at(-1) as Expression;
  const op = expressions.map((e) => e.op).join("+");
  const { lengths, steps } = coalesce(
    shape,
    leaves.map((leaf) => leaf.strides),
  );
  const { lines, names } = places(op, lengths);
  const arrays: Record<string, Block> = {};
  let body = lines;
  const cells = [...new Set(leaves.map((leaf) => leaf.cell))];
  leaves.forEach(({ cell }, i) => {
    const array = `a${cells.indexOf(cell)}`;
    arrays[array] ??= blockOf(i);
    body += `const e${i} = ${array}[${offset(names, steps[i] as number[])}];\n`;
  });
  if (expressions.length === 1) return alone(op, expressions[0] as Expression, what, arrays, body);
  const helpers: Helper[] = [];
  const numbers: Record<string, number> = {};
  const nameOf = namesOf(what);
  expressions.forEach((e, i) => {
    const own = Object.entries(e.formula.numbers ?? {});
    for (const [name, value] of own) numbers[`n${i}${name}`] = value;
    const helper = helperFor(
      helpers,
      e,
      own.map(([name]) => name),
    );
    const values = [...e.operands.map(nameOf), ...own.map(([name]) => `n${i}${name}`)];
    body += `const v${i} = ${helper.name}(${values.join(", ")});\n`;
  });
  body += `return v${expressions.length - 1};`;
  return { op, body, output: sizeOf(shape), arrays, numbers, helpers };
}

/** A single op needs no helper: its statements stand in the kernel. */
function alone(
  op: string,
  e: Expression,
  what: Plan,
  arrays: Record<string, Block>,
  head: string,
): Call {
  const nameOf = namesOf(what);
  const values = e.operands.map((x, i) => `const ${PARAMETERS[i]} = ${nameOf(x)};\n`).join("");
  const { body, numbers = {} } = e.formula;
  return { op, body: `${head}${values}${body}`, output: sizeOf(e.shape), arrays, numbers };
}

/** The helper of an op's text: one for all ops of the kernel that have the same. */
function helperFor(helpers: Helper[], e: Expression, numbers: readonly string[]): Helper {
  const parameters = [...PARAMETERS.slice(0, e.operands.length), ...numbers];
  const { body } = e.formula;
  const known = helpers.find((h) => h.body === body && h.parameters.join() === parameters.join());
  if (known !== undefined) return known;
  const made = { name: `f${helpers.length}`, parameters, body };
  helpers.push(made);
  return made;
}
