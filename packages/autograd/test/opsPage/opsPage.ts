/**
 * @file Writes the page of ops from the registry: dtypes, devices, derivatives.
 */
import * as library from "@isograd/tensor";
import { allOps, apply, applyMany, families, isFloat, type Op } from "@isograd/tensor/engine";
import { runSample, type Sample, samplesOf } from "@isograd/testkit";
import { ruleOf } from "../../src/rules/lookup.js";
import { errorOf, gpuChapter, hasGpuKernel } from "./onGpu.js";
import { missing, ourName, remarks, standard } from "./standardNames.js";
import { counts, deviations } from "./standardTests.js";

type Tensor = library.Tensor;
type Call = (...inputs: readonly Tensor[]) => Tensor;

const names = library as unknown as Readonly<Record<string, unknown>>;

/** A sample that is not empty. */
function sampleOf(op: Op, device: string, dtype: "float32" | "float64"): Sample {
  const samples = samplesOf(op, device, dtype);
  const filled = samples.filter((s) => s.inputs.every((x) => x.size > 1));
  return (filled[0] ?? samples.at(-1)) as Sample;
}

/** Families whose functions take only tensors, so they can be called like users call them. */
const CALLABLE = ["unary", "binary", "bits", "compare", "matmul", "normalize", "reduce", "special"];
/** Those that take something else first. */
const CALLS: Readonly<Record<string, Call>> = {
  polygamma: (x) => library.polygamma(1, x as Tensor),
};
/** Ops that are only meant for floats. */
const FLOATS = ["layerNorm", "standardize", "standardizeGrad"];
const INTERNAL = ["slopes", "update"];

/** The dtype of the result for operands of each dtype; null for an error. */
function resultDType(family: string, op: Op, dtype: library.DType): library.DType | null {
  const floats = INTERNAL.includes(family) || FLOATS.includes(op.name);
  if (floats && !isFloat(dtype)) return null;
  const sample = sampleOf(op, "reference", "float64");
  const whole = family === "bits";
  const inputs = sample.inputs.map((x) => (isFloat(x.dtype) || whole ? x.cast(dtype) : x));
  const call = (CALLS[op.name] ?? names[op.name]) as Call | undefined;
  const direct = CALLABLE.includes(family) && op.name !== "clip" && call !== undefined;
  try {
    const out = direct ? call(...inputs) : (runSample(sample, inputs)[0] as Tensor);
    return out.dtype;
  } catch {
    return null;
  }
}

const SAYINGS: Readonly<Record<string, string>> = {
  "bool int32 float32 float64": "all",
  "float32 float32 float32 float64": "all; int32 and bool become float32",
  "int32 int32 float32 float64": "all; bool becomes int32",
  "bool bool bool bool": "all; the result is bool",
  "int32 int32 int32 int32": "all; the result is int32",
  "- - float32 float64": "float32, float64",
  "bool int32 - -": "int32, bool",
  "int32 int32 - -": "int32, bool; the result is int32",
  "- int32 float32 float64": "float32, float64, int32",
};

function dtypesOf(family: string, op: Op): string {
  if (op.name === "oneHot") return "int32; the result is float32 or float64";
  if (op.name === "cast") return "all";
  const results = library.dtypes.map((dtype) => resultDType(family, op, dtype) ?? "-");
  const key = results.join(" ");
  return SAYINGS[key] ?? library.dtypes.filter((_, i) => results[i] !== "-").join(", ");
}

/** Whether the CPU has a kernel for the op: whether a call runs without its plain TypeScript. */
function hasCpuKernel(op: Op): boolean {
  let plain = false;
  const tell = () => {
    plain = true;
  };
  const { reference, referenceMany } = op;
  const sample = sampleOf(op, "cpu", "float32");
  if (reference !== undefined) Object.assign(op, { reference: tell });
  if (referenceMany !== undefined) Object.assign(op, { referenceMany: tell });
  const run = op.inferMany === undefined ? apply : applyMany;
  try {
    library.scope(() => run(op, sample.inputs, sample.attrs));
  } finally {
    if (reference !== undefined) Object.assign(op, { reference });
    if (referenceMany !== undefined) Object.assign(op, { referenceMany });
  }
  return !plain;
}

function devicesOf(op: Op): string {
  if (op.view !== undefined) return "all, without a copy";
  const gpu = hasGpuKernel(op) ? ", gpu" : ", gpu (host)";
  return `${hasCpuKernel(op) ? "cpu" : "cpu (plain)"}${gpu}`;
}

