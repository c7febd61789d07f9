/**
 * @file Fourier transforms as sums over a row of n: each result is a thread with n steps. Cosines
 * and sines come from a table that the host computes in float64.
 */
import { sizeOf } from "../../../base/shape.js";
import type { families } from "../../../nets/registry.js";
import type { Block } from "../gpujs/backend.js";
import { checkExact, divide } from "../gpujs/source.js";
import type { KernelFor, KernelsFor, Kit } from "./kernel.js";

type Fourier = typeof families.fourier;

/** cos(2πj/n) for j = 0 … n − 1, then the sines. */
function circle(kit: Kit, op: string, n: number): Block {
  checkExact(op, 2 * n);
  return kit.table(`circle ${n}`, () => {
    const values = new Float32Array(2 * n);
    for (let j = 0; j < n; j++) {
      values[j] = Math.cos((2 * Math.PI * j) / n);
      values[n + j] = Math.sin((2 * Math.PI * j) / n);
    }
    return values;
  });
}

/**
 * `sum ← Σ term` over j = 0 … count − 1, where `c` and `s` are cosine and sine of 2π j · step / n.
 */
function sum(n: number, count: number, step: string, term: string): string {
  return `
    let sum = 0.0;
    let t = 0.0;
    for (let j = 0; j < ${count}; j++) {
      const c = w[t];
      const s = w[t + ${n}];
      sum = sum + ${term};
      t = t + ${step};
      if (t >= ${n}) { t = t - ${n}; }
    }
    return sum;`;
}

// Re = Σ re c ± im s, Im = Σ im c ∓ re s; the upper signs are those of the forward transform
const dft: KernelFor<Fourier["dft"]> = (kit, { op, inputs: [x], attrs }) => {
  const n = x.shape.at(-1) as number;
  const sign = attrs.inverse ? "-1.0" : "1.0";
  const body = `
    whole k0 = this.thread.x;
    ${divide("k0", n, "k1", "f")}
    ${divide("k1", 2, "o", "part")}
    whole base = o * ${2 * n};
    whole own = base + part * ${n};
    whole other = base + (1 - part) * ${n};
    const turn = ${sign} * (1.0 - 2.0 * part);
    ${sum(n, n, "f", "a[own + j] * c + turn * a[other + j] * s")}`;
  return kit.launch({ op, body, output: x.size, arrays: { a: x.block, w: circle(kit, op, n) } });
};

// Re = Σ x c, Im = −Σ x s
const realDft: KernelFor<Fourier["realDft"]> = (kit, { op, inputs: [x], spec }) => {
  const n = x.shape.at(-1) as number;
  const bins = spec.shape.at(-1) as number;
  const body = `
    whole k0 = this.thread.x;
    ${divide("k0", bins, "k1", "f")}
    ${divide("k1", 2, "o", "part")}
    whole base = o * ${n};
    ${sum(n, n, "f", "a[base + j] * ((1.0 - part) * c - part * s)")}`;
  const arrays = { a: x.block, w: circle(kit, op, n) };
  return kit.launch({ op, body, output: sizeOf(spec.shape), arrays });
};

// Σ re c − im s over the bins
const realDftTransposed: KernelFor<Fourier["realDftTransposed"]> = (
  kit,
  { op, inputs: [x], spec },
) => {
  const n = spec.shape.at(-1) as number;
  const bins = x.shape.at(-1) as number;
  const body = `
    whole k0 = this.thread.x;
    ${divide("k0", n, "o", "i")}
    whole base = o * ${2 * bins};
    ${sum(n, bins, "i", `a[base + j] * c - a[base + ${bins} + j] * s`)}`;
  const arrays = { a: x.block, w: circle(kit, op, n) };
  return kit.launch({ op, body, output: sizeOf(spec.shape), arrays });
};

/** Kernels of contiguous operands. */
export const fourier: KernelsFor<Fourier> = { dft, realDft, realDftTransposed };
