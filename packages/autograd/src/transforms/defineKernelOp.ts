/** @file Ops that users write as one GPU.js kernel, which runs on every device. */
import { promoteTypes, type Shape, type Tensor, UsageError } from "@isograd/tensor";
import {
  given,
  type Inputs,
  isFloat,
  ownOf,
  type Samples,
  type Spec,
} from "@isograd/tensor/engine";
import type { Send } from "../rules/rule.js";
import { type CustomOp, defineOp, expectName, type Seen } from "./defineOp.js";
import { type KernelFunction, runOnHost } from "./kernelHost.js";
import { flatten, type KernelText, readKernel } from "./kernelText.js";

export type { KernelFunction, KernelThis } from "./kernelHost.js";

/** An op as one GPU.js kernel. */
export interface KernelOpDefinition<A extends Inputs, P> {
  /** Shown in errors and pictures. */
  readonly name: string;
  /**
   * `function (a, b) { … return …; }` or its text, with one parameter for each tensor. Arrow
   * functions and outside names are errors.
   */
  readonly kernel: string | KernelFunction;
  /** Shape of the result; default: that of the first tensor. */
  readonly shape?: ((inputs: A, attrs: P) => Shape) | undefined;
  /**
   * Numbers for `this.constants`; they have no gradient. Each new set of numbers compiles a new
   * kernel.
   */
  readonly constants?: ((inputs: A, attrs: P) => Readonly<Record<string, number>>) | undefined;
  /** For each input, the map from the result's cotangent to the input's; null: no gradient. */
  readonly vjp: ((seen: Seen<A, P>) => readonly (Send | null)[]) | null;
  /** The range from which checks draw inputs. */
  readonly samples?: Samples | undefined;
}

/**
 * Makes an op from one GPU.js kernel and its derivative: `out[z][y][x] = kernel(…)`. On the GPU
 * GPU.js compiles it for both modes. On cpu and reference the same text runs as JavaScript, in
 * float64, so `gradcheck` works. A kernel reads tensors as `a[i][j]`, with one subscript for each
 * axis, or as `a[k]`, flat. Integers count as floats.
 *
 * @throws UsageError for kernels that would not run everywhere: arrow functions, outside names,
 * loops without a known end. When the op is called, also for tensors or constants that do not fit.
 * @example
 * const scaled = defineKernelOp<readonly [Tensor, Tensor]>({
 *   name: "scaleRows",
 *   kernel: function (a, s) { return a[this.thread.y][this.thread.x] * s[this.thread.y]; },
 *   vjp: ({ inputs: [a, s] }) => [
 *     (g) => g.mul(s.reshape([-1, 1])),
 *     (g) => g.mul(a).sum({ axis: 1 }),
 *   ],
 * });
 * scaled(tensor([[1, 2], [3, 4]]), tensor([10, 100])).toArray(); // [[10,20],[300,400]]
 */
export function defineKernelOp<A extends Inputs, P = undefined>(
  definition: KernelOpDefinition<A, P>,
): CustomOp<A, P> {
  const { name, kernel, vjp, samples } = given(
    "defineKernelOp",
    definition,
    "name kernel shape() constants() vjp samples",
  );
  expectName("defineKernelOp", name);
  const read = readKernel(name, kernel);
  const constantsFor = (inputs: readonly Spec[], attrs: P) =>
    ruled(definition.constants, inputs as A, attrs) ?? {};
  const textFor = (inputs: readonly Spec[], attrs: P): KernelText => {
    checkCount(name, read, inputs);
    const constants = constantsFor(inputs, attrs);
    const shapes = inputs.map((x) => x.shape);
    const body = flatten(name, { ...read, body: filled(name, read.body, constants) }, shapes);
    return { parameters: read.parameters, body };
  };
  return defineOp<A, P>({
    name,
    infer(inputs, attrs) {
      checkCount(name, read, inputs);
      const first = ([x]: A): Shape => (x as Tensor).shape;
      // checked by the engine
      const shape = ruled(definition.shape ?? first, inputs, attrs) as Shape;
      const dtype = inputs.map((x) => x.dtype).reduce(promoteTypes);
      return { shape, dtype: isFloat(dtype) ? dtype : "float32" };
    },
    reference(views, attrs, out) {
      const own = { kernel, text: read, constants: () => constantsFor(views, attrs) };
      runOnHost(name, textFor(views, attrs), views, out, own);
    },
    gpuKernel: textFor,
    vjp,
    ...(samples && { samples }),
  });
}

/** What a rule gives; undefined without a rule. */
function ruled<A, P, R>(rule: ((inputs: A, attrs: P) => R) | undefined, inputs: A, attrs: P) {
  return typeof rule === "function" ? rule(inputs, attrs) : undefined;
}

function checkCount(op: string, { parameters }: KernelText, inputs: readonly Spec[]): void {
  if (inputs.length === parameters.length) return;
  throw new UsageError(
    op,
    `the kernel has ${parameters.length} parameters, the call ${inputs.length} tensors`,
    "other numbers go into constants",
  );
}

/** The text with numbers in the place of constants. */
function filled(op: string, body: string, constants: Readonly<Record<string, number>>): string {
  return body.replace(/\bthis\.constants\.([\w$]+)/g, (_, key: string) => {
    const value = ownOf(constants, key);
    if (typeof value === "number" && Number.isFinite(value)) return `(${value})`;
    throw new UsageError(
      op,
      `this.constants.${key} is ${value}`,
      `give a finite number: constants: () => ({ ${key}: 3 })`,
    );
  });
}
