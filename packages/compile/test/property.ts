/** @file Random programs as a property: compiled, they give the bits of eager runs. */
import { valueAndGrad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { memory, reshape, rng, scope, type Tensor } from "@isograd/tensor";
import * as fc from "fast-check";
import { expect } from "vitest";
import { constantsOf, type Plan, plans, runPlan } from "./programs.js";
import { expectSame, read } from "./same.js";

/** Runs a program compiled and as it is, three times, forward and gradient. */
function agrees(plan: Plan): void {
  const constants = constantsOf(plan);
  const run = (x: Tensor, y: Tensor) => runPlan(plan, x, y, constants);
  const loss = (x: Tensor, y: Tensor) =>
    run(x, y)
      .map((z) => z.tanh().mean())
      .reduce((a, b) => a.add(b));
  const gradient = (x: Tensor, y: Tensor) =>
    valueAndGrad((p: Tensor[]) => loss(p[0] as Tensor, p[1] as Tensor))([x, y]);
  const [fast, slopes] = [compile(run), compile(gradient)];
  const random = rng(1);
  const { rows, columns } = plan;
  for (let i = 0; i < 3; i++) {
    const draw = () => reshape(random.normal([rows * columns]), [rows, columns]);
    const [x, y] = [draw(), draw()];
    expectSame(read(fast(x, y)), read(run(x, y)), `forward ${i}`);
    expectSame(read(slopes(x, y)), read(gradient(x, y)), `gradient ${i}`);
  }
  // the engine took both modules
  expect([fast.stats().length, slopes.stats().length]).toEqual([1, 1]);
  fast.dispose();
  slopes.dispose();
}

/** Holds the property for `count` programs; none leaves memory behind. */
export function checkPrograms(count: number): void {
  const property = fc.property(plans, (plan) => {
    const before = memory().bytes;
    scope(() => void agrees(plan));
    expect(memory().bytes).toBe(before);
  });
  fc.assert(property, { numRuns: count });
}
