/** @file checkpoint: the same numbers, bit for bit and of any order, with less memory. */
import { memory, rng, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { backward, checkpoint, grad, hvp, requiresGrad, valueAndGrad } from "../src/index.js";

interface Layer {
  w: Tensor;
  b: Tensor;
}
const layers = (n: number, width: number): Layer[] => {
  const random = rng(7);
  return Array.from({ length: n }, () => ({
    w: random.normal([width, width]).mul(0.3),
    b: random.normal([width]),
  }));
};
const block = ({ w, b }: Layer, x: Tensor): Tensor =>
  x.matmul(w).add(b).tanh().mul(x).exp().log1p().softmax();
const net = (wrap: typeof block) => (params: Layer[], x: Tensor) =>
  params
    .reduce((h, layer) => wrap(layer, h), x)
    .square()
    .sum();
const bits = (tree: Layer[]): number[] =>
  tree.flatMap(({ w, b }) => [...w.dataSync(), ...b.dataSync()]);

describe("checkpoint", () => {
  const params = layers(3, 5);
  const x = rng(1).normal([4, 5]);
  const [plain, saving] = [net(block), net(checkpoint(block))];

  it("gives the same value and gradient, bit for bit", () => {
    const [value, g] = valueAndGrad(plain)(params, x);
    const [again, h] = valueAndGrad(saving)(params, x);
    expect(again.item()).toBe(value.item());
    expect(bits(h)).toEqual(bits(g));
  });

  it("gives the same second derivatives, bit for bit", () => {
    const v = layers(3, 5);
    const product = (f: typeof plain) => hvp((p: Layer[]) => f(p, x), params, v);
    expect(bits(product(saving))).toEqual(bits(product(plain)));
  });

  it("nests, and takes gradients inside", () => {
    const twice = checkpoint((p: Layer[], h: Tensor) => saving(p, h));
    expect(bits(grad(twice)(params, x))).toEqual(bits(grad(plain)(params, x)));
    const inner = (y: Tensor) => grad((z: Tensor) => z.pow(3).sum())(y).sin();
    const at = tensor([0.3, 2]);
    const [a, b] = [inner, checkpoint(inner)].map((f) => grad((y: Tensor) => f(y).sum())(at));
    expect(b?.toArray()).toEqual(a?.toArray());
  });

  it("serves loss.backward(), kept graphs, and tensors that it closes over", () => {
    const w = requiresGrad(tensor([1, 2]));
    const loss = checkpoint((y: Tensor) => y.mul(w).tanh())(tensor([0.5, 0.1])).sum();
    backward(loss, { retainGraph: true });
    const once = Array.from((w.grad as Tensor).dataSync());
    backward(loss);
    expect(Array.from((w.grad as Tensor).dataSync())).toEqual(once.map((v) => 2 * v));
    expect(() => backward(loss)).toThrow(/graph was freed/);
  });

  it("costs nothing where nothing is recorded", () => {
    const before = memory().tensors;
    const y = checkpoint((z: Tensor) => z.exp().add(1))(tensor([0]));
    expect(y.item()).toBe(2);
    expect(memory().tensors - before).toBe(2);
  });

  it("leaks nothing", () => {
    const step = () => {
      const [value, g] = valueAndGrad(saving)(params, x);
      value.dispose();
      for (const { w, b } of g) for (const t of [w, b]) t.dispose();
    };
    step();
    const before = memory();
    for (let i = 0; i < 20; i++) step();
    expect(memory()).toEqual(before);
  });

  it("says when the function is not the same twice", () => {
    let calls = 0;
    const fickle = checkpoint((y: Tensor) => (calls++ === 0 ? y.exp() : y.exp().exp()));
    expect(() => grad((y: Tensor) => fickle(y).sum())(tensor([1]))).toThrow(/something else/);
    calls = 0;
    const other = checkpoint((y: Tensor) => (calls++ === 0 ? y.exp() : y.sin()));
    expect(() => grad((y: Tensor) => other(y).sum())(tensor([1]))).toThrow(/exp, then sin/);
  });

  it("holds a third of the memory between forward and backward, or less", () => {
    const [big, input] = [layers(8, 64), rng(2).normal([256, 64])];
    const held = (wrap: typeof block): number => {
      const before = memory().bytes;
      let most = 0;
      grad((p: Layer[], h: Tensor) => {
        const loss = net(wrap)(p, h);
        most = memory().bytes - before;
        return loss;
      })(big, input);
      return most;
    };
    const afterwards = (wrap: typeof block): number => {
      const marked = big.map(({ w, b }) => ({
        w: requiresGrad(w.alias()),
        b: requiresGrad(b.alias()),
      }));
      const before = memory().bytes;
      let h = input;
      for (const layer of marked) {
        const next = wrap(layer, h);
        if (h !== input) h.dispose();
        h = next;
      }
      const bytes = memory().bytes - before;
      h.sum().backward();
      return bytes;
    };
    const [all, few] = [afterwards(block), afterwards(checkpoint(block))];
    expect(few * 3).toBeLessThanOrEqual(all);
    expect(held(checkpoint(block))).toBeLessThan(held(block));
  });
});
