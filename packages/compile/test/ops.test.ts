/** @file Every op of the registry, compiled: the bits of eager runs, forward and gradients. */
import { grad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { scope, type Tensor } from "@isograd/tensor";
import { allOps, isFloat } from "@isograd/tensor/engine";
import { runSample, type Sample, samplesOf } from "@isograd/testkit/samples";
import { expect, it } from "vitest";

/** What a call gives: values, or the text of its error. */
function outcome(call: () => Tensor | readonly Tensor[]): unknown {
  return scope(() => {
    try {
      const found = call();
      return [found].flat().map((x) => ({ shape: x.shape, dtype: x.dtype, data: x.dataSync() }));
    } catch (error) {
      return (error as Error).message;
    }
  });
}

/** Runs a function compiled, three times, and as it is. */
function agree(f: (...xs: Tensor[]) => Tensor | Tensor[], inputs: readonly Tensor[]): void {
  const fast = compile(f);
  const eager = outcome(() => f(...inputs));
  for (let i = 0; i < 3; i++)
    expect(
      outcome(() => fast(...inputs)),
      `call ${i}`,
    ).toEqual(eager);
  fast.dispose();
}

/** The sum of all results, each squared, so that cotangents differ. */
function total(sample: Sample, inputs: readonly Tensor[]): Tensor {
  const parts = runSample(sample, inputs).filter(({ dtype }) => isFloat(dtype));
  return parts.map((x) => x.square().sum()).reduce((a, b) => a.add(b));
}

const ops = [...allOps().values()];

for (const dtype of ["float64", "float32"] as const) {
  it.each(ops)(`$name, ${dtype}`, (op) => {
    for (const sample of samplesOf(op, "cpu", dtype)) {
      agree((...xs) => runSample(sample, xs), sample.inputs);
      const floats = sample.inputs.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
      const probe = outcome(() => total(sample, sample.inputs));
      if (floats.length === 0 || typeof probe === "string") continue;
      const loss = (own: Tensor[], ...xs: Tensor[]) =>
        total(
          sample,
          xs.map((x, i) => (floats.includes(i) ? (own[floats.indexOf(i)] as Tensor) : x)),
        );
      const first = (...xs: Tensor[]) =>
        grad(loss)(
          floats.map((i) => xs[i] as Tensor),
          ...xs,
        );
      agree(first, sample.inputs);
      if (dtype === "float32") continue; // the ops of second derivatives are those of first ones
      const second = (...xs: Tensor[]) =>
        grad((own: Tensor[], ...all: Tensor[]) =>
          grad(loss)(own, ...all)
            .map((g) => g.square().sum())
            .reduce((a, b) => a.add(b)),
        )(
          floats.map((i) => xs[i] as Tensor),
          ...xs,
        );
      agree(second, sample.inputs);
    }
  });
}
