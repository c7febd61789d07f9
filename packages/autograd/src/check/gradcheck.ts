/** @file Checks derivatives against finite differences, for built-in ops and for yours. */
import { GradientError, scope, type Tensor, type TypedArray, UsageError } from "@isograd/tensor";
import {
  expectFunction,
  expectTensor,
  formatShape,
  fromTypedArray,
  given,
  isFloat,
  Past,
  shown,
} from "@isograd/tensor/engine";
import { unrecorded } from "../tape/modes.js";
import { grad } from "../transforms/grad.js";
import { checkValue } from "../transforms/region.js";
import { vjp } from "../transforms/vjp.js";
import { indexOf } from "./indexOf.js";

/** Options of other libraries, and ours. */
const THEIRS = new Map([
  ["atol", ["absolute"]],
  ["rtol", ["relative"]],
]);

/** Options of checks. */
export interface CheckOptions {
  /** The name in the error. Default: that of the function. */
  readonly name?: string | undefined;
  /** Step of the central difference. Default: 1e-6 for float64, 1e-3 for float32. */
  readonly step?: number | undefined;
  /**
   * Allowed: `|rule − difference| ≤ absolute + relative · |difference|`. Default: 1e-7 for float64,
   * 2e-2 for float32.
   */
  readonly absolute?: number | undefined;
  /** Default: 1e-5 for float64, 2e-2 for float32. */
  readonly relative?: number | undefined;
}

type Function = (...inputs: Tensor[]) => Tensor;

/**
 * Checks the gradient of `f` with respect to every element of every float input against central
 * differences `(f(x + h) − f(x − h)) / 2h`, contracted with a fixed cotangent. Use float64 inputs:
 * float32 shows only large errors. At every point `f` draws the same random numbers and reads the
 * same state; afterwards both are as before.
 *
 * @returns the largest difference found.
 * @throws GradientError that names the function, the input, the index, what the rule gives and what
 * the differences give.
 * @example
 * gradcheck((x) => x.tanh(), [tensor([0.5, -1], { dtype: "float64" })]) < 1e-8; // true
 */
export function gradcheck(f: Function, inputs: readonly Tensor[], options?: CheckOptions): number {
  const how = checkCall("gradcheck", f, inputs, options);
  const start = new Past();
  const same: Function = (...xs) =>
    start.revisit(() => {
      const out: unknown = f(...xs);
      checkValue("gradcheck", out);
      return out;
    });
  try {
    return checkAt(same, inputs, { name: f.name, ...how });
  } finally {
    start.close();
  }
}

/** The options; throws for what is no function, no list of tensors, or no tolerance. */
function checkCall(op: string, f: unknown, inputs: unknown, options?: CheckOptions): CheckOptions {
  const form = `write ${op}((x) => …, [x])`;
  expectFunction(op, f, form);
  if (!Array.isArray(inputs) || inputs.length === 0) {
    throw new UsageError(op, `needs a list of tensors, got ${shown(inputs)}`, form);
  }
  for (const x of inputs) expectTensor(op, x);
  const how = given(op, options, "name step# absolute# relative#", THEIRS);
  const { name = "", step = 1, absolute = 0, relative = 0 } = how;
  if (typeof name !== "string") {
    throw new UsageError(op, `name is ${shown(name)}, not text`, "leave it out for its default");
  }
  for (const [key, x] of Object.entries({ step, absolute, relative })) {
    if (x >= 0 && Number.isFinite(x) && !(key === "step" && x === 0)) continue;
    throw new UsageError(op, `${key} is ${x}`, "give a positive number, or leave it out");
  }
  return how;
}

