/**
 * @file Which weights share groups, and which layers are adapted: blocks, budgets,
 * layersToTransform.
 */
import { tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { type Adapter, gpart, loadAdapter, lora, saveAdapter } from "../../src/index.js";
import { bits, Small, scramble } from "./models.js";

const model = new Small(1);

/** For each target, the trained numbers that change it. */
function reach(adapter: Adapter<Small>): Record<string, number[]> {
  const theta = adapter.trained.theta!;
  const found: Record<string, number[]> = {};
  for (let j = 0; j < theta.own.size; j++) {
    theta.value = tensor(
      Float32Array.from({ length: theta.own.size }, (_, i) => (i === j ? 1 : 0)),
    );
    const weights = adapter.weights();
    for (const { name, parameter } of adapter.targets) {
      const moved = bits(weights[name]!).some((x, i) => x !== bits(parameter.own)[i]);
      if (moved) found[name] = [...(found[name] ?? []), j];
    }
  }
  return found;
}

describe("scopes", () => {
  it("by blocks: no number reaches two of them", () => {
    const found = reach(gpart(model, { d: 9, scope: "block" }));
    // 72 weights in each block, 18 in the head: d is divided in proportion
    expect(found).toEqual({
      "blocks.0.query.weight": [0, 1, 2, 3],
      "blocks.0.value.weight": [0, 1, 2, 3],
      "blocks.1.query.weight": [4, 5, 6, 7],
      "blocks.1.value.weight": [4, 5, 6, 7],
      "head.weight": [8],
    });
  });

  it("with budgets: each kind of module has its own numbers", () => {
    const adapter = gpart(model, { d: { query: 3, value: 2 } });
    expect(adapter.parameterCount).toBe(5);
    expect(reach(adapter)).toEqual({
      "blocks.0.query.weight": [0, 1, 2],
      "blocks.0.value.weight": [3, 4],
      "blocks.1.query.weight": [0, 1, 2],
      "blocks.1.value.weight": [3, 4],
    });
  });

  it("are in the file", () => {
    for (const options of [
      { d: 9, scope: "block", signed: true } as const,
      { d: { query: 3, value: 2 }, seed: 4 },
    ]) {
      const adapter = gpart(model, options);
      scramble(adapter);
      const loaded = loadAdapter(model, saveAdapter(adapter), { indices: "regenerated" });
      expect(bits(loaded.delta())).toEqual(bits(adapter.delta()));
      expect(saveAdapter(loaded)).toEqual(saveAdapter(adapter));
    }
  });

  it("tell of empty groups through the function given", () => {
    const said: string[] = [];
    const warn = (text: string) => said.push(text);
    gpart(model, { d: 80, scheme: "hash-v1", warn }).delta();
    expect(said).toEqual([expect.stringContaining("EmptyGroups: partition: ")]);
  });

  it.each<[string, () => unknown, string]>([
    [
      "an unknown scope",
      () => gpart(model, { d: 9, scope: "layer" as "block" }),
      'no scope "layer"',
    ],
    ["both", () => gpart(model, { d: { query: 1 }, scope: "block" }), "leave scope out"],
    ["d below the blocks", () => gpart(model, { d: 2, scope: "block" }), "3 cells need at least"],
    [
      "no budget",
      () => gpart(model, { d: { query: 1 }, targetModules: "all-linear" }),
      "budgets: none",
    ],
    ["two budgets", () => gpart(model, { d: { query: 1, "0.query": 1 } }), "query, 0.query"],
    [
      "a budget for nothing",
      () => gpart(model, { d: { query: 1, value: 1 }, targetModules: ["query"] }),
      'the budget of "value" has no weights',
    ],
    ["an unknown kind", () => gpart(model, { d: { key: 1 } }), '"key"'],
    ["a budget of 0", () => gpart(model, { d: { query: 0 } }), "query is a whole number"],
  ])("refuse %s", (_, run, message) => {
    expect(run).toThrow(UsageError);
    expect(run).toThrow(message);
  });
});

describe("layersToTransform", () => {
  const names = (adapter: Adapter<Small>) => adapter.targets.map((t) => t.name);

  it("chooses layers by their number", () => {
    const second = ["blocks.1.query.weight", "blocks.1.value.weight"];
    expect(names(gpart(model, { d: 3, layersToTransform: 1 }))).toEqual(second);
    const options = { layersToTransform: [1], layersPattern: "blocks", targetModules: ["value"] };
    const adapter = lora(model, options);
    expect(names(adapter)).toEqual(["blocks.1.value.weight"]);
    expect(JSON.parse(saveAdapter(adapter).config)).toMatchObject({
      layers_to_transform: [1],
      layers_pattern: "blocks",
    });
    expect(names(loadAdapter(model, saveAdapter(adapter)))).toEqual(names(adapter));
  });

  it.each<[string, object, string]>([
    ["no such layer", { layersToTransform: [0, 2] }, "no target lies in layer 2"],
    ["another pattern", { layersToTransform: 0, layersPattern: "layer" }, "without a number"],
    ["no layers", { layersToTransform: [] }, "layersToTransform is empty"],
    ["a pattern alone", { layersPattern: "blocks" }, "give layersToTransform too"],
  ])("refuses %s", (_, options, message) => {
    expect(() => gpart(model, { d: 1, ...options })).toThrow(UsageError);
    expect(() => gpart(model, { d: 1, ...options })).toThrow(message);
  });
});
