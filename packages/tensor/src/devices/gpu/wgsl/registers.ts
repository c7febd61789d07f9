/**
 * @file A matrix product in WGSL: each thread keeps a tile of the result in its registers, and
 * reads four floats at once where their places allow it.
 */
import type { WgslKernel } from "../gpujs/backend.js";
import { firstElements, type Product, type Strides } from "../kernels/product.js";

const LANES = "xyzw";
const four = [0, 1, 2, 3];
const GROUP = 8;

/** Along which axis of the matrix four neighbours in memory are; null when they are not used. */
type Run = "rows" | "columns" | null;

/** The axis along which runs of four begin at multiples of four and stay inside the matrix. */
function runOf({ row, column, batch }: Strides, rows: number, columns: number): Run {
  const whole = (step: number) => step % 4 === 0;
  if (!batch.every(whole)) return null;
  if (column === 1 && whole(row) && whole(columns)) return "columns";
  return row === 1 && whole(column) && whole(rows) ? "rows" : null;
}

const vector = (of: (i: number) => string): string => `vec4f(${four.map(of).join(", ")})`;

/** Text that reads a 4 × 4 piece at (`row`, `column`) by one load for each run, and its rows. */
function piece(
  array: string,
  from: string,
  { row: down, column: across }: Strides,
  run: Run,
  at: { name: string; row: (i: number) => string; column: (i: number) => string },
): { lines: string; rowAt: (i: number) => string } {
  const place = (i: number, j: number) =>
    `${from} + ${at.row(i)} * ${down}u + ${at.column(j)} * ${across}u`;
  if (run === "rows") {
    const loads = four.map((j) => `let ${at.name}${j} = ${array}[(${place(0, j)}) / 4u];`);
    return { lines: loads.join("\n"), rowAt: (i) => vector((j) => `${at.name}${j}.${LANES[i]}`) };
  }
  const load = (i: number) =>
    run === "columns"
      ? `${array}[(${place(i, 0)}) / 4u]`
      : vector((j) => `${array}[${place(i, j)}]`);
  const loads = four.map((i) => `let ${at.name}${i} = ${load(i)};`);
  return { lines: loads.join("\n"), rowAt: (i) => `${at.name}${i}` };
}

/** Statements that add four terms of the sum, from `l` on. */
function terms(
  p: Product,
  runs: { a: Run; b: Run },
  tile: { rows: number; quads: number },
): string {
  const within = (name: string, size: number, i: number) =>
    size % 4 === 0 ? `(${name} + ${i}u)` : `min(${name} + ${i}u, ${size - 1}u)`;
  const l = (i: number) => `(l + ${i}u)`;
  const ofB = Array.from({ length: tile.quads }, (_, q) =>
    piece("b", "fromB", p.b, runs.b, {
      name: `b${q}_`,
      row: l,
      column: (j) => within("column", p.n, 4 * q + j),
    }),
  );
  let lines = ofB.map((x) => x.lines).join("\n");
  ofB.forEach((x, q) => {
    lines += four.map((k) => `\nlet r${q}_${k} = ${x.rowAt(k)};`).join("");
  });
  for (let quad = 0; quad < tile.rows / 4; quad++) {
    const ofA = piece("a", "fromA", p.a, runs.a, {
      name: `a${quad}_`,
      row: (i) => within("row", p.m, 4 * quad + i),
      column: l,
    });
    lines += `\n${ofA.lines}`;
    for (const i of four) {
      lines += `\nlet v${quad}_${i} = ${ofA.rowAt(i)};`;
      for (const k of four) {
        for (let q = 0; q < tile.quads; q++) {
          const sum = `s${4 * quad + i}_${q}`;
          lines += `\n${sum} = fma(vec4f(v${quad}_${i}.${LANES[k]}), r${q}_${k}, ${sum});`;
        }
      }
    }
  }
  return lines;
}

