/** @file A bar of @clack/prompts for `fit`, in the look of the tour's other lines. */
import { progress } from "@clack/prompts";
import type { Reporter } from "@isograd/nn";

export function promptsBar(): Reporter {
  const view = progress({ max: 1000, size: 30, indicator: "timer" });
  let done = 0;
  return {
    start: (title) => view.start(title),
    step({ step, loss }, part) {
      const next = Math.min(1000, Math.floor(part * 1000));
      view.advance(Math.max(0, next - done), `step ${step}  loss ${loss.toPrecision(4)}`);
      done = Math.max(done, next);
    },
    finish(last, stopped) {
      const text = `${stopped}${last === null ? "" : `, ${last.step} steps`}`;
      if (stopped === "error" || stopped === "diverged") view.error(text);
      else view.stop(text);
    },
  };
}
