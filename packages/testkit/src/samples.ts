/**
 * @file Sample inputs for every op, six shapes or more each: what gradient and device checks run
 * over.
 */
import { type DType, type Tensor, tensor } from "@isograd/tensor";
import { allOps, apply, applyMany, type Op, type Samples } from "@isograd/tensor/engine";
import { fourierSamples } from "./samplesFourier.js";
import { linalgSamples } from "./samplesLinalg.js";
import { movementSamples } from "./samplesMovement.js";
import { orderingSamples } from "./samplesOrdering.js";
import { reductionSamples } from "./samplesReduction.js";
import { scatterSamples } from "./samplesScatter.js";
import { windowSamples } from "./samplesWindows.js";

/** One call of an op. */
export interface Sample {
  readonly op: Op;
  /** What is special about it: the shapes. */
  readonly title: string;
  readonly inputs: readonly Tensor[];
  readonly attrs: unknown;
}

/** One call as a table has it: shapes of the inputs, and what is not drawn from the op's range. */
export interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly attrs?: unknown;
  /** Axis orders by which inputs arrive as permuted views. */
  readonly permuted?: readonly (readonly number[] | null)[];
  /** Inputs with numbers of their own by position; without a dtype they are of the sample's. */
  readonly values?: Readonly<Record<number, { values: readonly number[]; dtype?: DType }>>;
}

/** Shapes for functions of one tensor: 0-d, empty, one element, plain, permuted, higher rank. */
const one: readonly Case[] = [
  { shapes: [[]] },
  { shapes: [[0]] },
  { shapes: [[1]] },
  { shapes: [[5]] },
  { shapes: [[2, 3]], permuted: [[1, 0]] },
  { shapes: [[2, 1, 3]] },
];

/** Shapes for functions of two tensors, broadcasting. */
const two: readonly Case[] = [
  { shapes: [[], []] },
  { shapes: [[0], [1]] },
  { shapes: [[1], [1]] },
  { shapes: [[2, 3], [3]] },
  {
    shapes: [
      [2, 1],
      [1, 3],
    ],
  },
  {
    shapes: [
      [2, 3],
      [3, 2],
    ],
    permuted: [null, [1, 0]],
  },
  { shapes: [[], [4]] },
];

/** Shapes for two tensors of one shape. */
const same: readonly Case[] = [
  { shapes: [[], []] },
  { shapes: [[0], [0]] },
  { shapes: [[1], [1]] },
  { shapes: [[5], [5]] },
  {
    shapes: [
      [3, 2],
      [2, 3],
    ],
    permuted: [[1, 0], null],
  },
  {
    shapes: [
      [2, 1, 3],
      [2, 1, 3],
    ],
  },
];

const rows = (cases: readonly Case[]): readonly Case[] =>
  cases.map((c) => (c.shapes[0]?.length === 0 ? { ...c, shapes: c.shapes.map(() => [2, 4]) } : c));

/** Cases of families whose inputs have to fit each other, by name of the op. */
const SPECIAL: readonly Readonly<Record<string, readonly Case[]>>[] = [
  movementSamples,
  reductionSamples,
  windowSamples,
  fourierSamples,
  linalgSamples,
  orderingSamples,
  scatterSamples,
];

/**
 * The cases of an op; one of a user's own that bears the name of one of the library's has those of
 * its arity.
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

/** Every sample of every op, in float64 unless said; int32 gets whole numbers. */
export function allSamples(device: string, dtype: DType = "float64"): Sample[] {
  return [...allOps().values()].flatMap((op) => samplesOf(op, device, dtype));
}

/** The samples of one op. */
export function samplesOf(op: Op, device: string, dtype: DType = "float64"): Sample[] {
  return casesOf(op).map((c, n) => ({
    op,
    title: `${op.name} ${c.shapes.map((s) => `[${s}]`).join(" ")}${c.permuted ? " permuted" : ""}${c.attrs ? ` ${JSON.stringify(c.attrs)}` : ""}`,
    inputs: c.shapes.map((shape, i) => draw(c, shape, i, n, op.samples, { device, dtype })),
    attrs: c.attrs,
  }));
}

/** Runs a sample; the results of ops with several are returned one by one. */
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
  const size = shape.reduce((a, b) => a * b, 1);
  const numbers = distinct(size, range, 13 * salt + 7 * i + 1);
  const values = where.dtype === "int32" ? numbers.map((v) => Math.round(7 * v)) : numbers;
  const x = tensor(values, { shape, ...where });
  const order = c.permuted?.[i];
  return order ? x.permuteDims(order) : x;
}

/**
 * Distinct numbers spread over a range, in an order that looks random; none nearer to 0 than 0.02.
 */
function distinct(size: number, { from, to }: Samples, salt: number): number[] {
  return Array.from({ length: size }, (_, k) => {
    const u = ((k * 0.618033988749895 + salt * 0.7548776662466927) % 1) * 0.998 + 0.001;
    const v = from + (to - from) * u;
    return Math.abs(v) < 0.02 ? v + 0.05 : v;
  });
}
