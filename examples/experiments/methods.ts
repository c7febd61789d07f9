/** @file The methods by name, and how each is made to train a given number of numbers. */
import {
  type Adapter,
  fourierFt,
  fullFineTune,
  gpart,
  lora,
  type Scheme,
  uniLora,
  vera,
} from "@isograd/gpart";
import type { Module } from "@isograd/nn";
import type { Task } from "./task.js";

/** Names as in tables, in their order. */
export const METHODS = [
  "GPart",
  "Uni-LoRA",
  "LoRA",
  "VeRA",
  "FourierFT",
  "head only",
  "full",
] as const;

export type MethodName = (typeof METHODS)[number];

/** Whether a method can have a budget; the size of the others is fixed. */
export function hasBudget(method: MethodName): boolean {
  return method !== "head only" && method !== "full";
}

/** What is trained: a method at a budget. */
export interface Study {
  readonly method: MethodName;
  /** Trained numbers beside the head; 0 for methods of fixed size. */
  readonly d: number;
  /** GPart's partition, where it is not the default one. */
  readonly variant?: Scheme | "signed";
}

/** A study's name in files of results: `GPart d=384`. */
export function nameOf({ method, d, variant }: Study): string {
  return [method, ...(d > 0 ? [`d=${d}`] : []), ...(variant ? [variant] : [])].join(" ");
}

/** Every weight of the modules with these names. */
function inside(names: readonly string[]): RegExp {
  return new RegExp(`(^|\\.)(${names.map((n) => n.replaceAll(".", "\\.")).join("|")})(\\.|$)`);
}

/** Applies a method to a model. */
export function adapt<M extends Module>(
  model: M,
  task: Task<M>,
  { method, d, variant }: Study,
  seed: number,
): Adapter<M> {
  const common = { targetModules: task.targets, modulesToSave: task.head, seed };
  /** The k-th budget is that of LoRA of rank 2^k. */
  const rank = 2 ** task.budgets.indexOf(d);
  switch (method) {
    case "GPart": {
      const how = variant === "signed" ? { signed: true } : { scheme: variant ?? "feistel-v1" };
      return gpart(model, { ...common, d, ...how });
    }
    case "Uni-LoRA":
      return uniLora(model, { ...common, d, rank: Math.max(4, rank) });
    case "LoRA":
      return lora(model, { ...common, rank });
    case "VeRA":
      // one λ_b for each row of each target, one λ_d for each rank
      return vera(model, { ...common, rank: (d - task.shape.rows) / task.shape.targets });
    case "FourierFT":
      return fourierFt(model, { ...common, coefficients: d / task.shape.targets });
    case "head only":
      return fullFineTune(model, { targetModules: inside(task.head) });
    case "full":
      return fullFineTune(model, { modulesToSave: task.head });
  }
}

/** The learning rate at which a search begins. */
export function firstRate({ method, d }: Study, weights: number): number {
  if (method === "full") return 2e-3;
  if (method === "GPart") return 2e-3 * Math.sqrt(weights / d);
  return 1e-2;
}
