/**
 * @file `npm run bench`: Isograd beside other libraries and plain loops, in one run, on one thread.
 */
import { fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { init, setDefaultDevice } from "@isograd/tensor";
import { compileBench, compileRow, MODES } from "./compile/index.js";
import { distortions } from "./distortion.js";
import { gpuBench } from "./gpu/index.js";
import { type Library, libraries, type Row } from "./harness/contender.js";
import { machine, versions } from "./harness/machine.js";
import { quick, thorough } from "./harness/measure.js";
import { header, line, notes } from "./harness/report.js";
import { type Result, runRow } from "./harness/run.js";
import { judge, targets, type Verdict } from "./harness/targets.js";
import { startJax } from "./libraries/jax.js";
import { startTfjs } from "./libraries/tfjs.js";
import { memoryLoop } from "./memory.js";
import { ponita } from "./ponita/index.js";
import { projection } from "./projection.js";
import { elementwiseRows } from "./rows/elementwise.js";
import { gpartRows } from "./rows/gpart.js";
import { indexingRows } from "./rows/indexing.js";
import { matmulRows } from "./rows/matmul.js";
import { mlpRow } from "./rows/mlp.js";
import { ponitaRow } from "./rows/ponita.js";
import { rowwiseRows } from "./rows/rowwise.js";
import { stepRows } from "./rows/steps.js";
import { trainingRow } from "./rows/training.js";
import { scaling } from "./scaling.js";

const HELP = `npm run bench -- [options]

Times Isograd, other libraries and plain loops in turns, on one thread.

  --filter <text>   only rows whose name contains the text (several: separated by commas)
  --libraries <…>   only these libraries, named as in the table, separated by commas
  --quick           fewer and shorter samples
  --out <file>      where the JSON goes (default: bench/out/<date>.json, which git ignores)
  --threads <n>     threads for each contender: only 1, since the others have one in Node
  --list            print the names of the rows

Other measurements, instead of the table:
  --compile         steps op by op, compiled and by the jit of jax-js; programs beside their kernels
  --memory [steps]  a training loop whose memory must stay constant (default: 10000 steps)
  --ponita          the paper's N-body step, op by op, next to PyTorch if it is installed
  --scaling         Isograd on one thread and on all cores
  --distortion      how far each way of fine-tuning is from an isometry
  --projection      GPart's map for 10⁷ weights, next to a copy of as many floats
  --gpu             WebGPU and WebGL2 next to tfjs, in headless Chromium on a software renderer
    --hardware      on the machine's own GPU
    --angle <name>  what draws WebGL there: vulkan (default), gl-egl, metal or d3d11
`;

const rows: readonly Row[] = [
  ...matmulRows,
  ...elementwiseRows,
  ...rowwiseRows,
  ...indexingRows,
  trainingRow,
  ...stepRows,
  mlpRow,
  ponitaRow,
  ...gpartRows,
];

interface Options {
  readonly filter: string;
  readonly libraries: readonly Library[];
  readonly quick: boolean;
  readonly out: string;
}

/** Times one row in this process and sends the result to the parent process. */
async function runAlone(name: string, wanted: readonly Library[], short: boolean): Promise<void> {
  const row = rows.find((r) => r.name === name);
  if (row === undefined) throw new Error(`no row is called "${name}"; see --list`);
  await init({ threads: 1 }); // as the others; also turns relaxed SIMD on where it is available
  if (wanted.includes("tfjs")) await startTfjs();
  if (wanted.some((library) => library.startsWith("jax"))) await startJax();
  const result = await runRow(row, wanted, short ? quick : thorough);
  await new Promise<void>((done) => process.send?.(result, () => done()) ?? done());
}

/**
 * Times one row in a process of its own: code that was compiled for the shapes of earlier rows
 * would slow later rows down.
 */
function runApart(row: Row, wanted: readonly Library[], short: boolean): Promise<Result> {
  const args = ["--row", row.name, "--libraries", wanted.join(","), ...(short ? ["--quick"] : [])];
  const child = fork(new URL(import.meta.url).pathname, args, { serialization: "advanced" });
  return new Promise((resolve, reject) => {
    child.once("message", (result) => resolve(result as Result));
    child.once("exit", (code) => reject(new Error(`${row.name}: its process ended with ${code}`)));
  });
}

async function bench({ filter, libraries: wanted, quick: short, out }: Options): Promise<void> {
  const words = filter.split(",").map((word) => word.trim());
  const chosen = rows.filter(({ name }) => words.some((word) => name.includes(word)));
  setDefaultDevice("cpu"); // turns relaxed SIMD on, as in the processes of the rows
  const about = { machine: machine(), versions: versions() };
  const { cpu, node, load } = about.machine;
  console.log(`${cpu}, ${node}, one thread, load ${load}; × = times the time of Isograd\n`);
  console.log(header());
  const results: Result[] = [];
  for (const row of chosen) {
    const result = await runApart(row, wanted, short);
    results.push(result);
    console.log(line(result));
  }
  const verdicts = targets.map((target) => judge(target, results)).filter((v) => v !== null);
  tell(results, verdicts);
  mkdirSync(dirname(out), { recursive: true });
  const date = new Date().toISOString();
  const text = { date, ...about, threads: 1, quick: short, verdicts, results };
  writeFileSync(out, `${JSON.stringify(text, null, 2)}\n`);
  console.log(`\nwritten: ${out}`);
  if (results.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1;
}

function tell(results: readonly Result[], verdicts: readonly Verdict[]): void {
  const remarks = notes(results);
  if (remarks.length > 0) console.log(`\n${remarks.join("\n")}`);
  if (verdicts.length > 0) console.log("\ntargets");
  for (const { target, measured, met } of verdicts) {
    console.log(`  ${met ? "met   " : "missed"}  ${target}: ${measured.toPrecision(3)}`);
  }
}

/** Where results go by default. */
function fileFor(what: string): string {
  const name = `${what}${new Date().toISOString().slice(0, 10)}.json`;
  return new URL(`../out/${name}`, import.meta.url).pathname;
}

interface Compiling {
  readonly row?: string | undefined;
  readonly mode: string;
  readonly filter: string;
  readonly quick: boolean;
  readonly out?: string | undefined;
}

/** The table of compiled steps, or one of its lines in a process of its own. */
async function compiling({ row, mode, filter, quick: short, out }: Compiling): Promise<void> {
  const known = MODES.find((own) => own === mode) ?? "warm";
  if (row !== undefined) return compileRow(row, known, short);
  const main = new URL(import.meta.url).pathname;
  await compileBench(main, filter, short, resolve(out ?? fileFor("compile-")));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      filter: { type: "string", default: "" },
      libraries: { type: "string", default: libraries.join(",") },
      quick: { type: "boolean", default: false },
      out: { type: "string" },
      threads: { type: "string", default: "1" },
      row: { type: "string" },
      compile: { type: "boolean", default: false },
      mode: { type: "string", default: "warm" },
      memory: { type: "boolean", default: false },
      ponita: { type: "boolean", default: false },
      scaling: { type: "boolean", default: false },
      distortion: { type: "boolean", default: false },
      projection: { type: "boolean", default: false },
      gpu: { type: "boolean", default: false },
      hardware: { type: "boolean", default: false },
      angle: { type: "string", default: "vulkan" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else if (values.list) console.log(rows.map(({ name }) => name).join("\n"));
  else if (values.compile) await compiling(values);
  else if (values.memory) memoryLoop(Number(positionals[0] ?? 10_000));
  else if (values.scaling) await scaling();
  else if (values.ponita) await ponita(resolve(values.out ?? fileFor("ponita-")));
  else if (values.gpu) {
    const { filter, quick: short, hardware, angle } = values;
    const out = resolve(values.out ?? fileFor("gpu-"));
    await gpuBench({ filter, quick: short, out, angle: hardware ? angle : null });
  } else if (values.distortion) distortions();
  else if (values.projection) await projection();
  else if (values.threads !== "1") throw new Error("--threads: only 1 can be compared in Node");
  else {
    const asked = values.libraries.split(",");
    const wanted = libraries.filter((library) => asked.includes(library));
    if (values.row !== undefined) return runAlone(values.row, wanted, values.quick);
    const out = resolve(values.out ?? fileFor(""));
    await bench({
      filter: values.filter,
      libraries: wanted,
      quick: values.quick,
      out,
    });
  }
}

await main();
process.exit(); // tfjs keeps the process alive
