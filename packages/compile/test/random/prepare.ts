/**
 * @file From the choices of a plan to calls of ops whose operands fit: found by running each op
 * once.
 */
import type { DType, Shape, Tensor } from "@isograd/tensor";
import { allOps, isFloat, type Op } from "@isograd/tensor/engine";
import { type Sample, samplesOf } from "@isograd/testkit/samples";
import { attributes } from "./attributes.js";
import type { Plan, Step } from "./plans.js";
import { type Call, type Fit, makes, type Source } from "./run.js";

const ops = allOps();
/** Made on import: tensors that are made inside of a scope end with it. */
const known = new Map([...ops.values()].map((op) => [op, samplesOf(op, "cpu", "float32")]));

/** Elements of a result at most: larger ones only cost time. */
const MOST = 2 ** 15;

function sampleOf(op: Op, n: number): Sample {
  const samples = known.get(op) as readonly Sample[];
  return samples[n % samples.length] as Sample;
}

/** The values of a program as they become known. */
class Pool {
  readonly values: Tensor[];

  constructor(values: readonly Tensor[]) {
    this.values = [...values];
  }

  source(pick: number, fit: Fit | null = null): Source {
    const at = this.values.length - 1 - (pick % this.values.length);
    return { kind: "value", at, fit };
  }

  at({ picks }: Step, i: number): Tensor {
    const { values } = this;
    return values[values.length - 1 - ((picks[i] as number) % values.length)] as Tensor;
  }
}

/** Ways to call an op, the most general first. */
function* waysOf(op: Op, step: Step, pool: Pool): Generator<Call> {
  const { how, picks } = step;
  const [pick] = picks as [number];
  const x = pool.at(step, 0);
  const { samples } = op;
  const range = samples !== undefined && how % 4 !== 0 ? samples : null;
  const own = (i: number, shape: Shape | null, dtype: DType | null = null): Source =>
    pool.source(picks[i] as number, { shape, dtype, range });
  const arity = op.scalar?.length;
  if (arity !== undefined) {
    const dtype = op.name.startsWith("bitwise") ? "int32" : null;
    const inputs = Array.from({ length: arity }, (_, i) => own(i, null, dtype));
    yield { op, attrs: undefined, inputs };
    const first = dtype ?? x.dtype;
    yield { op, attrs: undefined, inputs: inputs.map((_, i) => own(i, x.shape, first)) };
    yield { op, attrs: undefined, inputs: inputs.map((_, i) => own(i, x.shape, "float32")) };
  }
  const attrs = attributes[op.name]?.(x.shape, how >>> 2);
  if (attrs !== null && Object.hasOwn(attributes, op.name)) {
    yield { op, attrs, inputs: [pool.source(pick, { shape: null, dtype: null, range })] };
    yield { op, attrs, inputs: [pool.source(pick, { shape: null, dtype: "float32", range })] };
  }
  yield bySample(op, step, pool);
}

/** A sample call whose operands are earlier values, brought into its shapes, or its own tensors. */
function bySample(op: Op, { sample, picks, how }: Step, pool: Pool): Call {
  const { inputs, attrs } = sampleOf(op, sample);
  const { samples = { from: -2, to: 2 } } = op;
  const own = (i: number, fit: Omit<Fit, "range"> & Partial<Fit>): Source => {
    return pool.source(picks[i % picks.length] as number, { range: null, ...fit });
  };
  const sources = inputs.map((x, i): Source => {
    // indices that no sample gives: some programs fail in one of their calls
    if (x.dtype === "int32" && (how >>> i) % 4 === 2)
      return own(i, { shape: x.shape, dtype: "int32" });
    const given = x.dtype !== "float32" || (how >>> i) % 4 === 3;
    if (given || (samples.from !== -2 && i > 0 && !isFloat(x.dtype)))
      return { kind: "constant", x };
    const matrix = MATRICES.has(op.name) && i === 0;
    const fit = {
      shape: x.shape,
      dtype: how % 8 === 7 && !matrix ? null : x.dtype,
      range: samples,
    };
    return own(i, { ...fit, ...(matrix ? { near: x } : {}) });
  });
  return { op, attrs, inputs: sources };
}

/** Ops of matrices that must not be singular. */
const MATRICES: ReadonlySet<string> = new Set([
  "solve",
  "solveTriangular",
  "det",
  "slogdet",
  "cholesky",
  "eigh",
  "qr",
  "svd",
  "svdvals",
]);

/** Ops that refuse some values, in plain TypeScript. */
export const REFUSING: ReadonlySet<string> = new Set([...MATRICES, "oneHot"]);

/** The calls of a plan on some tensors; ops that none of its ways can call are left out. */
export function prepare(plan: Plan, values: readonly Tensor[]): Call[] {
  const pool = new Pool(values);
  const calls: Call[] = [];
  for (const step of plan.steps) {
    const op = ops.get(step.op) as Op;
    for (const call of waysOf(op, step, pool)) {
      const made = attempt(call, pool.values);
      if (made === null) continue;
      calls.push(call);
      pool.values.push(...made);
      break;
    }
  }
  return calls;
}

function attempt(call: Call, values: readonly Tensor[]): Tensor[] | null {
  try {
    const made = makes(call, values);
    return made.every(({ size }) => size <= MOST) ? made : null;
  } catch {
    return null;
  }
}
