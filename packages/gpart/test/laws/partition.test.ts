/** @file Laws of partitions: balance, bijectivity, reproducibility, and unrelated seeds. */
import { fc, test } from "@fast-check/vitest";
import { init } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { partition, type Scheme, schemes } from "../../src/index.js";
import { feistel, halfBits } from "../../src/partition/feistel.js";
import { seedWords } from "../../src/partition/mix.js";
import { shareGroups } from "../../src/partition/simple.js";

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const sizes = fc
  .integer({ min: 1, max: 5000 })
  .chain((n) => fc.record({ n: fc.constant(n), d: fc.integer({ min: 1, max: n }) }));
const anyScheme = fc.constantFrom<Scheme>(...schemes);

/** Options that are valid for every scheme. */
function optionsFor(scheme: Scheme, n: number, d: number, seed: number) {
  const values = Float64Array.from({ length: n }, (_, i) => Math.abs(Math.sin(i + seed)));
  return { n, d, seed, scheme, values, sizes: [n], warn: () => {} };
}

function chiSquare(observed: ArrayLike<number>, expected: number): number {
  return Array.from(observed).reduce((sum, o) => sum + (o - expected) ** 2 / expected, 0);
}

describe("a partition", () => {
  it("stays the one that was made, whatever becomes of its options", () => {
    for (const scheme of schemes) {
      const options = optionsFor(scheme, 20, 6, 1);
      const wanted = partition({ ...options });
      const made = partition(options);
      Object.assign(options, { n: 3, d: 1, seed: 2 });
      options.sizes[0] = 5;
      options.values.fill(0);
      expect([...made.groups()]).toEqual([...wanted.groups()]);
      expect([...made.counts()]).toEqual([...wanted.counts()]);
    }
  });
});

describe("the bijection", () => {
  it("is one for every n to 300 and some seeds", () => {
    for (let n = 1; n <= 300; n++) {
      for (const seed of [0, 1, 42, 2 ** 40 + 7]) {
        const { of } = feistel(n, seedWords("test", seed));
        expect(new Set(Array.from({ length: n }, (_, i) => of(i))).size).toBe(n);
        expect(of(n - 1)).toBeLessThan(n);
      }
    }
  });

  const spans = fc
    .oneof(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }))
    .chain((n) =>
      fc.record({
        n: fc.constant(n),
        d: fc.oneof(
          fc.integer({ min: 1, max: 2 ** 31 - 1 }),
          fc.integer({ min: 0, max: 30 }).map((l) => 2 ** l),
        ),
        from: fc.integer({ min: 0, max: n - 1 }),
        count: fc.integer({ min: 0, max: 3000 }),
      }),
    );
  test.prop([spans, seeds], { numRuns: 50 })(
    "has the same bits in the kernel, modulo d",
    (span, seed) => {
      const { n, d, from, count } = span;
      const made = new Int32Array(Math.min(count, n - from));
      const { of, fillModulo } = feistel(n, seedWords("test", seed));
      fillModulo(made, from, d);
      expect(made).toEqual(made.map((_, k) => of(from + k) % d));
    },
  );

  it("has the same bits on two threads", async () => {
    const n = 300_001;
    const groupsOn = async (threads: number) => {
      await init({ threads });
      return partition({ n, d: 1000, seed: 5 }).groups();
    };
    const { threads: before } = await init();
    const [alone, together] = [await groupsOn(1), await groupsOn(2)];
    await init({ threads: before });
    expect(Buffer.from(together.buffer).equals(Buffer.from(alone.buffer))).toBe(true);
  });

  it("uses ⌈log₂ n⌉ bits rounded up to even", () => {
    expect([1, 2, 4, 5, 16, 17, 2 ** 24, 2 ** 24 + 1, 2 ** 31 - 1].map(halfBits)).toEqual([
      1, 1, 1, 2, 2, 3, 12, 13, 16,
    ]);
  });

  it("puts each entry everywhere equally often, over seeds", () => {
    const [n, runs] = [12, 12_000];
    const hits = new Float64Array(n * n);
    for (let seed = 0; seed < runs; seed++) {
      const { of } = feistel(n, seedWords("test", seed));
      for (let i = 0; i < n; i++) hits[i * n + of(i)]! += 1;
    }
    // 121 degrees of freedom: mean 121, standard deviation 15.6.
    expect(chiSquare(hits, runs / n)).toBeLessThan(121 + 5 * 15.6);
  });

  it("leaves neighbours no likelier together than chance", () => {
    const d = 16;
    const groups = partition({ n: 160_000, d, seed: 3 }).groups();
    for (const lag of [1, 2, 3, 16, 400, 512, 1024]) {
      const pairs = new Float64Array(d * d);
      for (let i = 0; i + lag < groups.length; i++) {
        pairs[(groups[i] as number) * d + (groups[i + lag] as number)]! += 1;
      }
      // 225 degrees of freedom: standard deviation 21.2.
      expect(chiSquare(pairs, (groups.length - lag) / (d * d))).toBeLessThan(225 + 5 * 21.2);
    }
  });
});

