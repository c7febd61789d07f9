/**
 * @file Laws of the data loader: every row once per epoch, the same order for a seed, and the saved
 * position.
 */
import { test } from "@fast-check/vitest";
import { arange, ones, rng, type Tensor, tensor, UsageError, zeros } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collate, DataLoader } from "../../src/index.js";
import { alive } from "../helpers.js";

installMatchers();
const numbers = (x: Tensor) => Array.from(x.dataSync());
const sizes = { n: fc.integer({ min: 0, max: 40 }), batch: fc.integer({ min: 1, max: 12 }) };

/** Rows of each batch of one epoch. */
function epoch(loader: Iterable<{ x: Tensor }>): number[][] {
  const rows: number[][] = [];
  for (const { x } of loader) rows.push(numbers(x));
  return rows;
}

describe("laws", () => {
  test.prop([sizes.n, sizes.batch, fc.boolean(), fc.nat()])(
    "every row comes once an epoch, in batches of the size asked for",
    (n, batchSize, dropLast, seed) => {
      const data = { x: arange(n), y: arange(n).mul(2) };
      const shuffle = rng(seed);
      const loader = new DataLoader(data, { batchSize, dropLast, shuffle });
      for (let repeat = 0; repeat < 2; repeat++) {
        const rows = epoch(loader);
        expect(rows).toHaveLength(loader.length);
        const all = rows.flat().sort((a, b) => a - b);
        expect(new Set(all).size).toBe(all.length);
        expect(all).toHaveLength(dropLast ? n - (n % batchSize) : n);
        rows.forEach((row, i) => {
          expect(row).toHaveLength(loader.sizeOf(i));
        });
      }
      for (const { x, y } of loader) expect(x.mul(2)).toEqualTensor(y);
    },
  );

  test.prop([sizes.n, sizes.batch, fc.nat()])(
    "one seed, one order; epochs differ",
    (n, batchSize, seed) => {
      const make = () => new DataLoader({ x: arange(n) }, { batchSize, shuffle: rng(seed) });
      const [a, b] = [make(), make()];
      const first = epoch(a);
      expect(epoch(b)).toEqual(first);
      const second = epoch(a);
      expect(epoch(b)).toEqual(second);
      if (n > 20) expect(second).not.toEqual(first);
    },
  );

  test.prop([fc.integer({ min: 1, max: 30 }), sizes.batch, fc.nat(), fc.nat(10)])(
    "goes on where it stood, whatever the generator did meanwhile",
    (n, batchSize, seed, after) => {
      const shuffle = rng(seed);
      const loader = new DataLoader({ x: arange(n) }, { batchSize, shuffle });
      epoch(loader);
      const iterator = loader[Symbol.iterator]();
      for (let i = 0; i < Math.min(after, loader.length); i++) iterator.next();
      const state = JSON.parse(JSON.stringify(loader.state()));
      const generator = shuffle.state();
      const rest: number[][] = [];
      for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
        rest.push(numbers(next.value.x));
      }
      const later = rng(0);
      later.restore(generator);
      const other = new DataLoader({ x: arange(n) }, { batchSize, shuffle: later });
      other.loadState(state);
      const expected = state.position === 0 ? undefined : rest;
      if (expected !== undefined) expect(epoch(other)).toEqual(expected);
      expect(epoch(other)).toEqual(epoch(loader));
    },
  );
});

describe("DataLoader", () => {
  it("gives a batch that could not be made once more", () => {
    let failures = 1;
    const collated = (rows: readonly number[]): Tensor => {
      if (rows[0] === 2 && failures-- > 0) throw new Error("no room");
      return tensor([...rows]);
    };
    const loader = new DataLoader([0, 1, 2, 3], { batchSize: 2, collate: collated });
    const iterator = loader[Symbol.iterator]();
    expect(iterator.next().value?.toArray()).toEqual([0, 1]);
    expect(() => iterator.next()).toThrow("no room");
    expect(loader.state().position).toBe(1);
    expect(iterator.next().value?.toArray()).toEqual([2, 3]);
  });

  it("keeps the order without a generator", () => {
    const loader = new DataLoader(arange(5), { batchSize: 2, keepBatches: true });
    expect([...loader].map(numbers)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it("releases each batch when the next is asked for, and never the data", () => {
    const data = { x: ones([10, 3]), y: zeros([10]) };
    const loader = new DataLoader(data, { batchSize: 3, shuffle: rng(0) });
    const before = alive();
    const seen: Tensor[] = [];
    for (const { x } of loader) seen.push(x);
    expect(seen.every((x) => x.disposed)).toBe(true);
    expect(alive()).toEqual(before);
    const examples = [{ x: tensor([1]) }, { x: tensor([2]) }];
    const single = new DataLoader(examples, {
      batchSize: 1,
      collate: ([e]) => ({ x: e?.x as Tensor }),
    });
    for (const { x } of single) expect(x.size).toBe(1);
    expect(examples[0]?.x.disposed).toBe(false);
  });

  it("collates lists of examples", () => {
    const examples = Array.from({ length: 5 }, (_, i) => ({
      x: tensor([i, i]),
      label: i,
      even: i % 2 === 0,
      pair: [i, tensor(i)] as const,
    }));
    const loader = new DataLoader(examples, { batchSize: 5, keepBatches: true });
    const [batch] = [...loader];
    expect(batch?.x.shape).toEqual([5, 2]);
    expect(batch?.label).toEqualTensor([0, 1, 2, 3, 4]);
    expect(batch?.even.dtype).toBe("bool");
    expect(batch?.pair[1]).toEqualTensor([0, 1, 2, 3, 4]);
  });

  it("names what is wrong", () => {
    expect(() => new DataLoader({ x: ones([3]), y: ones([4]) })).toThrow(
      'DataLoader: "x" has 3 rows, "y" has 4: [4]\n  help: the first axis',
    );
    expect(() => new DataLoader({ x: tensor(1) })).toThrow("is 0-d");
    expect(() => new DataLoader({})).toThrow("there is no tensor");
    expect(() => new DataLoader(ones([2]), { batchSize: 0 })).toThrow(UsageError);
    expect(() => collate([{ a: ones([1]) }, { a: ones([2]) }])).toThrow(
      '"a" is [1] in example 0 and [2] in example 1',
    );
    expect(() => collate([1, ones([1])])).toThrow("differ in kind");
    expect(() => collate([ones([1]), ones([1], { dtype: "float64" })])).toThrow(
      "float32 and float64",
    );
    expect(() => collate<object>([{ a: 1 }, { b: 1 }])).toThrow('differ in kind at "a"');
  });
});
