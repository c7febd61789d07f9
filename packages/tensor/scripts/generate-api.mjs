/**
 * @file `npm run generate`: writes what follows from the exports of src/ops, which are the ops part
 * of src/api/index.ts, and src/api/methods.ts. `--check` writes nothing, and ends with 1 when one of
 * them is out of date.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { groupOf } from "./api/groups.mjs";
import { publicNames } from "./api/ops.mjs";

const MARK = "// Names of src/ops: written by `npm run generate`. Do not edit below.\n";
const WIDTH = 100;

/** `{ a, type B } from "…"` for each file. */
function clauses(api, names) {
  const files = new Map();
  for (const { file, name, isType } of names) {
    if (!files.has(file)) files.set(file, new Map());
    files.get(file).set(name, isType && files.get(file).get(name) !== name ? `type ${name}` : name);
  }
  return [...files].map(([file, members]) => {
    const path = relative(api, file).replace(/\.ts$/, ".js");
    return `{ ${[...members.values()].join(", ")} } from "${path}";`;
  });
}

/** The part of index.ts that is written by hand, and after it the names of src/ops. */
function index(api, names) {
  const [own] = readFileSync(join(api, "index.ts"), "utf8").split(MARK);
  const groups = new Map();
  for (const name of names) {
    const { at, head } = groupOf(relative(join(api, ".."), name.file));
    if (!groups.has(at)) groups.set(at, { head, members: [] });
    groups.get(at).members.push(name);
  }
  const parts = [...groups]
    .sort(([a], [b]) => a - b)
    .map(([, { head, members }]) => {
      const lines = clauses(api, members).map((clause) => `export ${clause}`);
      return `${head}\n\n${lines.join("\n")}\n`;
    });
  return `${own}${MARK}\n${parts.join("\n")}`;
}

/** A comment inside an interface. */
function comment(text) {
  if (`  /** ${text} */`.length <= WIDTH) return `  /** ${text} */\n`;
  let lines = "   *";
  let length = lines.length;
  for (const word of text.split(" ")) {
    if (length + word.length + 1 > WIDTH) {
      lines += "\n   *";
      length = 4;
    }
    lines += ` ${word}`;
    length += word.length + 1;
  }
  return `  /**\n${lines}\n   */\n`;
}

const HEAD = `/**
 * @file The methods of a tensor: \`x.tanh()\` is \`tanh(x)\`. Written by \`npm run generate\` from the
 * functions of src/ops, where the documentation is. Do not edit.
 */
// biome-ignore-all lint/suspicious/noShadowRestrictedNames: names of the standard
`;

/** Members that are no functions of the same name, and the functions that they use. */
const SHORTHANDS = {
  uses: ["matrixTranspose", "permuteDims", "reshape", "unstack"],
  declared: `
  /** All elements along one axis. */
  flatten(): Tensor;
  /** The transpose of a matrix, or of each matrix in a batch. Free for matmul. */
  readonly mT: Tensor;
  /** All axes reversed; the transpose of a matrix. */
  readonly T: Tensor;
`,
  written: `
  flatten() { return reshape(this, [this.size]); },
  get mT() { return matrixTranspose(this); },
  get T() { return permuteDims(this); },
  [Symbol.iterator]() { return unstack(this).values(); },
`,
};

/** Methods of fewer parameters are made in a loop: their code is most of what they weigh. */
const MOST = 4;

/** Parameters as a method declares them. */
const typed = (parameters) =>
  parameters.map((p) => `${p.isRest ? "..." : ""}${p.name}${p.isOptional ? "?" : ""}: ${p.type}`);
/** Parameters as they are passed on. */
const passed = (parameters) => parameters.map((p) => `${p.isRest ? "..." : ""}${p.name}`);

/** The interface of the methods and their code. */
function methods(api, names) {
  const found = names.filter(({ method }) => method !== undefined);
  const used = names.filter(({ name }) => SHORTHANDS.uses.includes(name));
  const types = found.flatMap(({ method }) => method.types.map((t) => ({ ...t, isType: true })));
  const tensor = { file: join(api, "../core/tensor.ts"), name: "Tensor" };
  const imported = clauses(api, [...found, ...used, ...types, tensor]);
  const declared = found.map(({ name, summary, method: { parameters, returns } }) => {
    return `${comment(summary)}  ${name}(${typed(parameters).join(", ")}): ${returns};\n`;
  });
  const plain = found.filter(({ method: { parameters: p } }) => {
    return p.length < MOST && !p.some(({ isRest }) => isRest);
  });
  const written = found
    .filter((one) => !plain.includes(one))
    .map(({ name, method }) => {
      const list = passed(method.parameters);
      return `  ${name}(${list.join(", ")}) { return ${name}(${["this", ...list].join(", ")}); },\n`;
    });
  return `${HEAD}
${imported.map((clause) => `import ${clause}`).join("\n")}

/** The functions whose first parameter is a tensor, as methods of that tensor. */
export interface Methods {
${declared.join("")}${SHORTHANDS.declared}}

declare module "../core/tensor.js" {
  interface Tensor extends Methods {}
}

/** A function whose first parameter is a tensor, as a method calls it. */
type Callable = { call(x: Tensor, ...rest: readonly unknown[]): unknown }["call"];

const functions: { readonly [K in keyof Methods]?: Callable } = {
${plain.map(({ name }) => `  ${name},\n`).join("")}};

const written: Partial<Methods & Pick<Tensor, typeof Symbol.iterator>> & ThisType<Tensor> = {
${written.join("")}${SHORTHANDS.written}};

for (const [name, f] of Object.entries(functions)) {
  const value = function (this: Tensor, a: unknown, b: unknown, c: unknown, d: unknown): unknown {
    return f(this, a, b, c, d);
  };
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}
for (const name of Reflect.ownKeys(written)) {
  const property = Object.getOwnPropertyDescriptor(written, name);
  Object.defineProperty(Tensor.prototype, name, { ...property, enumerable: false });
}
`;
}

/** A source in the form that \`npm run format\` gives it. */
function formatted(root, path, text) {
  const biome = join(root, "node_modules/.bin/biome");
  const args = ["check", "--write", `--stdin-file-path=${path}`];
  return execFileSync(biome, args, { cwd: root, input: text, encoding: "utf8" });
}

/** The generated files of the repository at \`root\`, by path. */
function generate(root) {
  const source = join(root, "packages/tensor/src");
  const api = join(source, "api");
  const names = ["ops", "nets"].flatMap((folder) => publicNames(join(source, folder)));
  const texts = { "index.ts": index(api, names), "methods.ts": methods(api, names) };
  return new Map(
    Object.entries(texts).map(([name, text]) => {
      const path = join("packages/tensor/src/api", name);
      return [path, formatted(root, path, text)];
    }),
  );
}

const root = fileURLToPath(new URL("../../..", import.meta.url));
for (const [path, text] of generate(root)) {
  const file = join(root, path);
  if (readFileSync(file, "utf8") === text) continue;
  if (process.argv.includes("--check")) {
    console.error(`${path} is out of date: npm run generate`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log(`${path} written`);
  }
}
