/** @file The steps of `npm run bench -- --compile`: compiled, they give the bits of eager runs. */
import { compile } from "@isograd/compile";
import { Buffer as State } from "@isograd/nn";
import { init, rng, scope, type Tensor } from "@isograd/tensor";
import { forEachTensor } from "@isograd/tensor/engine";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bareOf } from "../compile/bare.js";
import { tasks } from "../compile/tasks.js";

beforeAll(() => init({ threads: 1 }));
afterAll(() => init({}));

/** The bytes of all tensors of a tree. */
function bytesOf(tree: unknown): Uint8Array[] {
  const found: Uint8Array[] = [];
  forEachTensor(tree, (x) => {
    const { buffer, byteOffset, byteLength } = x.dataSync();
    found.push(new Uint8Array(buffer, byteOffset, byteLength));
  });
  return found;
}

/** Which tensors differ. */
function differing(a: readonly Uint8Array[], b: readonly Uint8Array[]): unknown[] {
  return a.flatMap((x, i) => (Buffer.compare(x, b[i] ?? new Uint8Array(1)) === 0 ? [] : [i]));
}

/** Fewer steps where one takes long. */
const stepsOf = (name: string): number => (/PONITA|1e6/.test(name) ? 3 : 20);

it.each(tasks)("$name", async ({ name, make }) => {
  const [eager, other] = [await make(), await make()];
  const fast = compile(other.f, { state: other.state ?? [] });
  for (let i = 0; i < stepsOf(name); i++) {
    scope(() => {
      // other numbers in each step
      const turned = (x: Tensor) => x.mul(1 - i / 50).add(rng(i).normal(x.shape).mul(0.01));
      const wanted = bytesOf(eager.f(...eager.inputs.map(turned)));
      const found = bytesOf(fast(...other.inputs.map(turned)));
      expect(differing(found, wanted), `step ${i}`).toEqual([]);
      expect(found).toHaveLength(wanted.length);
    });
  }
  expect(differing(bytesOf(other.state), bytesOf(eager.state)), "state").toEqual([]);
  expect(fast.stats()).toHaveLength(1);
  fast.dispose();
});

it("the kernels of a program, called one by one, do what it does", () => {
  const noise = new State(rng(2).normal([300]));
  const fast = compile(
    (x: Tensor) => {
      noise.value = noise.value.mul(0.5); // so that one more run is seen
      return x.mul(2).add(noise.value).tanh().sum({ axis: 1 });
    },
    { state: noise },
  );
  const x = rng(1).normal([64, 300]);
  const results: Tensor[] = [];
  const bare = bareOf(() => {
    for (let i = 0; i < 3; i++) results.push(fast(x));
  });
  const y = results.at(-1) as Tensor;
  for (const run of [bare?.program, bare?.kernels]) {
    run?.();
    const wanted = x.mul(2).add(noise.value).tanh().sum({ axis: 1 });
    expect(y.dataSync()).toEqual(wanted.dataSync());
  }
  expect(noise.value.dataSync()[0]).toBeCloseTo((rng(2).normal([300]).dataSync()[0] ?? 0) / 2 ** 6);
  expect(bare?.calls).toBeGreaterThan(4);
  fast.dispose();
});
