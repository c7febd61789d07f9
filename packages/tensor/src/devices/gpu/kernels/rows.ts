/**
 * @file Softmax, layer normalisation and running sums: first the statistics of each row, one thread
 * a row; then the elements, one thread each.
 */
import { sizeOf } from "../../../base/shape.js";
import type { families } from "../../../nets/registry.js";
import type { NormAttrs } from "../../../nets/standardizeKernels.js";
import type { Block } from "../gpujs/backend.js";
import { checkExact, isNumber, triple } from "../gpujs/source.js";
import { expm1Of } from "./formulas.js";
import { checkSum } from "./integers.js";
import type { KernelFor, KernelOperand, KernelsFor, Kit } from "./kernel.js";
import { log1pOf } from "./pieces.js";

type Normalize = typeof families.normalize;
type Slopes = typeof families.slopes;
type Reduce = typeof families.reduce;

const lengthOf = (x: KernelOperand) => x.shape[x.shape.length - 1] as number;

/** One thread a row of the last axis: `body` may use `row` and `base`, the row's first place. */
function perRow(
  kit: Kit,
  op: string,
  x: KernelOperand,
  body: string,
  arrays: Record<string, Block>,
): Block {
  const length = lengthOf(x);
  const head = `whole row = this.thread.x;\nwhole base = row * ${length};\n`;
  return kit.launch({ op, body: head + body, output: x.size / length, arrays });
}

/** One thread an element: `body` may use its place `k`, its row `row` and its place `i` in it. */
function perElement(
  kit: Kit,
  op: string,
  x: KernelOperand,
  body: string,
  arrays: Record<string, Block>,
): Block {
  const length = lengthOf(x);
  const head = `${triple(1, x.size / length, length)}whole row = m;\nwhole i = j;\n`;
  return kit.launch({ op, body: head + body, output: x.size, arrays });
}

/** `Σ value` over each row. */
function rowSum(
  kit: Kit,
  op: string,
  x: KernelOperand,
  value: string,
  arrays: Record<string, Block>,
): Block {
  const body = `
    let sum = 0.0;
    for (let c = 0; c < ${lengthOf(x)}; c++) {
      whole at = base + c;
      sum = sum + ${value};
    }
    return sum;`;
  return perRow(kit, op, x, body, arrays);
}

const TOP = (n: number): string => `
    let top = a[base];
    for (let c = 1; c < ${n}; c++) {
      const v = a[base + c];
      top = v > top ? v : (v <= top ? top : top + v);
    }`;
const FINITE = `${isNumber("top")} && top > -3.0e38 && top < 3.0e38`;
// Σ e^(x − m) without the term 1 of one maximum: added to 1, a small rest would lose digits.
const REST = (n: number): string => `
      let rest = 0.0;
      let tops = -1.0;
      for (let c = 0; c < ${n}; c++) {
        const d = a[base + c] - top;
        if (d < 0.0) { rest = rest + Math.exp(d); } else { tops = tops + 1.0; }
      }
      rest = rest + tops;
      ${log1pOf("rest", "l")}`;

// m + log Σ e^(x − m); a row whose maximum is not finite has that maximum as its result.
const logSumExp: KernelFor<Normalize["logSumExp"]> = (kit, { op, inputs: [x] }) => {
  const n = lengthOf(x);
  const body = `${TOP(n)}
    if (${FINITE}) {
      ${REST(n)}
      return top + l;
    }
    return top;`;
  return perRow(kit, op, x, body, { a: x.block });
};

// From d = x − m and l = log Σ e^(x − m): m + l would lose the digits of l where m is large. Where
// m is not finite, l is NaN (∞ − ∞), and so is the row.
function softmaxLike(value: string): KernelFor<Normalize["softmax"]> {
  return (kit, { op, inputs: [x] }) => {
    const n = lengthOf(x);
    const most = perRow(kit, op, x, `${TOP(n)}\nreturn top;`, { a: x.block });
    const body = `
    const top = most[row];
    if (${FINITE}) {
      ${REST(n)}
      return l;
    }
    return top - top;`;
    const total = perRow(kit, op, x, body, { a: x.block, most });
    const each = `
    const d = a[k] - most[row];
    const l = total[row];
    return l >= 0.0 ? ${value} : l;`;
    const result = perElement(kit, op, x, each, { a: x.block, most, total });
    kit.free(most);
    kit.free(total);
    return result;
  };
}

function softmaxGradLike(summand: string, body: string): KernelFor<Slopes["softmaxGrad"]> {
  return (kit, { op, inputs: [y, g] }) => {
    const arrays = { y: y.block, g: g.block };
    const total = rowSum(kit, op, y, summand, arrays);
    const result = perElement(kit, op, y, body, { ...arrays, total });
    kit.free(total);
    return result;
  };
}

/**
 * The mean of each row (0 when it is not subtracted), and `1/√(variance + eps)`. Where squares
 * leave the range of float32, the variance is computed again in other units.
 */
