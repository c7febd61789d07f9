/** @file The report: one HTML page with everything in it. */
import type { Findings } from "./findings.js";
import {
  adaptationCurves,
  distortionHistogram,
  errorByMethod,
  learningCurves,
  trajectories,
} from "./plots.js";
import { bytes, mean, short, standardError } from "./statistics.js";
import { range } from "./text.js";

const CSS = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee6; --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --soft: #9aa4b2; --line: #2c3543; --paper: #12161d; }
}
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 720px; margin: 0 auto; padding: 32px 20px 80px; }
h1 { font-size: 28px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 40px 0 8px; }
p.lead, figcaption, footer { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin: 12px 0; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 8px; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; }
th { font-weight: 600; color: var(--soft); font-size: 14px; }
figure { margin: 16px 0; overflow-x: auto; } svg { max-width: 100%; height: auto; font: 12px system-ui, sans-serif; overflow: visible; }
figcaption { font-size: 14px; } .three { display: flex; flex-wrap: wrap; gap: 8px; }
.three svg { width: 220px; }`;

function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string): string =>
    `<tr>${row.map((c) => `<${tag}>${safe(c)}</${tag}>`).join("")}</tr>`;
  return `<table>${cells(head, "th")}${rows.map((row) => cells(row, "td")).join("")}</table>`;
}

function safe(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function figure(picture: string, caption: string): string {
  return `<figure>${picture}<figcaption>${safe(caption)}</figcaption></figure>`;
}

/** The page, self-contained: no script, no link to elsewhere. */
export function asHtml(found: Findings): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Isograd: the tour</title><style>${CSS}</style></head><body>
<h1>Isograd: the tour</h1>
<p class="lead">An equivariant network learns how charged bodies move; then the world changes, and it is adapted.</p>
${learnedPart(found)}
${adaptedPart(found)}
<footer><p>Seed ${found.seed}; ${found.seconds.toFixed(0)} s in all on ${safe(found.machine)}.
Made by <code>npm start</code>.</p></footer>
</body></html>
`;
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
<p>Five bodies with charges ±1 attract and repel each other by Coulomb's law. Given where they are and how they move,
where will they be one unit of time later? ${samples.train} simulated systems to learn from, ${samples.test} to test on.
PONITA and the MLP were trained for the same time, with batches turned at random.</p>
${htmlTable(["predictor", "parameters", "test MSE", "rotation error", "grid rotations"], rows)}
<p>The rotation error says by how much a prediction changes, relatively, when the input is turned and the prediction
turned back: for any rotation, and for those that map PONITA's grid of orientations onto itself.</p>
${figure(learningCurves(found), "Training loss against time, means of 20 steps.")}
${figure(
  `<div class="three">${shown.map(trajectories).join("")}</div>`,
  "Test systems seen from above: where the bodies went (lines, ending in dots) and where PONITA said they would be (crosses).",
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
<p>Now ${safe(found.law)}. ${samples.adapt} systems of the new world are there to adapt to. LoRA of rank 1 sets the budget of
trained numbers for GPart and Uni-LoRA; full fine-tuning may change every weight. All take the same number of steps,
${adapted[0]?.mse.length ?? 0} seeds each.</p>
${htmlTable(["method", "trained", "on disk", "test MSE ± s.e.", "‖ΔΦ‖/‖δ‖"], rows)}
${figure(errorByMethod(found), "Test error in the new world, before (grey) and after adapting (blue).")}
${figure(adaptationCurves(found), "Training loss while adapting, one line per seed, means of 20 steps.")}
${figure(distortionHistogram(found), "Lengths of random steps in weights, relative to their lengths in trained numbers, where training starts. GPart is an isometry: all are 1.")}
<p>The GPart adapter is ${reloaded.numbers} numbers and a seed, ${bytes(reloaded.bytes)}. It was saved, loaded again, and ${
    reloaded.same
      ? "gave the same outputs to the last bit"
      : "<strong>gave other outputs: this is a bug</strong>"
  }.</p>`;
}
