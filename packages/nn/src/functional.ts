/** @file Modules as functions of their weights: functionalCall, and state dicts as functions. */
import { ShapeError, type Tensor, UsageError } from "@isograd/tensor";
import {
  expectFunction,
  expectSync,
  expectTensor,
  formatShape,
  shapesEqual,
} from "@isograd/tensor/engine";
import { expectRecord } from "./expect.js";
import { expectModule, type Module } from "./module.js";
import { listed } from "./names.js";
import type { Buffer, Parameter } from "./parameter.js";
import type { LoadReport, LoadStateOptions } from "./stateDict.js";

/**
 * Runs `fn(module)` with the given tensors in place of the parameters and buffers of those names;
 * afterwards the module has its own tensors again. Gradients flow to the given tensors, so any
 * function may compute the weights of a module.
 *
 * @param weights tensors by parameter name, with the shapes of the parameters; parameters that are
 * not named keep their values
 * @throws UsageError for a name that the module does not have; ShapeError for another shape.
 * @example
 * const layer = new Linear(2, 1, { rng: rng(0) });
 * const f = (w: Tensor) => functionalCall(layer, { weight: w }, (m) => m.forward(ones([2])).sum());
 * grad(f)(zeros([1, 2])).toString(); // Tensor(float32, [1, 2]) [[1, 1]]
 */
export function functionalCall<M extends Module, T>(
  module: M,
  weights: Readonly<Record<string, Tensor>>,
  fn: (module: M) => T,
): T {
  expectModule("functionalCall", module);
  expectRecord("functionalCall", "weights by name", weights, "write { weight: w }");
  const form = "write functionalCall(module, weights, (m) => m.forward(x))";
  expectFunction("functionalCall", fn, form);
  const lent: [Parameter | Buffer, Tensor | null][] = [];
  try {
    const parameters = module.namedParameters();
    const buffers = module.namedBuffers();
    for (const [name, value] of Object.entries(weights)) {
      const slot = parameters.get(name) ?? buffers.get(name);
      if (slot === undefined) throw unknownName(name, [...parameters.keys()]);
      checkShape(name, slot, value);
      lent.push([slot, slot.lent]);
      slot.lend(value);
    }
    const result = fn(module);
    const help = "the weights are put back when the function returns: make it synchronous";
    expectSync("functionalCall", result, help);
    return result;
  } finally {
    for (const [slot, before] of lent.reverse()) slot.lend(before);
  }
}

function unknownName(name: string, known: readonly string[]): UsageError {
  return new UsageError(
    "functionalCall",
    `the module has no parameter "${name}"`,
    `its parameters are: ${listed(known)}`,
  );
}

function checkShape(name: string, slot: Parameter | Buffer, value: unknown): void {
  expectTensor("functionalCall", value);
  if (shapesEqual(slot.shape, value.shape)) return;
  throw new ShapeError(
    "functionalCall",
    `${name} is ${formatShape(slot.shape)}, got ${formatShape(value.shape)}`,
    "the weights that are given have the shapes of the parameters",
  );
}

/** `module.stateDict()` as a function. */
export function stateDict(module: Module): Record<string, Tensor> {
  expectModule("stateDict", module);
  return module.stateDict();
}

/** `module.loadStateDict(dict)` as a function. */
export function loadStateDict(
  module: Module,
  dict: Readonly<Record<string, Tensor>>,
  options?: LoadStateOptions,
): LoadReport {
  expectModule("loadStateDict", module);
  return module.loadStateDict(dict, options);
}
