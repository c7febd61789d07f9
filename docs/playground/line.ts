// A line through points: the gradient of the mean squared error says which way to turn it.
import { valueAndGrad } from "@isograd/autograd";
import { rng } from "@isograd/tensor";
import * as Plot from "@observablehq/plot";

const random = rng(1);
const x = random.uniform([60], { low: -2, high: 2 });
const y = x
  .mul(1.5)
  .add(0.5)
  .add(random.normal([60]).mul(0.4)); // y = 1.5 x + 0.5, and noise

let line = { slope: x.mean().mul(0), offset: x.mean().mul(0) };
const loss = (at: typeof line) => x.mul(at.slope).add(at.offset).sub(y).square().mean();

const losses: number[] = [];
for (let i = 0; i < 60; i++) {
  const [value, gradient] = valueAndGrad(loss)(line);
  losses.push(value.item());
  line = {
    slope: line.slope.sub(gradient.slope.mul(0.1)),
    offset: line.offset.sub(gradient.offset.mul(0.1)),
  };
}

const [slope, offset] = [line.slope.item(), line.offset.item()];
console.log(`y = ${slope.toFixed(2)} x + ${offset.toFixed(2)}`);
Math.abs(slope - 1.5) < 0.15; // → true

const ys = await y.data();
const points = Array.from(await x.data(), (at, i) => ({ x: at, y: Number(ys[i]) }));
plot({
  marks: [
    Plot.dot(points, { x: "x", y: "y", fill: "#f59e0b" }),
    Plot.line([-2, 2], { x: (at) => at, y: (at) => at * slope + offset, stroke: "#0d9488" }),
  ],
});
plot({ y: { type: "log", label: "loss" }, marks: [Plot.lineY(losses, { stroke: "#0d9488" })] });
