/**
 * @file Adds an elementwise op: the op, its derivative, a kernel if wanted. Writes what follows from
 * them, checks the types, and says what is left to do. See "Add an op" in CONTRIBUTING.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { copySources } from "./addOp/copy.mjs";
import { withExport, withKernel, withOp, withRule } from "./addOp/edits.mjs";
import { typeErrors } from "./addOp/types.mjs";
import { bin, must, root } from "./lib.mjs";

const USAGE = `node scripts/add-op.mjs NAME --scalar EXPRESSION [options]

  --family F      unary (default) or binary: the file in ops/elementwise and in rules
  --scalar E      the value, in JavaScript, of the numbers x (and y)
  --doc TEXT      one sentence, with the formula
  --rule R        the derivative, as it stands in rules/F.ts; null: it has none
  --derivative T  the formula of the derivative, for the comment above it
  --gpu E         the value in GPU.js, where it differs from --scalar
  --kernel E      the value of four numbers x: v128 in AssemblyScript (unary ops)
  --copy          edits a copy of the sources in a temporary folder, and prints its path

node scripts/add-op.mjs bentIdentity --scalar "(Math.sqrt(x * x + 1) - 1) / 2 + x" \\
  --doc "Bent identity, \\\`(√(x² + 1) − 1)/2 + x\\\`." --derivative "(x/(2√(x² + 1)) + 1) dx" \\
  --rule "fromInputs(({ inputs: [x] }) => [(g) => mul(g, add(div(x, mul(hypot(x, 1), 2)), 1))])"`;

const GENERATED = ["index.ts", "methods.ts"].map((name) => `packages/tensor/src/api/${name}`);

/** The command line, checked. */
function asked() {
  const text = { type: "string" };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ family: { ...text, default: "unary" }, scalar: text, doc: text, rule: text },
      ...{ derivative: text, gpu: text, kernel: text, copy: { type: "boolean" } },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return { help: true };
  const [name] = positionals;
  const { family, scalar, kernel } = values;
  if (!/^[a-z]\w*$/.test(name ?? "") || scalar === undefined) return undefined;
  if (!["unary", "binary"].includes(family)) return undefined;
  if (kernel !== undefined && family !== "unary") return undefined;
  return { doc: `\`${scalar}\`, elementwise.`, ...values, name };
}

/** The names that the root exports. */
function rootNames(folder) {
  const source = readFileSync(join(folder, GENERATED[0]), "utf8");
  return new Set(source.replace(/\btype \w+/g, "").match(/\w+/g));
}

/** The files that an op edits, each with its change. */
function changes(op, names) {
  const { family, rule, kernel } = op;
  const files = { [`packages/tensor/src/ops/elementwise/${family}.ts`]: withOp };
  if (rule !== undefined) {
    files[`packages/autograd/src/rules/${family}.ts`] = (text) => withRule(text, op, names);
  }
  if (kernel !== undefined) {
    files["packages/tensor/assembly/elementwise/unary.ts"] = withKernel;
    files["packages/tensor/src/devices/cpu/exports.ts"] = withExport;
  }
  return Object.entries(files);
}

/** What no script can write. */
function left({ family, rule, kernel }) {
  const lines = [
    `{ samples } in ops/elementwise/${family}.ts, unless the op is smooth on [−2, 2]`,
    "values in packages/testkit/scripts/golden/elementwise.py and special.py",
    "two bad calls in packages/tensor/test/badInputs/elementwise.ts",
    "the table of ops: npx vitest run --project autograd opsPage -u",
  ];
  if (kernel !== undefined) lines.unshift("npm run setup, which compiles the kernel");
  if (rule === undefined) lines.unshift(`the derivative in autograd/src/rules/${family}.ts`);
  return lines;
}

const op = asked();
if (op === undefined || op.help) {
  console.log(USAGE);
  process.exit(op === undefined ? 2 : 0);
}
const folder = op.copy ? copySources() : root;
const names = rootNames(folder);
if (names.has(op.name)) {
  console.error(`${op.name} is a public name already`);
  process.exit(2);
}
if (op.copy) console.log(`in ${folder}`);

const edited = changes(op, names);
for (const [path, change] of edited) {
  const file = join(folder, path);
  writeFileSync(file, change(readFileSync(file, "utf8"), op));
  console.log(`edited ${path}`);
}
const own = edited.map(([path]) => path).filter((path) => !path.includes("/assembly/"));
await must(bin("biome"), ["check", "--write", ...own], { cwd: folder });
await must(process.execPath, [join(folder, "packages/tensor/scripts/generate-api.mjs")]);
for (const path of GENERATED) console.log(`generated ${path}`);

const rules = [op.family, "index"].map((name) => `packages/autograd/src/rules/${name}.ts`);
const errors = typeErrors(folder, [...new Set([...own, ...GENERATED, ...rules])]);
for (const line of errors) console.error(line);
process.exitCode = errors.length > 0 ? 1 : 0;
for (const line of left(op)) console.log(`left to do: ${line}`);
