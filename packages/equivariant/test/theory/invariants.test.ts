/** @file Invariants: unchanged by motions, separating, finite where points meet. */
import { test } from "@fast-check/vitest";
import { grad } from "@isograd/autograd";
import {
  type Attributes,
  compose,
  invariants,
  type Matrix,
  type Points,
  randomRotation,
} from "@isograd/equivariant";
import { rng, type Tensor, tensor } from "@isograd/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relativeError, turn } from "../helpers.js";

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const all: Attributes[] = ["paper", "complete", "chiral"];
const f64 = (values: number[]): Tensor => tensor(values, { dtype: "float64" });

function randomPoints(s: string): Points {
  const random = rng(s, { dtype: "float64" });
  const o = random.normal([8, 3]);
  return {
    position: random.normal([8, 3]),
    orientation: o.div(o.square().sum({ axis: -1, keepdims: true }).pow(0.5)),
  };
}

function moved(p: Points, rotation: Matrix, by: Tensor): Points {
  return {
    position: turn(p.position, rotation).add(by),
    orientation: turn(p.orientation as Tensor, rotation),
  };
}

const inversion: Matrix = [
  [-1, 0, 0],
  [0, -1, 0],
  [0, 0, -1],
];

describe("invariants", () => {
  test.prop([seed, fc.constantFrom(...all)])("motions change nothing", (s, attributes) => {
    const [i, j] = [randomPoints(`${s}i`), randomPoints(`${s}j`)];
    const rotation = randomRotation(rng(s));
    const by = f64([1, -2, 3]);
    for (const space of ["R3", "R3xS2"] as const) {
      const f = invariants(space, attributes);
      const after = f(moved(i, rotation, by), moved(j, rotation, by));
      expect(relativeError(after, f(i, j))).toBeLessThan(1e-12);
    }
  });

  test.prop([seed])("only 'chiral' sees reflections", (s) => {
    const [i, j] = [randomPoints(`${s}i`), randomPoints(`${s}j`)];
    const mirror = compose(inversion, randomRotation(rng(s)));
    const change = (attributes: Attributes): number => {
      const f = invariants("R3xS2", attributes);
      return relativeError(f(moved(i, mirror, f64([0])), moved(j, mirror, f64([0]))), f(i, j));
    };
    expect(change("paper")).toBeLessThan(1e-12);
    expect(change("complete")).toBeLessThan(1e-12);
    expect(change("chiral")).toBeGreaterThan(1e-6);
  });

  test.prop([fc.double({ min: 0.1, max: 1.4, noNaN: true })])(
    "the known collision of 'paper' is told apart by 'complete'",
    (t) => {
      const receiver = { position: f64([0, 0, 0]), orientation: f64([0, 0, 1]) };
      const sender = (o: number[]) => ({ position: f64([1, 0, 0]), orientation: f64(o) });
      const one = sender([Math.sin(t), 0, Math.cos(t)]);
      const other = sender([0, Math.sin(t), Math.cos(t)]);
      const gap = (attributes: Attributes) => {
        const f = invariants("R3xS2", attributes);
        return f(receiver, one).sub(f(receiver, other)).abs().max().item();
      };
      expect(gap("paper")).toBeLessThan(1e-15);
      expect(gap("complete")).toBeCloseTo(Math.sin(t), 12);
    },
  );

  test.prop([seed])("'complete' separates: the 4 numbers fix the Gram matrix of the pair", (s) => {
    // Pairs are equivalent up to reflections when the inner products of (o_i, o_j, x) agree.
    const [i, j] = [randomPoints(`${s}i`), randomPoints(`${s}j`)];
    const a = invariants("R3xS2", "complete")(i, j);
    const [along, across, oo, other] = [0, 1, 2, 3].map((k) => a.slice([null, k]));
    const x = j.position.sub(i.position);
    const inner = (p: Tensor, q: Tensor) => p.mul(q).sum({ axis: -1 });
    const [oi, oj] = [i.orientation as Tensor, j.orientation as Tensor];
    expect(relativeError(along!, inner(oi, x))).toBeLessThan(1e-12);
    expect(relativeError(other!, inner(oj, x))).toBeLessThan(1e-12);
    expect(relativeError(oo!, inner(oi, oj))).toBeLessThan(1e-12);
    const squared = along!.square().add(across!.square());
    expect(relativeError(squared, inner(x, x))).toBeLessThan(1e-11);
  });

  it("has a finite gradient where points meet", () => {
    const o = f64([0, 0, 1]);
    for (const attributes of all) {
      const f = (p: Tensor) =>
        invariants("R3xS2", attributes)(
          { position: p, orientation: o },
          { position: f64([1, 2, 3]), orientation: o },
        ).sum();
      expect(
        grad(f)(f64([1, 2, 3]))
          .isFinite()
          .all()
          .item(),
      ).toBe(1);
    }
  });

  it("asks for orientations, and for names that exist", () => {
    const p = { position: f64([0, 0, 0]) };
    expect(() => invariants("R3xS2")(p, p)).toThrow("need an orientation");
    expect(() => invariants("R4" as never)).toThrow('no space is called "R4"');
    expect(() => invariants("R3", "all" as never)).toThrow('no attributes are called "all"');
  });
});