function orderOf(op: Op): string {
  return ruleOf(op) === null ? "no" : "every order";
}

/** The table of the ops of a family. */
function familyTable(family: string, members: Readonly<Record<string, unknown>>): string {
  const ops = Object.values(members).flatMap((m) => (m as { op?: Op }).op ?? []);
  const rows = ops.map((op) => {
    const name = op.name in library ? `\`${op.name}\`` : `\`${op.name}\` (engine)`;
    const cells = [name, dtypesOf(family, op), devicesOf(op), errorOf(op), orderOf(op)];
    return `| ${cells.join(" | ")} |`;
  });
  const head =
    "| op | dtypes | devices | off on gpu | differentiable |\n| --- | --- | --- | --- | --- |";
  return `### ${family}\n\n${head}\n${rows.sort().join("\n")}`;
}

function standardTable(chapter: string, text: string): string {
  const rows = text.split(/\s+/).map((name) => {
    const why = missing[name];
    const remark = remarks[name] ?? "";
    return `| \`${name}\` | ${why === undefined ? `\`${ourName(name)}\`` : "–"} | ${why ?? remark} |`;
  });
  return `### ${chapter}\n\n| standard | here | |\n| --- | --- | --- |\n${rows.join("\n")}`;
}

/** What fails of the standard's tests, and how many there are. */
function standardTests(): string {
  const rows = deviations.map(
    ({ what, count, why }) => `| ${what} | ${count || "from 2025.12 on"} | ${why} |`,
  );
  const failed = deviations.reduce((sum, { count }) => sum + count, 0);
  const total = counts.passed + counts.skipped + failed;
  return `### Tests of the standard's suite that fail, and why

Of the ${total} tests of [array-api-tests](https://github.com/data-apis/array-api-tests) for the
version 2024.12, ${counts.passed} pass, ${failed} fail and ${counts.skipped} are skipped (they need
complex numbers or a later version, or the suite calls them flaky), with 20 examples for each. In a clone of Isograd, with a clone of the tests:

\`\`\`sh
npm run array-api -- path/to/array-api-tests
\`\`\`

| tests | how many | why |
| --- | --- | --- |
${rows.join("\n")}`;
}

/** Public functions that are compositions of ops. */
function compositions(): string[] {
  const ops = allOps();
  return Object.entries(names)
    .filter(([name, value]) => typeof value === "function" && !ops.has(name))
    .filter(([name]) => /^[a-z]/.test(name))
    .map(([name]) => name)
    .sort();
}

/** Names of the standard for which we have a function. */
export function promised(): string[] {
  const all = Object.values(standard).flatMap((text) => text.split(/\s+/));
  return all.filter((name) => missing[name] === undefined).map(ourName);
}

/** The page. */
export function opsPage(): string {
  const ops = Object.entries(families).map(([name, members]) => familyTable(name, members));
  const chapters = Object.entries(standard).map(([name, text]) => standardTable(name, text));
  const counts = `${allOps().size} ops, and ${compositions().length} other functions`;
  return `# Ops

<!-- Written by packages/autograd/test/opsPage from the registry: npx vitest run --project autograd opsPage -u -->

${counts}. Devices have kernels for ops, and derivatives are defined for ops. The other functions are
compositions of ops (or make tensors, or describe them): their dtypes, devices and derivatives are
those of the ops.

- **dtypes**: the allowed dtypes of operands. Indices are int32 and conditions bool in all ops. The gpu
  has no float64.
- **devices**: "cpu" means a WebAssembly kernel, at least for float32; "cpu (plain)" means plain
  TypeScript over the same memory; "gpu" means a GPU.js kernel in both modes; "gpu (host)" means that
  the operands are read back, plain TypeScript computes the result, and it is uploaded, with one
  warning. The reference device runs everything.
- **off on gpu**: the largest error on the GPU, as explained under [On a GPU](#on-a-gpu).
- **differentiable**: rules are compositions of ordinary ops, so derivatives can be differentiated
  again. The tests check first and second derivatives of each op against finite differences.

${gpuChapter()}

## By family

${ops.join("\n\n")}

## Compositions of ops

${compositions()
  .map((name) => `\`${name}\``)
  .join(", ")}.

## The array API standard, 2025.12, name by name

Names are those of the standard in camelCase, except for the short names of arithmetic, which are
those of PyTorch. Options come last, as an object.

${chapters.join("\n\n")}

${standardTests()}
`;
}
