/**
 * @file One kernel for a plan: reads its leaves, calls a helper for each op, returns the last
 * value, or four at once.
 */
import { sizeOf } from "../../../base/shape.js";
import type { Block } from "../backend.js";
import type { Call, Helper } from "../launcher.js";
import { coalesce, offset, places } from "../source.js";
import { type Expression, namesOf, type Plan } from "./expression.js";

const PARAMETERS = ["x", "y", "z"] as const;

/** Results that are worth threads of four: fewer leave a GPU idle. */
const WORTH_LANES = 2 ** 14;
const LANES = [0, 1, 2, 3];

/**
 * The launch that computes a plan; `blockOf` gives the memory of a leaf, `lanes` allows four
 * results a thread.
 */
export function callOf(what: Plan, blockOf: (leaf: number) => Block, lanes: boolean): Call {
  const { nodes, leaves } = what;
  const expressions = nodes.map((cell) => cell.expression as Expression);
  const { shape } = expressions.at(-1) as Expression;
  const op = expressions.map((e) => e.op).join("+");
  const { lengths, steps } = coalesce(
    shape,
    leaves.map((leaf) => leaf.strides),
  );
  const size = sizeOf(shape);
  const four = lanes && size >= WORTH_LANES && (lengths[0] as number) % 4 === 0;
  const { lines, names } = places(op, lengths, four ? 4 : 1);
  const arrays: Record<string, Block> = {};
  let body = lines;
  const cells = [...new Set(leaves.map((leaf) => leaf.cell))];
  /** What is the same in all lanes. */
  const shared = new Set<string>();
  leaves.forEach(({ cell }, i) => {
    const array = `a${cells.indexOf(cell)}`;
    arrays[array] ??= blockOf(i);
    const own = steps[i] as number[];
    const at = offset(names, own);
    if (four && own[0] !== 0) body += inLanes(`e${i}`, array, at, own[0] as number, names.length);
    else {
      shared.add(`e${i}`);
      body += `const e${i} = ${array}[${at}];\n`;
    }
  });
  if (!four && expressions.length === 1) {
    return alone(op, expressions[0] as Expression, what, arrays, body);
  }
  const { text, helpers, numbers } = statements(expressions, what);
  const result = `v${expressions.length - 1}`;
  if (!four) {
    return { op, body: `${body}${text}return ${result};`, output: size, arrays, numbers, helpers };
  }
  for (const lane of LANES) {
    body += text.replace(/\b[ev]\d+\b/g, (name) => (shared.has(name) ? name : `${name}_${lane}`));
  }
  body += `return [${LANES.map((lane) => `${result}_${lane}`).join(", ")}];`;
  return { op, body, output: size / 4, arrays, numbers, helpers };
}

/**
 * Four reads, `step` apart. A flat place stays an expression of whole numbers: in a variable it
 * would be a float.
 */
function inLanes(name: string, array: string, at: string, step: number, axes: number): string {
  const read = (from: string) =>
    LANES.map((lane) => `const ${name}_${lane} = ${array}[${from} + ${lane * step}];\n`).join("");
  return axes === 1 ? read(at) : `const ${name}_at = ${at};\n${read(`${name}_at`)}`;
}

/** One line an op: `const v2 = f1(v0, e1);`. */
function statements(expressions: readonly Expression[], what: Plan) {
  const helpers: Helper[] = [];
  const numbers: Record<string, number> = {};
  const nameOf = namesOf(what);
  let text = "";
  expressions.forEach((e, i) => {
    const own = Object.entries(e.formula.numbers ?? {});
    for (const [name, value] of own) numbers[`n${i}${name}`] = value;
    const helper = helperFor(
      helpers,
      e,
      own.map(([name]) => name),
    );
    const values = [...e.operands.map(nameOf), ...own.map(([name]) => `n${i}${name}`)];
    text += `const v${i} = ${helper.name}(${values.join(", ")});\n`;
  });
  return { text, helpers, numbers };
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
