/** @file Ops that users define: a shape rule, a forward, a derivative, as built-in ops have. */
import { broadcastShapes, GradientError, promoteTypes, Tensor, UsageError } from "@isograd/tensor";
import {
  apply,
  broadcastStrides,
  defineOp as defineTensorOp,
  expectSync,
  type GpuKernelMaker,
  given,
  type Inputs,
  type Op,
  type OpFunction,
  type Samples,
  type Spec,
  shown,
  type View,
  withOp,
} from "@isograd/tensor/engine";
import { setRule } from "../rules/lookup.js";
import { Reads, type Rule, type Send } from "../rules/rule.js";
import { alone, calling } from "../tape/alone.js";
import { checkValue } from "./region.js";

/** What a derivative reads: the inputs, the result and the attributes of one call. */
export interface Seen<A extends Inputs, P> {
  readonly inputs: A;
  readonly out: Tensor;
  readonly attrs: P;
}

/** An op as a user writes it. Give one of `forward`, `scalar` and `reference`. */
export interface OpDefinition<A extends Inputs, P> {
  /** Shown in errors and pictures; need not be unique. */
  readonly name: string;
  /** Shape and dtype of the result; default: shapes broadcast and dtypes promote. */
  readonly infer?: ((inputs: A, attrs: P) => Spec) | undefined;
  /** The value as a composition of other ops; runs unrecorded and may read only its inputs. */
  readonly forward?: ((inputs: A, attrs: P) => Tensor) | undefined;
  /** The value of one element, for elementwise ops of up to three tensors. */
  readonly scalar?: ((x: number, y: number, z: number) => number) | undefined;
  /** `scalar` for GPU.js: the body of a function of x (and y, z). */
  readonly gpu?: string | undefined;
  /** The values in plain TypeScript over typed arrays; `out` is filled with zeros. */
  readonly reference?: ((inputs: readonly View[], attrs: P, out: View) => void) | undefined;
  /** In addition to `reference`: a kernel for GPU.js, as `defineKernelOp` writes it. */
  readonly gpuKernel?: GpuKernelMaker<A, P> | undefined;
  /** For each input, the map from the result's cotangent to the input's; null: no gradient. */
  readonly vjp: ((seen: Seen<A, P>) => readonly (Send | null)[]) | null;
  /** The range from which checks draw inputs. */
  readonly samples?: Samples | undefined;
}

/** A defined op as a function: of tensors, then attributes, which must not change afterwards. */
export type CustomOp<A extends Inputs, P> = OpFunction<
  (...args: P extends undefined ? [...A] : [...A, attrs: P]) => Tensor,
  A,
  P
>;

/**
 * Makes an op with its own derivative. It runs on every device and under every transform, and
 * `gradcheck` can check it.
 *
 * @throws GradientError unless exactly one of forward, scalar and reference is given. When the op
 * is called, also for a forward that reads or returns a tracked tensor that is no input.
 * @example
 * const cube = defineOp<readonly [Tensor]>({
 *   name: "cube",
 *   scalar: (x) => x * x * x,
 *   gpu: "return x * x * x;",
 *   vjp: ({ inputs: [x] }) => [(g) => g.mul(x.square().mul(3))], // d x³ = 3x² dx
 * });
 * grad((x: Tensor) => cube(x).sum())(tensor([2])).toString(); // Tensor(float32, [1]) [12]
 */
