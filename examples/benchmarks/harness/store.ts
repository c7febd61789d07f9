/** @file Results in a JSON file: written after every step, so that a stopped run can continue. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import type { Context, Results, Step } from "./benchmark.js";

/** A file of results. */
export interface ResultFile {
  /** The command that makes them again. */
  readonly command: string;
  readonly machine: string;
  readonly results: Results;
}

/** The file; null when there is none yet. */
export async function readResults(path: string): Promise<ResultFile | null> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

async function writeResults(path: string, file: ResultFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, `${JSON.stringify(file, null, 2)}\n`);
  await rename(draft, path);
}

/** Where the numbers come from; times depend on how steps run. */
function machine({ compile }: Context): string {
  const all = cpus();
  const steps = compile ? "compiled steps" : "steps op by op";
  return `${all.length} × ${all[0]?.model.trim() ?? "CPU"}, Node ${process.version}, ${steps}`;
}

/** Runs the steps whose results are not in the file; stops between steps when the signal fires. */
export async function runSteps(
  path: string,
  command: string,
  steps: readonly Step[],
  context: Context,
  say: (text: string) => void = () => {},
): Promise<Results> {
  const results: Record<string, unknown> = { ...(await readResults(path))?.results };
  for (const [i, { key, run }] of steps.entries()) {
    if (results[key] !== undefined) continue;
    if (context.signal.aborted) break;
    say(`${key} (${i + 1} of ${steps.length})`);
    const found = await run(context);
    if (context.signal.aborted) break; // interrupted: the next start continues from its checkpoint
    results[key] = found;
    await writeResults(path, { command, machine: machine(context), results });
  }
  return results;
}
