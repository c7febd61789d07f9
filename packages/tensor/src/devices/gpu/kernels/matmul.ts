/**
 * @file Batched matrix products: large ones by tiles, in kernels of our own; others by GPU.js, one
 * result a thread, or four neighbouring results where a kernel can return four.
 */
import type { families } from "../../../nets/registry.js";
import { layoutOf, productPasses } from "../glsl/passes.js";
import type { Block, Mode, Own } from "../gpujs/backend.js";
import { checkExact, offset, places } from "../gpujs/source.js";
import { registerTiles } from "../wgsl/registers.js";
import { sharedTiles } from "../wgsl/shared.js";
import { checkSum } from "./integers.js";
import type { KernelsFor, Kit } from "./kernel.js";
import { keyOf, type Product, productOf, type Strides } from "./product.js";

/** How many workgroups every WebGPU device allows along one axis of a launch. */
const MOST_GROUPS = 65535;
/** Rows and columns of the smaller tile of a workgroup on WebGPU. */
const LEAST_TILE = 32;
/** From this many multiplications on, the four passes on WebGL2 are faster than GPU.js. */
const WORTH_PASSES = 2 ** 15;
/** From this many rows and columns on, tiles are faster than GPU.js. */
const WORTH_SHARED = 32;
const WORTH_REGISTERS = 4;

/** How many rows, columns and matrices one launch of GPU.js takes on WebGPU, 8 × 8 a workgroup. */
const MOST_ROWS = 8 * MOST_GROUPS;

/** Where a thread finds its place in the product. */
interface Grid {
  readonly output: readonly number[];
  readonly lines: string;
  readonly column: string;
  readonly row: string;
  /** The place along each axis of the batch. */
  readonly batch: readonly string[];
}

/** The threads of a product: `across` of them for each row. */
function gridOf(mode: Mode, { m, count, lengths }: Product, across: number): Grid {
  if (mode === "webgpu" && (Math.max(m, across) > MOST_ROWS || count > MOST_GROUPS)) {
    const { lines, names } = places([across, m, ...lengths]);
    const [column = "", row = "", ...batch] = names;
    return { output: [across * m * count], lines, column, row, batch };
  }
  // GPU.js on WebGL2 would store a result of [n, m] in a texture n wide; with rows along z it uses
  // the nearly square texture of all blocks
  const flat = mode === "webgl2" && count === 1;
  const { lines, names } = places(lengths);
  const along = (text: string) => text.replaceAll("this.thread.x", "this.thread.z");
  return {
    output: flat ? [across, 1, m] : [across, m, count],
    lines: along(lines),
    column: "this.thread.x",
    row: flat ? "this.thread.z" : "this.thread.y",
    batch: names.map(along),
  };
}

/** `Σₗ a[row, l] · b[l, column + lane]` for each lane; the loop adds four terms a turn. */
function products(
  a: Strides,
  b: Strides,
  at: {
    row: string;
    column: string;
    ofA: string;
    ofB: string;
    inner: number;
    lanes: number;
    integers: boolean;
  },
): string {
  const lanes = Array.from({ length: at.lanes }, (_, i) => i);
  const column = at.lanes === 1 ? at.column : `${at.column} * ${at.lanes}`;
  const term = (l: string): string => {
    const x = `const v = a[${at.ofA} + ${at.row} * ${a.row} + ${l} * ${a.column}];`;
    const sums = lanes.map((i) => {
      const y = `b[${at.ofB} + ${l} * ${b.row} + (${column} + ${i}) * ${b.column}]`;
      return `s${i} = s${i} + v * ${y};${at.integers ? checkSum("int32", `s${i}`) : ""}`;
    });
    return `{ ${x} ${sums.join(" ")} }`;
  };
  const turns = Math.floor(at.inner / 4);
  const tail = Array.from({ length: at.inner % 4 }, (_, i) => term(`${turns * 4 + i}`));
  const four = [0, 1, 2, 3].map((i) => term(`(l * 4 + ${i})`)).join("\n");
  const loop = turns === 0 ? "" : `for (let l = 0; l < ${turns}; l++) {\n${four}\n}`;
  return [...lanes.map((i) => `let s${i} = 0.0;`), loop, ...tail].join("\n");
}

/** The product by GPU.js. */
function plain(
  kit: Kit,
  op: string,
  p: Product,
  arrays: { a: Block; b: Block },
  integers = false,
): Block {
  checkExact(op, p.inner);
  const { mode, lanes: wide } = kit.launcher.backend;
  const lanes = wide && p.n % 4 === 0 && !integers ? 4 : 1;
  const { output, lines, row, column, batch } = gridOf(mode, p, p.n / lanes);
  const [ofA, ofB] = [offset(batch, p.a.batch), offset(batch, p.b.batch)];
  const at = { row, column, ofA, ofB, inner: p.inner, lanes, integers };
  const result = lanes === 1 ? "s0" : "[s0, s1, s2, s3]";
  const body = `${lines}${products(p.a, p.b, at)}\nreturn ${result};`;
  return kit.launch({ op, body, output, wide: lanes, arrays });
}

/** The tiles for a product on WebGPU; null when GPU.js is as fast. */
function tilesOnWebGpu(shared: boolean, { m, n, count }: Product): typeof sharedTiles | null {
  const least = Math.min(m, n);
  if (count > MOST_GROUPS || Math.max(m, n) > LEAST_TILE * MOST_GROUPS) return null;
  if (shared) return least >= WORTH_SHARED ? sharedTiles : null;
  return least >= WORTH_REGISTERS ? registerTiles : null;
}

/** The product by a kernel of our own; null where GPU.js is as fast. */
function tiled(kit: Kit, op: string, p: Product, own: Own, [a, b]: [Block, Block]): Block | null {
  const { launcher } = kit;
  const key = `${op} in tiles|${keyOf(p)}`;
  if (own.language === "wgsl") {
    const tiles = tilesOnWebGpu(own.shared, p);
    return tiles && launcher.launchOwn(key, [a, b], () => own.compile(tiles(op, p)));
  }
  if (p.count * p.m * p.n * p.inner < WORTH_PASSES) return null;
  const layout = layoutOf(p, own.side);
  if (layout === null) return null;
  return launcher.launchOwn(`${key}|${a.size}|${b.size}`, [a, b], () => {
    const result = own.widthOf(p.count * p.m * p.n);
    const widths = { a: own.widthOf(a.size), b: own.widthOf(b.size), result };
    return own.compile(productPasses(op, p, layout, widths));
  });
}

/** `[…, m, k] @ […, k, n]`. Reads permuted operands in place, so a transpose needs no copy. */
export const product: KernelsFor<typeof families.matmul> = {
  matmul(kit, { op, inputs: [a, b], spec }) {
    const { own } = kit.launcher.backend;
    const p = productOf(a, b, spec.shape);
    const arrays = { a: a.block, b: b.block };
    if (spec.dtype !== "float32") return plain(kit, op, p, arrays, true);
    const made = own && tiled(kit, op, p, own, [a.block, b.block]);
    return made ?? plain(kit, op, p, arrays);
  },
};
