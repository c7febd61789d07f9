/**
 * @file The text of the kernel of a plan: it reads the leaves, calls a helper for each op and
 * returns the last value, or four values at once.
 */
import { sizeOf } from "../../../base/shape.js";
import type { Expression } from "../cell.js";
import type { Block } from "../gpujs/backend.js";
import type { Call } from "../gpujs/launcher.js";
import { coalesce, offset, places } from "../gpujs/source.js";
import type { Helper } from "../gpujs/whole.js";
import { namesOf, type Plan } from "./plan.js";

const PARAMETERS = ["x", "y", "z"] as const;

/** From this many results on, a thread makes four of them: with fewer, a GPU would be idle. */
const WORTH_LANES = 2 ** 14;
const LANES = [0, 1, 2, 3];

/**
 * The launch that computes a plan. `blocks` are the memory of the leaves; `lanes` allows four
 * results a thread.
 */
export function callOf(what: Plan, blocks: readonly Block[], lanes: boolean): Call {
  const { nodes, leaves, root } = what;
  const expressions = nodes.map(({ expression }) => expression);
  const { shape } = root;
  const op = expressions.map((e) => e.op).join("+");
  const { lengths, steps } = coalesce(
    shape,
    leaves.map((leaf) => leaf.strides),
  );
  const size = sizeOf(shape);
  const four = lanes && size >= WORTH_LANES && (lengths[0] as number) % 4 === 0;
  const { lines, names } = places(lengths, four ? 4 : 1);
  const arrays: Record<string, Block> = {};
  let body = lines;
  const cells = [...new Set(leaves.map((leaf) => leaf.cell))];
  /** The names of values that are the same in all lanes. */
  const shared = new Set<string>();
  leaves.forEach(({ cell }, i) => {
    const array = `a${cells.indexOf(cell)}`;
    arrays[array] ??= blocks[i] as Block;
    const own = steps[i] as number[];
    const at = offset(names, own);
    if (four && own[0] !== 0) body += inLanes(`e${i}`, array, at, own[0] as number, names.length);
    else {
      shared.add(`e${i}`);
      body += `const e${i} = ${array}[${at}];\n`;
    }
  });
  if (!four && expressions.length === 1) {
    return alone(root, what, arrays, body);
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
  return { op, body, output: size / 4, wide: 4, arrays, numbers, helpers };
}

/**
 * Four reads, `step` apart. A flat index stays an expression of whole numbers: a variable would
 * make it a float.
 */
function inLanes(name: string, array: string, at: string, step: number, axes: number): string {
  const read = (from: string) =>
    LANES.map((lane) => `const ${name}_${lane} = ${array}[${from} + ${lane * step}];\n`).join("");
  return axes === 1 ? read(at) : `whole ${name}_at = ${at};\n${read(`${name}_at`)}`;
}

/** One line for each op: `const v2 = f1(v0, e1);`. */
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

/** A single op needs no helper: its statements are the kernel. */
function alone(e: Expression, what: Plan, arrays: Record<string, Block>, head: string): Call {
  const nameOf = namesOf(what);
  const values = e.operands.map((x, i) => `const ${PARAMETERS[i]} = ${nameOf(x)};\n`).join("");
  const { body, numbers = {} } = e.formula;
  return { op: e.op, body: `${head}${values}${body}`, output: sizeOf(e.shape), arrays, numbers };
}

/** The helper of an op's text; ops of the kernel with the same text share it. */
function helperFor(helpers: Helper[], e: Expression, numbers: readonly string[]): Helper {
  const parameters = [...PARAMETERS.slice(0, e.operands.length), ...numbers];
  const { body } = e.formula;
  const known = helpers.find((h) => h.body === body && h.parameters.join() === parameters.join());
  if (known !== undefined) return known;
  const made = { name: `f${helpers.length}`, parameters, body };
  helpers.push(made);
  return made;
}
