/** @file Spaces and the search for counter-examples: it finds the known ones and no others. */
import { test } from "@fast-check/vitest";
import {
  counterExamples,
  groups,
  invariants,
  type Points,
  type Space,
  spaces,
} from "@isograd/equivariant";
import { rng, type Tensor, UsageError } from "@isograd/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const names = Object.keys(spaces) as Space[];
const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const gap = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

/** Largest difference of two points in any of their parts. */
function apart(a: Points, b: Points): number {
  const keys = Object.keys(a) as (keyof Points)[];
  return Math.max(...keys.map((key) => gap(a[key] as Tensor, b[key] as Tensor)));
}

describe.each(names)("%s", (name) => {
  const space = spaces[name];

  test.prop([seed], { numRuns: 5 })("is homogeneous: representatives and stabilisers", (s) => {
    const random = rng(s, { dtype: "float64" });
    const points = space.random(random, [5]);
    const origin = space.origin({ dtype: "float64" });
    const g = space.representative(points);
    expect(apart(points, space.act(g, origin))).toBeLessThan(1e-14);
    expect(apart(space.act(space.randomStabiliser(random, [4]), origin), origin)).toBeLessThan(
      1e-14,
    );
    const [a, b] = [0, 1].map(() => space.group.random(random, [5])) as [Tensor, Tensor];
    const [twice, once] = [
      space.act(a, space.act(b, points)),
      space.act(space.group.compose(a, b), points),
    ];
    expect(apart(twice, once)).toBeLessThan(1e-13);
  });

  it("has no counter-examples to its complete attributes", () => {
    expect(counterExamples(name, invariants(name, "complete"), { pairs: 12 })).toEqual([]);
  });

  it("is told when attributes are not invariant", () => {
    const found = counterExamples(name, (_, j) => j.position, { pairs: 4 });
    expect(found.some((f) => f.kind === "not invariant" && f.difference > 1e-3)).toBe(true);
  });
});

describe("counterExamples", () => {
  it.each(["R2xS1", "R3xS2"] as const)(
    "finds the collision of the paper's attributes on %s",
    (name) => {
      const attributes = invariants(name, "paper");
      const found = counterExamples(name, attributes, { pairs: 12 });
      expect(found.length).toBeGreaterThan(3);
      for (const { kind, pair, other, difference, distance, mirrored } of found) {
        expect(kind).toBe("not separating");
        expect(difference).toBeLessThan(1e-8);
        expect(distance).toBeGreaterThan(0.05);
        expect(mirrored).toBe(false);
        const at = ({ receiver, sender }: typeof pair) => attributes(receiver, sender);
        expect(gap(at(pair), at(other))).toBeLessThan(1e-8);
        // The complete attributes distinguish the two.
        const complete = invariants(name, "complete");
        const [a, b] = [pair, other].map((p) => complete(p.receiver, p.sender)) as [Tensor, Tensor];
        expect(gap(a, b)).toBeGreaterThan(1e-4);
      }
    },
  );

  it("finds the mirror images that only chiral attributes tell apart", () => {
    const complete = invariants("R3xS2", "complete");
    const found = counterExamples("R3xS2", complete, { mirrorImages: "different", pairs: 12 });
    expect(found.length).toBeGreaterThan(3);
    expect(found.every((f) => f.mirrored)).toBe(true);
    const chiral = invariants("R3xS2", "chiral");
    expect(counterExamples("R3xS2", chiral, { mirrorImages: "different", pairs: 12 })).toEqual([]);
  });

  it("finds what is lost without the distance, or with the wrong norm", () => {
    const angles = (i: Points, j: Points) => invariants("R3xS2")(i, j).slice([null, [2, 3]]);
    expect(counterExamples("R3xS2", angles).length).toBeGreaterThan(3);
    // ‖x − (o·x)‖, a mistake seen in public code: neither invariant nor separating
    const wrong = (i: Points, j: Points) => {
      const x = j.position.sub(i.position);
      const along = x.mul(i.orientation as Tensor).sum({ axis: -1, keepdims: true });
      return x.sub(along).square().sum({ axis: -1, keepdims: true }).add(1e-12).sqrt();
    };
    const kinds = new Set(counterExamples("R3xS2", wrong).map((f) => f.kind));
    expect([...kinds].sort()).toEqual(["not invariant", "not separating"]);
  });

  it("is the same for a seed, and refuses what it cannot use", () => {
    const attributes = invariants("R2xS1");
    const [a, b] = [1, 1].map((s) =>
      counterExamples("R2xS1", attributes, { rng: rng(s), pairs: 6 }),
    );
    expect(a!.map((f) => f.attributes)).toEqual(b!.map((f) => f.attributes));
    expect(() => counterExamples("S2" as never, attributes)).toThrow(UsageError);
    expect(() => counterExamples("R3", (i) => i.position.sum())).toThrow("one row for each pair");
  });

  it("a group moves points of its own space only", () => {
    expect(() => spaces.R2.act(groups.SE3.identity(), { position: rng(0).normal([2]) })).toThrow(
      "SE2.act: got [4, 4], expected […, 3, 3]",
    );
  });
});
