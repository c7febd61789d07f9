/**
 * @file A model's own forward pass, with the types of its inputs and result. Independent of
 * adapters.
 */
import type { Module } from "@isograd/nn";
import { UsageError } from "@isograd/tensor";

/** Inputs and result of a model's `forward`. */
export type ForwardOf<M> = M extends { forward(...inputs: infer A): infer R }
  ? readonly [inputs: A, result: R]
  : readonly [inputs: unknown[], result: unknown];

type Runs<M> = { forward(...inputs: ForwardOf<M>[0]): ForwardOf<M>[1] };

function runs<M extends Module>(model: M): model is M & Runs<M> {
  return "forward" in model;
}

/** Runs the model's `forward`. @throws UsageError when it has none. */
export function forward<M extends Module>(model: M, inputs: ForwardOf<M>[0]): ForwardOf<M>[1] {
  if (runs(model)) return model.forward(...inputs);
  throw new UsageError("forward", "the model has no method forward", "call run() with a function");
}
