/** @file Nothing grows: ten thousand replays, a thousand programs, and errors of every stage. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { valueAndGrad } from "@isograd/autograd";
import { type Compiled, compile } from "@isograd/compile";
import { adam, Dropout, losses, MLP } from "@isograd/nn";
import { memory, ones, rng, scope, type Tensor } from "@isograd/tensor";
import { currentRecorder, currentTracer, scopeDepth } from "@isograd/tensor/engine";
import { expect, it } from "vitest";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const MIB = 2 ** 20;

/** What is held: by tensors and programs, and MiB of the process after a collection. */
function held(): { tensors: object; heap: number; outside: number } {
  collect();
  const { bytes, tensors } = memory();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return {
    tensors: { bytes, tensors },
    heap: heapUsed / MIB,
    outside: (external + arrayBuffers) / MIB,
  };
}

/** Runs `go` some times to warm up, then often; nothing may have grown. */
function expectFlat(go: (i: number) => void, warm: number, count: number): void {
  for (let i = 0; i < warm; i++) scope(() => go(i));
  const before = held();
  for (let i = warm; i < warm + count; i++) scope(() => go(i));
  const after = held();
  expect(after.tensors).toEqual(before.tensors);
  expect(after.heap - before.heap).toBeLessThan(4);
  expect(after.outside - before.outside).toBeLessThan(4);
}

it("10,000 replays of a training step", () => {
  const random = rng(1);
  const net = new MLP([4, 8, 3], { rng: random });
  const drop = new Dropout(0.2, { rng: random.split() });
  const optimizer = adam(net, { lr: 0.01 });
  const noise = rng(2);
  const step = (x: Tensor, y: Tensor) => {
    const loss = (m: MLP) => losses.mse(m.forward(drop.forward(x.add(noise.normal([8, 4])))), y);
    const [value, grads] = valueAndGrad(loss)(net);
    optimizer.step(grads);
    return { value, twice: value.mul(2) };
  };
  const fast = compile(step, { state: [net, optimizer, drop, noise] });
  const [x, y] = [random.normal([8, 4]), random.normal([8, 3])];
  expectFlat(() => void fast(x, y), 50, 10_000);
  fast.dispose();
});

it("1,000 programs: new shapes of one function, and new functions", () => {
  const f = (x: Tensor) => valueAndGrad((p: Tensor) => p.mul(2).tanh().sum())(x);
  const one = compile(f);
  const shapes = (i: number) => {
    one(ones([1 + (i % 700)]));
    if (one.stats().length === 16) one.dispose();
  };
  expectFlat(shapes, 96, 496);
  one.dispose();
  const functions = (i: number) => {
    const own = compile((x: Tensor) => f(x.add(i)));
    own(ones([8]));
    own.dispose();
  };
  expectFlat(functions, 50, 500);
});

it("an error at any stage leaves no scope, no tracer, no storage and no program", () => {
  const x = ones([2, 3]);
  const stages: readonly ((own: { run: () => void }) => Compiled<[Tensor], unknown>)[] = [
    (own) =>
      compile((a: Tensor) => {
        a.mul(2);
        own.run();
        return a;
      }),
    (own) =>
      compile((a: Tensor) =>
        scope(() =>
          valueAndGrad((p: Tensor) => {
            own.run();
            return p.sum();
          })(a),
        ),
      ),
    (own) =>
      compile((a: Tensor) =>
        compile((b: Tensor) => {
          own.run();
          return b.tanh();
        })(a),
      ),
  ];
  for (const make of stages) {
    const own = { run: () => {} };
    const fast = make(own);
    for (const calls of [0, 1]) {
      for (let i = 0; i < calls; i++) scope(() => void fast(x)); // the second call is captured too
      const before = [memory(), scopeDepth(), currentTracer(), currentRecorder()];
      const programs = fast.stats().length;
      own.run = () => {
        throw new Error("on purpose");
      };
      expect(() => scope(() => void fast(x))).toThrow("on purpose");
      expect([memory(), scopeDepth(), currentTracer(), currentRecorder()]).toEqual(before);
      expect(fast.stats()).toHaveLength(programs);
      own.run = () => {};
      scope(() => void fast(x));
      fast.dispose();
    }
  }
});
