/** @file Masks of every kind together, rows that see nothing, and derivatives of all orders. */
import { test } from "@fast-check/vitest";
import { grad, gradcheck, gradgradcheck, jvp, vmap } from "@isograd/autograd";
import {
  arange,
  DTypeError,
  rng,
  ShapeError,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  zeros,
} from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bert, Gpt2, MultiHeadAttention, TransformerBlock } from "../../src/index.js";
import { double, f64 } from "../helpers.js";
import { likePyTorch } from "./golden.js";

installMatchers();

const HIDDEN = Number.NEGATIVE_INFINITY;
const bools = (values: Parameters<typeof tensor>[0]) => tensor(values, { dtype: "bool" });
const make = { rng: rng(0, double), ...double };

interface Case {
  readonly seed: number;
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly features: number;
  readonly causal: boolean;
  readonly kind: "none" | "bool" | "float";
  /** Axes of [batch, queries, keys] along which the mask is the same. */
  readonly same: readonly boolean[];
}

const cases = fc.record({
  seed: fc.nat(2 ** 30),
  batch: fc.integer({ min: 0, max: 2 }),
  queries: fc.integer({ min: 0, max: 4 }),
  keys: fc.integer({ min: 0, max: 4 }),
  features: fc.integer({ min: 1, max: 3 }),
  causal: fc.boolean(),
  kind: fc.constantFrom("none" as const, "bool" as const, "float" as const),
  same: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
});

const SIZES = [1, 1, 1e4, -1e4, -3.4e38];

/**
 * Random inputs. A mask hides a third of the keys, and all keys in half of its rows; float masks
 * have numbers of all SIZES.
 */
function inputsOf({ seed, batch, queries, keys, features, kind, same }: Case) {
  const random = rng(seed, double);
  const shapes = [queries, keys, keys, queries].map((n) => [batch, n, features]);
  const [q, k, v, c] = shapes.map((s) => random.normal(s)) as [Tensor, Tensor, Tensor, Tensor];
  if (kind === "none") return { q, k, v, c, mask: undefined };
  const shape = [batch, queries, keys].map((n, i) => (same[i] ? Math.min(n, 1) : n));
  const rows = random.uniform([...shape.slice(0, 2), 1]).greater(0.5);
  const seen = random
    .uniform(shape)
    .greater(1 / 3)
    .logicalAnd(rows);
  if (kind === "bool") return { q, k, v, c, mask: seen };
  const added = Float64Array.from(seen.dataSync(), (open) =>
    open ? (SIZES[Math.floor(random.next() * SIZES.length)] as number) * random.next() : HIDDEN,
  );
  return { q, k, v, c, mask: tensor(added, { shape, ...double }) };
}

const rowsOf = (x: Tensor) => (x.toArray() as number[][][]).flat();
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const addTo = (to: number[], factor: number, row: readonly number[]) => {
  for (const [i, x] of row.entries()) to[i] = (to[i] as number) + factor * x;
};

/**
 * y and the gradients of Σ c y by plain sums, row by row: with weights w over the keys that a query
 * sees, dv = wᵀ c, ds = w (c vᵀ − Σ w c vᵀ), dq = ds k/√d, dk = dsᵀ q/√d.
 */
