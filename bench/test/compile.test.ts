/** @file The steps of `npm run bench -- --compile`: compiled, they give the bits of eager runs. */
import { compile } from "@isograd/compile";
import { init, rng, scope, type Tensor } from "@isograd/tensor";
import { forEachTensor } from "@isograd/tensor/engine";
import { afterAll, beforeAll, expect, it } from "vitest";
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
const stepsOf = (name: string): number => (/PONITA|1e6/.test(name) ? 4 : 20);

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