function checkAt(f: Function, inputs: readonly Tensor[], options: CheckOptions): number {
  return scope(() => {
    let worst = 0;
    const out = unrecorded(() => f(...inputs));
    const cotangent = weights(out);
    const number = (...xs: Tensor[]): number =>
      unrecorded(() =>
        f(...xs)
          .mul(cotangent)
          .sum()
          .item(),
      );
    inputs.forEach((x, i) => {
      if (!isFloat(x.dtype)) return;
      const at = (y: Tensor): Tensor[] => inputs.map((z, j) => (i === j ? y : z));
      const back = vjp((y: Tensor) => f(...at(y)), x);
      let rule: TypedArray;
      try {
        rule = back.pull(cotangent).dataSync();
      } finally {
        back.dispose();
      }
      for (let k = 0; k < x.size; k++) {
        const difference = slope((y) => number(...at(y)), x, k, options.step);
        const error = Math.abs((rule[k] as number) - difference);
        const {
          absolute = x.dtype === "float64" ? 1e-7 : 2e-2,
          relative = x.dtype === "float64" ? 1e-5 : 2e-2,
        } = options;
        if (!(error <= absolute + relative * Math.abs(difference))) {
          throw mismatch(options.name ?? "", i, x, k, rule[k] as number, difference);
        }
        worst = Math.max(worst, error);
      }
    });
    return worst;
  });
}

/**
 * Checks second derivatives: {@link gradcheck} of the gradient of `f`, contracted with fixed
 * weights.
 *
 * @throws GradientError like gradcheck.
 * @example
 * gradgradcheck((x) => x.tanh(), [tensor([0.5, -1], { dtype: "float64" })]) < 1e-7; // true
 */
export function gradgradcheck(
  f: Function,
  inputs: readonly Tensor[],
  options?: CheckOptions,
): number {
  const how = checkCall("gradgradcheck", f, inputs, options);
  const name = `gradient of ${how.name ?? (f.name || "f")}`;
  let worst = 0;
  inputs.forEach((x, i) => {
    if (!isFloat(x.dtype)) return;
    const first = (...xs: Tensor[]): Tensor => {
      const loss = (y: Tensor): Tensor => {
        const out: unknown = f(...xs.map((z, j) => (i === j ? y : z)));
        checkValue("gradgradcheck", out);
        return out.mul(weights(out)).sum();
      };
      return grad(loss)(xs[i] as Tensor);
    };
    worst = Math.max(worst, gradcheck(first, inputs, { ...how, name }));
  });
  return worst;
}

/** Fixed weights between 0.5 and 1.5, different for every element. */
function weights(out: Tensor): Tensor {
  const values = new Float64Array(out.size);
  for (let k = 0; k < out.size; k++) values[k] = 1 + 0.5 * Math.sin(1.7 * k + 0.3);
  return fromTypedArray(values, out.shape, "float64", out.device).cast(out.dtype);
}

function slope(f: (x: Tensor) => number, x: Tensor, k: number, step?: number): number {
  const values = Float64Array.from(x.dataSync());
  const at = values[k] as number;
  const h = (step ?? (x.dtype === "float64" ? 1e-6 : 1e-3)) * Math.max(1, Math.abs(at));
  const moved = (to: number): number => {
    values[k] = to;
    return scope(() => f(fromTypedArray(values, x.shape, "float64", x.device).cast(x.dtype)) + 0);
  };
  return (moved(at + h) - moved(at - h)) / (2 * h);
}

function mismatch(
  name: string,
  input: number,
  x: Tensor,
  k: number,
  rule: number,
  difference: number,
): GradientError {
  const place = `${name || "f"}, input ${input} at ${formatShape(indexOf(k, x.shape))}`;
  return new GradientError(
    "gradcheck",
    `${place}: rule gives ${rule}, finite differences give ${difference}`,
    hint(rule / difference),
  );
}

function hint(ratio: number): string | undefined {
  const near = (factor: number) => Math.abs(ratio - factor) < 1e-3;
  if (near(-1)) return "the rule has the wrong sign";
  const factor = [2, 0.5].find(near);
  if (factor === undefined) return undefined;
  const question = "is a cotangent added twice, or half of it lost?";
  return `the rule is off by a factor of ${factor}; ${question}`;
}
