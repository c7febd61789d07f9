/**
 * @file After a call only its results are alive, forward and backward; and nothing when the device
 * fails on the way. No scope is open that would free forgotten tensors.
 */
import * as t from "@isograd/tensor";
import {
  allOps,
  apply,
  defineOp,
  forEachTensor,
  getDevice,
  type HomeDevice,
  isFloat,
} from "@isograd/tensor/engine";
import {
  type GoldenCase,
  golden,
  goldenArgs,
  goldenFamilies,
  goldenFunctions,
  goldenTensor,
  goldenTitle,
  runSample,
  samplesOf,
} from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { grad, requiresGrad, traceDot } from "../src/index.js";

const alive = () => t.memory().tensors;
const device = getDevice("reference") as HomeDevice;
const full = "the device is full";
/** At how many steps of a call the device fails. */
const MANY = 12;

/** Runs `call` with a device that fails at its step `at`; returns whether it came to that step. */
function failing(at: number, call: () => unknown): boolean {
  let steps = 0;
  const names = ["run", "materialize", "upload"] as const;
  const plain = names.map((name) => Object.getOwnPropertyDescriptor(device, name));
  for (const name of names) {
    const own = device[name].bind(device) as (...args: unknown[]) => never;
    const value = (...args: unknown[]) => {
      if (++steps === at) throw new Error(full);
      return own(...args);
    };
    Object.defineProperty(device, name, { value, configurable: true });
  }
  try {
    call();
  } catch (error) {
    if ((error as Error).message !== full) throw error;
  } finally {
    names.forEach((name, i) => {
      if (plain[i] === undefined) delete (device as Partial<typeof device>)[name];
      else Object.defineProperty(device, name, plain[i]);
    });
  }
  return steps >= at;
}

/**
 * What is wrong with the handles that `call` leaves: without failures, then with one at every
 * `stride`-th of its first steps.
 */
function leaks(name: string, inputs: readonly t.Tensor[], call: () => unknown, stride = 1) {
  const found: string[] = [];
  const freed = (result: unknown) => {
    const made = new Set<t.Tensor>();
    forEachTensor(result, (x) => void (inputs.includes(x) || made.add(x)));
    for (const x of made) x.dispose();
  };
  const before = alive();
  const check = (what: string) => {
    if (alive() !== before) found.push(`${name}: ${alive() - before} handles too many ${what}`);
  };
  freed(call());
  check("");
  for (let at = 1; found.length === 0 && at < MANY; at += stride) {
    if (!failing(at, () => freed(call()))) break;
    check(`failing at step ${at}`);
  }
  return found;
}

/** For every function and set of options, the first case. */
const cases = [
  ...new Map(
    goldenFamilies
      .filter((family) => family !== "special")
      .flatMap((family) => golden(family).filter(({ only }) => only !== "float64"))
      .map((c) => [`${c.fn} ${JSON.stringify(c.args).replace(/[-\d.,]/g, "")}`, c] as const)
      .reverse(),
  ).values(),
];

const run = (c: GoldenCase, inputs: readonly t.Tensor[]) =>
  goldenFunctions[c.fn]?.(...goldenArgs(c.args, inputs));

/** The leaks of each case; its inputs are freed. */
function eachCase(
  list: readonly GoldenCase[],
  check: (c: GoldenCase, inputs: readonly t.Tensor[]) => string[],
): string[] {
  return list.flatMap((c) => {
    const inputs = c.in.map((x) => goldenTensor(x, "float32", "reference"));
    const found = check(c, inputs);
    for (const x of inputs) x.dispose();
    return found;
  });
}

/** The inputs that have a gradient, and Σ y² of the floats among the results. */
function lossOf(c: GoldenCase, inputs: readonly t.Tensor[]) {
  const isLive = (_: unknown, i: number) => c.vjp?.[i] != null;
  const loss = (live: readonly t.Tensor[]) => {
    let next = 0;
    const own = inputs.map((x, i) => (isLive(x, i) ? (live[next++] as t.Tensor) : x));
    const sums: t.Tensor[] = [];
    forEachTensor(run(c, own), (y) => void (isFloat(y.dtype) && sums.push(y.square().sum())));
    return sums.reduce((a, b) => a.add(b));
  };
  return { live: inputs.filter(isLive), loss };
}

