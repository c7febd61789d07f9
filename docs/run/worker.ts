/**
 * @file Runs one program in a worker and reports what happens: promises, output, pictures, the
 * line of an error. Endless loops are ended by ending the worker.
 */
import { displayOf, pictureOf } from "./display.js";
import type { DeviceName, Failure, Job, Level, Report } from "./messages.js";
import { importsFor, load } from "./modules.js";
import { Blocks } from "./program.js";
import { show, verdict } from "./promises.js";
import { rewrite } from "./rewrite.js";

const MOST_LINES = 1000;
const MOST_LETTERS = 20_000;
/** Browsers tell late of promises that fail and that nobody waits for. */
const LATE_MS = 40;

const say = (report: Report): void => self.postMessage(report);
const short = (text: string) =>
  text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)} …` : text;

/** The address of the running module, which stands in stacks. */
let address = "";
/** The line that ran last, for what has no stack. */
let current = 1;

/** The innermost line of the program in a stack. */
function lineIn(stack: string | undefined): number | undefined {
  const at = address === "" ? -1 : (stack?.indexOf(`${address}:`) ?? -1);
  if (stack === undefined || at < 0) return undefined;
  return Number.parseInt(stack.slice(at + address.length + 1), 10);
}

const lineNow = (): number => lineIn(new Error().stack) ?? current;

/** What reading code cannot do: Firefox and V8 say it in different ways. */
function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", problem: `thrown: ${show(error)}` };
  const { help } = error as { help?: unknown };
  const problem = error.message.replace(/\n {2}help: [\s\S]*$/, "");
  return { name: error.name, problem, ...(typeof help === "string" && { help }) };
}

/** Where an error belongs: its stack, or what the parsers say of a source that is no program. */
function lineOf(error: unknown): number | undefined {
  const { stack, loc } = error as { stack?: string; loc?: { line?: number } };
  return lineIn(stack) ?? loc?.line;
}

function fail(error: unknown): void {
  say({ type: "error", line: lineOf(error), failure: failureOf(error) });
}

let lines = 0;

/** Sends what a program writes to the console; the browser's own console has it too. */
function watchConsole(): void {
  for (const level of ["log", "info", "warn", "error"] satisfies Level[]) {
    const own = console[level].bind(console);
    console[level] = (...values: unknown[]) => {
      own(...values);
      lines += 1;
      if (lines > MOST_LINES) return;
      const text = lines === MOST_LINES ? "… (more is not shown)" : values.map(show).join(" ");
      say({ type: "log", line: lineNow(), level, text: short(text) });
    };
  }
}

/** What rewritten programs call. */
const runtime = {
  load,
  show,

  async check(run: () => unknown, line: number, promised: string, _: string, last: boolean) {
    current = line;
    const found = await verdict(run, promised);
    if (found === undefined) return;
    const { kept, printed, value } = found;
    say({ type: "promise", line, kept, promised: found.promised, printed: short(printed) });
    const shown = last ? await pictureOf(value) : undefined;
    if (shown) say({ type: "value", line, shown });
  },

  async value(value: unknown, line: number) {
    current = line;
    let shown = await displayOf(value);
    if (shown?.kind === "text") shown = { ...shown, content: short(shown.content) };
    if (shown) say({ type: "value", line, shown });
  },
};

/** Makes `plot` a global. */
async function givePlot(): Promise<void> {
  const [{ onPicture, plot }, { parseHTML }] = await Promise.all([
    import("./plot.js"),
    import("linkedom/worker"),
  ]);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  onPicture(document, (content) => {
    say({ type: "value", line: lineNow(), shown: { kind: "html", content } });
  });
  Object.assign(globalThis, { plot });
}

/** Starts the GPU when that is where tensors are to be. */
async function startDevice(device: DeviceName): Promise<void> {
  if (device === "cpu") return;
  const { init, setDefaultDevice } = await import("@isograd/tensor");
  await init("gpu", { mode: device });
  setDefaultDevice("gpu");
}

async function run({ blocks, device, own }: Job): Promise<void> {
  const { source, ends } = new Blocks(blocks);
  const { code, free } = rewrite(source, { load: true, ends });
  if (free.has("plot")) await givePlot();
  await startDevice(device);
  const head = own === undefined ? "" : await importsFor(free, own);
  address = URL.createObjectURL(new Blob([head, code], { type: "text/javascript" }));
  const begin = performance.now();
  await import(/* @vite-ignore */ address);
  const milliseconds = performance.now() - begin;
  await new Promise((later) => setTimeout(later, LATE_MS));
  say({ type: "done", milliseconds });
}

Object.assign(globalThis, { __run: runtime });
watchConsole();
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault(); // the page shows it
  fail(event.reason);
});
self.addEventListener("error", (event) => {
  event.preventDefault();
  fail(event.error);
});
self.addEventListener("message", ({ data }: MessageEvent<Job>) => {
  run(data).catch(fail);
});
