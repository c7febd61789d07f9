/** @file Calls of ops on earlier values, brought into the shapes, dtypes and ranges that they need. */
import {
  broadcastTo,
  type DType,
  reshape,
  type Shape,
  slice,
  type Tensor,
  take,
  tanh,
  tensor,
} from "@isograd/tensor";
import {
  apply,
  applyMany,
  isFloat,
  type Op,
  type Samples,
  shapesEqual,
  sizeOf,
} from "@isograd/tensor/engine";

/** What an operand has to be. */
export interface Fit {
  /** Null: any. */
  readonly shape: Shape | null;
  readonly dtype: DType | null;
  readonly range: Samples | null;
  /** The operand differs little from this. */
  readonly near?: Tensor;
}

/** An operand: an earlier value, by its number, or a tensor that all programs share. */
export type Source =
  | { readonly kind: "value"; readonly at: number; readonly fit: Fit | null }
  | { readonly kind: "constant"; readonly x: Tensor };

export interface Call {
  readonly op: Op;
  readonly attrs: unknown;
  readonly inputs: readonly Source[];
}

/** Which inputs of updates are donated: their memory may be that of the results. */
const DONATED: Readonly<Record<string, readonly boolean[]>> = {
  adamUpdate: [true, false, true, true],
  sgdUpdate: [true, false, true],
  lerpUpdate: [true, false],
};

/** The results of a call. */
export function makes({ op, attrs, inputs }: Call, values: readonly Tensor[]): Tensor[] {
  const own = inputs.map((source) => {
    if (source.kind === "constant") return source.x;
    const x = values[source.at] as Tensor;
    return source.fit === null ? x : fitted(x, source.fit);
  });
  const donated = DONATED[op.name] ?? null;
  // a copy may be written over, another handle of the same memory may not
  const operands = own.map((x, i) => {
    if (donated?.[i] !== true) return x;
    return i === 3 ? x.alias(true) : x.mul(1);
  });
  if (op.inferMany !== undefined) return applyMany(op, operands, attrs, donated);
  return [apply(op, operands, attrs, donated)];
}

function fitted(x: Tensor, { shape, dtype, range, near }: Fit): Tensor {
  let own = dtype === null || x.dtype === dtype ? x : x.cast(dtype);
  if (shape !== null) own = shaped(own, shape);
  if (near !== undefined) return near.add(tanh(own).mul(0.01));
  if (range === null || !isFloat(own.dtype)) return own;
  const { from, to } = range;
  return tanh(own)
    .mul(((to - from) / 2) * 0.98)
    .add((from + to) / 2);
}

function shaped(x: Tensor, shape: Shape): Tensor {
  if (shapesEqual(x.shape, shape)) return x;
  const size = sizeOf(shape);
  if (x.size === size) return reshape(x, shape);
  if (x.size === 1) return broadcastTo(reshape(x, []), shape);
  const flat = reshape(x, [x.size]);
  if (x.size > size) return reshape(slice(flat, [[0, size]]), shape);
  const places = Int32Array.from({ length: size }, (_, i) => i % x.size);
  return reshape(take(flat, tensor(places)), shape);
}
