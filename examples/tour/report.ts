/** @file The report: one HTML page with everything in it. */
import { figure, htmlPage, htmlTable, safe } from "../shared/page.js";
import { bytes, mean, short, standardError } from "../shared/statistics.js";
import type { Findings } from "./findings.js";
import {
  adaptationCurves,
  distortionHistogram,
  errorByMethod,
  learningCurves,
  trajectories,
} from "./plots.js";
import { range } from "./text.js";

/** The page, self-contained: no script, no link to elsewhere. */
export function asHtml(found: Findings): string {
  return htmlPage(
    "Isograd: the tour",
    "A network learns how charged bodies move; then the world changes, and it is adapted.",
    `${learnedPart(found)}\n${adaptedPart(found)}`,
    `Seed ${found.seed}; ${found.seconds.toFixed(0)} s in all on ${safe(found.machine)}.
Made by <code>npm start</code>.`,
  );
}

function learnedPart(found: Findings): string {
  const rows = found.learned.map((l) => [
    l.name,
    l.parameters.toLocaleString("en-US"),
    short(l.mse),
    short(l.rotation),
    short(l.gridRotation),
  ]);
  const { samples, shown } = found;
  return `<h2>Learning to predict</h2>
<p>Five bodies with charges ±1 attract and repel each other by Coulomb's law. Given where they are
and how they move, where will they be one unit of time later? There are ${samples.train} simulated
systems to learn from and ${samples.test} to test on. PONITA and the MLP were trained for the same
time, with batches turned at random.</p>
${htmlTable(["predictor", "parameters", "test MSE", "rotation error", "grid rotations"], rows)}
<p>The rotation error is the relative change of a prediction when the input is turned and the
prediction turned back: for any rotation, and for those that map PONITA's grid of orientations onto
itself.</p>
${figure(learningCurves(found), "Training loss against time, means of 20 steps.")}
${figure(
  `<div class="three">${shown.map(trajectories).join("")}</div>`,
  "Test systems from above: simulated paths (lines to dots), and PONITA's predictions (crosses).",
)}`;
}

function adaptedPart(found: Findings): string {
  const rows = [
    ...found.before.map((b) => [b.name, "0", "", short(b.mse), ""]),
    ...found.adapted.map((a) => [
      a.method,
      a.trained.toLocaleString("en-US"),
      bytes(a.bytes),
      `${short(mean(a.mse))} ± ${short(standardError(a.mse))}`,
      range(a.ratios),
    ]),
  ];
  const { reloaded, samples, adapted } = found;
  return `<h2>Another world</h2>
<p>Now ${safe(found.law)}. There are ${samples.adapt} systems of the new world to adapt to. LoRA of
rank 1 sets the budget of trained numbers for GPart and Uni-LoRA; full fine-tuning may change every
weight. All take the same number of steps, ${adapted[0]?.mse.length ?? 0} seeds each.</p>
${htmlTable(["method", "trained", "on disk", "test MSE ± s.e.", "‖ΔΦ‖/‖δ‖"], rows)}
${figure(
  errorByMethod(found),
  "Test error in the new world, before (grey) and after adapting (blue).",
)}
${figure(
  adaptationCurves(found),
  "Training loss while adapting, one line per seed, means of 20 steps.",
)}
${figure(
  distortionHistogram(found),
  "Lengths of random steps in weights, relative to their lengths in trained numbers, where " +
    "training starts. GPart is an isometry: all are 1.",
)}
<p>The GPart adapter is ${reloaded.numbers} numbers and a seed, ${bytes(reloaded.bytes)}.
It was saved, loaded again, and ${
    reloaded.same
      ? "gave the same outputs to the last bit"
      : "<strong>gave other outputs: this is a bug</strong>"
  }.</p>`;
}
