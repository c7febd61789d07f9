/**
 * @file Errors of an op on a device against the reference, forward and backward: on its samples,
 * and at many numbers.
 */
import { memory, type Tensor, tensor } from "@isograd/tensor";
import { closeScope, isFloat, type Op, openScope } from "@isograd/tensor/engine";
import { runSample, type Sample, samplesOf } from "@isograd/testkit/samples";
import { grad } from "../../src/index.js";
import { ruleOf } from "../../src/rules/lookup.js";

/** The largest error of an op, and at which sample. */
export interface Worst {
  /** `|a − b| / (|b| + 0.1)`; infinite where shapes, NaN or infinities differ. */
  readonly error: number;
  readonly where: string;
  /** Tensors that were left. */
  readonly left: number;
}

/** The allowed error: rtol 1e-4 and atol 1e-5 in one number. */
export const ALLOWED = 1e-4;

/** How many numbers a dense sample has, for one operand and for two. */
const DENSE = 2048;

/** Results and gradients of one sample, on its device. */
function run(sample: Sample): Tensor[] {
  const results = runSample(sample);
  if (ruleOf(sample.op) === null) return results;
  const floats = sample.inputs.filter((x) => isFloat(x.dtype));
  if (floats.length === 0 || !results.some((y) => isFloat(y.dtype))) return results;
  const loss = (params: readonly Tensor[]): Tensor => {
    let next = 0;
    const inputs = sample.inputs.map((x) => (isFloat(x.dtype) ? (params[next++] as Tensor) : x));
    const parts = runSample(sample, inputs).filter((y) => isFloat(y.dtype));
    return parts.map((y, i) => y.mul(weights(y, i)).sum()).reduce((a, b) => a.add(b));
  };
  return [...results, ...grad(loss)(floats)];
}

/** Leaves out casts to dtypes that a GPU does not have. */
const held = (samples: readonly Sample[]) =>
  samples.filter(({ attrs }) => (attrs as { dtype?: string } | undefined)?.dtype !== "float64");

/** Elementwise functions with jumps: there, a rounding error becomes a difference of one. */
const JUMPS = ["floorDivide", "fmod", "mod"];

/** Many numbers over the range of an elementwise op; its samples have only a few. */
function dense(op: Op, device: string): Sample[] {
  const { name, scalar, samples = { from: -2, to: 2 } } = op;
  if (scalar === undefined || scalar.length > 2) return [];
  if (name.startsWith("bitwise") || JUMPS.includes(name)) return [];
  const inputs = [0, 1].slice(0, scalar.length).map((i) => {
    const at = (k: number) => ((k + 0.5) * (i === 0 ? 1 : 0.618033988749895 * DENSE)) % DENSE;
    const list = Float32Array.from({ length: DENSE }, (_, k) => {
      return samples.from + ((samples.to - samples.from) * at(k)) / DENSE;
    });
    return tensor(list, { device });
  });
  return [{ op, title: `${name} from ${samples.from} to ${samples.to}`, inputs, attrs: undefined }];
}

/** Cotangents: the same numbers on every device. */
function weights(y: Tensor, i: number): Tensor {
  const values = Float32Array.from({ length: y.size }, (_, k) => Math.sin(1 + k * 1.7 + i));
  return tensor(values, { shape: y.shape, device: y.device });
}

function compare(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let worst = got.length === wanted.length ? 0 : Number.POSITIVE_INFINITY;
  for (let k = 0; k < wanted.length; k++) {
    const [a, b] = [got[k] as number, wanted[k] as number];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const error = Math.abs(a - b) / (Math.abs(b) + 0.1);
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return worst;
}

/** The worst result of all samples of an op. */
export async function worstOf(op: Op, device: string): Promise<Worst> {
  const before = memory().tensors;
  const worst = await measured(op, device);
  return { ...worst, left: memory().tensors - before };
}

async function measured(op: Op, device: string): Promise<Worst> {
  const mark = openScope();
  const pairs: { title: string; got: Tensor; wanted: Tensor }[] = [];
  const all = (where: string) => [...held(samplesOf(op, where, "float32")), ...dense(op, where)];
  try {
    const there = all(device);
    all("reference").forEach((sample, n) => {
      const wanted = run(sample);
      run(there[n] as Sample).forEach((got, i) => {
        const title = `${sample.title}, result ${i} of ${wanted.length}`;
        pairs.push({ title, got, wanted: wanted[i] as Tensor });
      });
    });
    let [worst, where] = [0, ""];
    const values = await Promise.all(pairs.map(({ got }) => got.data()));
    pairs.forEach(({ title, got, wanted }, i) => {
      const same = got.shape.join() === wanted.shape.join() && got.dtype === wanted.dtype;
      const data = values[i] as ArrayLike<number>;
      const error = same ? compare(data, wanted.dataSync()) : Number.POSITIVE_INFINITY;
      if (error <= worst) return;
      worst = error;
      where = `${title}: [${data.length > 9 ? "…" : Array.from(data)}]`;
    });
    return { error: worst, where, left: 0 };
  } finally {
    closeScope(mark);
  }
}
