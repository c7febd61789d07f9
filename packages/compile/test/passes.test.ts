/** @file Each pass alone, on programs with known instructions before and after it. */

import { noGrad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { MLP, Parameter } from "@isograd/nn";
import {
  broadcastTo,
  concat,
  div,
  mul,
  ones,
  rng,
  scope,
  sub,
  type Tensor,
  tensor,
} from "@isograd/tensor";
import { geluGrad, geluTanhGrad, sigmoidGrad, siluGrad, tanhGrad } from "@isograd/tensor/engine";
import { expect, it } from "vitest";
import { capture } from "../src/capture.js";
import { optimised, PASSES } from "../src/passes/index.js";
import type { Program } from "../src/program.js";
import { sameAttrs } from "../src/same.js";
import { alone } from "./setting.js";

type F = (x: Tensor, y: Tensor) => unknown;

/** Computes something else first, which nobody reads. */
const beside =
  (f: F): F =>
  (x, y) => {
    x.exp().tanh();
    return f(x, y);
  };

/** What one function does with two tensors of shape [2, 3]. */
function programOf(f: F, state: readonly Tensor[] = []): Program {
  const args = [ones([2, 3]), ones([2, 3])];
  const found = capture(f as never, alone(args, state), ({ program, trace }) => {
    trace.free();
    return { result: program };
  });
  return found?.result as Program;
}

/** The ops that are left, and the names of the results. */
function after(name: string, f: F, state?: readonly Tensor[]): string[] {
  const own = PASSES.filter((pass) => pass.name === name);
  expect(own).toHaveLength(1);
  return optimised(programOf(f, state), own).program.instructions.map(({ op }) => op.name);
}

it("the passes have names of their own, in this order", () => {
  expect(PASSES.map(({ name }) => name)).toEqual([
    "dead code",
    "algebra",
    "common subexpressions",
    "shared slopes",
  ]);
});

it("a pass changes no program, and no pass the other's", () => {
  const program = programOf((x, y) => {
    x.exp();
    return [x.mul(y).tanh(), x.mul(y)];
  });
  const before = { ...program, instructions: [...program.instructions] };
  for (const { pass } of PASSES) {
    pass(program);
    expect(sameAttrs(program, before)).toBe(true);
  }
  const counts = PASSES.map((own) => optimised(program, [own]).passed[0]?.instructions);
  expect(counts).toEqual([3, 4, 3, 4]); // of 4
  expect(optimised(program).passed).toEqual([
    { name: "dead code", instructions: 3 },
    { name: "algebra", instructions: 3 },
    { name: "common subexpressions", instructions: 2 },
    { name: "shared slopes", instructions: 2 },
  ]);
  expect(optimised(program, []).program).toBe(program);
});

it.each<[string, F, string[]]>([
  ["chains that nobody reads", beside((x, y) => x.mul(y)), ["mul"]],
  ["nothing that a result needs", (x, y) => x.exp().mul(y).sum(), ["exp", "mul", "sum"]],
  ["everything, where an argument is returned", beside((_, y) => y), []],
  ["twins stay", (x, y) => [x.mul(y), x.mul(y)], ["mul", "mul"]],
])("dead code: %s", (_, f, ops) => {
  expect(after("dead code", f)).toEqual(ops);
});

it("dead code: what the state becomes is needed", () => {
  const state = new Parameter(ones([2, 3]));
  const f = (x: Tensor) => {
    x.exp();
    state.value = state.value.add(x);
  };
  expect(after("dead code", f, [state.own])).toEqual(["add"]);
});

it.each<[string, F, string[]]>([
  ["the same op twice", (x, y) => [x.mul(y), x.mul(y)], ["mul"]],
  ["chains", (x) => x.exp().tanh().add(x.exp().tanh()), ["exp", "tanh", "add"]],
  ["operands in another order", (x, y) => [x.sub(y), y.sub(x)], ["sub", "sub"]],
  ["other attributes", (x) => [x.sum({ axis: 0 }), x.sum({ axis: 1 })], ["sum", "sum"]],
  ["equal attributes", (x) => [x.sum({ axis: 0 }), x.sum({ axis: 0 })], ["sum"]],
  [
    "equal values of other shapes",
    (x) => [x.sum({ axis: 0 }), x.reshape([3, 2]).sum({ axis: 0 })],
    ["sum", "sum"],
  ],
  ["equal numbers", (x) => x.mul(2).add(x.mul(2)), ["mul", "add"]],
  ["other numbers", (x) => [x.mul(2), x.mul(3)], ["mul", "mul"]],
  ["zeros of other signs", (x) => [x.mul(0), x.mul(-0)], ["mul", "mul"]],
  [
    "numbers broadcast to other shapes",
    (x) => [x.mul(broadcastTo(tensor(2), [2, 3])), x.mul(broadcastTo(tensor(2), [1, 3]))],
    ["mul", "mul"],
  ],
  ["what nobody reads stays", beside((x, y) => x.mul(y)), ["exp", "tanh", "mul"]],
])("common subexpressions: %s", (_, f, ops) => {
  expect(after("common subexpressions", f)).toEqual(ops);
});

it.each<[string, F, string[]]>([
  ["products with 1, on both sides", (x) => [x.mul(1).exp(), mul(1, x).exp()], ["exp", "exp"]],
  ["quotients by 1, not of 1", (x) => [x.div(1).exp(), div(1, x).exp()], ["exp", "div", "exp"]],
  ["differences with 0, not from 0", (x) => [x.sub(0), sub(0, x)], ["sub"]],
  ["sums with −0, not with 0", (x) => [x.add(-0), x.add(0)], ["add"]],
  ["signs that change twice", (x) => x.neg().neg().exp(), ["neg", "exp"]],
  ["chains", (x) => x.mul(1).sub(0).div(1).exp(), ["exp"]],
  ["of one number too", (x) => tensor(1).mul(x.sum()), ["sum"]],
  [
    "products that broadcast stay, and casts",
    (x) => [x.sum().mul(ones([2])), x.mul(tensor(1, { dtype: "float64" }))],
    ["sum", "mul", "cast"], // a cast, then a product with 1
  ],
])("algebra: %s", (_, f, ops) => {
  expect(after("algebra", f)).toEqual(ops);
});

it.each<[string, F, string[]]>([
  [
    "two gradients at one place",
    (x, y) => [tanhGrad(x, y), tanhGrad(x, y.exp())],
    ["exp", "tanhSlope", "mul", "mul"],
  ],
  ["one gradient stays", (x, y) => tanhGrad(x, y), ["tanhGrad"]],
  ["other places stay", (x, y) => [geluGrad(x, y), geluGrad(y, x)], ["geluGrad", "geluGrad"]],
  ["other functions stay", (x, y) => [siluGrad(x, y), tanhGrad(x, y)], ["siluGrad", "tanhGrad"]],
])("shared slopes: %s", (_, f, ops) => {
  expect(after("shared slopes", f).sort()).toEqual([...ops].sort());
});

it.each(Object.entries({ tanhGrad, sigmoidGrad, geluGrad, geluTanhGrad, siluGrad }))(
  "shared slopes keep all bits: %s",
  (_, grad) => {
    const special = [0, -0, 1e-40, 3, -3, 20, -20, 89, -104, 1e30, -1e30, Infinity, -Infinity];
    for (const dtype of ["float32", "float64"] as const) {
      const x = concat([tensor(special), rng(1).normal([1000], { std: 3 })]).cast(dtype);
      const [a, b] = [0, 1].map((seed) => rng(seed).normal(x.shape).cast(dtype));
      const f = (...xs: Tensor[]) => {
        const [at, g, h] = xs as [Tensor, Tensor, Tensor];
        return [grad(at, g), grad(at, h), grad(at, at)];
      };
      const fast = compile(f);
      const read = (own: typeof f) =>
        own(x, a as Tensor, b as Tensor).map((r) =>
          [...r.dataSync()].map((v) => (v === 0 ? 1 / v : v)),
        );
      expect(read(fast)).toEqual(read(f));
      expect(fast.toString()).toMatch(/Slope/);
    }
  },
);

it("common subexpressions: results and state follow", () => {
  const state = new Parameter(ones([2, 3]));
  const program = programOf(
    (x, y) => {
      state.value = x.mul(y);
      return [x.mul(y), x.mul(y)];
    },
    [state.own],
  );
  const { instructions, outputs, writes } = optimised(program).program;
  const [{ results }] = instructions as [(typeof instructions)[0]];
  const made = results[0]?.value;
  expect([...outputs, ...writes].map(({ value }) => value)).toEqual([made, made, made]);
});

it("stats tells the instructions after each pass, groups and times", () => {
  const f = compile((x: Tensor) => {
    x.exp();
    return x.mul(2).tanh().add(x.mul(2).tanh());
  });
  f(ones([10_000]));
  const [stats] = f.stats();
  expect(stats).toMatchObject({ captured: 6, instructions: 3, calls: 3, host: 0 });
  expect(stats?.passes.map(({ instructions }) => instructions)).toEqual([5, 5, 3, 3]);
  expect([stats?.groups, stats?.fusedCalls]).toEqual([1, 3]);
  const { captureMs = 0, passesMs = 0, planMs = 0, moduleMs = 0, buildMs } = stats ?? {};
  const times = [captureMs, passesMs, planMs, moduleMs];
  for (const ms of times) expect(ms).toBeGreaterThan(0);
  expect(times.reduce((a, b) => a + b)).toBeCloseTo(buildMs as number);
});

it("{ passes: false } leaves passes and fusion out, and gives the same bits", () => {
  const model = new MLP([3, 64, 2], { rng: rng(0) });
  const x = rng(1).normal([200, 3]);
  const forward = (input: Tensor) => {
    input.exp();
    return [model.forward(input), model.forward(input).tanh()];
  };
  const options = { state: model };
  const [plain, fast] = [
    compile(forward, { ...options, passes: false }),
    compile(forward, options),
  ];
  const read = (tensors: Tensor[]) => tensors.map((own) => own.dataSync());
  noGrad(() => {
    for (let i = 0; i < 3; i++) {
      scope(() => void expect(read(plain(x))).toEqual(read(fast(x))));
    }
  });
  const [as, than] = [plain.stats()[0], fast.stats()[0]];
  expect(as).toMatchObject({ passes: [], groups: 0, fusedCalls: 0 });
  expect(as?.instructions).toBe(as?.captured);
  expect(as?.captured).toBe(than?.captured);
  expect(than?.instructions).toBeLessThan(as?.instructions as number);
  expect(than?.groups).toBeGreaterThan(0);
  expect(() => compile(forward, { passes: 3 as never })).toThrow(
    /option passes must be a boolean, got 3/,
  );
});
