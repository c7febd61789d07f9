/** @file Every op of the registry, compiled: the bits of eager runs, forward and gradients. */
import { grad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { scope, type Tensor } from "@isograd/tensor";
import { allOps, isFloat } from "@isograd/tensor/engine";
import { runSample, type Sample, samplesOf } from "@isograd/testkit/samples";
import { it } from "vitest";
import { expectSame, outcome } from "./same.js";

type Run = (...xs: Tensor[]) => Tensor[];

function eager(f: Run, inputs: readonly Tensor[]): ReturnType<typeof outcome> {
  return scope(() => outcome(() => f(...inputs)));
}

/** Runs a function compiled, three times, and as it is. */
function agree(f: Run, inputs: readonly Tensor[]): void {
  const fast = compile(f);
  const wanted = eager(f, inputs);
  for (let i = 0; i < 3; i++) {
    const found = scope(() => outcome(() => fast(...inputs)));
    expectSame(found, wanted, `call ${i}`);
  }
  fast.dispose();
}

/** The sum of all results, each squared, so that cotangents differ. */
function total(sample: Sample, inputs: readonly Tensor[]): Tensor {
  const parts = runSample(sample, inputs).filter(({ dtype }) => isFloat(dtype));
  return parts.map((x) => x.square().sum()).reduce((a, b) => a.add(b));
}

const ops = [...allOps().values()];

/** The gradients of `f` with respect to the floats among the arguments; others are as they are. */
function slopes(f: (...xs: Tensor[]) => Tensor): Run {
  return (...xs) => {
    const floats = xs.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
    const loss = (own: Tensor[]) => {
      return f(...xs.map((x, i) => (floats.includes(i) ? (own[floats.indexOf(i)] as Tensor) : x)));
    };
    return grad(loss)(floats.map((i) => xs[i] as Tensor));
  };
}

// one program of a sample: its values, gradients, and in float64 (whose ops are those of float32) the
// gradients of these
for (const dtype of ["float64", "float32"] as const) {
  it.each(ops)(`$name, ${dtype}`, (op) => {
    for (const sample of samplesOf(op, "cpu", dtype)) {
      const { inputs } = sample;
      const loss = (...xs: Tensor[]) => total(sample, xs);
      const first = slopes(loss);
      const second = slopes((...xs) =>
        first(...xs)
          .map((g) => g.square().sum())
          .reduce((a, b) => a.add(b)),
      );
      const values = (...xs: Tensor[]) => runSample(sample, xs);
      const orders = dtype === "float64" ? [first, second] : [first];
      const parts = inputs.some((x) => isFloat(x.dtype)) ? [values, ...orders] : [values];
      const refused = parts.filter((part) => typeof eager(part, inputs) === "string");
      const fine = parts.filter((part) => !refused.includes(part));
      agree((...xs) => fine.flatMap((part) => part(...xs)), inputs);
      for (const part of refused) agree(part, inputs);
    }
  });
}
