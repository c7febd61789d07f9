/**
 * @file A matrix product in GLSL by four passes: two pack the operands, four floats a texel; the
 * third computes tiles of 4 × 4, a row of the tile in each of four targets; the last writes the
 * tiles as the result. Rows that exceed the height of a texture continue in a column beside.
 */
import type { GlslKernel, Pass } from "../gpujs/backend.js";
import { firstElements, type Product, type Strides } from "../kernels/product.js";

/** Rows in a texture: `across` texels each, `height` rows in each column of rows. */
interface Folded {
  readonly across: number;
  readonly height: number;
  readonly width: number;
}

const four = [0, 1, 2, 3];

/** Null when the rows do not fit; `unit` rows stay in one column. */
function fold(rows: number, across: number, unit: number, side: number): Folded | null {
  const height = Math.min(rows, Math.floor(side / unit) * unit);
  const width = height === 0 ? Number.POSITIVE_INFINITY : Math.ceil(rows / height) * across;
  return width <= side ? { across, height, width } : null;
}

/** Statements that find the row `r` and the texel `u` in it of this place. */
const unfold = ({ across, height }: Folded): string => `
  int column = int(gl_FragCoord.x);
  int r = (column / ${across}) * ${height} + int(gl_FragCoord.y);
  int u = column % ${across};`;

const matrices = ({ batch }: Strides, count: number): number =>
  batch.every((step) => step === 0) ? 1 : count;

/** Packs four neighbours of each row, with zeros outside; matrices have `padded` rows each. */
function pack(
  name: string,
  what: {
    readonly strides: Strides;
    readonly rows: number;
    readonly columns: number;
    readonly padded: number;
    readonly from: string;
    readonly lines: string;
    readonly width: number;
  },
  folded: Folded,
): Pass {
  const { strides, rows, columns, padded, from, lines, width } = what;
  const lane = (j: number) => {
    const at = `first + row * ${strides.row} + (u * 4 + ${j}) * ${strides.column}`;
    return `if (u * 4 + ${j} < ${columns}) { v[${j}] = element(${at}); }`;
  };
  const text = `
uniform sampler2D ${name};
out vec4 made;
float element(int i) { return texelFetch(${name}, ivec2(i % ${width}, i / ${width}), 0).r; }
void main() {
  ${unfold(folded)}
  int z = r / ${padded};
  int row = r % ${padded};
  ${lines}
  int first = ${from};
  vec4 v = vec4(0.0);
  if (row < ${rows}) { ${four.map(lane).join("\n")} }
  made = v;
}`;
  const { width: w, height } = folded;
  return { text, reads: [name], targets: { count: 1, width: w, height } };
}

/** The textures of a product's parts. */
export interface Layout {
  readonly a: Folded;
  readonly b: Folded;
  readonly tiles: Folded;
}

/** Numbers of rows, terms and columns in fours. */
const fours = ({ m, inner, n }: Product) => {
  const quarter = (size: number) => Math.ceil(size / 4);
  return { m4: quarter(m), k4: quarter(inner), n4: quarter(n) };
};

/** Null when a part does not fit in a texture with sides of at most `side`. */
export function layoutOf(p: Product, side: number): Layout | null {
  const { m4, k4, n4 } = fours(p);
  const a = fold(matrices(p.a, p.count) * m4 * 4, k4, 4, side);
  const b = fold(matrices(p.b, p.count) * k4 * 4, n4, k4 * 4, side);
  const tiles = fold(p.count * m4, n4, 1, side);
  return a && b && tiles && { a, b, tiles };
}

/** The passes of a product; `widths` are those of the textures of the operands and the result. */
export function productPasses(
  op: string,
  p: Product,
  layout: Layout,
  widths: { readonly a: number; readonly b: number; readonly result: number },
): GlslKernel {
  const { m, n, inner, count } = p;
  const { m4, k4 } = fours(p);
  const { lines, ofA, ofB } = firstElements(p, { declare: "int", unit: "" });
  const ofRows = { strides: p.a, rows: m, columns: inner, padded: m4 * 4, from: ofA, lines };
  const ofTerms = { strides: p.b, rows: inner, columns: n, padded: k4 * 4, from: ofB, lines };
  const passes = [
    pack("x0", { ...ofRows, width: widths.a }, layout.a),
    pack("x1", { ...ofTerms, width: widths.b }, layout.b),
    multiply(p, layout),
    layOut(p, layout.tiles, widths.result),
  ];
  return { op, size: count * m * n, passes };
}

/** Samples texels instead of fetching: twice as fast on software renderers, the same on others. */
function multiply(p: Product, { a, b, tiles }: Layout): Pass {
  const { m4, k4 } = fours(p);
  const [ofA, ofB] = [matrices(p.a, p.count), matrices(p.b, p.count)];
  const texel = (name: string, { width, height }: Folded, x: string, y: string) =>
    `texture(${name}, (vec2(${x}, ${y}) + 0.5) * vec2(${1 / width}, ${1 / height}))`;
  const readsB = four.map(
    (k) => `vec4 b${k} = ${texel("t1_0", b, "fromB.x", `fromB.y + l * 4.0 + ${k}.0`)};`,
  );
  const sums = four.map(
    (i) => `vec4 a${i} = ${texel("t0_0", a, "fromA.x + l", `fromA.y + ${i}.0`)};
    s${i} += a${i}.x * b0 + a${i}.y * b1 + a${i}.z * b2 + a${i}.w * b3;`,
  );
  const text = `
uniform sampler2D t0_0;
uniform sampler2D t1_0;
${four.map((i) => `layout(location = ${i}) out vec4 made${i};`).join("\n")}
void main() {
  ${unfold(tiles)}
  int z = r / ${m4};
  int rowA = ${ofA === 1 ? "0" : `z * ${m4 * 4}`} + (r % ${m4}) * 4;
  int rowB = ${ofB === 1 ? "0" : `z * ${k4 * 4}`};
  vec2 fromA = vec2((rowA / ${a.height}) * ${a.across}, rowA % ${a.height});
  vec2 fromB = vec2((rowB / ${b.height}) * ${b.across} + u, rowB % ${b.height});
  ${four.map((i) => `vec4 s${i} = vec4(0.0);`).join("\n")}
  for (int i = 0; i < ${k4}; i++) {
    float l = float(i);
    ${readsB.join("\n")}
    ${sums.join("\n")}
  }
  ${four.map((i) => `made${i} = s${i};`).join("\n")}
}`;
  const { width, height } = tiles;
  return { text, reads: ["t0_0", "t1_0"], targets: { count: 4, width, height } };
}

function layOut(p: Product, tiles: Folded, width: number): Pass {
  const { m, n, count } = p;
  const { m4 } = fours(p);
  const reads = four.map((i) => `t2_${i}`);
  const choices = reads.map(
    (name, i) => `if (row % 4 == ${i}) { v = texelFetch(${name}, at, 0); }`,
  );
  const text = `
${reads.map((name) => `uniform sampler2D ${name};`).join("\n")}
out vec4 made;
void main() {
  int i = int(gl_FragCoord.y) * ${width} + int(gl_FragCoord.x);
  int row = (i / ${n}) % ${m};
  int z = i / ${m * n};
  int column = i % ${n};
  int r = z * ${m4} + row / 4;
  ivec2 at = ivec2((r / ${tiles.height}) * ${tiles.across} + column / 4, r % ${tiles.height});
  vec4 v = vec4(0.0);
  if (z < ${count}) { ${choices.join("\n")} }
  made = vec4(v[column % 4]);
}`;
  return { text, reads, targets: null };
}