function byHand({ q, k, v, c, mask }: ReturnType<typeof inputsOf>, causal: boolean) {
  const [Q, K, V, C] = [q, k, v, c].map(rowsOf) as [number[][], number[][], number[][], number[][]];
  const [queries, keys] = [q.shape[1], k.shape[1]] as [number, number];
  const blank = (x: number[][]) => x.map((row) => row.map(() => 0));
  const [y, dq, dk, dv] = [blank(Q), blank(Q), blank(K), blank(V)];
  const scale = 1 / Math.sqrt(q.shape[2] as number);
  const whole = mask?.broadcastTo([q.shape[0] as number, queries, keys]).toArray();
  const masks = (whole as (number | boolean)[][][] | undefined)?.flat();
  for (const [i, query] of Q.entries()) {
    const added = (j: number) => masks?.[i]?.[j] ?? true;
    const seen = Array.from({ length: keys }, (_, j) => j).filter(
      (j) => (!causal || j <= i % queries) && added(j) !== false && added(j) !== HIDDEN,
    );
    const at = seen.map((j) => j + Math.floor(i / queries) * keys);
    const scores = seen.map((j, n) => {
      const more = added(j);
      return (
        scale * dot(query, K[at[n] as number] as number[]) + (more === true ? 0 : Number(more))
      );
    });
    const top = Math.max(...scores);
    const powers = scores.map((s) => Math.exp(s - top));
    const total = powers.reduce((a, x) => a + x, 0);
    const cot = C[i] as number[];
    const felt = at.map((j) => dot(cot, V[j] as number[]));
    const mean = dot(powers, felt) / total;
    for (const [n, j] of at.entries()) {
      const w = (powers[n] as number) / total;
      const slope = w * ((felt[n] as number) - mean) * scale;
      addTo(y[i] as number[], w, V[j] as number[]);
      addTo(dv[j] as number[], w, cot);
      addTo(dq[i] as number[], slope, K[j] as number[]);
      addTo(dk[j] as number[], slope, query);
    }
  }
  return { y, slopes: [dq, dk, dv] };
}

type Three = [Tensor, Tensor, Tensor];
const near = { rtol: 1e-9, atol: 1e-11 };

describe("scaledDotProductAttention with masks", () => {
  test.prop([cases], { numRuns: 100 })(
    "is the weighted mean over what each query sees, 0 where it sees nothing, with its gradients",
    (given) => {
      const inputs = inputsOf(given);
      const { q, k, v, c, mask } = inputs;
      const how = { causal: given.causal, ...(mask && { mask }) };
      const { y, slopes } = byHand(inputs, given.causal);
      const attend = ([a, b, d]: Three) => scaledDotProductAttention(a, b, d, how);
      expect(attend([q, k, v])).toBeCloseToTensor(f64(y.flat()).reshape(q.shape), near);
      const found = grad((x: Three) => attend(x).mul(c).sum())([q, k, v]);
      for (const [i, g] of found.entries()) {
        const expected = f64((slopes[i] as number[][]).flat()).reshape(g.shape);
        expect(g).toBeCloseToTensor(expected, near);
      }
    },
  );
});

/** Rows 0 and 2 see nothing: their masks leave only future keys or padding. */
const BLIND = f64([
  [HIDDEN, 0.5, HIDDEN],
  [1, HIDDEN, 2],
  [HIDDEN, HIDDEN, HIDDEN],
]);

