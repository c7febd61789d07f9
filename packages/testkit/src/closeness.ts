/** @file When two tensors count as equal, and a sentence that says where they differ. */
import { type Nested, type Shape, Tensor } from "@isograd/tensor";

/** Elements are close when `|a − b| ≤ atol + rtol · |b|`; NaN equals NaN. */
export interface Tolerance {
  readonly rtol?: number;
  readonly atol?: number;
  /** Whether 0 and −0 differ. Default: false. */
  readonly signedZeros?: boolean;
}

/** The values and the shape of a tensor, for comparisons. */
export interface Values {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** Shape and values of a tensor, nested arrays, or values themselves. */
export function valuesOf(x: Tensor | Nested | Values): Values {
  if (x instanceof Tensor) return { shape: x.shape, data: x.dataSync() };
  if (typeof x === "object" && !Array.isArray(x)) return x;
  const shape: number[] = [];
  for (let level: Nested | undefined = x; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
  }
  return { shape, data: ([x] as unknown[]).flat(Number.POSITIVE_INFINITY).map(Number) };
}

/**
 * Null when every element is close; else a sentence on the first that is not, and how many more
 * there are: `at [1, 2]: received 0.5, expected 0.25 (off by 0.25)`.
 */
export function firstDifference(
  received: Values,
  expected: Values,
  { rtol = 1e-6, atol = 1e-8, signedZeros = false }: Tolerance = {},
): string | null {
  if (received.shape.join() !== expected.shape.join()) {
    return `received shape [${received.shape.join(", ")}], expected [${expected.shape.join(", ")}]`;
  }
  let [first, count] = [-1, 0];
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [received.data[i] as number, expected.data[i] as number];
    if (signedZeros ? Object.is(a, b) : a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const zeros = a === 0 && b === 0;
    const near = Math.abs(a - b) <= atol + rtol * Math.abs(b) && Number.isFinite(b);
    if (near && !zeros) continue;
    if (first < 0) first = i;
    count++;
  }
  if (first < 0) return null;
  const [a, b] = [received.data[first] as number, expected.data[first] as number];
  const place = `at [${indexOf(first, expected.shape).join(", ")}]`;
  const others = count === 1 ? "" : `, and ${count - 1} more of ${expected.data.length}`;
  return `${place}: received ${text(a)}, expected ${text(b)} (off by ${text(a - b)}${others})`;
}

function text(x: number): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

/** The multi-index of element k, row-major. */
function indexOf(k: number, shape: Shape): number[] {
  const index: number[] = [];
  let rest = k;
  for (let d = shape.length - 1; d >= 0; d--) {
    const n = shape[d] as number;
    index.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return index;
}
