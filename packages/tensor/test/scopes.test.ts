/** @file Scopes: what they free, what they hand outwards, and what belongs to neither. */
import { describe, expect, it } from "vitest";
import { unscoped } from "../src/api/engine.js";
import { keep, memory, ones, scope, type Tensor } from "../src/api/index.js";

const alive = () => memory().tensors;

describe("scope", () => {
  it("frees what it made, except for its result", () => {
    const before = alive();
    const y = scope(() => ones([2]).add(1).mul(2));
    expect(alive()).toBe(before + 1);
    expect(y.toArray()).toEqual([4, 4]);
    y.dispose();
    expect(alive()).toBe(before);
  });

  it("hands results outwards level by level", () => {
    const before = alive();
    scope(() => {
      const inner = scope(() => scope(() => ones([1])));
      expect(inner.disposed).toBe(false);
    });
    expect(alive()).toBe(before);
  });

  it("does not carry off a tensor of an outer scope that it returns", () => {
    const before = alive();
    scope(() => {
      const x = ones([1]);
      expect(scope(() => x)).toBe(x);
    });
    expect(alive()).toBe(before);
  });

  it("keep holds through an inner scope that returns the same tensor", () => {
    const before = alive();
    const seen: Tensor[] = [];
    scope(() => {
      const x = keep(ones([1]));
      scope(() => x);
      seen.push(x);
    });
    expect(seen[0]?.disposed).toBe(false);
    seen[0]?.dispose();
    expect(alive()).toBe(before);
  });

  it("leaves alone what is made unscoped", () => {
    const before = alive();
    const x = scope(() => {
      const own = unscoped(() => scope(() => ones([1]).add(1)));
      return { own: () => own };
    }).own();
    expect(x.disposed).toBe(false);
    x.dispose();
    expect(alive()).toBe(before);
  });

  it("frees everything after an error", () => {
    const before = alive();
    expect(() =>
      scope(() => {
        ones([1]);
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(alive()).toBe(before);
  });
});
