/** @file `npm run bench`: Isograd beside other libraries and plain loops, in one run, on one thread. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { setDefaultDevice } from "@isograd/tensor";
import { type Library, libraries, type Row } from "./harness/contender.js";
import { machine, versions } from "./harness/machine.js";
import { quick, thorough } from "./harness/measure.js";
import { header, line, notes } from "./harness/report.js";
import { type Result, runRow } from "./harness/run.js";
import { judge, targets, type Verdict } from "./harness/targets.js";
import { startJax } from "./libraries/jax.js";
import { startTfjs } from "./libraries/tfjs.js";
import { memoryLoop } from "./memory.js";
import { elementwiseRows } from "./rows/elementwise.js";
import { gpartRows } from "./rows/gpart.js";
import { indexingRows } from "./rows/indexing.js";
import { matmulRows } from "./rows/matmul.js";
import { mlpRow } from "./rows/mlp.js";
import { ponitaRow } from "./rows/ponita.js";
import { rowwiseRows } from "./rows/rowwise.js";
import { trainingRow } from "./rows/training.js";

const HELP = `npm run bench -- [options]
  --filter <text>   only rows whose name contains this (several: separate by commas)
  --libraries <…>   only these, as the table names them, separated by commas
  --quick           fewer and shorter samples
  --out <file>      where the JSON goes (bench/results/<date>.json)
  --threads <n>     threads for each contender: 1, as no peer has more in Node
  --memory [steps]  instead of timing: a training loop whose memory must stay flat
  --list            names of the rows
`;

const rows: readonly Row[] = [
  ...matmulRows,
  ...elementwiseRows,
  ...rowwiseRows,
  ...indexingRows,
  trainingRow,
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

async function bench({ filter, libraries: wanted, quick: short, out }: Options): Promise<void> {
  const words = filter.split(",").map((word) => word.trim());
  const chosen = rows.filter(({ name }) => words.some((word) => name.includes(word)));
  setDefaultDevice("cpu"); // starts it, which switches relaxed SIMD on where it is to be had
  await startTfjs();
  await startJax();
  const about = { machine: machine(), versions: versions() };
  const { cpu, node, load } = about.machine;
  console.log(`${cpu}, ${node}, one thread, load ${load}; × = times the time of Isograd\n`);
  console.log(header());
  const results: Result[] = [];
  for (const row of chosen) {
    const result = await runRow(row, wanted, short ? quick : thorough);
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

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      filter: { type: "string", default: "" },
      libraries: { type: "string", default: libraries.join(",") },
      quick: { type: "boolean", default: false },
      out: { type: "string" },
      threads: { type: "string", default: "1" },
      memory: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else if (values.list) console.log(rows.map(({ name }) => name).join("\n"));
  else if (values.memory) memoryLoop(Number(positionals[0] ?? 10_000));
  else if (values.threads !== "1") throw new Error("--threads: only 1 can be compared in Node");
  else {
    const file = `results/${new Date().toISOString().slice(0, 10)}.json`;
    const out = resolve(values.out ?? new URL(`../${file}`, import.meta.url).pathname);
    const wanted = values.libraries.split(",");
    await bench({
      filter: values.filter,
      libraries: libraries.filter((library) => wanted.includes(library)),
      quick: values.quick,
      out,
    });
  }
}

await main();
process.exit(); // tfjs keeps the process alive
