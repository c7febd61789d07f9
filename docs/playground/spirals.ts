// Two spirals that wind around each other, and a network that learns to tell them apart.
import { valueAndGrad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { adam, losses, MLP } from "@isograd/nn";
import { rng, stack, tensor } from "@isograd/tensor";
import * as Plot from "@observablehq/plot";

const random = rng(4);
const EACH = 150;

const points = Array.from({ length: 2 * EACH }, (_, i) => {
  const arm = i % 2;
  const t = 0.35 + (3.2 * i) / (2 * EACH); // how far along the arm
  const angle = 3 * t + arm * Math.PI;
  return { x: t * Math.cos(angle), y: t * Math.sin(angle), arm };
});
const noise = random.normal([2 * EACH, 2]).mul(0.06);
const x = tensor(points.map((p) => [p.x, p.y])).add(noise);
const y = tensor(points.map((p) => [p.arm]));

const model = new MLP([2, 32, 32, 1], { activation: "tanh", rng: random });
const optimizer = adam(model, { lr: 0.02 });
const error = (m: MLP) => losses.binaryCrossEntropyWithLogits(m.forward(x), y);

// compiled: captured once, then replayed as one WebAssembly function with the same bits
const step = compile(
  () => {
    const [loss, gradients] = valueAndGrad(error)(model);
    optimizer.step(gradients);
    return loss;
  },
  { state: [model, optimizer] },
);
const curve: number[] = [];
for (let i = 0; i < 600; i++) curve.push(step().item());

const right = model.forward(x).greater(0).equal(y.greater(0.5)).mean().item();
console.log(`${(100 * right).toFixed(1)} % of the points are on their side of the line`);
right > 0.98; // → true

// the decision surface: what the network says everywhere
const SIDE = 60;
const axis = Array.from({ length: SIDE }, (_, i) => -3.6 + (7.2 * (i + 0.5)) / SIDE);
const plane = tensor(axis.flatMap((v) => axis.map((u) => [u, v])));
const surface = await model.forward(plane).sigmoid().data();
const seen = (await stack([x.slice([null, 0]), x.slice([null, 1])]).data()) as Float32Array;
const box = { width: SIDE, height: SIDE, x1: -3.6, y1: -3.6, x2: 3.6, y2: 3.6 };
plot({
  width: 480,
  height: 460,
  grid: false,
  color: { domain: [0, 0.5, 1], range: ["#f59e0b", "#e5e7eb", "#0d9488"], type: "linear" },
  marks: [
    Plot.contour(Array.from(surface), {
      ...box,
      fill: Plot.identity,
      thresholds: [0, 0.1, 0.3, 0.5, 0.7, 0.9],
      fillOpacity: 0.45,
    }),
    Plot.dot(points, {
      x: (_, i) => seen[i],
      y: (_, i) => seen[2 * EACH + i],
      fill: (p) => p.arm,
      stroke: "white",
      strokeWidth: 0.5,
    }),
  ],
});
plot({ loss: curve });

// try other sizes, activations ("relu", "gelu") and learning rates
