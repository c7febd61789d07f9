/**
 * @file One run at a time on a page: starts a program, writes its reports on the code and into the
 * output, and says in `data-state` how it stands: idle, running, done or failed.
 */
import type { DeviceName, Report } from "../messages.js";
import { Blocks, type Place } from "../program.js";
import { type Running, start } from "../start.js";
import type { Output } from "./output.js";
import type { CodeView } from "./view.js";

/** What is run, and where it is seen. */
export interface Program {
  /** Blocks in their order, the last one is the one that was asked for. */
  readonly blocks: readonly string[];
  readonly views: readonly CodeView[];
  readonly output: Output;
  /** Carries `data-state`. */
  readonly element: HTMLElement;
  readonly device: DeviceName;
  readonly own?: string | undefined;
}

const time = (ms: number) => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** A program that runs, and what it has reported so far. */
class Session {
  readonly #program: Program;
  readonly #blocks: Blocks;
  readonly #running: Running;
  #promises = 0;
  #kept = 0;

  constructor(program: Program) {
    const { blocks, views, output, element, device, own } = program;
    this.#program = program;
    this.#blocks = new Blocks(blocks);
    for (const view of views) view.clear();
    output.clear();
    element.dataset["state"] = "running";
    this.#running = start({ blocks, device, own }, (report) => this.#see(report));
  }

  /** Ends the program if it still runs. */
  stop(): void {
    this.#running.stop();
    if (this.#program.element.dataset["state"] === "running") this.#end("idle", "Stopped.");
  }

  #end(state: "done" | "failed" | "idle", summary: string): void {
    this.#program.element.dataset["state"] = state;
    if (summary !== "") this.#program.output.summary(summary);
  }

  #see(report: Report): void {
    const { views, output, blocks } = this.#program;
    const line = "line" in report ? report.line : undefined;
    const place = line === undefined ? undefined : this.#blocks.placeOf(line);
    const view = place === undefined ? undefined : views[place.block];
    const here = place?.block === blocks.length - 1; // what earlier blocks print is theirs
    if (report.type === "error") {
      if (place !== undefined) view?.error(place.line);
      output.failure(report.failure, this.#where(place));
      this.#end("failed", "");
    } else if (report.type === "promise") {
      this.#promises += 1;
      if (report.kept) this.#kept += 1;
      view?.promise(place?.line ?? 1, report.kept, report.printed);
    } else if (report.type === "done") this.#finish(report.milliseconds);
    else if (report.type === "log" && here) output.log(report.level, report.text);
    else if (report.type === "value" && here) output.value(report.shown);
  }

  #finish(milliseconds: number): void {
    const [kept, all] = [this.#kept, this.#promises];
    const held = all === 0 ? "" : ` · ${kept} of ${all} values as promised`;
    this.#end(kept === all ? "done" : "failed", `Done in ${time(milliseconds)}${held}`);
  }

  /** Which block an error belongs to, for a reader who looks at the last one. */
  #where(place: Place | undefined): string {
    if (place === undefined) return "";
    if (place.block === this.#program.blocks.length - 1) return `line ${place.line}`;
    return `line ${place.line} of block ${place.block + 1} of this page, which runs before`;
  }
}

let session: Session | undefined;

/** Ends what runs on this page. */
export function stop(): void {
  session?.stop();
  session = undefined;
}

/** Runs a program and ends the one before. */
export function run(program: Program): void {
  stop();
  session = new Session(program);
}
