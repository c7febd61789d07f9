/** @file Sums at places by atomic additions, in WGSL: the order of the terms is not determined. */
import type { Block, WgslKernel } from "../gpujs/backend.js";
import { checkExact } from "../gpujs/source.js";
import type { KernelOperand, Kit } from "../kernels/kernel.js";

/** Threads of a workgroup. */
const GROUP = 64;
/** How many workgroups every WebGPU device allows along one axis of a launch. */
const MOST_GROUPS = 65535;
/** This many threads keep a GPU busy: with more values, each thread takes several. */
const MANY = 2 ** 14;
/** How many neighbours one thread takes; it sums those with the same place before it adds them. */
const RUN = 8;

/** Values of shape [outer, count, inner], summed along the middle axis to `places`. */
export interface Sums {
  readonly outer: number;
  readonly count: number;
  readonly places: number;
  readonly inner: number;
}

// WGSL has atomic additions of integers only: for floats, the bits of the sum replace the old bits
// if no other thread has changed them.
const ADD = `
fn add(at: u32, v: f32) {
  var before = atomicLoad(&c[at]);
  loop {
    let made = atomicCompareExchangeWeak(&c[at], before, bitcast<u32>(bitcast<f32>(before) + v));
    if (made.exchanged) { break; }
    before = made.old_value;
  }
}`;

/**
 * Statements that find the place `to` of the value at `i`; negative indices count from the end
 * where they may, and an index outside gives no place.
 */
const look = (places: number, at: string, fromEnd: boolean): string => `
    let given = b[${at}];
    let index = select(given, given + ${places}.0, ${fromEnd ? "given < 0.0" : "false"});
    let whole = u32(max(index, 0.0));
    let to = select(${places}u, whole, f32(whole) == index && whole < ${places}u);`;

/** Statements that add the values from `first` on, in column `j` of part `o`: one, or a run. */
function additions({ count, places, inner }: Sums, run: number, how: How): string {
  const { each, fromEnd } = how;
  const put = (at: string, v: string) =>
    `if (${at} < ${places}u) { add((o * ${places}u + ${at}) * ${inner}u + j, ${v}); }`;
  const place = (e: string) => `let i = (o * ${count}u + ${e}) * ${inner}u + j;`;
  if (run === 1)
    return `${place("first")}${look(places, each ? "i" : "first", fromEnd)}\n${put("to", "a[i]")}`;
  return `
  var at = ${places}u;
  var sum = 0.0;
  for (var e = first; e < min(first + ${run}u, ${count}u); e++) {
    ${place("e")}${look(places, each ? "i" : "e", fromEnd)}
    if (to != at) {
      ${put("at", "sum")}
      at = to;
      sum = 0.0;
    }
    sum += a[i];
  }
  ${put("at", "sum")}`;
}

function kernel(op: string, sums: Sums, how: How): WgslKernel {
  const { arrays } = how;
  const { outer, count, places, inner } = sums;
  const run = outer * count * inner >= MANY * RUN ? RUN : 1;
  const runs = Math.ceil(count / run);
  const threads = outer * runs * inner;
  const groups = Math.ceil(threads / GROUP);
  const across = Math.min(groups, MOST_GROUPS);
  const code = `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(${arrays}) var<storage, read_write> c: array<atomic<u32>>;
${ADD}
@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let k = id.y * ${across * GROUP}u + id.x;
  if (k >= ${threads}u) { return; }
  let j = k % ${inner}u;
  let q = k / ${inner}u;
  let first = (q % ${runs}u) * ${run}u;
  let o = q / ${runs}u;
  ${additions(sums, run, how)}
}`;
  const start = arrays === 3 ? 2 : "zeros";
  const dispatch = [across, Math.ceil(groups / across), 1] as const;
  return { op, code, arrays, size: outer * places * inner, groups: dispatch, start };
}

interface How {
  /** Whether each value has its own index; else each place of the middle axis has one. */
  readonly each: boolean;
  readonly fromEnd: boolean;
  readonly arrays: number;
}

/**
 * `out[o, s, j] = base + Σ values[o, e, j]` over the e whose index is s; null where atomic sums are
 * not chosen or not possible.
 */
export function atomicSums(
  kit: Kit,
  op: string,
  what: {
    readonly values: KernelOperand;
    readonly indices: KernelOperand;
    readonly base?: KernelOperand;
    readonly each?: boolean;
    readonly fromEnd?: boolean | undefined;
  },
  sums: Sums,
): Block | null {
  const { launcher } = kit;
  const { own } = launcher.backend;
  // partial sums of int32 beyond ±2²⁴ would go unseen
  if (own?.language !== "wgsl" || !own.atomics || what.values.dtype !== "float32") return null;
  checkExact(op, sums.places);
  const { values, indices, base, each = false, fromEnd = true } = what;
  const arrays = [values.block, indices.block, ...(base === undefined ? [] : [base.block])];
  const how = { each, fromEnd, arrays: arrays.length };
  const key = ["atomic", ...Object.values(sums), each, fromEnd, how.arrays].join("|");
  return launcher.launchOwn(key, arrays, () => own.compile(kernel(op, sums, how)));
}
