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

let running: Running | undefined;
let ended: () => void = () => {};

/** Ends what runs on this page. */
export function stop(): void {
  running?.stop();
  ended();
}

const seconds = (ms: number) => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Which block an error belongs to, for a reader who looks at the last one. */
function placeText(place: Place | undefined, last: number): string {
  if (place === undefined) return "";
  if (place.block === last) return `line ${place.line}`;
  return `line ${place.line} of block ${place.block + 1} of this page, which runs before`;
}

/** Runs a program and ends the one before. */
export function run({ blocks, views, output, element, device, own }: Program): void {
  stop();
  const last = blocks.length - 1;
  const program = new Blocks(blocks);
  let kept = 0;
  let promises = 0;
  for (const view of views) view.clear();
  output.clear();
  element.dataset["state"] = "running";
  ended = () => {
    ended = () => {};
    running = undefined;
    if (element.dataset["state"] !== "running") return;
    element.dataset["state"] = "idle";
    output.summary("Stopped.");
  };
  const finish = (state: "done" | "failed", summary: string) => {
    element.dataset["state"] = state;
    output.summary(summary);
    ended();
  };
  const see = (report: Report): void => {
    if (report.type === "ready") return;
    if (report.type === "done") {
      const held = promises === 0 ? "" : ` · ${kept} of ${promises} values as promised`;
      finish(
        kept === promises ? "done" : "failed",
        `Done in ${seconds(report.milliseconds)}${held}`,
      );
      return;
    }
    const place = report.line === undefined ? undefined : program.placeOf(report.line);
    const view = place === undefined ? undefined : views[place.block];
    if (report.type === "error") {
      if (place !== undefined) view?.error(place.line);
      output.failure(report.failure, placeText(place, last));
      finish("failed", "");
    } else if (report.type === "promise") {
      promises += 1;
      if (report.kept) kept += 1;
      view?.promise(place?.line ?? 1, report.kept, report.printed);
    } else if (place?.block !== last) {
      // what earlier blocks print belongs to their own Run
    } else if (report.type === "log") output.log(report.level, report.text);
    else output.value(report.shown);
  };
  running = start({ blocks, device, own }, see);
}
