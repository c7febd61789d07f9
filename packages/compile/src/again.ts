/**
 * @file Gradients of a compiled function where no program gives them: the function runs once more,
 * op by op, from where it began. It leaves no trace.
 */
import { atDepth, type Isolated, isolate, pullEach, recording } from "@isograd/autograd/engine";
import { keep, type Tensor, tensor } from "@isograd/tensor";
import {
  closeScope,
  currentRecorder,
  handleOf,
  mapTree,
  type Operand,
  openScope,
  Past,
  setTracer,
  sizeOf,
  type Tracer,
  visitTree,
} from "@isograd/tensor/engine";
import { swap } from "./capture.js";
import type { Numbers } from "./loaded.js";
import { untraced } from "./trace.js";

/** One call, as it can be made again. */
export interface Called {
  readonly f: (...args: readonly unknown[]) => unknown;
  readonly args: readonly unknown[];
  /** The tensors of the state, and those of the arguments in front of them in `inputs`. */
  readonly state: readonly Tensor[];
  /** What was drawn for it. */
  readonly numbers: Numbers;
  /** How many transforms were running. */
  readonly depth: number;
}

/** What a function gave, and where gradients flow to. */
export interface Ends {
  /** Places of results, among the tensors of the result. */
  readonly tied: readonly number[];
  /** Places of leaves, among `inputs`. */
  readonly leaves: readonly number[];
}

/**
 * Cotangents of the leaves, for cotangents of results. `inputs`: the tensors of the arguments, then
 * those of the state, as they were. A walk that is recorded gives what can be differentiated again.
 */
export function pullAgain(
  { f, args, state, numbers, depth }: Called,
  { tied, leaves }: Ends,
  inputs: readonly Tensor[],
  cotangents: readonly (Tensor | null | undefined)[],
): (Tensor | null)[] {
  const createGraph = currentRecorder() !== null;
  const first = inputs.length - state.length;
  const before = state.map((x) => handleOf(x).operand);
  const own: Tensor[] = [];
  const isolated: Isolated[] = [];
  const leaf = (x: Tensor, place: number): void => {
    if (!leaves.includes(place)) return;
    isolated.push(isolate(x, { behind: inputs[place] }));
    own.push(x);
  };
  const past = new Past();
  const tracer = setTracer(replaying(numbers));
  const mark = openScope();
  try {
    let at = 0;
    const given = args.map((arg) =>
      mapTree(arg, () => {
        const x = (inputs[at] as Tensor).alias(true);
        leaf(x, at++);
        return x;
      }),
    );
    for (const [i, x] of state.entries()) {
      swap(x, handleOf(inputs[first + i] as Tensor).operand);
      leaf(x, first + i);
    }
    const result = atDepth(depth, () => recording(() => f(...given)));
    const results: Tensor[] = [];
    visitTree(result, (x) => results.push(x));
    const from = tied.map((i) => results[i] as Tensor);
    setTracer(tracer);
    const pulled = pullEach(from, cotangents, own, { createGraph, retainGraph: createGraph });
    return keep(pulled);
  } finally {
    setTracer(tracer);
    for (const x of isolated.reverse()) x.end();
    past.restore();
    for (const [i, x] of state.entries()) swap(x, before[i] as Operand);
    closeScope(mark);
  }
}

/** Draws the same numbers once more; nothing else is told. */
function replaying(numbers: Numbers): Tracer {
  const seen: { generator: object; state: string; size: number; x: Tensor }[] = [];
  return {
    changing: (inputs, run) => run(inputs),
    after: () => {},
    drawn({ shape, dtype }, generator, state, draw) {
      untraced(draw); // the generator goes on
      const size = sizeOf(shape);
      const twin = seen.find(
        (own) => own.generator === generator && own.state === state && own.size === size,
      );
      if (twin !== undefined) return twin.x.reshape(shape);
      const [, values] = numbers[seen.length] as Numbers[0];
      const x = tensor(values, { dtype }).reshape(shape);
      seen.push({ generator, state, size, x });
      return x;
    },
    refuse(op, what): never {
      throw new Error(`${op}: ${what}`); // refused when it was captured
    },
    reads: () => {},
  };
}
