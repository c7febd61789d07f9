/** @file Ops of one GPU.js kernel, for the tests on every device. */
import { type Tensor, tensor } from "@isograd/tensor";
import { type CustomOp, defineKernelOp, grad } from "../../src/index.js";

/** `a @ b`, as the GPU.js handbook writes it. */
export const product = defineKernelOp<readonly [Tensor, Tensor]>({
  name: "product",
  kernel: `function (a, b) {
    let sum = 0;
    for (let i = 0; i < this.constants.n; i++) {
      sum += a[this.thread.y][i] * b[i][this.thread.x];
    }
    return sum;
  }`,
  shape: ([a, b]) => [a.shape[0] as number, b.shape[1] as number],
  constants: ([a]) => ({ n: a.shape[1] as number }),
  vjp: ({ inputs: [a, b] }) => [(g) => g.matmul(b.mT), (g) => a.mT.matmul(g)],
});

/** The mean of each place and its neighbours along the last axis; weights at the ends are 0. */
export const blur: CustomOp<readonly [Tensor], { weight: number }> = defineKernelOp({
  name: "blur",
  kernel: function (a) {
    const here = a[this.thread.z]![this.thread.y]![this.thread.x]!;
    let sum = 0;
    for (let d = -1; d <= 1; d++) {
      const x = this.thread.x + d;
      // d = 0 is the place itself
      if (x >= 0 && x < this.constants.width!) {
        sum = sum + this.constants.weight! * a[this.thread.z]![this.thread.y]![x];
      }
    }
    return here + Math.max(sum, -1000);
  },
  constants: ([a], { weight }) => ({ width: a.shape[2] as number, weight }),
  vjp: ({ attrs }) => [(g) => blur(g, attrs)], // it is its own transpose
});

/** Numbers of a shape on a device. */
function values(shape: readonly number[], seed: number, where: Where): Tensor {
  const size = shape.reduce((n, m) => n * m, 1);
  const numbers = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + seed));
  return tensor(numbers, { shape, ...where });
}

interface Where {
  readonly device: string;
  readonly dtype?: "float32" | "float64";
}

/** One call of each op, on the device of the inputs. */
export function kernelCases(device: string, dtype: "float32" | "float64" = "float32") {
  const where = { device, dtype };
  return {
    product: { inputs: factors([3, 5, 4], where) },
    blur: { inputs: [values([2, 3, 4], 3, where)] as const },
  };
}

/** Factors of a product [n, k] @ [k, m]. */
export function factors([n, k, m]: readonly [number, number, number], where: Where) {
  return [values([n, k], 1, where), values([k, m], 2, where)] as const;
}

/** The shapes of the tests on every device. */
export const SHAPES: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [3, 5, 4],
  [1, 7, 2],
  [6, 1, 3],
  [17, 9, 1],
];

/** Values and gradients of both ops for inputs of a shape. */
export function kernelResults(shape: readonly [number, number, number], device: string): Tensor[] {
  const pair = factors(shape, { device });
  const x = values(shape, 3, { device });
  const both = ([a, b]: readonly [Tensor, Tensor]) => product(a, b).square().sum();
  const one = (a: Tensor) => blur(a, { weight: 0.4 }).square().sum();
  const gradients = [...grad(both)([...pair] as [Tensor, Tensor]), grad(one)(x)];
  return [product(...pair), blur(x, { weight: 0.4 }), ...gradients];
}

/** The constants of the texts below. */
export const CONSTANTS = { n: 4, f: 0.3, m: -2.5, big: 1e22 } as const;
/** The input `a` of the texts below. */
export const OPERAND = [
  [0.3, -1.7, 2.2, 0.9],
  [-0.4, 1.1, -2.6, 0.05],
];
const ELEMENT = "a[this.thread.y][this.thread.x]";

/**
 * Statements over `a` [2, 4] that must mean the same on every device; GPU.js or a driver had each
 * of them wrong.
 */
