/**
 * @file A matrix product in WGSL through memory that a workgroup shares: 256 threads load pieces of
 * both operands, each element once, and read each of them at least sixteen times.
 */
import type { WgslKernel } from "../gpujs/backend.js";
import { firstElements, type Product } from "../kernels/product.js";

/** Rows and columns of a workgroup's part of the result; a thread makes 4 × 4 of it, 16 apart. */
const SIDE = 64;
/** Threads along each axis of a workgroup. */
const THREADS = 16;
/** Terms of the sum that are loaded at a time. */
const DEEP = 16;

const four = [0, 1, 2, 3];
const LANES = "xyzw";

/**
 * Statements that load a piece, with zeros outside the matrix. Neighbouring threads read neighbours
 * in memory: along the sum when `along`, else across it. `text` gives the element of term `l` and
 * row or column `e`.
 */
function load(
  into: string,
  along: boolean,
  text: (l: string, e: string) => { inside: string; value: string },
): string {
  const [l, e] = along ? [`t % ${DEEP}u`, `t / ${DEEP}u`] : [`t / ${SIDE}u`, `t % ${SIDE}u`];
  const { inside, value } = text("(start + l)", "e");
  return `
    for (var q = 0u; q < ${(DEEP * SIDE) / THREADS ** 2}u; q++) {
      let t = q * ${THREADS ** 2}u + thread;
      let l = ${l};
      let e = ${e};
      var v = 0.0;
      if (${inside}) { v = ${value}; }
      ${into}[l * ${SIDE}u + e] = v;
    }`;
}

/** The kernel. */
export function sharedTiles(op: string, p: Product): WgslKernel {
  const { m, n, inner, count, a, b } = p;
  const { lines, ofA, ofB } = firstElements(p, { declare: "var", unit: "u" });
  const loadA = load("pieceA", a.column === 1, (l, e) => ({
    inside: `${l} < ${inner}u && top + ${e} < ${m}u`,
    value: `a[fromA + (top + ${e}) * ${a.row}u + ${l} * ${a.column}u]`,
  }));
  const loadB = load("pieceB", b.column !== 1 && b.row === 1, (l, e) => ({
    inside: `${l} < ${inner}u && left + ${e} < ${n}u`,
    value: `b[fromB + ${l} * ${b.row}u + (left + ${e}) * ${b.column}u]`,
  }));
  const columns = four.map((j) => `pieceB[l * ${SIDE}u + x + ${THREADS * j}u]`).join(", ");
  const sums = four.map((i) => `s${i} += pieceA[l * ${SIDE}u + y + ${THREADS * i}u] * row;`);
  const stores = four.map((i) => {
    const row = `top + y + ${THREADS * i}u`;
    const cells = four.map((j) => {
      const column = `left + x + ${THREADS * j}u`;
      const at = `(z * ${m}u + ${row}) * ${n}u + ${column}`;
      return `if (${column} < ${n}u) { c[${at}] = s${i}.${LANES[j]}; }`;
    });
    return `if (${row} < ${m}u) { ${cells.join("\n")} }`;
  });
  const code = `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
var<workgroup> pieceA: array<f32, ${DEEP * SIDE}>;
var<workgroup> pieceB: array<f32, ${DEEP * SIDE}>;
@compute @workgroup_size(${THREADS}, ${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
  let top = group.y * ${SIDE}u;
  let left = group.x * ${SIDE}u;
  let z = group.z;
  let x = id.x;
  let y = id.y;
  let thread = y * ${THREADS}u + x;
  ${lines}
  let fromA = ${ofA};
  let fromB = ${ofB};
  ${four.map((i) => `var s${i} = vec4f();`).join("\n")}
  for (var start = 0u; start < ${inner}u; start += ${DEEP}u) {
    ${loadA}
    ${loadB}
    workgroupBarrier();
    for (var l = 0u; l < ${DEEP}u; l++) {
      let row = vec4f(${columns});
      ${sums.join("\n")}
    }
    workgroupBarrier();
  }
  ${stores.join("\n")}
}`;
  const groups = [Math.ceil(n / SIDE), Math.ceil(m / SIDE), count] as const;
  return { op, code, arrays: 2, size: count * m * n, groups };
}
