/** @file Graphs of near points: SciPy's pairs, periodic boxes, invariance, sampling. */
import { readFileSync } from "node:fs";
import { test } from "@fast-check/vitest";
import {
  completeEdges,
  type Edges,
  farthestPoints,
  knnGraph,
  radiusGraph,
  randomRotation,
} from "@isograd/equivariant";
import { rng, type Tensor, take, tensor } from "@isograd/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { turn } from "../helpers.js";

interface Found {
  readonly pairs: number[][];
  readonly nearest: { readonly index: number[][]; readonly distance: number[][] };
}
const golden = JSON.parse(
  readFileSync(new URL("../golden/neighbours.json", import.meta.url), "utf8"),
) as {
  points: number[][];
  box: number[];
  cutoff: number;
  k: number;
  free: Found;
  periodic: Found;
};
const f64 = { dtype: "float64" } as const;
const points = tensor(golden.points, f64);
const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function pairsOf({ source, target }: Edges): number[][] {
  const [from, to] = [source.dataSync(), target.dataSync()];
  return Array.from(from, (j, e) => [j, to[e]!]).sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
}

/** Length of each edge [E]. */
function lengths(at: Tensor, { source, target, shifts }: Edges): Tensor {
  const x = take(at, source).sub(take(at, target));
  return (shifts ? x.add(shifts) : x).square().sum({ axis: 1 }).sqrt();
}

describe.each(["free", "periodic"] as const)("%s", (kind) => {
  const box = kind === "periodic" ? { box: golden.box } : {};
  const { cutoff, k } = golden;

  it("radiusGraph finds SciPy's pairs, and their distances", () => {
    const edges = radiusGraph(points, { cutoff, loops: false, ...box });
    expect(pairsOf(edges)).toEqual(golden[kind].pairs);
    expect(lengths(points, edges).max().item()).toBeLessThanOrEqual(cutoff);
    const looped = radiusGraph(points, { cutoff, ...box });
    expect(looped.source.size).toBe(edges.source.size + 30);
  });

  it("knnGraph finds SciPy's neighbours, the nearest first", () => {
    const edges = knnGraph(points, { k, loops: false, ...box });
    expect(edges.source.toArray()).toEqual(golden[kind].nearest.index.flat());
    const expected = tensor(golden[kind].nearest.distance.flat(), f64);
    expect(lengths(points, edges).sub(expected).abs().max().item()).toBeLessThan(1e-12);
  });
});

describe("periodic boxes", () => {
  test.prop([seed], { numRuns: 10 })("do not care in which box a point is given", (s) => {
    const random = rng(s, f64);
    const box = [
      [2, 0.3, 0],
      [0, 1.8, 0.4],
      [0.2, 0, 2.2],
    ];
    const at = random.uniform([6, 3], { high: 2 });
    const steps = random.integers([6, 3], { low: -2, high: 3 }).cast("float64");
    const elsewhere = at.add(steps.matmul(tensor(box, f64)));
    const sizes = (p: Tensor) =>
      Array.from(lengths(p, radiusGraph(p, { cutoff: 2.5, box })).dataSync()).sort((a, b) => a - b);
    const [here, there] = [sizes(at), sizes(elsewhere)];
    expect(there.length).toBe(here.length);
    here.forEach((x, i) => {
      expect(there[i]).toBeCloseTo(x, 10);
    });
    const near = (p: Tensor) => knnGraph(p, { k: 20, box, loops: false });
    const total = (p: Tensor) => lengths(p, near(p)).sum().item();
    expect(total(elsewhere)).toBeCloseTo(total(at), 8);
  });

  it("count images of a point in a small box", () => {
    const one = tensor([[0.3, 0.3, 0.3]]);
    const edges = radiusGraph(one, { cutoff: 1.01, box: [1, 1, 1], loops: false });
    expect(edges.source.size).toBe(6);
    expect(radiusGraph(one, { cutoff: 1.5, box: [1, 1, 1] }).source.size).toBe(1 + 6 + 12);
    expect(knnGraph(one, { k: 18, box: [1, 1, 1], loops: false }).source.size).toBe(18);
  });
});

describe("graphs", () => {
  it("stay apart, and are complete when the distance is large", () => {
    const random = rng(0);
    const graph = tensor([0, 0, 1, 1, 1], { dtype: "int32" });
    const at = random.normal([5, 3]);
    const all = radiusGraph(at, { cutoff: 1e3, graph });
    expect(pairsOf(all)).toEqual(pairsOf(completeEdges([2, 3])));
    expect(pairsOf(knnGraph(at, { k: 9, graph }))).toEqual(pairsOf(all));
    expect(radiusGraph(at.slice([[0, 0]]), { cutoff: 1 }).source.size).toBe(0);
  });

  it("refuse what makes no sense", () => {
    const at = rng(0).normal([5, 3]);
    expect(() => radiusGraph(at, { cutoff: 0 })).toThrow("cutoff must be positive");
    expect(() => knnGraph(at, { k: 1.5 })).toThrow("k is a whole number");
    expect(() => knnGraph(at, { k: 1, box: [1, 1] })).toThrow("does not span a space of 3");
    expect(() => radiusGraph(at, { cutoff: 1, box: [1, 1, 0] })).toThrow("does not span");
    expect(() => radiusGraph(at.reshape([15]), { cutoff: 1 })).toThrow("positions are [15]");
    const graph = tensor([0, 0], { dtype: "int32" });
    expect(() => radiusGraph(at, { cutoff: 1, graph })).toThrow("graph is [2], expected [5]");
  });
});

describe("farthestPoints", () => {
  test.prop([seed], { numRuns: 10 })("turn with the points, whatever their order", (s) => {
    const random = rng(s, f64);
    const at = random.normal([12, 3]);
    const graph = tensor([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1], { dtype: "int32" });
    const chosen = farthestPoints(at, { ratio: 0.5, graph });
    expect(chosen.size).toBe(3 + 4);
    expect(new Set(chosen.dataSync()).size).toBe(7);
    const turned = turn(at, randomRotation(random)).add(3);
    expect(farthestPoints(turned, { ratio: 0.5, graph }).toArray()).toEqual(chosen.toArray());
    const order = random.permutation(12);
    const again = take(
      order,
      farthestPoints(take(at, order), { ratio: 0.5, graph: take(graph, order) }),
    );
    expect(new Set(again.dataSync())).toEqual(new Set(chosen.dataSync()));
  });

  it("copes with equal points, and takes all of them", () => {
    const same = tensor([
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ]);
    expect([...farthestPoints(same, { ratio: 1 }).dataSync()].sort()).toEqual([0, 1, 2]);
    expect(() => farthestPoints(same, { ratio: 0 })).toThrow("between 0 and 1");
  });
});
