/** @file Moves elements: slice, flip, place, concat, and the parts of split. */
import { contiguousStrides, sizeOf } from "../../../base/shape.js";
import type { families } from "../../../nets/registry.js";
import type { Block } from "../gpujs/backend.js";
import { divide, offset, places, triple } from "../gpujs/source.js";
import { type KernelFor, type KernelOperand, type KernelsFor, type Kit, map } from "./kernel.js";

type Movement = typeof families.movement;

/** Copies `shape` elements from `start` along `strides`. */
function copy(
  kit: Kit,
  op: string,
  x: Block,
  walk: { shape: readonly number[]; strides: readonly number[]; start?: number },
): Block {
  const operands = [{ block: x, strides: walk.strides }];
  return map(kit, { op, body: "return x;", shape: walk.shape, operands, start: walk.start ?? 0 });
}

const slice: KernelFor<Movement["slice"]> = (
  kit,
  { op, inputs: [x], attrs: { starts, steps, sizes } },
) => {
  const start = starts.reduce((sum, s, i) => sum + s * (x.strides[i] as number), 0);
  const strides = x.strides.map((s, i) => s * (steps[i] as number));
  return copy(kit, op, x.block, { shape: sizes, strides, start });
};

const flip: KernelFor<Movement["flip"]> = (kit, { op, inputs: [x], attrs: { axes } }) => {
  const start = axes.reduce(
    (sum, a) => sum + ((x.shape[a] as number) - 1) * (x.strides[a] as number),
    0,
  );
  const strides = x.strides.map((s, i) => (axes.includes(i) ? -s : s));
  return copy(kit, op, x.block, { shape: x.shape, strides, start });
};

// Each element of the result computes its place in x, axis by axis: place · |step| = away.
const place: KernelFor<Movement["place"]> = (kit, { op, inputs: [x], attrs, spec }) => {
  const { starts, steps, value } = attrs;
  const { lines, names } = places([...spec.shape].reverse());
  let body = lines;
  names.forEach((name, i) => {
    const axis = spec.shape.length - 1 - i;
    const [from, step] = [starts[axis] as number, steps[axis] as number];
    const away = step < 0 ? `(${from} - ${name})` : `(${name} - ${from})`;
    body +=
      Math.abs(step) === 1
        ? `whole p${i} = ${away};\n`
        : `${divide(away, Math.abs(step), `p${i}`, `s${i}`)}if (s${i} !== 0) { return value; }\n`;
    body += `if (p${i} < 0 || p${i} >= ${x.shape[axis]}) { return value; }\n`;
  });
  const at = names.map((_, i) => `p${i}`);
  body += `return a[${offset(at, contiguousStrides(x.shape).reverse())}];`;
  const arrays = { a: x.block };
  return kit.launch({ op, body, output: sizeOf(spec.shape), arrays, numbers: { value } });
};

/** One launch joins as many parts as a kernel reads; with more, it joins groups of them first. */
const concat: KernelFor<Movement["concat"]> = (kit, { op, inputs, attrs: { axis }, spec }) => {
  const outer = sizeOf(spec.shape.slice(0, axis));
  const inner = sizeOf(spec.shape.slice(axis + 1));
  let parts: Part[] = inputs
    .filter((x) => x.size > 0)
    .map((x) => ({ block: x.block, length: x.shape[axis] as number, made: false }));
  const most = kit.launcher.backend.maxArrays;
  while (parts.length > most) {
    const group = parts.slice(0, most);
    const length = group.reduce((n, p) => n + p.length, 0);
    const block = join(kit, op, group, { outer, inner, length });
    for (const part of group) if (part.made) kit.free(part.block);
    parts = [{ block, length, made: true }, ...parts.slice(most)];
  }
  const result = join(kit, op, parts, { outer, inner, length: spec.shape[axis] as number });
  for (const part of parts) if (part.made) kit.free(part.block);
  return result;
};

/** A block to join, its length along the axis, and whether it is an intermediate result. */
interface Part {
  readonly block: Block;
  readonly length: number;
  readonly made: boolean;
}

function join(
  kit: Kit,
  op: string,
  parts: readonly Part[],
  { outer, inner, length }: { outer: number; inner: number; length: number },
): Block {
  const arrays: Record<string, Block> = {};
  let body = triple(outer, length, inner);
  let before = 0;
  parts.forEach((part, i) => {
    arrays[`a${i}`] = part.block;
    const at = `(o * ${part.length} + m - ${before}) * ${inner} + j`;
    before += part.length;
    body +=
      i === parts.length - 1
        ? `return a${i}[${at}];`
        : `if (m < ${before}) { return a${i}[${at}]; }\n`;
  });
  return kit.launch({ op, body, output: outer * length * inner, arrays });
}

/** The elements `start … start + length` of an axis. */
export function part(
  kit: Kit,
  op: string,
  x: KernelOperand,
  axis: number,
  start: number,
  length: number,
): Block {
  const shape = x.shape.map((n, i) => (i === axis ? length : n));
  return copy(kit, op, x.block, {
    shape,
    strides: x.strides,
    start: start * (x.strides[axis] as number),
  });
}

/** Kernels that read permuted and repeated operands in place. */
export const movement: KernelsFor<Movement> = { slice, flip };
/** Kernels of contiguous operands. */
export const placing: KernelsFor<Movement> = { place, concat };
