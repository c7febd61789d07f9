import { describe, expect, it } from "vitest";
import type { HEAVY_MAPS } from "../../src/devices/cpu/exports.js";
import * as special from "../../src/ops/special/scalars.js";
import { builds, core, floats, noise, output, put, spread, untouched, worst } from "./harness.js";

// the limit, which the formula misses: −∞ · 0
const geluTanh = (x: number) => (x === Number.NEGATIVE_INFINITY ? -0 : special.geluTanhScalar(x));
// the same: slope 1 and 0 at the ends
const geluTanhSlope = (x: number) => (Math.abs(x) > 1e6 ? Number(x > 0) : special.geluTanhSlope(x));

/** Function, exact values, ranges to sample, relative error allowed; absolute below `floor`. */
type Case = readonly [
  (typeof HEAVY_MAPS)[number],
  (x: number) => number,
  readonly (readonly [number, number])[],
  number,
  number?,
];

const CASES: readonly Case[] = [
  [
    "exp",
    Math.exp,
    [
      [-103, 88.7],
      [-1, 1],
      [88, 89],
    ],
    2e-7,
    1e-37,
  ],
  [
    "expm1",
    Math.expm1,
    [
      [-20, 88.7],
      [-1, 1],
      [-1e-3, 1e-3],
    ],
    3e-7,
  ],
  [
    "log",
    Math.log,
    [
      [1e-38, 1e-36],
      [0.5, 2],
      [0.99, 1.01],
      [1, 1e30],
    ],
    2e-7,
  ],
  [
    "log1p",
    Math.log1p,
    [
      [-0.9999, 1],
      [-1e-3, 1e-3],
      [1, 1e30],
    ],
    3e-7,
  ],
  [
    "log2",
    Math.log2,
    [
      [1e-38, 1e-36],
      [0.5, 2],
      [1, 1e30],
    ],
    3e-7,
  ],
  [
    "sin",
    Math.sin,
    [
      [-10, 10],
      [-1e5, 1e5],
      [-3e8, 3e8],
    ],
    2e-7,
    1e-3,
  ],
  [
    "cos",
    Math.cos,
    [
      [-10, 10],
      [-1e5, 1e5],
      [-3e8, 3e8],
    ],
    2e-7,
    1e-3,
  ],
  ["sin", Math.sin, [[1e9, 1e20]], 1e-6, 0.1],
  ["cos", Math.cos, [[1e9, 1e20]], 1e-6, 0.1],
  [
    "tan",
    Math.tan,
    [
      [-10, 10],
      [-1e5, 1e5],
    ],
    4e-7,
    1e-3,
  ],
  [
    "sinh",
    Math.sinh,
    [
      [-89, 89],
      [-2, 2],
      [-1e-3, 1e-3],
    ],
    4e-7,
  ],
  [
    "cosh",
    Math.cosh,
    [
      [-89, 89],
      [-2, 2],
    ],
    3e-7,
  ],
  [
    "tanh",
    Math.tanh,
    [
      [-12, 12],
      [-1, 1],
      [-1e-3, 1e-3],
    ],
    5e-7,
  ],
  [
    "sigmoid",
    special.sigmoidScalar,
    [
      [-87, 90],
      [-5, 5],
    ],
    3e-7,
  ],
  [
    "silu",
    special.siluScalar,
    [
      [-80, 90],
      [-5, 5],
    ],
    4e-7,
  ],
  [
    "softplus",
    special.softplusScalar,
    [
      [-80, 90],
      [-5, 5],
    ],
    3e-7,
  ],
  [
    "erf",
    special.erfScalar,
    [
      [-5, 5],
      [-1, 1],
      [-1e-3, 1e-3],
    ],
    3e-7,
  ],
  [
    "gelu",
    special.geluScalar,
    [
      [-6, 6],
      [-1e-2, 1e-2],
      [6, 100],
    ],
    4e-7,
    1,
  ],
  [
    "geluTanh",
    geluTanh,
    [
      [-3, 100],
      [-1e-2, 1e-2],
    ],
    2e-6,
    1e-3,
  ],
];

