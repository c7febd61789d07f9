// GPart: adapt a trained network by 16 numbers and a seed, through a random isometric partition.
import { grad } from "@isograd/autograd";
import { distortion, fullFineTune, gpart, lora } from "@isograd/gpart";
import { adam, losses, MLP } from "@isograd/nn";
import { rng, type Tensor } from "@isograd/tensor";

// a model that knows x₀ · x₁
const random = rng(0);
const x = random.uniform([256, 2], { low: -1 });
const product = x.prod({ axis: 1, keepdims: true });
const model = new MLP([2, 32, 1], { activation: "tanh", rng: random.split() });
const first = adam(model, { lr: 0.02 });
for (let i = 0; i < 300; i++) {
  first.step(grad((m: MLP) => losses.mse(m.forward(x), product))(model));
}

// a new task: half as large, and shifted
const shifted = product.mul(0.5).add(0.2);
const errorOf = (m: { forward(x: Tensor): Tensor }) => losses.mse(m.forward(x), shifted);
console.log(`error before: ${errorOf(model).item().toFixed(4)}`);

const methods = {
  "GPart, d = 16": gpart(model, { d: 16, seed: 7 }),
  "LoRA, rank 1": lora(model, { rank: 1 }),
  "all weights": fullFineTune(model),
};
const curves: Record<string, number[]> = {};
for (const [name, adapter] of Object.entries(methods)) {
  const optimizer = adam(adapter, { lr: 0.02 });
  const curve: number[] = [];
  for (let i = 0; i < 120; i++) {
    optimizer.step(grad((a: typeof adapter) => errorOf(a))(adapter));
    curve.push(errorOf(adapter).item());
  }
  curves[name] = curve;
  console.log(`${name}: ${adapter.parameterCount} numbers, error ${curve.at(-1)?.toFixed(4)}`);
}
plot(curves);

// the reason for the name: a step of θ and the step of the weights have the same length
const { min, max } = distortion(gpart(model, { d: 16, seed: 7 }));
max - min < 1e-6; // → true
