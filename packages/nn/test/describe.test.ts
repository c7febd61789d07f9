/** @file Modules as text. */
import { inspect } from "node:util";
import { Conv2d, Dropout, Linear, MLP, Module, Parameter, TransformerBlock } from "@isograd/nn";
import { ones, rng } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

const random = rng(0);

class Net extends Module {
  readonly blocks = [0, 1, 2].map(() => new Linear(4, 4, { rng: random }));
  readonly parts = {
    drop: new Dropout(0.5, { rng: random }),
    last: new Linear(4, 2, { rng: random }),
  };
  readonly scale = new Parameter(ones([2], { dtype: "float64" }));
  readonly names = ["a", "b"];
}

describe("String(module)", () => {
  it("is a line for a layer", () => {
    const text = "Linear(inFeatures=2, outFeatures=3, weight [3, 2], bias [3])";
    expect(String(new Linear(2, 3, { rng: random }))).toBe(text);
    expect(`${new Dropout(0.25, { rng: random })}`).toBe("Dropout(p=0.25)");
    expect(String(new Conv2d(1, 2, 3, { rng: random, bias: false }))).toContain(
      "weight [2, 1, 3, 3])",
    );
  });

  it("is a tree, in which equal neighbours are one line", () => {
    const net = new Net();
    net.parts.last.freeze((name) => name === "bias");
    expect(String(net)).toBe(`Net(
  names=[a, b], scale float64 [2]
  (blocks.0-2): 3 × Linear(inFeatures=4, outFeatures=4, weight [4, 4], bias [4])
  (parts.drop): Dropout(p=0.5)
  (parts.last): Linear(inFeatures=4, outFeatures=2, weight [2, 4], bias [2] frozen)
)`);
    net.blocks[1]?.freeze();
    expect(String(net)).toContain(
      "(blocks.1): Linear(inFeatures=4, outFeatures=4, weight [4, 4] frozen, bias [4] frozen)",
    );
  });

  it("has trees in trees, and each module once", () => {
    const lines = String(new TransformerBlock(8, 2, { rng: random })).split("\n");
    expect(lines[0]).toBe("TransformerBlock(");
    expect(lines).toContain("  (self_attn): MultiHeadAttention(");
    expect(lines).toContain(
      "    (out_proj): Linear(inFeatures=8, outFeatures=8, weight [8, 8], bias [8])",
    );
    expect(lines.at(-1)).toBe(")");
  });

  it("is what console.log shows", () => {
    const mlp = new MLP([2, 3, 1], { rng: random });
    expect(inspect(mlp)).toBe(String(mlp));
    expect(inspect({ mlp }).replace(/\s+/g, " ")).toBe(
      `{ mlp: ${String(mlp).replace(/\s+/g, " ")} }`,
    );
  });
});
