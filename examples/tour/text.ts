/** @file The findings as a table for the terminal. */

import { bytes, mean, short, standardError, table } from "../shared/statistics.js";
import type { Findings } from "./findings.js";

/** Two tables and two sentences. */
export function asText(found: Findings): string {
  const learned = table(
    ["predictor", "parameters", "test MSE", "rotation error", "grid rotations", "steps"],
    found.learned.map((l) => [
      l.name,
      l.parameters.toLocaleString("en-US"),
      short(l.mse),
      short(l.rotation),
      short(l.gridRotation),
      l.curve === null ? "" : l.curve.steps.toLocaleString("en-US"),
    ]),
  );
  const adapted = table(
    ["method", "trained", "on disk", "test MSE ± s.e.", "‖ΔΦ‖/‖δ‖ at start"],
    [
      ...found.before.map((b) => [b.name, "0", "", short(b.mse), ""]),
      ...found.adapted.map((a) => [
        a.method,
        a.trained.toLocaleString("en-US"),
        bytes(a.bytes),
        `${short(mean(a.mse))} ± ${short(standardError(a.mse))}`,
        range(a.ratios),
      ]),
    ],
  );
  const { reloaded, samples, seed } = found;
  const seeds = found.adapted[0]?.mse.length ?? 0;
  const size = bytes(reloaded.bytes);
  return [
    `N-body, ${samples.train} systems to learn from, ${samples.test} to test on (seed ${seed})`,
    "",
    learned,
    "",
    `Another world: ${found.law}; ${samples.adapt} systems to adapt to, ${seeds} seeds`,
    "",
    adapted,
    "",
    `The GPart adapter, ${reloaded.numbers} numbers and a seed in ${size}, was saved and loaded: ${
      reloaded.same ? "the outputs are the same to the last bit" : "THE OUTPUTS DIFFER"
    }.`,
  ].join("\n");
}

/** Smallest to largest. */
export function range(ratios: readonly number[]): string {
  const low = ratios.reduce((a, b) => Math.min(a, b));
  const high = ratios.reduce((a, b) => Math.max(a, b));
  return high - low < 1e-6 ? low.toFixed(6) : `${short(low)} … ${short(high)}`;
}