describe("rows that see nothing", () => {
  const [q, k, v] = [1, 2, 3].map((s) => rng(s, double).normal([3, 2])) as Three;
  const masks = [BLIND, BLIND.notEqual(HIDDEN)];
  const blind = (mask: Tensor, [a, b, c]: Three) =>
    scaledDotProductAttention(a, b, c, { mask, causal: true });

  it.each([0, 1])("have derivatives of both orders that are 0, with mask %i", (which) => {
    const mask = masks[which] as Tensor;
    const y = blind(mask, [q, k, v]);
    expect(y.slice([0])).toEqualTensor([0, 0]);
    expect(y.slice([2])).toEqualTensor([0, 0]);
    // Row 1 sees only key 0: causal hides key 2.
    expect(y.slice([1])).toEqualTensor(v.slice([0]));
    const f = (...x: Tensor[]) => blind(mask, x as Three);
    expect(gradcheck(f, [q, k, v])).toBeLessThan(1e-7);
    expect(gradgradcheck(f, [q, k, v])).toBeLessThan(1e-6);
    const norm = (x: Three) =>
      grad((z: Three) => blind(mask, z).square().sum())(x)
        .map((g) => g.square().sum())
        .reduce((a, b) => a.add(b));
    const [ofQ, , ofV] = grad(norm)([q, k, v]);
    expect(ofQ).toEqualTensor(zeros([3, 2], double));
    expect(ofV.slice([[1, 3]])).toEqualTensor(zeros([2, 2], double));
  });

  it("have a mask with gradient 0, and tangents that are 0", () => {
    const ofMask = grad((m: Tensor) => blind(m, [q, k, v]).square().sum())(BLIND);
    expect(ofMask).toEqualTensor(zeros([3, 3], double));
    const open = grad((m: Tensor) => scaledDotProductAttention(q, k, v, { mask: m }).sum())(BLIND);
    expect(open.isFinite().all().item()).toBe(1);
    expect(open.slice([1, 0]).abs().item()).toBeGreaterThan(0);
    const [, t] = jvp((x: Three) => blind(BLIND, x), [q, k, v], [k, v, q]);
    expect(t.slice([0])).toEqualTensor([0, 0]);
    expect(t.slice([1])).toEqualTensor(q.slice([0]));
  });

  it("are 0 under vmap, over inputs and over masks", () => {
    const two = masks.map((mask) => mask.expandDims(0).broadcastTo([2, 3, 3]));
    for (const batch of two) {
      const each = vmap((m: Tensor) => blind(m, [q, k, v]))(batch);
      expect(each.slice([1])).toEqualTensor(blind(BLIND, [q, k, v]));
    }
    const twice = (x: Tensor) => x.expandDims(0).broadcastTo([2, 3, 2]);
    const slopes = vmap(grad((x: Tensor) => blind(BLIND, [x, x, x]).square().sum()))(twice(q));
    const once = grad((x: Tensor) => blind(BLIND, [x, x, x]).square().sum())(q);
    expect(slopes.slice([0])).toBeCloseToTensor(once);
  });

  it("show zeros to what is done with weights", () => {
    const onWeights = (w: Tensor) => {
      expect(w.sum({ axis: 1 })).toEqualTensor([0, 1, 0]);
      return w;
    };
    for (const mask of masks) scaledDotProductAttention(q, k, v, { mask, causal: true, onWeights });
  });

  it("leave the bits of other rows as they are without a mask", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const [a, b, c] = [4, 5, 6].map((s) => rng(s, { dtype }).normal([2, 7, 4])) as Three;
      const all = scaledDotProductAttention(a, b, c);
      const rows = tensor([true, true, false, true, false, true, true]).reshape([7, 1]);
      for (const mask of [rows, rows.cast(dtype).log()]) {
        const some = scaledDotProductAttention(a, b, c, { mask });
        expect(some).toEqualTensor(all.mul(rows.cast(dtype)));
      }
    }
  });
});

