/** @file The command line of the benchmarks: which one, in which size, where results go. */
import { basename, join, resolve } from "node:path";
import { intro, log, outro } from "@clack/prompts";
import { compile } from "@isograd/compile";
import type { Compiler } from "@isograd/nn";
import { init } from "@isograd/tensor";
import { defineCommand } from "citty";
import type { Benchmark, Preset } from "./benchmark.js";
import { PICTURES, reportMarkdown, updatePage } from "./docs.js";
import { HERE, OUT } from "./files.js";
import { reportText, writeReport } from "./report.js";
import { readResults, runSteps } from "./store.js";

const PRESETS: readonly Preset[] = ["quick", "small", "paper"];

/** The command over the given benchmarks. */
export function commandFor(benchmarks: readonly Benchmark[]) {
  return defineCommand({
    meta: {
      name: "npm run benchmarks --",
      description: "Benchmarks of equivariant networks. A stopped run can be continued.",
    },
    args: {
      name: {
        type: "positional",
        required: false,
        description: `${benchmarks.map((b) => b.name).join(", ")} (default: all)`,
      },
      preset: {
        type: "string",
        default: "small",
        description: "quick (a minute), small (for two cores) or paper (the papers' settings)",
      },
      data: {
        type: "string",
        description: "A file or folder of data, instead of the included data",
      },
      report: {
        type: "boolean",
        default: false,
        description: "Only write the report of old results",
      },
      eager: {
        type: "boolean",
        default: false,
        description: "Steps op by op instead of compiled: the same results, later",
      },
      threads: { type: "string", default: "1", description: "Threads of the CPU device" },
    },
    async run({ args }) {
      const chosen = benchmarks.filter((b) => args.name === undefined || args.name === b.name);
      const preset = PRESETS.find((p) => p === args.preset);
      if (chosen.length === 0) refuse(`there is no benchmark "${args.name}"`);
      if (preset === undefined) return refuse(`there is no preset "${args.preset}"`);
      init({ threads: Number(args.threads) });
      intro("Isograd: benchmarks");
      for (const benchmark of chosen) {
        const data = args.data === undefined ? null : resolve(args.data);
        await perform(benchmark, { preset, data, eager: args.eager, onlyReport: args.report });
      }
      outro("Done.");
    },
  });
}

function refuse(problem: string): void {
  process.stderr.write(`${problem}; see npm run benchmarks -- --help\n`);
  process.exit(2);
}

interface Order {
  readonly preset: Preset;
  readonly data: string | null;
  readonly eager: boolean;
  readonly onlyReport: boolean;
}

/** What compiles the steps of a benchmark; none with `--eager`, and where batches differ in form. */
export function compilerFor({ compiled }: Benchmark, eager: boolean): Compiler | undefined {
  return compiled && !eager ? compile : undefined;
}

async function perform(benchmark: Benchmark, order: Order): Promise<void> {
  const { preset, data, eager, onlyReport } = order;
  const size = data === null ? preset : join(preset, basename(data));
  const folder = size === "small" ? join(HERE, "results") : join(OUT, size);
  const path = join(folder, `${benchmark.name}.json`);
  const given = data === null ? "" : ` --data ${basename(data)}`;
  const command = `npm run benchmarks -- ${benchmark.name} --preset ${preset}${given}`;
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once("SIGINT", onInterrupt);
  const compiler = compilerFor(benchmark, eager);
  const context = {
    checkpoints: join(OUT, "checkpoints", size, benchmark.name),
    signal: stop.signal,
    progress: true,
    data,
    ...(compiler && { compile: compiler }),
  };
  if (!onlyReport) {
    log.info(`${benchmark.name}: steps ${compiler ? "are compiled" : "run op by op"}.`);
    await runSteps(path, command, benchmark.steps(preset), context, log.step);
  }
  process.off("SIGINT", onInterrupt);
  const file = await readResults(path);
  if (file === null) return log.warn(`there are no results in ${path}`);
  if (size === "small") {
    await updatePage(
      benchmark.name,
      reportMarkdown(benchmark.name, benchmark.report(file.results)),
    );
  }
  const figures = size === "small" ? PICTURES : folder;
  const page = await writeReport(benchmark, file, { figures, page: join(OUT, size) });
  process.stdout.write(`\n${reportText(benchmark.report(file.results))}\n\n`);
  log.info(`Results: ${path}\nReport: ${page}`);
  if (stop.signal.aborted) {
    log.warn(`Stopped. To continue, run the same command: ${command}`);
    process.exit(130);
  }
}
