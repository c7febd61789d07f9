/**
 * @file vmap gives the same as one sample after another: for every op, nested, and with gradients.
 */
import {
  arange,
  dispose,
  layerNorm,
  memory,
  ones,
  scope,
  softmax,
  stack,
  type Tensor,
  take,
  tensor,
} from "@isograd/tensor";
import { allOps, isFloat, nodeOf } from "@isograd/tensor/engine";
import { runSample, type Sample, samplesOf } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import {
  checkpoint,
  defineOp,
  grad,
  hessian,
  jvp,
  parameterBoxes,
  valueAndGrad,
  vmap,
} from "../src/index.js";
import { ruleOf } from "../src/rules/lookup.js";
import { f64, numbers } from "./helpers.js";

/** Three samples from one: different floats, the same integers. */
function threeOf(x: Tensor): Tensor {
  if (!isFloat(x.dtype)) return stack([x, x, x]);
  return stack([x, x.mul(0.9), x.mul(0.5)]);
}

function close(a: Tensor, b: Tensor, title: string): void {
  expect(a.shape, title).toEqual(b.shape);
  expect(a.dtype, title).toBe(b.dtype);
  const [p, q] = [a.dataSync(), b.dataSync()];
  for (let i = 0; i < p.length; i++) {
    const [u, v] = [p[i] as number, q[i] as number];
    if (Number.isNaN(u) && Number.isNaN(v)) continue;
    if (u === v) continue;
    expect(Math.abs(u - v), `${title} at ${i}: ${u} and ${v}`).toBeLessThan(
      1e-10 * (1 + Math.abs(v)),
    );
  }
}

/** Each choice of inputs that are batched; first all of them. */
function waysOf(sample: Sample): boolean[][] {
  const n = sample.inputs.length;
  const all = sample.inputs.map(() => true);
  return n === 1 ? [all] : [all, ...all.map((_, i) => all.map((_, j) => i === j))];
}

describe.each([...allOps().values()])("$name", (op) => {
  it("gives what one sample after another gives, and so does its gradient", () => {
    for (const sample of samplesOf(op, "reference")) {
      for (const flags of waysOf(sample)) {
        scope(() => compare(sample, flags));
      }
    }
  });

  function compare(sample: Sample, flags: readonly boolean[]): void {
    const title = `${sample.title} batched ${flags}`;
    const inputs = sample.inputs.map((x, i) => (flags[i] ? threeOf(x) : x));
    const inAxes = flags.map((batched) => (batched ? 0 : null));
    const at = (k: number) => inputs.map((x, i) => (flags[i] ? x.slice([k]) : x));
    const f = (...xs: Tensor[]) => runSample(sample, xs);
    const together = vmap(f, { inAxes })(...inputs);
    const apart = [0, 1, 2].map((k) => f(...at(k)));
    together.forEach((out, j) => {
      close(out, stack(apart.map((outs) => outs[j] as Tensor)), title);
    });
    if (ruleOf(op) === null || !isFloat(together[0]?.dtype as never)) return;
    const floats = inputs.map((_, i) => i).filter((i) => isFloat((inputs[i] as Tensor).dtype));
    const loss = (own: Tensor[], rest: Tensor[]) => {
      const xs = rest.map((x, i) => (floats.includes(i) ? (own[floats.indexOf(i)] as Tensor) : x));
      return f(...xs).reduce((total, out) => total.add(out.mul(out).sum()), f64(0).cast("float64"));
    };
    const slopes = grad(loss);
    const perSample = (...xs: Tensor[]) =>
      slopes(
        floats.map((i) => xs[i] as Tensor),
        xs,
      );
    const whole = vmap(perSample, { inAxes })(...inputs);
    const single = [0, 1, 2].map((k) => perSample(...at(k)));
    whole.forEach((g, j) => {
      close(g, stack(single.map((gs) => gs[j] as Tensor)), `gradient of ${title}`);
    });
    // the gradient of the batch: shared inputs get the sum over the samples
    const total = (own: Tensor[]) => {
      const xs = inputs.map((x, i) =>
        floats.includes(i) ? (own[floats.indexOf(i)] as Tensor) : x,
      );
      return vmap(f, { inAxes })(...xs).reduce((sum, out) => sum.add(out.mul(out).sum()), f64(0));
    };
    grad(total)(floats.map((i) => inputs[i] as Tensor)).forEach((g, j) => {
      const parts = stack(single.map((gs) => gs[j] as Tensor));
      close(
        g,
        flags[floats[j] as number] ? parts : parts.sum({ axis: 0 }),
        `outer gradient of ${title}`,
      );
    });
  }
});