describe("layers with masks", () => {
  it("add a float mask, padding and causal as PyTorch does", () => {
    const added = Array.from({ length: 5 }, (_, i) =>
      Array.from({ length: 5 }, (_, j) => ((i + j) % 4 === 3 ? HIDDEN : (3 * i - 2 * j) / 4)),
    );
    const keyMask = bools([
      [true, true, true, true, true],
      [true, true, true, false, false],
    ]);
    likePyTorch("attentionAdded", new MultiHeadAttention(6, 2, { causal: true, ...make }), (m, x) =>
      m.forward(x, x, x, { mask: f64(added), keyMask }),
    );
  });

  it.each(["none", "bool", "float"] as const)(
    "give the bias where all keys are padding, with another mask: %s",
    (kind) => {
      const model = new MultiHeadAttention(4, 2, make);
      const x = rng(7, double).normal([2, 3, 4]);
      const keyMask = bools([
        [false, false, false],
        [true, false, true],
      ]);
      const see = arange(3).reshape([3, 1]).greaterEqual(arange(3));
      const mask = { none: undefined, bool: see, float: see.cast("float64").log() }[kind];
      const masks = { keyMask, ...(mask && { mask }) };
      const run = (m: MultiHeadAttention, z: Tensor) => m.forward(z, z, z, masks);
      expect(run(model, x).slice([0])).toEqualTensor(zeros([3, 4], double));
      const alone = model.forward(x.slice([[1, 2]]), undefined, undefined, {
        ...masks,
        keyMask: bools([[true, false, true]]),
      });
      expect(run(model, x).slice([[1, 2]])).toBeCloseToTensor(alone);
      const slope = grad((z: Tensor) => run(model, z).square().sum())(x);
      expect(slope.slice([0])).toEqualTensor(zeros([3, 4], double));
    },
  );

  it("see as many keys as queries, or more, or fewer: query i sees keys 0 … i", () => {
    const model = new MultiHeadAttention(4, 2, { causal: true, ...make });
    const [x, y] = [rng(8, double).normal([2, 5, 4]), rng(9, double).normal([2, 3, 4])];
    const to = (n: number) => [null, [0, n] as const] as const;
    const few = model.forward(y, x);
    expect(few).toBeCloseToTensor(model.forward(y, x.slice(to(3))));
    const many = model.forward(x, y);
    expect(many.slice(to(3))).toBeCloseToTensor(model.forward(x.slice(to(3)), y));
    const open = new MultiHeadAttention(4, 2, make);
    open.loadStateDict(model.stateDict());
    const rest = [null, [2, 5] as const] as const;
    expect(many.slice(rest)).toBeCloseToTensor(open.forward(x.slice(rest), y));
  });

  it("refuse a mask of keys that is not one", () => {
    const model = new MultiHeadAttention(4, 2, make);
    const x = rng(8, double).normal([2, 3, 4]);
    const run = (keyMask: Tensor, mask?: Tensor) => () =>
      model.forward(x, x, x, { keyMask, ...(mask && { mask }) });
    const there = bools([true, true, false]);
    expect(run(f64([[1, 1, 0]]))).toThrow(DTypeError);
    expect(run(f64([[1, 1, 0]]))).toThrow("keyMask is float64, not bool");
    expect(run(bools([true, true]))).toThrow("keyMask is [2], expected [2, 3]");
    expect(run(bools([[true], [true]]))).toThrow(ShapeError);
    expect(run(there, tensor([1, 0, 1], { dtype: "int32" }))).toThrow("mask is int32");
    expect(run(there)()).toEqualTensor(run(there.expandDims(0))());
  });

  it("let sequences of padding through models, with gradients that are numbers", () => {
    const size = { vocabSize: 9, hiddenSize: 4, numHiddenLayers: 2, numAttentionHeads: 2 };
    const bert = new Bert({ ...size, intermediateSize: 4 }, make).eval();
    const sizes = { vocabSize: 9, nEmbd: 4, nLayer: 2, nHead: 2, nPositions: 4 };
    const gpt2 = new Gpt2(sizes, make).eval();
    const block = new TransformerBlock(4, 2, { causal: true, ...make });
    const tokens = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 1],
      ],
      { dtype: "int32" },
    );
    const attentionMask = tensor(
      [
        [0, 0, 0],
        [0, 0, 1],
        [1, 1, 0],
      ],
      { dtype: "int32" },
    );
    const words = rng(3, double).normal([3, 3, 4]);
    const last = (m: Bert | Gpt2, ids = tokens) =>
      m.forward(ids, { attentionMask }).lastHiddenState;
    const slopes = [bert, gpt2].flatMap((model) => {
      const found = grad((m: Bert | Gpt2) => last(m).square().sum())(model);
      return Object.values(found);
    });
    const keyMask = attentionMask.notEqual(0);
    slopes.push(grad((x: Tensor) => block.forward(x, { keyMask }).square().sum())(words));
    for (const g of slopes) expect(g.isFinite().all().item()).toBe(1);
    // In a row of padding, tokens do not see each other.
    const other = tensor(
      [
        [1, 8, 8],
        [4, 5, 6],
        [7, 8, 1],
      ],
      { dtype: "int32" },
    );
    for (const m of [bert, gpt2]) {
      expect(last(m, other).slice([0, 0])).toEqualTensor(last(m).slice([0, 0]));
    }
  });
});