export const TEXTS: Readonly<Record<string, string>> = {
  "tanh of a large number": `return Math.tanh(${ELEMENT} * 100);`,
  "expm1 near 0": `return Math.expm1(${ELEMENT} * 0.0001) * 10000;`,
  "log1p near 0": `return Math.log1p(${ELEMENT} * 0.00001) * 100000;`,
  "log near 1": `return Math.log(1 + 0.001 * Math.abs(${ELEMENT})) * 1000;`,
  "a power of a negative number": `return Math.pow(${ELEMENT}, 3);`,
  "a fractional power": `return Math.pow(Math.abs(${ELEMENT}), 1.5);`,
  "sine and cosine": `return Math.sin(${ELEMENT} * 3) + Math.cos(${ELEMENT});`,
  "outside of its range": `return Math.atanh(${ELEMENT}) > 0.0 ? 1 : 0;`,
  "inverse functions": `return Math.asinh(${ELEMENT}) + Math.acosh(1.5 + Math.abs(${ELEMENT}));`,
  hypot: `return Math.hypot(${ELEMENT}, 2);`,
  "the larger of numbers": `return Math.max(Math.max(${ELEMENT}, 0), Math.min(0.5, ${ELEMENT}));`,
  "the largest of four": `return Math.max(${ELEMENT}, Math.hypot(0.1, 0.2, 0.2), a[0][Math.min(2, 3, 1)],
    Math.max(-1)) + Math.PI;`,
  "halves, rounded": "return Math.round(this.thread.x * 0.5 - 1.5);",
  "roots and signs": `return Math.cbrt(${ELEMENT}) + Math.sign(${ELEMENT}) * Math.sqrt(2);`,
  "functions of a counter": `let s = 0;
    for (let i = 0; i < 4; i++) { s += Math.pow(i, 2) + Math.max(i, 2) + Math.exp(-i); } return s;`,
  constants: "return Math.PI * Math.E + Math.SQRT1_2 * Math.LOG10E;",
  "remainders and whole parts": `return (this.thread.x - 3) % 2 + ${ELEMENT} % 0.7 + Math.trunc(2.6);`,
  "a quotient of places": "return this.thread.x / 2 + Math.floor(this.thread.x / 2);",
  "a count of floats": `let s = ${ELEMENT}; s++; s -= 0.5; --s; return s;`,
  "a count without semicolons": `let s = ${ELEMENT}\n s++\n let t = 3\n --t\n return s + t`,
  "a loop downwards": `let s = 0;
    for (let i = 2; i >= 0; i--) { s = s * 10 + a[this.thread.y][i]; } return s;`,
  "a loop from the thread": `let s = 0;
    for (let i = this.thread.x; i < this.constants.n; i++) { s += a[this.thread.y][i]; } return s;`,
  "a loop of two counters": `let s = 0;
    for (let i = 0, j = 3; i < 3; i++, j--) { s += i * j; } return s;`,
  "a triangle": `let s = 0;
    for (let i = 0; i < 4; i++) { for (let j = i; j < 4; j++) { s += a[this.thread.y][j] * i; } }
    return s;`,
  "a loop that is left": `let s = 0;
    for (let j = 0; j < this.constants.n; j++) {
      if (j == 1) { continue; }
      if (j > 2) { break; }
      s += a[1][j];
    }
    return s;`,
  "the place of the largest": `let best = 0;
    for (let i = 0; i < 4; i++) {
      if (a[this.thread.y][i] > a[this.thread.y][best]) { best = i; }
    }
    return best;`,
  "a comparison kept": `const b = ${ELEMENT} > 0; let c = false; if (b) { c = true; }
    if (c && !(this.thread.x === 3)) { return 1; } return 0;`,
  "early results": `if (this.thread.x > 2) { return 1; } else if (this.thread.x > 1) { return 2; }
    return 3;`,
  "places by elements": "return a[Math.floor(Math.abs(a[0][0]))][Math.min(this.thread.x + 1, 2)];",
  "a flat place": "return a[this.thread.y * 4 + this.thread.x];",
  "names of our own": `const thread = 1; const x_ = 2; const x = 3; const out = 4; const k = 5;
    const result = 6; const texture = 7; return thread + x_ + x + out + k + result + texture;`,
  "numbers of every form": `return ${ELEMENT} * 1e-3 * 1.5E+2 * .5 + 0x10 - -2;`,
  "constants of every sign": `return ${ELEMENT} -this.constants.m * this.constants.f
    + this.thread.x * this.constants.big * 1e-22;`,
  "bits of places": "return ((this.thread.x << 2) | 1) + (this.thread.x & 1);",
};

/** An op from a text. */
export function textOp(name: string) {
  return defineKernelOp<readonly [Tensor]>({
    name: "text",
    kernel: `function (a) { ${TEXTS[name]} }`,
    constants: () => CONSTANTS,
    vjp: null,
  });
}