function moments(
  kit: Kit,
  op: string,
  x: KernelOperand,
  { eps, centred = true }: NormAttrs,
): { mean: Block; scale: Block } {
  const n = lengthOf(x);
  const mean = perRow(
    kit,
    op,
    x,
    centred
      ? `let sum = 0.0;
    for (let c = 0; c < ${n}; c++) { sum = sum + a[base + c]; }
    return sum / ${n};`
      : "return 0.0;",
    { a: x.block },
  );
  const body = `
    const mu = mean[row];
    let sum = 0.0;
    for (let c = 0; c < ${n}; c++) { const d = a[base + c] - mu; sum = sum + d * d; }
    const s = sum / ${n} + ${eps};
    if (s > 1.0e-25 && s < 3.0e38) { return 1.0 / Math.sqrt(s); }
    const unit = s > 1.0 ? ${2 ** -64} : ${2 ** 64}.0;
    sum = 0.0;
    for (let c = 0; c < ${n}; c++) { const d = (a[base + c] - mu) * unit; sum = sum + d * d; }
    return unit / Math.sqrt(sum / ${n} + ${eps} * unit * unit);`;
  return { mean, scale: perRow(kit, op, x, body, { a: x.block, mean }) };
}

const standardize: KernelFor<Normalize["standardize"]> = (kit, { op, inputs: [x], attrs }) => {
  const { mean, scale } = moments(kit, op, x, attrs);
  const body = "return (a[k] - mean[row]) * scale[row];";
  const result = perElement(kit, op, x, body, { a: x.block, mean, scale });
  kit.free(mean);
  kit.free(scale);
  return result;
};

const layerNorm: KernelFor<Normalize["layerNorm"]> = (
  kit,
  { op, inputs: [x, weight, bias], attrs },
) => {
  const { mean, scale } = moments(kit, op, x, attrs);
  const body = "return (a[k] - mean[row]) * scale[row] * weight[i] + bias[i];";
  const arrays = { a: x.block, mean, scale, weight: weight.block, bias: bias.block };
  const result = perElement(kit, op, x, body, arrays);
  kit.free(mean);
  kit.free(scale);
  return result;
};

// r (g − ḡ − z · mean(g z)), z = (x − mean) r
const standardizeGrad: KernelFor<Normalize["standardizeGrad"]> = (
  kit,
  { op, inputs: [x, g], attrs },
) => {
  const n = lengthOf(x);
  const { centred = true } = attrs;
  const { mean, scale } = moments(kit, op, x, attrs);
  const all = { a: x.block, g: g.block, mean, scale };
  const sumG = rowSum(kit, op, x, centred ? "g[at]" : "0.0", { g: g.block });
  const sumGZ = rowSum(kit, op, x, "g[at] * ((a[at] - mean[row]) * scale[row])", all);
  const body = `
    const r = scale[row];
    const z = (a[k] - mean[row]) * r;
    return r * (g[k] - sumG[row] / ${n} - z * sumGZ[row] / ${n});`;
  const result = perElement(kit, op, x, body, { ...all, sumG, sumGZ });
  for (const block of [mean, scale, sumG, sumGZ]) kit.free(block);
  return result;
};

// Each element is the sum of all elements up to it: n²/2 additions a row. Long rows run on the
// host.
const cumulativeSum: KernelFor<Reduce["cumulativeSum"]> = (
  kit,
  { op, inputs: [x], attrs: { axis }, spec },
) => {
  const n = x.shape[axis] as number;
  const inner = sizeOf(x.shape.slice(axis + 1));
  checkExact(op, n, x.shape);
  const body = `
    ${triple(x.size / n / inner, n, inner)}
    let sum = 0.0;
    for (let c = 0; c <= m; c++) {
      sum = sum + a[(o * ${n} + c) * ${inner} + j];
      ${checkSum(spec.dtype, "sum")}
    }
    return sum;`;
  return kit.launch({ op, body, output: x.size, arrays: { a: x.block } });
};

/** Kernels of contiguous operands. */
export const normalizing: KernelsFor<Normalize> = {
  softmax: softmaxLike("Math.exp(d - l)"),
  logSoftmax: softmaxLike("d - l"),
  logSumExp,
  standardize,
  layerNorm,
  standardizeGrad,
};

/** Kernels of contiguous operands. */
export const rowSlopes: KernelsFor<Slopes> = {
  softmaxGrad: softmaxGradLike("y[at] * g[at]", "return y[k] * (g[k] - total[row]);"),
  logSoftmaxGrad: softmaxGradLike(
    "g[at]",
    `
    const v = y[k];
    if (v > -0.69) {
      return 0.0 - g[k] * ${expm1Of("v")} - Math.exp(v) * (total[row] - g[k]);
    }
    return g[k] - Math.exp(v) * total[row];`,
  ),
};

/** Kernels of contiguous operands. */
export const running: KernelsFor<Reduce> = { cumulativeSum };
