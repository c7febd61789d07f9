/**
 * @file Batched matrix products: by tiles, in kernels of our own, where there is enough to do; else
 * by GPU.js, one thread a result, or four neighbouring results where a kernel can return them.
 */
import type { Block, Own } from "../backend.js";
import { checkExact, divide, offset } from "../source.js";
import { layoutOf, productPasses } from "../tiles/passes.js";
import { keyOf, type Product, productOf, type Strides } from "../tiles/product.js";
import { registerTiles } from "../tiles/registers.js";
import { sharedTiles } from "../tiles/shared.js";
import type { Kernel, Kit, Operand } from "./kernel.js";

/** Workgroups along one axis of a launch, as WebGPU grants everywhere. */
const MOST_GROUPS = 65535;
/** Multiplications that are worth the four drawings of a product in passes. */
const WORTH_PASSES = 2 ** 15;
/** Rows and columns that fill tiles well enough. */
const WORTH_SHARED = 32;
const WORTH_REGISTERS = 4;

/** Statements and expressions for the first element of this batch's matrices. */
function batchOffsets(op: string, { lengths, a, b }: Product, largest: number) {
  const names: string[] = [];
  let lines = "";
  if (lengths.length === 1) names.push("this.thread.z");
  if (lengths.length > 1) {
    lines = "let k0 = this.thread.z;\n";
    lengths.slice(0, -1).forEach((n, i) => {
      lines += divide(`k${i}`, n, `k${i + 1}`, `r${i}`);
      names.push(`r${i}`);
    });
    names.push(`k${lengths.length - 1}`);
    checkExact(op, largest);
  }
  return { lines, ofA: offset(names, a.batch), ofB: offset(names, b.batch) };
}

/**
 * `Σₗ a[row, l] · b[l, column + lane]` for each lane; four terms a turn keep the loop's cost down.
 */
function products(
  a: Strides,
  b: Strides,
  at: { row: string; column: string; ofA: string; ofB: string; inner: number; lanes: number },
): string {
  const lanes = Array.from({ length: at.lanes }, (_, i) => i);
  const column = at.lanes === 1 ? at.column : `${at.column} * ${at.lanes}`;
  const term = (l: string): string => {
    const x = `const v = a[${at.ofA} + ${at.row} * ${a.row} + ${l} * ${a.column}];`;
    const sums = lanes.map((i) => {
      const y = `b[${at.ofB} + ${l} * ${b.row} + (${column} + ${i}) * ${b.column}]`;
      return `s${i} = s${i} + v * ${y};`;
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
function plain(kit: Kit, op: string, p: Product, arrays: { a: Block; b: Block }): Block {
  const { backend } = kit.launcher;
  const { m, n, inner, count } = p;
  const lanes = backend.lanes && n % 4 === 0 ? 4 : 1;
  // WebGL2 stores a result of [n, m] as a texture n wide; with rows along z it folds like any
  // other.
  const flat = backend.mode === "webgl2" && count === 1;
  const { lines, ofA, ofB } = batchOffsets(op, p, Math.max(arrays.a.size, arrays.b.size));
  const row = flat ? "this.thread.z" : "this.thread.y";
  const at = { row, column: "this.thread.x", ofA, ofB, inner, lanes };
  const result = lanes === 1 ? "s0" : "[s0, s1, s2, s3]";
  const body = `${lines}${products(p.a, p.b, at)}\nreturn ${result};`;
  const output = flat ? [n, 1, m] : [n / lanes, m, count];
  return kit.launch({ op, body, output, arrays });
}

/** The tiles that suit a product on WebGPU; null when GPU.js does as well. */
function tilesOnWebGpu(shared: boolean, { m, n, count }: Product): typeof sharedTiles | null {
  const least = Math.min(m, n);
  if (count > MOST_GROUPS) return null;
  if (shared) return least >= WORTH_SHARED ? sharedTiles : null;
  return least >= WORTH_REGISTERS ? registerTiles : null;
}

/** The product by a kernel of our own; null where that is no gain. */
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

/** `[…, m, k] @ […, k, n]`; operands may be permuted, so transposes cost nothing. */
export const matmul: Kernel = (kit, { op, inputs, spec }): Block => {
  const [a, b] = inputs as [Operand, Operand];
  const { own } = kit.launcher.backend;
  const p = productOf(a, b, spec.shape);
  const arrays = { a: a.block, b: b.block };
  const made = own && tiled(kit, op, p, own, [a.block, b.block]);
  return made ?? plain(kit, op, p, arrays);
};