/** One term of the sum, element by element, where the inner length is not a multiple of four. */
function lastTerm(p: Product, l: number, runs: { a: Run; b: Run }, tile: Tile): string {
  const element = (array: string, run: Run, place: string) =>
    run === null ? `${array}[${place}]` : `${array}[(${place}) / 4u][(${place}) % 4u]`;
  let lines = "";
  for (let q = 0; q < tile.quads; q++) {
    const columns = vector((j) => {
      const column = `min(column + ${4 * q + j}u, ${p.n - 1}u)`;
      return element("b", runs.b, `fromB + ${l * p.b.row}u + ${column} * ${p.b.column}u`);
    });
    lines += `let b${q} = ${columns};\n`;
  }
  for (let i = 0; i < tile.rows; i++) {
    const row = `min(row + ${i}u, ${p.m - 1}u)`;
    const x = element("a", runs.a, `fromA + ${row} * ${p.a.row}u + ${l * p.a.column}u`);
    for (let q = 0; q < tile.quads; q++) lines += `s${i}_${q} += ${x} * b${q};\n`;
  }
  return `{ ${lines} }`;
}

function store(p: Product, tile: Tile): string {
  let lines = "";
  for (let i = 0; i < tile.rows; i++) {
    let row = "";
    for (let q = 0; q < tile.quads; q++) {
      const at = `(z * ${p.m}u + row + ${i}u) * ${p.n}u + column + ${4 * q}u`;
      if (p.n % 4 === 0) {
        row += `if (column + ${4 * q}u < ${p.n}u) { c[(${at}) / 4u] = s${i}_${q}; }\n`;
      } else {
        for (const j of four) {
          const inside = `column + ${4 * q + j}u < ${p.n}u`;
          row += `if (${inside}) { c[${at} + ${j}u] = s${i}_${q}.${LANES[j]}; }\n`;
        }
      }
    }
    lines += `if (row + ${i}u < ${p.m}u) { ${row} }\n`;
  }
  return lines;
}

interface Tile {
  readonly rows: number;
  /** Columns, in fours. */
  readonly quads: number;
}

/** Tiles of 8 × 8 for large matrices, else of 4 × 4. */
const tileFor = ({ m, n }: Product): Tile =>
  m >= 64 && n >= 64 ? { rows: 8, quads: 2 } : { rows: 4, quads: 1 };

/** The kernel. Rows and columns outside repeat the last one and are not written. */
export function registerTiles(op: string, p: Product): WgslKernel {
  const tile = tileFor(p);
  const { m, n, inner, count } = p;
  const runs = { a: runOf(p.a, m, inner), b: runOf(p.b, inner, n) };
  const type = (run: Run) => (run === null ? "f32" : "vec4f");
  const { lines, ofA, ofB } = firstElements(p, { declare: "var", unit: "u" });
  const whole = inner - (inner % 4);
  const sums = Array.from({ length: tile.rows * tile.quads }, (_, i) => {
    return `var s${Math.floor(i / tile.quads)}_${i % tile.quads} = vec4f();`;
  });
  const rest = Array.from({ length: inner - whole }, (_, i) => lastTerm(p, whole + i, runs, tile));
  const code = `
@group(0) @binding(0) var<storage, read> a: array<${type(runs.a)}>;
@group(0) @binding(1) var<storage, read> b: array<${type(runs.b)}>;
@group(0) @binding(2) var<storage, read_write> c: array<${n % 4 === 0 ? "vec4f" : "f32"}>;
@compute @workgroup_size(${GROUP}, ${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y * ${tile.rows}u;
  let column = id.x * ${4 * tile.quads}u;
  let z = id.z;
  if (row >= ${m}u || column >= ${n}u) { return; }
  ${lines}
  let fromA = ${ofA};
  let fromB = ${ofB};
  ${sums.join("\n")}
  for (var l = 0u; l < ${whole}u; l += 4u) {
    ${terms(p, runs, tile)}
  }
  ${rest.join("\n")}
  ${store(p, tile)}
}`;
  const groups = [
    Math.ceil(n / (4 * tile.quads * GROUP)),
    Math.ceil(m / (tile.rows * GROUP)),
    count,
  ] as const;
  return { op, code, arrays: 2, size: count * m * n, groups };
}
