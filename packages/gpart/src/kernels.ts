/**
 * @file The gathers and scatters of P and Pᵀ: fused on the CPU, in pieces when indices are not
 * cached, by ordinary ops elsewhere. They run unrecorded, inside ops that have derivatives.
 */
import {
  concat,
  mul,
  reshape,
  type Shape,
  segmentSum,
  slice,
  sub,
  type Tensor,
  take,
} from "@isograd/tensor";
import {
  apply,
  type CpuKernel,
  defineOp,
  FALLBACK,
  type Inputs,
  type Operand,
  type Spec,
  sizeOf,
  type View,
} from "@isograd/tensor/engine";
import {
  eachPiece,
  NARROW,
  type Part,
  PIECE,
  packedPlacesOf,
  placesOf,
  scalesOf,
  slots,
} from "./indices.js";

interface Packed {
  readonly narrow: boolean;
  /** Shape of the result. */
  readonly shape: Shape;
}

const outOf = ([first]: Inputs, { shape }: { readonly shape: Shape }): Spec => ({
  shape,
  dtype: (first as Tensor).dtype,
});

/** The places, from packed memory. */
function unpacked({ data }: View, narrow: boolean): Uint16Array | Int32Array {
  const words = data as Int32Array;
  return narrow ? new Uint16Array(words.buffer, words.byteOffset, 2 * words.length) : words;
}

/** out = table[places], or base − table[places]. */
function spreadInto(out: View, at: number, places: ArrayLike<number>, [table, base]: View[]): void {
  const { data } = table as View;
  for (let k = 0; k < places.length && at + k < out.data.length; k++) {
    const q = data[places[k] as number] as number;
    out.data[at + k] = base === undefined ? q : (base.data[at + k] as number) - q;
  }
}

const spreadKernel: CpuKernel<Inputs, Packed> = ({ heap, core }, inputs, { narrow }, { shape }) => {
  const [table, places, base] = inputs as readonly [Operand, Operand, Operand?];
  const count = sizeOf(shape);
  const out = heap.alloc(4 * count);
  const run = narrow ? core.spreadNarrow : core.spreadWide;
  run(count, places.storage.ptr, table.storage.ptr, base?.storage.ptr ?? 0, out);
  return out;
};

const spreadOp = defineOp<Inputs, Packed>({
  name: "project",
  infer: outOf,
  reference(inputs, { narrow }, out) {
    const [table, places, ...base] = inputs as [View, View, View?];
    spreadInto(out, 0, unpacked(places, narrow), [table, ...(base as View[])]);
  },
  kernels: { cpu: spreadKernel },
});

/** Sums of groups in float64, rounded to float32 at the end. */
function inFloat64(
  { heap, core }: Parameters<CpuKernel>[0],
  shape: Shape,
  add: (sums: number) => void,
): number {
  const groups = sizeOf(shape);
  const out = heap.alloc(4 * groups);
  const sums = heap.alloc(8 * groups);
  core.clear(sums, 8 * groups);
  add(sums);
  core.roundF64(groups, sums, out);
  heap.free(sums, 8 * groups);
  return out;
}

const collectKernel: CpuKernel<Inputs, Packed> = (rt, inputs, { narrow }, { shape }) => {
  const [w, places] = inputs as readonly [Operand, Operand];
  const run = narrow ? rt.core.collectNarrow : rt.core.collectWide;
  return inFloat64(rt, shape, (sums) => run(w.size, places.storage.ptr, w.storage.ptr, sums));
};

const collectOp = defineOp<Inputs, Packed>({
  name: "projectTranspose",
  infer: outOf,
  reference(inputs, { narrow }, out) {
    const [w, places] = inputs as [View, View];
    const sums = new Float64Array(out.data.length);
    const at = unpacked(places, narrow);
    for (let i = 0; i < w.data.length; i++)
      (sums[at[i] as number] as number) += w.data[i] as number;
    out.data.set(sums);
  },
  kernels: { cpu: collectKernel },
});

/**
 * Runs a float32 kernel on each piece of a part; `room` is the address of the places of the piece.
 */