describe("after a call its results are alive, and nothing else", () => {
  it("of every function, also where the device fails", () => {
    const found = eachCase(cases, (c, xs) => leaks(goldenTitle(c), xs, () => run(c, xs)));
    expect(found).toEqual([]);
  });

  it("of every function of integers, where it takes them", () => {
    const found = eachCase([...new Map(cases.map((c) => [c.fn, c])).values()], (c, xs) => {
      const whole = xs.map((x) => (isFloat(x.dtype) ? x.cast("int32") : x));
      const call = () => {
        try {
          return run(c, whole);
        } catch (error) {
          if (error instanceof t.IsogradError) return null; // refused: nothing may be left
          throw error;
        }
      };
      const wrong = leaks(goldenTitle(c), whole, call);
      for (const x of whole) if (!xs.includes(x)) x.dispose();
      return wrong;
    });
    expect(found).toEqual([]);
  });

  it("of every op of the registry", () => {
    const samples = [...allOps().values()].flatMap((op) => samplesOf(op, "reference"));
    expect(samples.flatMap((s) => leaks(s.title, s.inputs, () => runSample(s)))).toEqual([]);
  });

  it("of functions whose values no table has", () => {
    const make = (...shape: number[]) => t.ones(shape, { device: "reference" });
    const [x, v] = [make(2, 3, 4), make(3)];
    const calls: Record<string, () => unknown> = {
      attention: () => t.scaledDotProductAttention(x, x, x, { causal: true }),
      masked: () => t.scaledDotProductAttention(x, x, x, { mask: t.scope(() => v.greater(0)) }),
      nonzero: () => t.nonzero(x),
      uniqueAll: () => t.uniqueAll(x),
      uniqueCounts: () => t.uniqueCounts(x),
      uniqueInverse: () => t.uniqueInverse(x),
      uniqueValues: () => t.uniqueValues(x),
      svd: () => t.svd(x),
      eigh: () => t.eigh(t.matmul(x.mT, x)),
      complete: () => t.qr(x.mT, { mode: "complete" }),
    };
    // These make their own operands, which a scope frees.
    const made = new Set(["masked", "eigh", "complete"]);
    const found = Object.entries(calls).flatMap(([name, call]) =>
      leaks(name, [x, v], made.has(name) ? () => t.scope(call) : call),
    );
    for (const y of [x, v]) y.dispose();
    expect(found).toEqual([]);
  });

  it("of gradients and their gradients", () => {
    const smooth = cases.filter(({ vjp }) => vjp?.some((v) => v !== null));
    const found = eachCase([...new Map(smooth.map((c) => [c.fn, c])).values()], (c, xs) => {
      const { live, loss } = lossOf(c, xs);
      const squares = (ys: readonly t.Tensor[]) =>
        grad(loss)(ys)
          .map((g) => g.square().sum())
          .reduce((a, b) => a.add(b));
      return [
        ...leaks(`grad of ${goldenTitle(c)}`, xs, () => grad(loss)(live), 29),
        ...leaks(`second grad of ${goldenTitle(c)}`, xs, () => grad(squares)(live), Infinity),
      ];
    });
    expect(found).toEqual([]);
  });

  it("of systems of equations that throw, and of pictures of graphs", () => {
    const matrix = (...rows: number[][]) => t.tensor(rows, { dtype: "float64" });
    const all = {
      regular: matrix([2, 1], [1, 2]),
      singular: matrix([1, 1], [1, 1]),
      zero: matrix([0, 0], [0, 0]),
      long: matrix([1], [2], [3]),
      vector: t.tensor([1, 2]),
    };
    const { regular, singular, zero, long, vector } = all;
    const before = alive();
    const refused = [
      () => t.solve(singular, vector),
      () => t.solve(regular, long),
      () => t.inv(singular),
      () => t.lstsq(regular, long),
      () => t.solveTriangular(zero, vector),
      () => t.solveTriangular(regular, long),
      () => traceDot(() => vector, vector),
      () => traceDot((x) => x.matmul(long), vector),
      () => grad((x: t.Tensor) => t.solve(x, vector).sum())(singular),
    ];
    for (const call of refused) expect(call).toThrow(t.IsogradError);
    traceDot((x) => x.exp().sum(), vector);
    for (const made of [t.solve(regular, vector), t.solveTriangular(regular, vector)]) {
      made.dispose();
    }
    expect(alive()).toBe(before);
    for (const x of Object.values(all)) x.dispose();
  });

  it("of an op without a derivative where one is asked for", () => {
    const x = requiresGrad(t.tensor([1]));
    const before = alive();
    const raw = defineOp<readonly [t.Tensor]>({ name: "raw", infer: ([y]) => y, reference() {} });
    expect(() => apply(raw, [x], undefined)).toThrow(/no derivative rule/);
    expect(alive()).toBe(before);
    x.dispose();
  });
});
