/**
 * @file Reads the text of a GPU.js kernel: refuses what would not run on every device, and flattens
 * subscripts. Knows neither tensors nor devices.
 */
import { UsageError } from "@isograd/tensor";

/** A kernel's parameters and statements. */
export interface KernelText {
  readonly parameters: readonly string[];
  readonly body: string;
}

const FORM = "write function (a, b) { … return …; }: GPU.js reads the text of plain functions";
const KEYWORDS = "break const continue else for if let return this var true false Math".split(" ");

/** What kernels cannot have: the forms that show it, what it is, and what to write instead. */
const REFUSED: readonly (readonly [readonly RegExp[], string, string])[] = [
  [[/=>|\bfunction\b/], "has a function inside", "write its statements out, in a for loop"],
  [[/\b(while|do)\b/], "has a while loop", "write for (let i = 0; i < this.constants.n; i++)"],
  [
    [
      /[`'"]|\?\?|\?\.(?!\d)/,
      /\b(new|class|async|await|try|throw|switch|typeof|void|delete|in|of)\b/,
      /\b(let|const|var)\s*[[{]|([=(,:?&|]|\breturn)\s*\[|[\])]\s*\.\s*[A-Za-z_$]/,
    ],
    "has more than numbers",
    "name one number at a time: let s = a[0]; lengths come as constants",
  ],
  [
    [/\b(NaN|Infinity)\b/],
    "names NaN or Infinity, which GPUs lack",
    "compare with a large number such as 3.0e38",
  ],
  [
    [/\*\*|\bMath\b(?!\.[a-zA-Z])|\bMath\.(random|imul|clz32|f\d*round|sum\w+)/],
    "asks for arithmetic that GPUs lack",
    "there are Math.abs, sqrt, pow, …; random numbers come as a tensor",
  ],
  [[/\b(let|const|var)\s+[\w$]+\b(?!\s*=)/], "has a variable without a value", "write let s = 0"],
  [
    [
      /[\w$](\+\+|--)[^\S\n]*[^\s;),}]/,
      /[-+*/%=[(<>&|?:][^\S\n]*([\w$]+[^\S\n]*)?(\+\+|--)|\breturn[^;]*(\+\+|--)/,
    ],
    "counts inside an expression",
    "write i++ as a statement of its own",
  ],
  // Without a return, GPUs give arbitrary numbers.
  [
    [/^(?![\s\S]*(^|[;}\n])\s*return\b[^;{}]*;?\s*$)/],
    "may end without a result",
    "end with return: one number, the element",
  ],
  [[/\bthis\b(?!\s*\.)/], "hands this on", "write this.thread.x where it is used"],
];

/** Reads a function or its text; throws a UsageError that says what to write instead. */
export function readKernel(op: string, kernel: unknown): KernelText {
  const text = String(kernel)
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, " ")
    .trim();
  if (/^(async\s*)?(\([^)]*\)|[\w$]+)\s*=>/.test(text)) {
    throw new UsageError(op, "the kernel is an arrow function, which has no this.thread", FORM);
  }
  const match = /^function\s*[\w$]*\s*\(([\w$\s,]*)\)\s*\{([\s\S]*)\}$/.exec(text);
  if (match === null) throw new UsageError(op, "the kernel is not a plain function", FORM);
  const [, list = "", body = ""] = match;
  const parameters = list.match(/[\w$]+/g) ?? [];
  if (parameters.length > 7) {
    throw new UsageError(
      op,
      `the kernel has ${parameters.length} arrays, WebGPU takes 7`,
      "put some into one tensor, with concat",
    );
  }
  for (const [forms, problem, help] of REFUSED) {
    if (forms.some((form) => form.test(body))) {
      throw new UsageError(op, `the kernel ${problem}`, help);
    }
  }
  checkLoops(op, body);
  checkNames(op, parameters, body);
  return { parameters, body };
}

/** Every loop must end at a number that is known before the kernel is compiled. */
function checkLoops(op: string, body: string): void {
  for (const [, inside = ""] of body.matchAll(/\bfor\s*\(([^)]*(?:\([^)]*\)[^)]*)*)\)\s*[{\w]/g)) {
    const [start = "", condition = ""] = inside.split(";");
    if (!/^\s*((let|var)\b|$)/.test(start)) {
      throw new UsageError(
        op,
        `a loop of the kernel starts with ${start}`,
        "write for (let i = 0; …)",
      );
    }
    const bound = /[<>]=?(.*)$/s.exec(condition)?.[1]?.trim() ?? condition.trim();
    const names = bound.replace(/\bthis\.constants\.[\w$]+/g, "").match(/[A-Za-z_$][\w$]*/g);
    if (names === null && bound !== "") continue;
    throw new UsageError(
      op,
      `a loop of the kernel ends at ${bound || "no bound"}, which is not known beforehand`,
      "bound it by a number or this.constants.n; if (…) { break; }",
    );
  }
}

/** Every name must be a variable of the kernel, or a parameter with a subscript. */
function checkNames(op: string, parameters: readonly string[], body: string): void {
  const declared = body.matchAll(/(?:\b(?:let|const|var)\s|,)\s*([A-Za-z_$][\w$]*)\s*=(?!=)/g);
  const known = new Set([...KEYWORDS, ...[...declared].map((m) => m[1])]);
  for (const { 0: name, index } of body.matchAll(/(?<![\w$.])[A-Za-z_$][\w$]*/g)) {
    const next = body.slice(index + name.length).trimStart();
    if (parameters.includes(name)) {
      if (next.startsWith("[")) continue;
      throw new UsageError(
        op,
        `the kernel reads all of ${name}`,
        `read one element: ${name}[this.thread.x]; lengths come as constants`,
      );
    }
    if (known.has(name)) continue;
    throw new UsageError(
      op,
      `the kernel reads ${name}, which is not its own`,
      `hand it over: constants: () => ({ ${name} }), and write this.constants.${name}`,
    );
  }
  for (const [, what = ""] of body.matchAll(/\bthis\s*\.\s*([\w$.]+)/g)) {
    if (/^(thread\.[xyz]|constants\.[\w$]+)$/.test(what)) continue;
    throw new UsageError(
      op,
      `the kernel reads this.${what}`,
      "there are this.thread.x, y, z and this.constants",
    );
  }
}

/** How many subscripts parameter `which` has, wherever it is read. */
export function subscriptsOf({ parameters, body }: KernelText, which: number): number[] {
  return [...body.matchAll(/(?<![\w$.])([A-Za-z_$][\w$]*)\s*(?=\[)/g)].flatMap((found) => {
    if (found[1] !== parameters[which]) return [];
    let count = 0;
    for (let at = found.index + found[0].length; body[at] === "["; count++) {
      at = closing(body, at) + 1;
    }
    return [count];
  });
}

/** Writes `a[i][j]` as `a[(i) * stride + (j)]`; `a[i]` is flat already. */
export function flatten(
  op: string,
  { parameters, body }: KernelText,
  shapes: readonly (readonly number[])[],
): string {
  const begin = /(?<![\w$.])([A-Za-z_$][\w$]*)\s*\[/g;
  let [text, at] = ["", 0];
  for (let found = begin.exec(body); found !== null; found = begin.exec(body)) {
    const name = found[1] as string;
    const shape = shapes[parameters.indexOf(name)];
    if (shape === undefined) {
      throw new UsageError(op, `the kernel subscripts ${name}`, "only its parameters are arrays");
    }
    let end = begin.lastIndex - 1;
    const subscripts: string[] = [];
    while (body[end] === "[") {
      const close = closing(body, end);
      subscripts.push(flatten(op, { parameters, body: body.slice(end + 1, close) }, shapes));
      end = close + 1;
    }
    if (/^\s*([-+*/%&|^]?=(?!=)|\+\+|--)/.test(body.slice(end))) {
      throw new UsageError(op, `the kernel writes to ${name}`, "return the element instead");
    }
    text += `${body.slice(at, found.index)}${name}[${place(op, name, subscripts, shape)}]`;
    at = end;
    begin.lastIndex = end;
  }
  return text + body.slice(at);
}

function place(
  op: string,
  name: string,
  subscripts: readonly string[],
  shape: readonly number[],
): string {
  if (subscripts.length === 1) return subscripts[0] as string;
  if (subscripts.length !== shape.length) {
    throw new UsageError(
      op,
      `the kernel reads ${name} with ${subscripts.length} subscripts, ` +
        `its shape is [${shape.join(", ")}]`,
      "give one for each axis, or a single one for the flat place",
    );
  }
  return subscripts.reduce(
    (sum, s, d) => (d === 0 ? `(${s})` : `(${sum} * ${shape[d]} + (${s}))`),
    "",
  );
}

/** The place of the bracket that closes the one at `from`. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "[") depth++;
    if (text[i] === "]" && --depth === 0) return i;
  }
  return text.length;
}