describe("every scheme", () => {
  test.prop([anyScheme, sizes, seeds])("fills groups below d, all counted", (scheme, s, seed) => {
    const p = partition(optionsFor(scheme, s.n, s.d, seed));
    const counted = new Int32Array(s.d);
    for (const g of p.groups()) counted[g]! += 1;
    expect(p.counts()).toEqual(counted);
    expect(counted.reduce((a, b) => a + b, 0)).toBe(s.n);
  });

  test.prop([anyScheme, sizes, seeds])("makes the same groups in pieces", (scheme, s, seed) => {
    const whole = partition(optionsFor(scheme, s.n, s.d, seed)).groups();
    const p = partition(optionsFor(scheme, s.n, s.d, seed));
    const cut = Math.floor(s.n / 3);
    expect(p.fill(new Int32Array(s.n - cut), cut)).toEqual(whole.subarray(cut));
    expect(p.groupOf(cut)).toBe(whole[cut]);
  });
});

describe("balanced schemes", () => {
  const balanced = fc.constantFrom<Scheme>(
    "feistel-v1",
    "contiguous",
    "per-layer",
    "signed-magnitude",
  );
  test.prop([balanced, sizes, seeds])("n_j = ⌊n/d⌋ + [j < n mod d]", (scheme, { n, d }, seed) => {
    const counts = partition(optionsFor(scheme, n, d, seed)).counts();
    expect(Array.from(counts)).toEqual(
      Array.from(counts, (_, j) => Math.floor(n / d) + (j < n % d ? 1 : 0)),
    );
  });

  test.prop([fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 9 }), fc.nat()])(
    "layers share all groups, one at least and their size at most",
    (layers, extra) => {
      const n = layers.reduce((a, b) => a + b, 0);
      const d = layers.length + (extra % (n - layers.length + 1));
      const shares = shareGroups(layers, d);
      expect(shares.reduce((a, b) => a + b, 0)).toBe(d);
      for (const [l, share] of shares.entries()) {
        expect(share).toBeGreaterThanOrEqual(1);
        expect(share).toBeLessThanOrEqual(layers[l] as number);
      }
    },
  );
});

describe("cells", () => {
  const layered = fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 9 }),
    seed: seeds,
    scheme: fc.constantFrom<Scheme>("feistel-v1", "contiguous", "signed-magnitude"),
  });

  test.prop([layered])("share no groups, and are as even inside as one partition", (c) => {
    const n = c.sizes.reduce((a, b) => a + b, 0);
    const cells = c.sizes.map((_, l) => (l * 2) % Math.min(3, c.sizes.length));
    const order = [...new Set(cells)];
    const numbered = cells.map((cell) => order.indexOf(cell));
    const values = Float64Array.from({ length: n }, (_, i) => 1 + i);
    const p = partition({ ...c, n, d: order.length, cells: numbered, values });
    const groups = p.groups();
    let at = 0;
    c.sizes.forEach((size, l) => {
      expect(new Set(groups.subarray(at, at + size))).toEqual(new Set([numbered[l]]));
      at += size;
    });
  });

  it("one for each layer is what per-layer means", () => {
    const options = { n: 200, d: 30, seed: 7, sizes: [50, 120, 30] };
    const byCells = partition({ ...options, cells: [0, 1, 2] }).groups();
    expect(byCells).toEqual(partition({ ...options, scheme: "per-layer" }).groups());
  });

  it("have the groups that budgets give them", () => {
    const sizes = [40, 10, 40, 10];
    const p = partition({ n: 100, d: 12, sizes, cells: [0, 1, 0, 1], budgets: [4, 8] });
    expect(Array.from(p.counts())).toEqual([20, 20, 20, 20, 3, 3, 3, 3, 2, 2, 2, 2]);
    expect(Math.max(...p.groups().subarray(0, 40))).toBe(3);
    expect(Math.min(...p.groups().subarray(40, 50))).toBe(4);
  });
});

describe("signs", () => {
  it("are fair, and independent of groups, neighbours and seeds", () => {
    const [n, d] = [40_000, 4];
    const signsOf = (seed: number) => {
      const p = partition({ n, d, seed, signed: true });
      return { groups: p.groups(), signs: Array.from({ length: n }, (_, i) => p.signOf(i)) };
    };
    const [a, b] = [signsOf(8), signsOf(9)];
    const sum = (f: (i: number) => number) => a.signs.reduce((s: number, x, i) => s + x * f(i), 0);
    // sums of n fair signs: standard deviation 200
    for (const f of [
      () => 1,
      (i: number) => b.signs[i] ?? 0,
      (i: number) => a.signs[i + 1] ?? 0,
      (i: number) => b.signs[i + 1] ?? 0,
      (i: number) => (a.groups[i] === 0 ? 2 : 0),
    ]) {
      expect(Math.abs(sum(f))).toBeLessThan(1000);
    }
  });
});

describe("seeds", () => {
  const seeded = ["feistel-v1", "iid", "per-layer"] as const;
  it.each(seeded)("%s: neighbours agree as often as chance, at every small shift", (scheme) => {
    const [n, d] = [20_000, 50];
    for (const seed of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 52]) {
      const a = partition(optionsFor(scheme, n, d, seed)).groups();
      const b = partition(optionsFor(scheme, n, d, seed + 1)).groups();
      for (const shift of [-1, 0, 1]) {
        let same = 0;
        for (let i = 1; i < n - 1; i++) same += a[i] === b[i + shift] ? 1 : 0;
        // n/d = 400 expected, standard deviation 20.
        expect(Math.abs(same - n / d)).toBeLessThan(100);
      }
    }
  });
});
