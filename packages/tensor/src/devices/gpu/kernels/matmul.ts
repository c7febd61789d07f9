/**
 * @file Batched matrix products: large ones by tiles, in kernels of our own; others by GPU.js, one
 * result a thread, or four neighbouring results where a kernel can return four.
 */
import type { families } from "../../../ops/registry.js";
import { layoutOf, productPasses } from "../glsl/passes.js";
import type { Block, Own } from "../gpujs/backend.js";
import { checkExact, divide, offset } from "../gpujs/source.js";
import { registerTiles } from "../wgsl/registers.js";
import { sharedTiles } from "../wgsl/shared.js";
import type { KernelsFor, Kit } from "./kernel.js";
import { keyOf, type Product, productOf, type Strides } from "./product.js";

/** How many workgroups every WebGPU device allows along one axis of a launch. */
const MOST_GROUPS = 65535;
/** From this many multiplications on, the four passes on WebGL2 are faster than GPU.js. */
const WORTH_PASSES = 2 ** 15;
/** From this many rows and columns on, tiles are faster than GPU.js. */
const WORTH_SHARED = 32;
const WORTH_REGISTERS = 4;

/** Statements and expressions that give the first elements of the matrices of this thread. */
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

/** `Σₗ a[row, l] · b[l, column + lane]` for each lane; the loop adds four terms a turn. */
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
  // GPU.js on WebGL2 would store a result of [n, m] in a texture n wide; with rows along z it uses
  // the nearly square texture of all blocks
  const flat = backend.mode === "webgl2" && count === 1;
  const { lines, ofA, ofB } = batchOffsets(op, p, Math.max(arrays.a.size, arrays.b.size));
  const row = flat ? "this.thread.z" : "this.thread.y";
  const at = { row, column: "this.thread.x", ofA, ofB, inner, lanes };
  const result = lanes === 1 ? "s0" : "[s0, s1, s2, s3]";
  const body = `${lines}${products(p.a, p.b, at)}\nreturn ${result};`;
  const output = flat ? [n, 1, m] : [n / lanes, m, count];
  return kit.launch({ op, body, output, arrays });
}

/** The tiles for a product on WebGPU; null when GPU.js is as fast. */
function tilesOnWebGpu(shared: boolean, { m, n, count }: Product): typeof sharedTiles | null {
  const least = Math.min(m, n);
  if (count > MOST_GROUPS) return null;
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
    const made = own && tiled(kit, op, p, own, [a.block, b.block]);
    return made ?? plain(kit, op, p, arrays);
  },
};
