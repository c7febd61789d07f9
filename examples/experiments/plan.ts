/** @file What is run: the comparison at equal budgets, and the studies of GPart alone. */
import { schemes } from "@isograd/gpart";
import type { Module } from "@isograd/nn";
import { conduct, type Lab, runOnce, search } from "./lab.js";
import { landscape } from "./landscape.js";
import { hasBudget, METHODS, type Study } from "./methods.js";

/** The comparison: each method at each budget, those of fixed size once. */
export function comparison(budgets: readonly number[]): Study[] {
  return METHODS.flatMap((method) =>
    hasBudget(method) ? budgets.map((d) => ({ method, d })) : [{ method, d: 0 }],
  );
}

/** GPart with other partitions, at the smallest budget. */
export function otherSchemes(d: number): Study[] {
  const others = schemes.filter((scheme) => scheme !== "feistel-v1");
  return [...others, "signed" as const].map((variant) => ({ method: "GPart", d, variant }));
}

/** GPart from very few trained numbers to all weights. */
export function sweep(weights: number): Study[] {
  const all = [24, 96, 3072, weights];
  return all.map((d) => ({ method: "GPart", d }));
}

/** Methods whose own seed is varied with everything else fixed, and whose landscapes are drawn. */
const SEEDED = ["GPart", "Uni-LoRA", "LoRA"] as const;

/** Every method: its rate, then the runs that count. */
export async function compare<M extends Module>(lab: Lab<M>): Promise<void> {
  for (const study of comparison(lab.task.budgets)) await conduct(lab, study);
}

/** Partition schemes, the range of d, the spread over the method's own seed, landscapes. */
export async function ablate<M extends Module>(lab: Lab<M>, methodSeeds: number): Promise<void> {
  const [d = 0] = lab.task.budgets;
  for (const study of otherSchemes(d)) await conduct(lab, study);
  for (const study of sweep(lab.results.weights)) await conduct(lab, study);
  for (const method of SEEDED) {
    lab.teller.phase(`${lab.task.name}: ${method}, its own seed varied`);
    const lr = await search(lab, { method, d });
    for (let methodSeed = 100; methodSeed < 100 + methodSeeds; methodSeed++) {
      await runOnce(lab, { method, d }, { lr, seed: 0, methodSeed }, "test");
    }
    await landscape(lab, { method, d }, lr);
  }
}
