/**
 * @file Random programs: nested transforms with throws, early returns, disposed operands, aux,
 * checkpoints and layers with state. Every expression is a tensor of shape [2].
 */
import * as fc from "fast-check";

/** One step of a program, with the expressions that are its operands. */
export interface Step {
  readonly kind: Kind;
  readonly parts: readonly Step[];
  /** Which variable, function or variant; taken modulo the number of them. */
  readonly pick: number;
}

/**
 * Steps by the number of their parts. If a step has a body, this is the first part and gets one
 * more variable.
 */
const kinds = {
  leaves: ["variable", "constant", "captured", "weight"],
  single: [
    "unary",
    "view",
    "read",
    "stop",
    "noGrad",
    "scope",
    "unscoped",
    "disposeOperand",
    "disposeVariable",
    "custom",
    "layer",
    "keep",
  ],
  pairs: ["binary", "early", "let", "freed"],
  transforms: [
    "grad",
    "gradOfTree",
    "gradOfModule",
    "valueAndAux",
    "vjp",
    "linearize",
    "jvp",
    "jacobian",
    "hessian",
    "hvp",
    "vmap",
    "checkpoint",
    "checkpointOfModule",
    "backward",
  ],
  ends: ["throw", "nothing", "promise"],
} as const;

export type Kind = (typeof kinds)[keyof typeof kinds][number];

const pick = fc.nat(11);
const leaf = step(kinds.leaves);

function step(names: readonly Kind[], ...parts: fc.Arbitrary<Step>[]): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constantFrom(...names), parts: fc.tuple(...parts), pick });
}

function expression(depth: number, nesting: number): fc.Arbitrary<Step> {
  if (depth === 0) return leaf;
  const smaller = fc.memo(() => expression(depth - 1, nesting))();
  const options: fc.WeightedArbitrary<Step>[] = [
    { weight: 3, arbitrary: leaf },
    { weight: 6, arbitrary: step(kinds.single, smaller) },
    { weight: 5, arbitrary: step(kinds.pairs, smaller, smaller) },
    { weight: 1, arbitrary: step(kinds.ends) },
  ];
  if (nesting > 0) {
    const body = expression(3, nesting - 1);
    options.push({ weight: 6, arbitrary: step(kinds.transforms, body, smaller) });
  }
  return fc.oneof({ withCrossShrink: true }, ...options);
}

/** Programs whose outermost step is a transform, with transforms nested three deep inside. */
export const programs: fc.Arbitrary<Step> = step(kinds.transforms, expression(3, 2), leaf);

/** A program as text, for messages. */
export function show({ kind, parts, pick: which }: Step): string {
  return `${kind}${which}${parts.length === 0 ? "" : `(${parts.map(show).join(", ")})`}`;
}