function pieceByPiece(
  { heap }: Parameters<CpuKernel>[0],
  part: Part,
  run: (room: number, count: number, at: number) => void,
): void {
  const room = heap.alloc(4 * PIECE);
  eachPiece(part, (places, at) => {
    heap.i32.set(places, room >>> 2);
    run(room, places.length, at);
  });
  heap.free(room, 4 * PIECE);
}

const spreadUncachedKernel: CpuKernel<Inputs, Part> = (rt, inputs, part, { shape, dtype }) => {
  if (dtype !== "float32") return FALLBACK;
  const [table, base] = inputs.map((x) => x.storage.ptr) as [number, number?];
  const out = rt.heap.alloc(4 * sizeOf(shape));
  pieceByPiece(rt, part, (room, count, at) => {
    const from = base === undefined ? 0 : base + 4 * at;
    rt.core.spreadWide(count, room, table, from, out + 4 * at);
  });
  return out;
};

const spreadUncachedOp = defineOp<Inputs, Part>({
  name: "project",
  infer: outOf,
  reference(inputs, part, out) {
    eachPiece(part, (places, at) => spreadInto(out, at, places, inputs as View[]));
  },
  kernels: { cpu: spreadUncachedKernel },
});

const collectUncachedKernel: CpuKernel<Inputs, Part> = (rt, [w], part, { shape, dtype }) => {
  if (dtype !== "float32") return FALLBACK;
  const { ptr } = (w as Operand).storage;
  return inFloat64(rt, shape, (sums) =>
    pieceByPiece(rt, part, (room, count, at) =>
      rt.core.collectWide(count, room, ptr + 4 * at, sums),
    ),
  );
};

const collectUncachedOp = defineOp<Inputs, Part>({
  name: "projectTranspose",
  infer: ([w], { partition }) => ({ shape: [slots(partition)], dtype: (w as Tensor).dtype }),
  reference([w], part, out) {
    const sums = new Float64Array(out.data.length);
    const { data } = w as View;
    eachPiece(part, (places, at) => {
      for (let k = 0; k < places.length; k++) {
        (sums[places[k] as number] as number) += data[at + k] as number;
      }
    });
    out.data.set(sums);
  },
  kernels: { cpu: collectUncachedKernel },
});

/** Whether the reference of an op can read the tensor's memory without a copy. */
function isNear({ device }: Tensor): boolean {
  return device === "cpu" || device === "reference";
}

/** P θ of a part, or `base − P θ`: one pass over the weights on the CPU. */
export function spread(theta: Tensor, part: Part, base?: Tensor): Tensor {
  const { partition, shape } = part;
  const q = mul(theta, scalesOf(part, theta));
  // 0 − q, not −q: where θ is 0, both halves are +0, and subtracting them keeps every bit of a
  // weight.
  const table = partition.signed ? concat([q, sub(0, q)]) : q;
  const more = base === undefined ? [] : [base];
  if (partition.indices === "regenerated" && isNear(theta)) {
    return apply(spreadUncachedOp, [table, ...more], part);
  }
  if (theta.device === "cpu" && theta.dtype === "float32") {
    const narrow = slots(partition) <= NARROW;
    return apply(spreadOp, [table, packedPlacesOf(part, theta), ...more], { narrow, shape });
  }
  const shift = reshape(take(table, placesOf(part, theta)), shape);
  return base === undefined ? shift : sub(base, shift);
}

/** The contribution of a part to Pᵀ w; on the CPU sums are computed in float64 and rounded once. */
export function collect(w: Tensor, part: Part): Tensor {
  const { partition } = part;
  const count = slots(partition);
  const sums = sumsOf(w, part, count);
  const { d } = partition;
  const signedSums = partition.signed
    ? sub(slice(sums, [[0, d]]), slice(sums, [[d, count]]))
    : sums;
  return mul(signedSums, scalesOf(part, w));
}

function sumsOf(w: Tensor, part: Part, count: number): Tensor {
  const { partition } = part;
  if (partition.indices === "regenerated" && isNear(w)) return apply(collectUncachedOp, [w], part);
  if (w.device === "cpu" && w.dtype === "float32") {
    const narrow = count <= NARROW;
    return apply(collectOp, [w, packedPlacesOf(part, w)], { narrow, shape: [count] });
  }
  return segmentSum(reshape(w, [w.size]), placesOf(part, w), count);
}