export function defineOp<A extends Inputs, P = undefined>(
  definition: OpDefinition<A, P>,
): CustomOp<A, P> {
  const { name, infer, forward, scalar, reference, gpu, gpuKernel, vjp, samples } = given(
    "defineOp",
    definition,
    "name infer() forward() scalar() gpu reference() gpuKernel() vjp samples",
  );
  expectName("defineOp", name);
  const count = [forward, scalar, reference].filter((f) => f !== undefined).length;
  if (count !== 1) {
    throw new GradientError(
      "defineOp",
      `${name} has ${count} of forward, scalar and reference`,
      "give exactly one of them",
    );
  }
  const op: Op<A, P> = defineTensorOp<A, P>({
    name,
    infer: infer ?? ((inputs) => broadcastSpec(name, inputs)),
    ...(reference && { reference }),
    ...(scalar && { scalar, reference: elementwise(scalar) }),
    ...(forward && { compose: apart(name, forward) }),
    kernels: { gpu: gpu ?? gpuKernel },
    ...(samples && { samples }),
  });
  setRule(op, vjp === null ? null : checked(name, vjp));
  const call = (...args: readonly unknown[]): Tensor => {
    const inputs: Inputs = args.filter((arg) => arg instanceof Tensor);
    const run = () => apply(op, inputs as A, args[inputs.length] as P);
    return forward === undefined ? run() : calling(run);
  };
  return withOp(op, call);
}

export function expectName(op: string, name: unknown): void {
  if (typeof name === "string") return;
  throw new UsageError(op, `the name of the op is ${shown(name)}`, 'give a text: name: "cube"');
}

/** A forward that runs unrecorded and may read only its inputs. */
function apart<A extends Inputs, P>(
  name: string,
  forward: (inputs: A, attrs: P) => Tensor,
): typeof forward {
  return (inputs, attrs) => {
    const out: unknown = alone(name, inputs, (own: Inputs) => forward(own as A, attrs));
    checkValue(name, out);
    return out;
  };
}

/** A rule that checks what it gives: for each input a function that gives a tensor, or null. */
function checked<A extends Inputs, P>(
  name: string,
  vjp: NonNullable<OpDefinition<A, P>["vjp"]>,
): Rule<A, P> {
  const demand = (fine: boolean, what: string, x?: unknown, where = ""): void => {
    if (fine) return;
    expectSync(name, x, "a derivative is made of ops, which are synchronous");
    const found = `${what}${x === undefined && where === "" ? "" : ` ${shown(x)}${where}`}`;
    const help = "give an array: for each input a function from tensor to tensor, or null";
    throw new GradientError(name, `the vjp ${found}`, help);
  };
  demand(typeof vjp === "function", "is no function");
  const given = (seen: Seen<A, P>): readonly (Send | null)[] => {
    const sends = [vjp(seen)].flat();
    const { length } = seen.inputs;
    demand(sends.length === length, `gives ${sends.length} functions for ${length} inputs`);
    return sends.map((send, i) => {
      demand(send === null || typeof send === "function", "gives", send, ` for input ${i}`);
      if (send === null) return null;
      return (g) => {
        const sent = send(g);
        demand(sent === null || sent instanceof Tensor, "sends", sent, ` to input ${i}`);
        return sent;
      };
    });
  };
  return { reads: Reads.Both, many: false, vjp: given };
}

function broadcastSpec(name: string, inputs: Inputs): Spec {
  let { shape, dtype } = inputs[0] as Tensor;
  for (const x of inputs) {
    shape = broadcastShapes(name, shape, x.shape);
    dtype = promoteTypes(dtype, x.dtype);
  }
  return { shape, dtype };
}

function elementwise(scalar: (x: number, y: number, z: number) => number) {
  return (inputs: readonly View[], _: unknown, out: View): void => {
    const places = inputs.map((view) => offsets(view, out));
    const at = (i: number, k: number): number => {
      const place = places[i];
      return place === undefined ? 0 : ((inputs[i] as View).data[place(k)] as number);
    };
    for (let k = 0; k < out.data.length; k++) out.data[k] = scalar(at(0, k), at(1, k), at(2, k));
  };
}

/** For element k of the result: where it reads an input that broadcasts to the result. */
function offsets(view: View, out: View): (k: number) => number {
  const strides = broadcastStrides(view.shape, out.shape);
  return (k) => {
    let [rest, at] = [k, 0];
    for (let d = out.shape.length - 1; d >= 0; d--) {
      const n = out.shape[d] as number;
      at += (rest % n) * (strides[d] as number);
      rest = Math.floor(rest / n);
    }
    return at;
  };
}
