/**
 * @file The experiments: `npm run experiments`. Pretrains, adapts by every method, and writes
 * tables and plots.
 */
import { join, resolve } from "node:path";
import { intro, log, outro, progress } from "@clack/prompts";
import { compile } from "@isograd/compile";
import { init } from "@isograd/tensor";
import { defineCommand, runMain } from "citty";
import { arithmeticTask } from "./arithmetic.js";
import { type LabOptions, openLab, type Teller } from "./lab.js";
import { languageTask } from "./language.js";
import { ablate, compare } from "./plan.js";
import { writeReport } from "./report.js";
import type { Effort, Task, TaskName } from "./task.js";
import { visionTask } from "./vision.js";

const TASKS: Readonly<Record<TaskName, () => Task>> = {
  language: languageTask,
  vision: visionTask,
  arithmetic: arithmeticTask,
};

const NAMES: readonly TaskName[] = ["language", "vision", "arithmetic"];

const EFFORT: Readonly<Record<TaskName, Effort>> = {
  language: { pretrainSteps: 2000, steps: 200 },
  vision: { pretrainSteps: 800, steps: 200 },
  arithmetic: { pretrainSteps: 1500, steps: 200 },
};

/** The folder of the sources, and one that git ignores; the compiled program is in dist. */
const HERE = resolve(import.meta.dirname, "../../experiments");
const OUT = resolve(import.meta.dirname, "../../out/experiments");

const command = defineCommand({
  meta: {
    name: "npm run experiments --",
    description: "Compare ways of fine-tuning on language, vision and arithmetic.",
  },
  args: {
    task: { type: "positional", required: false, description: "language, vision or arithmetic" },
    quick: { type: "boolean", default: false, description: "Fewer steps and seeds: minutes" },
    eager: {
      type: "boolean",
      default: false,
      description: "Steps op by op instead of compiled: the same results, later",
    },
    results: { type: "string", description: "Folder of results (default: the repository's)" },
    report: {
      type: "boolean",
      default: false,
      description: "Only write tables and plots",
    },
  },
  async run({ args }) {
    const names = NAMES.filter((n) => args.task === undefined || n === args.task);
    if (names.length === 0) {
      process.stderr.write(`there is no experiment "${args.task}"\n`);
      process.exit(2);
    }
    init({ threads: 1 });
    intro("Isograd: experiments");
    const kept = args.quick ? join(OUT, "quick") : join(HERE, "results");
    const results = args.results === undefined ? kept : resolve(args.results);
    if (!args.report) {
      log.info(`Steps ${args.eager ? "run op by op" : "are compiled"}.`);
      for (const name of names) await experiment(name, results, args);
    }
    const page = writeReport(results, join(OUT, args.quick ? "quick" : "full"));
    outro(`Report: ${page}`);
  },
});

async function experiment(
  name: TaskName,
  results: string,
  { quick, eager }: { readonly quick: boolean; readonly eager: boolean },
): Promise<void> {
  const task = TASKS[name]();
  const { pretrainSteps, steps } = EFFORT[name];
  const options: LabOptions = {
    pretrainSteps: quick ? pretrainSteps / 4 : pretrainSteps,
    steps: quick ? steps / 4 : steps,
    seeds: quick ? [0, 1] : [0, 1, 2, 3, 4],
    results,
    cache: join(OUT, "bases"),
    searchSeeds: quick ? [1000] : [1000, 1001, 1002],
    margin: quick ? 0 : 2,
    ...(!eager && { compile }),
  };
  const teller = tellerFor(name === "vision" ? 900 : 600);
  const lab = await openLab(
    quick ? { ...task, budgets: task.budgets.slice(0, 1) } : task,
    options,
    teller,
  );
  await compare(lab);
  if (name !== "arithmetic" && !quick) await ablate(lab, 10);
  teller.close();
}

/** A bar on terminals, lines elsewhere. */
function tellerFor(about: number): Teller & { close(): void } {
  const bar = process.stdout.isTTY ? progress({ max: about }) : null;
  bar?.start("");
  let phase = "";
  let count = 0;
  return {
    phase(text) {
      phase = text;
      if (bar === null) log.step(text);
      else bar.message(text);
    },
    done() {
      count++;
      bar?.advance(1, `${phase} (${count} runs, about ${about})`);
    },
    close: () => bar?.stop(`${count} runs`),
  };
}

await runMain(command);