function run(kernel: (n: number, x: number, out: number) => void, x: Float32Array): Float32Array {
  const out = output(x.byteLength);
  kernel(x.length, put(x), out);
  expect(untouched(out, x.byteLength)).toBe(true);
  return floats(out, x.length);
}

const named = CASES.map((known) => ({ name: known[0], known }));

describe.each(builds)("transcendental kernels, $name", ({ math }) => {
  it.each(named)("$name is accurate", ({ known: [name, exact, ranges, allowed, floor] }) => {
    for (const [from, to] of ranges) {
      const x = spread(from, to, 20011);
      const want = Array.from(x, exact);
      const { error, at } = worst(run(math[name], x), want, floor);
      expect(error, `${name}(${x[at]}) = ${want[at]}`).toBeLessThan(allowed);
    }
  });

  it.each(named)("$name has the special values of Math", ({ known: [name, exact] }) => {
    const values = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 3e38, -3e38, 1e-40, -1e-40];
    const x = Float32Array.from(values);
    // floats round what is above 2¹²⁸ to ∞ and may flush what is below 2⁻¹²⁶
    const got = run(math[name], x);
    for (let i = 0; i < x.length; i++) {
      const want = Math.fround(exact(x[i] as number));
      const label = `${name}(${x[i]})`;
      if (Number.isNaN(want) || !Number.isFinite(want)) expect(got[i], label).toBe(want);
      else if (Math.abs(want) < 1.2e-38)
        expect(Math.abs((got[i] as number) - want), label).toBeLessThan(1.2e-38);
      else expect(Math.abs((got[i] as number) / want - 1), label).toBeLessThan(1e-6);
      if (want === 0 && x[i] === 0) expect(Object.is(got[i], want), `${label} sign`).toBe(true);
    }
  });

  it("writes exactly n elements for every n", () => {
    for (let n = 0; n <= 67; n++) {
      const x = noise(n, 3, n + 1);
      for (const [name] of CASES) run(math[name], x);
      expect(worst(run(math.tanh, x), Array.from(x, Math.tanh)).error).toBeLessThan(5e-7);
    }
  });

  it.each([
    ["geluGrad", special.geluSlope],
    ["geluTanhGrad", geluTanhSlope],
    ["siluGrad", special.siluSlope],
  ] as const)("%s is the slope times the cotangent", (name, slope) => {
    const x = Float32Array.from([...spread(-12, 12, 4001), Infinity, -Infinity, 1e20, NaN]);
    const g = noise(x.length, 2, 5);
    const out = output(x.byteLength);
    math[name](x.length, put(x), put(g), out);
    const want = Array.from(x, (v, i) => slope(v) * (g[i] as number));
    expect(worst(floats(out, x.length), want, 1).error).toBeLessThan(1e-6);
  });
});

describe("simple kernels", () => {
  const x = Float32Array.from([
    NaN,
    Infinity,
    -Infinity,
    0,
    -0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    3e38,
    1e-40,
    7.25,
    -7.75,
    8388609,
  ]);
  it.each([
    ["neg", (v: number) => -v],
    ["abs", Math.abs],
    ["sign", Math.sign],
    ["square", (v: number) => v * v],
    ["reciprocal", (v: number) => 1 / v],
    ["sqrt", Math.sqrt],
    ["relu", (v: number) => (v > 0 ? v : Number.isNaN(v) ? v : 0)],
    ["floor", Math.floor],
    ["ceil", Math.ceil],
    ["trunc", Math.trunc],
    ["round", special.roundHalfEven],
  ] as const)("%s is exact", (name, f) => {
    expect(Array.from(run(core[name], x))).toEqual(Array.from(x, (v) => Math.fround(f(v))));
  });
});
