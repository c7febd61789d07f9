/** @file detectAnomaly: the op, its shapes, and the line, forward and backward. */
import { full, memory, pad, type Tensor, tensor, where } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { detectAnomaly, grad, requiresGrad, vmap } from "../src/index.js";
import { f64, numbers } from "./helpers.js";

/** The number of the calling line. */
function lineHere(): number {
  const frame = new Error().stack?.split("\n")[2] ?? "";
  return Number(frame.match(/:(\d+):\d+\)?$/)?.[1]);
}

describe("detectAnomaly", () => {
  it("hands the result through when all is well", () => {
    const g = detectAnomaly(() => grad((x: Tensor) => x.sqrt().sum())(f64([4])));
    expect(numbers(g)).toEqual([0.25]);
  });

  it("names the first op of a forward pass, and the line", () => {
    let line = 0;
    const f = (x: Tensor) => {
      const y = x.sub(1);
      line = lineHere() + 1;
      const z = y.log();
      return z.mul(2).sum();
    };
    expect(() => detectAnomaly(() => f(f64([[2, 1]])))).toThrow(
      /log: made -Infinity at \[0, 1\]: \[1, 2\] → \[1, 2\], called at .*anomaly\.test\.ts/,
    );
    try {
      detectAnomaly(() => f(f64([2, 0])));
      expect.unreachable();
    } catch (error) {
      expect(String(error)).toContain(`made NaN at [1]`);
      expect(String(error)).toMatch(/\n {2}help: print its inputs: is one 0, very large, /);
      expect(String(error)).toContain(`anomaly.test.ts:${line}:`);
    }
  });

  it("names the op of a backward pass, and the one that it is the derivative of", () => {
    const norm = (x: Tensor) => x.square().sum().sqrt();
    const pattern =
      /div: made Infinity at \[\].*in the backward pass of sqrt, called at .*anomaly\.test\.ts:\d+/;
    expect(() => detectAnomaly(() => grad(norm)(f64([0, 0])))).toThrow(pattern);
    const w = requiresGrad(f64([0, 0]));
    expect(() => detectAnomaly(() => norm(w).backward())).toThrow(pattern);
    const before = norm(w);
    expect(() => detectAnomaly(() => before.backward())).toThrow(/before detectAnomaly began/);
  });

  it("sees a NaN made of infinities, and leaves alone what was asked for", () => {
    const masked = (x: Tensor) =>
      where(tensor([true, false]), x, Number.NEGATIVE_INFINITY).softmax();
    expect(numbers(detectAnomaly(() => masked(tensor([1, 2]))))).toEqual([1, 0]);
    expect(() => detectAnomaly(() => full([2], Number.NEGATIVE_INFINITY).softmax())).toThrow(
      /softmax: made NaN/,
    );
    const padded = () => pad(f64([1]), [[1, 0]], { value: Number.NEGATIVE_INFINITY }).max();
    expect(numbers(detectAnomaly(padded))).toEqual([1]);
    expect(numbers(detectAnomaly(() => f64([Number.NaN]).add(1)))).toEqual([Number.NaN]);
  });

  it("sees into vmap, and puts the watcher away", () => {
    const logs = vmap((x: Tensor) => x.log().sum());
    expect(() => detectAnomaly(() => logs(f64([[1], [0]])))).toThrow(
      /log: made -Infinity at \[1, 0\]/,
    );
    const before = memory().tensors;
    f64([0]).log().dispose();
    expect(memory().tensors - before).toBe(1);
  });
});
