/** @file Sample calls of every op, in six shapes or more, for checks of gradients and devices. */
import { type DType, type Tensor, tensor } from "@isograd/tensor";
import { allOps, apply, applyMany, type Op, type Samples, sizeOf } from "@isograd/tensor/engine";
import type { Case } from "./samples/case.js";
import { one, rows, same, two } from "./samples/elementwise.js";
import { fourierSamples } from "./samples/fourier.js";
import { indexingSamples } from "./samples/indexing.js";
import { linalgSamples } from "./samples/linalg.js";
import { movementSamples } from "./samples/movement.js";
import { orderingSamples } from "./samples/ordering.js";
import { reductionSamples } from "./samples/reduction.js";
import { scatterSamples } from "./samples/scatter.js";
import { specialSamples } from "./samples/special.js";
import { windowSamples } from "./samples/windows.js";

/** One call of an op. */
export interface Sample {
  readonly op: Op;
  /** The name of the op and the shapes. */
  readonly title: string;
  readonly inputs: readonly Tensor[];
  readonly attrs: unknown;
}

/** Cases of ops whose inputs must fit each other, by name of the op. */
const SPECIAL: readonly Readonly<Record<string, readonly Case[]>>[] = [
  movementSamples,
  indexingSamples,
  reductionSamples,
  windowSamples,
  fourierSamples,
  linalgSamples,
  orderingSamples,
  scatterSamples,
  specialSamples,
];

/**
 * The cases of an op. An op of a user may have the name of a built-in one: it gets the cases of its
 * arity.
 */
function casesOf(op: Op): readonly Case[] {
  if (allOps().get(op.name) !== op) return op.scalar?.length === 2 ? two : one;
  const special = SPECIAL.find((samples) => Object.hasOwn(samples, op.name))?.[op.name];
  if (special !== undefined) return special;
  if (["softmax", "logSoftmax"].includes(op.name)) return rows(one);
  if (["softmaxGrad", "logSoftmaxGrad"].includes(op.name)) return rows(same);
  const arity = op.scalar?.length ?? 1;
  if (op.name.endsWith("Grad") || op.name === "accumulate") return same;
  return arity === 2 ? two : one;
}

/** Every sample of every op, in float64 by default; int32 gets whole numbers. */
export function allSamples(device: string, dtype: DType = "float64"): Sample[] {
  return [...allOps().values()].flatMap((op) => samplesOf(op, device, dtype));
}

/** The samples of one op. */
export function samplesOf(op: Op, device: string, dtype: DType = "float64"): Sample[] {
  return casesOf(op).map((c, n) => ({
    op,
    title: titleOf(op, c),
    inputs: c.shapes.map((shape, i) => draw(c, shape, i, n, op.samples, { device, dtype })),
    attrs: c.attrs,
  }));
}

function titleOf({ name }: Op, { shapes, permuted, attrs }: Case): string {
  const all = shapes.map((shape) => `[${shape}]`).join(" ");
  return `${name} ${all}${permuted ? " permuted" : ""}${attrs ? ` ${JSON.stringify(attrs)}` : ""}`;
}

/** Runs a sample; returns its results as a list. */
export function runSample(sample: Sample, inputs: readonly Tensor[] = sample.inputs): Tensor[] {
  const { op, attrs } = sample;
  if (op.inferMany !== undefined) return applyMany(op, inputs, attrs);
  return [apply(op, inputs, attrs)];
}

function draw(
  c: Case,
  shape: readonly number[],
  i: number,
  salt: number,
  range: Samples = { from: -2, to: 2 },
  where: { device: string; dtype: DType },
): Tensor {
  const given = c.values?.[i];
  if (given !== undefined) {
    const { dtype = where.dtype } = given;
    const held = dtype === "float64" && where.dtype !== "int32" ? where.dtype : dtype;
    return tensor([...given.values], { shape, ...where, dtype: held });
  }
  const numbers = distinct(sizeOf(shape), range, 13 * salt + 7 * i + 1);
  const values = where.dtype === "int32" ? numbers.map((v) => Math.round(7 * v)) : numbers;
  const x = tensor(values, { shape, ...where });
  const order = c.permuted?.[i];
  return order ? x.permuteDims(order) : x;
}

/** Distinct numbers spread over a range, in an irregular order; none nearer to 0 than 0.02. */
function distinct(size: number, { from, to }: Samples, salt: number): number[] {
  return Array.from({ length: size }, (_, k) => {
    const u = ((k * 0.618033988749895 + salt * 0.7548776662466927) % 1) * 0.998 + 0.001;
    const v = from + (to - from) * u;
    return Math.abs(v) < 0.02 ? v + 0.05 : v;
  });
}
