/**
 * @file Fourier transforms as sums over the whole row, one thread a result: n² steps a row, all of
 * them at once. Cosines and sines come from a table of float64 made on the host.
 */
import { sizeOf } from "../../../base/shape.js";
import type { Block } from "../backend.js";
import { divide } from "../source.js";
import type { Kernel, Kit, Operand } from "./kernel.js";

/** cos(2πj/n) for j = 0 … n − 1, then the sines. */
function circle(kit: Kit, n: number): Block {
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
const dft: Kernel = (kit, { op, inputs, attrs }) => {
  const x = inputs[0] as Operand;
  const n = x.shape.at(-1) as number;
  const sign = (attrs as { readonly inverse: boolean }).inverse ? "-1.0" : "1.0";
  const body = `
    let k0 = this.thread.x;
    ${divide("k0", n, "k1", "f")}
    ${divide("k1", 2, "o", "part")}
    const base = o * ${2 * n};
    const own = base + part * ${n};
    const other = base + (1.0 - part) * ${n};
    const turn = ${sign} * (1.0 - 2.0 * part);
    ${sum(n, n, "f", "a[own + j] * c + turn * a[other + j] * s")}`;
  return kit.launch({ op, body, output: x.size, arrays: { a: x.block, w: circle(kit, n) } });
};

// Re = Σ x c, Im = −Σ x s
const realDft: Kernel = (kit, { op, inputs, spec }) => {
  const x = inputs[0] as Operand;
  const n = x.shape.at(-1) as number;
  const bins = spec.shape.at(-1) as number;
  const body = `
    let k0 = this.thread.x;
    ${divide("k0", bins, "k1", "f")}
    ${divide("k1", 2, "o", "part")}
    const base = o * ${n};
    ${sum(n, n, "f", "a[base + j] * ((1.0 - part) * c - part * s)")}`;
  const arrays = { a: x.block, w: circle(kit, n) };
  return kit.launch({ op, body, output: sizeOf(spec.shape), arrays });
};

// Σ re c − im s over the bins
const realDftTransposed: Kernel = (kit, { op, inputs, spec }) => {
  const x = inputs[0] as Operand;
  const n = spec.shape.at(-1) as number;
  const bins = x.shape.at(-1) as number;
  const body = `
    let k0 = this.thread.x;
    ${divide("k0", n, "o", "i")}
    const base = o * ${2 * bins};
    ${sum(n, bins, "i", `a[base + j] * c - a[base + ${bins} + j] * s`)}`;
  const arrays = { a: x.block, w: circle(kit, n) };
  return kit.launch({ op, body, output: sizeOf(spec.shape), arrays });
};

/** Kernels of contiguous operands. */
export const fourier: Readonly<Record<string, Kernel>> = { dft, realDft, realDftTransposed };
