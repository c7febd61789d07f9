/** @file No public function takes a list, nothing, text or an object for a tensor, or fails over it without a word. */
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

/** Functions whose first argument is no tensor. */
const OTHERS = new Set([
  ...["arange", "eye", "full", "linspace", "ones", "zeros", "tensor", "rng", "einsum"],
  ...["init", "setDefaultDevice", "defaultDevice", "devices", "memory", "scope", "keep", "dispose"],
  ...["promoteTypes", "resultType", "canCast", "isDType", "finfo", "iinfo", "broadcastShapes"],
  "formatTensor",
]);

const functions = Object.entries(t).filter(
  ([name, f]) => typeof f === "function" && /^[a-z]/.test(name) && !OTHERS.has(name),
) as [string, (...args: unknown[]) => unknown][];

const VALUES = [[1, 2], undefined, null, "x", {}];

describe("what is no tensor", () => {
  it.each(functions)("is refused by %s", (name, f) => {
    const refused = (run: () => unknown) => {
      expect(run).toThrow(t.IsogradError);
      expect(run).toThrow(new RegExp(`^${name}: .*\n {2}help: \\S`, "s"));
    };
    for (const value of VALUES) refused(() => f(value));
  });
});