describe("vmap", () => {
  const rows = f64([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  it("nests, and takes axes of both sides", () => {
    const dot = (a: Tensor, b: Tensor) => a.mul(b).sum();
    const all = vmap((a: Tensor) => vmap((b: Tensor) => dot(a, b))(rows))(rows);
    expect(all.toArray()).toEqual(rows.matmul(rows.mT).toArray());
    const columns = vmap((c: Tensor) => c.sum(), { inAxes: 1 })(rows);
    expect(numbers(columns)).toEqual([5, 7, 9]);
    const turned = vmap((r: Tensor) => r.mul(2), { outAxes: -1 })(rows);
    expect(turned.toArray()).toEqual(rows.mT.mul(2).toArray());
    expect(vmap((_: Tensor) => f64([7]))(rows).toArray()).toEqual([[7], [7]]);
  });

  it("maps trees and modules, and passes the rest through", () => {
    const f = ({ w, b }: { w: Tensor; b: Tensor }, k: number) => ({ out: [w.matmul(b).mul(k)] });
    const got = vmap(f)(
      {
        w: f64([[[1, 2]], [[3, 4]]]),
        b: f64([
          [1, 1],
          [1, 0],
        ]),
      },
      10,
    );
    expect(got.out[0]?.toArray()).toEqual([[30], [30]]);
    const box = { value: f64([1, 2]) };
    const model = { box, [parameterBoxes]: () => new Map([["k", box]]) };
    const ensemble = vmap((m: typeof model, x: Tensor) => m.box.value.mul(x), {
      inAxes: [0, null],
    });
    expect(ensemble(model, f64(3)).toArray()).toEqual([3, 6]);
  });

  it("gives each sample's gradient", () => {
    const w = f64([0.5, -1, 2]);
    const loss = (v: Tensor, x: Tensor) => v.mul(x).sum().tanh();
    const each = vmap(grad(loss), { inAxes: [null, 0] })(w, rows);
    const apart = stack([0, 1].map((k) => grad(loss)(w, rows.slice([k]))));
    expect(numbers(each)).toEqual(numbers(apart));
    const [values, slopes] = vmap(valueAndGrad(loss), { inAxes: [null, 0] })(w, rows);
    expect([values.shape, slopes.shape]).toEqual([[2], [2, 3]]);
  });

  it("goes through second derivatives on either side", () => {
    const f = (x: Tensor) => x.tanh().mul(x).sum();
    const each = vmap(hessian(f))(rows);
    expect(numbers(each)).toEqual(numbers(stack([0, 1].map((k) => hessian(f)(rows.slice([k]))))));
    const penalty = (w: Tensor) =>
      vmap((x: Tensor) =>
        grad((v: Tensor) => v.mul(x).sum().tanh())(w)
          .square()
          .sum(),
      )(rows).sum();
    const apart = (w: Tensor) =>
      [0, 1]
        .map((k) =>
          grad((v: Tensor) =>
            v
              .mul(rows.slice([k]))
              .sum()
              .tanh(),
          )(w)
            .square()
            .sum(),
        )
        .reduce((a, b) => a.add(b));
    const at = f64([0.1, -0.05, 0.02]);
    expect(numbers(grad(penalty)(at))).toEqual(numbers(grad(apart)(at)));
    const push = (x: Tensor) => jvp((y: Tensor) => y.sin(), x, x)[1];
    expect(numbers(vmap(push)(rows))).toEqual(numbers(rows.cos().mul(rows)));
  });

  it("works on cpu, with layers, checkpoints and indices", () => {
    const x = tensor([
      [
        [1, 2],
        [3, 5],
      ],
      [
        [0, 1],
        [2, 2],
      ],
    ]);
    const layer = (h: Tensor) => softmax(layerNorm(h.matmul(h.mT), tensor([1, 2]), tensor([0, 1])));
    const apart = stack([0, 1].map((k) => layer(x.slice([k]))));
    expect(vmap(layer)(x).sub(apart).abs().max().item()).toBeLessThan(1e-6);
    const saved = (h: Tensor) => checkpoint(layer)(h).square().sum();
    const plain = (h: Tensor) => layer(h).square().sum();
    expect(vmap(grad(saved))(x).toArray()).toEqual(vmap(grad(plain))(x).toArray());
    const pick = (i: Tensor) => take(arange(4), i);
    expect(
      vmap(pick)(
        tensor(
          [
            [3, 0],
            [1, 1],
          ],
          { dtype: "int32" },
        ),
      ).toArray(),
    ).toEqual([
      [3, 0],
      [1, 1],
    ]);
  });

  it("keeps the rule of a user's op, inside and outside", () => {
    const round = defineOp<readonly [Tensor]>({
      name: "straightRound",
      forward: ([x]) => x.round(),
      vjp: () => [(g) => g.mul(3)],
    });
    const scaled = defineOp<readonly [Tensor, Tensor]>({
      name: "scaled",
      infer: ([x]) => x,
      reference: ([x, k], _, out) => {
        for (let i = 0; i < out.data.length; i++)
          out.data[i] = (x?.data[i] ?? 0) * (k?.data[0] ?? 0);
      },
      vjp: ({ inputs: [x, k] }) => [(g) => g.mul(k), (g) => g.mul(x).sum()],
    });
    const y = f64([
      [1.2, 2.7],
      [0.4, 0.6],
    ]);
    expect(vmap((r: Tensor) => round(r))(y).toArray()).toEqual([
      [1, 3],
      [0, 1],
    ]);
    const inner = vmap(grad((r: Tensor) => round(r).sum()))(y);
    const outer = grad((r: Tensor) => vmap((s: Tensor) => round(s))(r).sum())(y);
    expect([numbers(inner), numbers(outer)]).toEqual([
      [3, 3, 3, 3],
      [3, 3, 3, 3],
    ]);
    const k = f64(2);
    const both = grad(({ a, b }: { a: Tensor; b: Tensor }) =>
      vmap((s: Tensor, t: Tensor) => scaled(s, t), { inAxes: [0, null] })(a, b).sum(),
    )({ a: y, b: k });
    expect(numbers(both.a)).toEqual([2, 2, 2, 2]);
    expect(numbers(both.b)).toEqual([4.9]);
  });

  it("says what it cannot do", () => {
    expect(() => vmap((x: Tensor) => f64(x.item()))(f64([1, 2]))).toThrow(/inside of vmap/);
    expect(() => vmap((a: Tensor, b: Tensor) => a.add(b))(f64([1, 2]), f64([1]))).toThrow(
      /2 samples in \[2\], 1 in \[1\]/,
    );
    expect(() => vmap((x: Tensor) => x)(f64(1))).toThrow(/has no axis 0/);
    expect(() => vmap((k: number) => k)(1)).toThrow(/no argument holds samples/);
  });

  it("holds no graph behind the values that it returns", () => {
    const [w, x] = [ones([64, 64]), ones([8, 64])];
    const loss = (v: Tensor, r: Tensor) => v.matmul(r).tanh().exp().square().sum();
    const before = memory().bytes;
    const [values, slopes] = vmap(valueAndGrad(loss), { inAxes: [null, 0] })(w, x);
    dispose(slopes);
    expect(memory().bytes - before).toBeLessThanOrEqual(1024);
    expect(nodeOf(values)).toBeNull();
    dispose(values);
    expect(memory().bytes).toBe(before);
  });

  it("leaks nothing", () => {
    const run = () =>
      dispose(vmap(grad((x: Tensor) => x.tanh().reshape([3, 1]).square().mean()))(rows));
    run();
    const before = memory();
    for (let i = 0; i < 10; i++) run();
    expect(memory()).toEqual(before);
  });
});
