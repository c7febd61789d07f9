/** @file Groups: their laws, SciPy's values, gradients also at the identity, batches. */
import { readFileSync } from "node:fs";
import { test } from "@fast-check/vitest";
import { gradcheck } from "@isograd/autograd";
import { type GroupName, groups } from "@isograd/equivariant";
import { det, rng, type Tensor, tensor } from "@isograd/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relativeError } from "../helpers.js";

interface Case {
  readonly v: number[][];
  readonly exp: number[][][];
  readonly near: number[][][];
  readonly log: number[][];
}
const golden = JSON.parse(
  readFileSync(new URL("../golden/groups.json", import.meta.url), "utf8"),
) as Record<GroupName, Case> & { rotation: Record<string, number[][]> };

const names = Object.keys(groups) as GroupName[];
const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const f64 = (values: unknown): Tensor => tensor(values as number[], { dtype: "float64" });
const gap = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

describe.each(names)("%s", (name) => {
  const group = groups[name];
  const { size, dimension, space: n } = group;

  test.prop([seed], { numRuns: 6 })("composes, inverts and acts as a group does", (s) => {
    const random = rng(s, { dtype: "float64" });
    const [a, b, c] = [1, 2, 3].map(() => group.random(random, [4])) as [Tensor, Tensor, Tensor];
    const p = random.normal([4, n]);
    const { compose, inverse, act, identity, turn } = group;
    const one = identity({ dtype: "float64" });
    expect(gap(compose(compose(a, b), c), compose(a, compose(b, c)))).toBeLessThan(1e-13);
    expect(gap(compose(a, inverse(a)), one)).toBeLessThan(1e-14);
    expect(gap(compose(a, one), a)).toBe(0);
    expect(gap(act(compose(a, b), p), act(a, act(b, p)))).toBeLessThan(1e-13);
    expect(gap(act(a, p), turn(a, p).add(group.translation(a)))).toBeLessThan(1e-14);
    expect(gap(det(group.rotation(a)), f64([1, 1, 1, 1]))).toBeLessThan(1e-14);
  });

  test.prop([seed], { numRuns: 6 })("log undoes exp, and exp log", (s) => {
    const random = rng(s, { dtype: "float64" });
    const g = group.random(random, [2, 3]);
    expect(group.log(g).shape).toEqual([2, 3, dimension]);
    expect(gap(group.exp(group.log(g)), g)).toBeLessThan(1e-12);
    const v = random.uniform([5, dimension], { low: -1.7, high: 1.7 }); // angles up to 2.95
    expect(gap(group.log(group.exp(v)), v)).toBeLessThan(1e-12);
    const [g1, g2] = [0.25, 0.75].map((t) => group.exp(v.mul(t))) as [Tensor, Tensor];
    expect(gap(group.compose(g1, g2), group.exp(v))).toBeLessThan(1e-12);
  });

  it("agrees with SciPy's expm and logm, from no angle to nearly π", () => {
    const { v, exp, near, log } = golden[name];
    expect(gap(group.exp(f64(v)), f64(exp))).toBeLessThan(1e-13);
    expect(gap(group.log(f64(near)), f64(log))).toBeLessThan(1e-12);
    expect(gap(group.log(f64(exp)), f64(v))).toBeLessThan(1e-8);
  });

  it("has gradients of exp, log and act, at the identity too", () => {
    const random = rng(3, { dtype: "float64" });
    const p = random.normal([2, n]);
    for (const scale of [0, 1e-3, 0.6]) {
      const v = random.normal([2, dimension]).mul(scale);
      const f = (u: Tensor, x: Tensor) => group.act(group.exp(u), x);
      expect(gradcheck(f, [v, p])).toBeLessThan(1e-6);
      // Through exp, so that perturbed elements stay in the group.
      const g = (u: Tensor) => group.log(group.compose(group.exp(u), group.exp(v)));
      expect(gradcheck(g, [v])).toBeLessThan(1e-6);
    }
  });

  it("broadcasts, keeps dtypes, and names what is no element", () => {
    const random = rng(1);
    const g = group.random(random, [4, 1]);
    expect(g.dtype).toBe("float32");
    expect(group.act(g, random.normal([3, n])).shape).toEqual([4, 3, n]);
    expect(() => group.compose(g, random.normal([5, 5]))).toThrow(`${name}.compose: got [5, 5]`);
    expect(() => group.act(g, random.normal([7]))).toThrow(`expected […, ${n}]`);
    expect(group.identity().shape).toEqual([size, size]);
  });
});

describe("SO3", () => {
  it("agrees with SciPy's Rotation", () => {
    const { SO3 } = groups;
    const { matrix, rotvec, points, turned } = golden.rotation;
    expect(gap(SO3.exp(f64(rotvec)), f64(matrix))).toBeLessThan(1e-14);
    expect(gap(SO3.log(f64(matrix)), f64(rotvec))).toBeLessThan(1e-13);
    expect(gap(SO3.act(f64(matrix), f64(points)), f64(turned))).toBeLessThan(1e-14);
  });

  it("has a logarithm of half turns, in every direction", () => {
    const axes = rng(2, { dtype: "float64" }).normal([20, 3]);
    const unit = axes.div(axes.square().sum({ axis: -1, keepdims: true }).pow(0.5));
    const half = groups.SO3.exp(unit.mul(Math.PI));
    const log = groups.SO3.log(half);
    expect(gap(log.square().sum({ axis: -1 }), f64([Math.PI ** 2]))).toBeLessThan(1e-12);
    expect(relativeError(groups.SO3.exp(log), half)).toBeLessThan(1e-12);
  });

  it("draws motions with the spread wanted", () => {
    const g = groups.SE3.random(rng(0, { dtype: "float64" }), [2000], { spread: 3 });
    expect(groups.SE3.translation(g).std().item()).toBeCloseTo(3, 0);
  });
});
