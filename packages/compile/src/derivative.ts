/**
 * @file How gradients flow back through a captured function: its tape, on tensors without numbers,
 * and the programs that walk it back.
 */
import { newestNode, pullEach, reaches } from "@isograd/autograd/engine";
import { dispose, type Tensor } from "@isograd/tensor";
import {
  closeScope,
  isFloat,
  nodeOf,
  openScope,
  setRecorder,
  setTracer,
} from "@isograd/tensor/engine";
import type { Program } from "./program.js";
import type { Trace } from "./trace.js";

/** A program forward and back, in one. */
export interface Joint {
  /**
   * The instructions of the function, then those of the walk. Its outputs are those of the
   * function, then cotangents of its inputs; the cotangents of the results are arguments after its
   * own, a place for each.
   */
  readonly program: Program;
  /** For each leaf, which output is its cotangent; null where it gets none. */
  readonly sent: readonly (number | null)[];
}

/** How cotangents of the results become those of arguments and state. */
export interface Derivative {
  /** Places of the results that a gradient flows from, among all tensors of the result. */
  readonly tied: readonly number[];
  /** Places of the leaves among arguments and state. */
  readonly leaves: readonly number[];
  /** With cotangents for all that is tied; null where a rule cannot be captured. */
  readonly all: Joint | null;
  /** With cotangents for some of them. */
  joint(given: readonly boolean[]): Joint | null;
  free(): void;
}

/** What a function records while it is captured. */
export class Tape {
  readonly #trace: Trace;
  readonly #leaves: Tensor[] = [];
  readonly #places: number[] = [];
  readonly #results: Tensor[] = [];
  readonly #tied: number[] = [];
  /** Nodes up to this one were there before the function ran. */
  readonly #newest = newestNode();
  /** Whether a gradient flows from a result to tensors that the function found outside. */
  strays = false;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** A tensor that a gradient flows to, at a place among arguments and state. */
  leaf(x: Tensor, place: number): void {
    this.#leaves.push(x.alias());
    this.#places.push(place);
  }

  /** A tensor of the result. */
  result(x: Tensor, place: number): void {
    const node = nodeOf(x);
    if (node === null || node.emptied || !isFloat(x.dtype)) return;
    this.strays ||= reaches(x, this.#newest);
    this.#results.push(x.alias());
    this.#tied.push(place);
  }

  /** The derivative of a program with so many arguments; null where no result is tied. */
  derivative(program: Program, args: number): Derivative | null {
    const tied = this.#tied;
    if (tied.length === 0) return null;
    const joint = (given: readonly boolean[]) => this.#joint(program, args, given);
    const all = joint(tied.map(() => true));
    if (tied.length === 1 || all === null) this.dispose(); // there is no other way to walk it
    return { tied, leaves: this.#places, all, joint, free: () => this.dispose() };
  }

  #joint(program: Program, args: number, given: readonly boolean[]): Joint | null {
    const trace = this.#trace;
    const start = trace.instructions.length;
    const tracer = setTracer(trace);
    const recorder = setRecorder(null);
    const mark = openScope();
    try {
      const cotangents = this.#results.map((x, i) =>
        given[i] ? trace.tensor(x, { kind: "argument", at: args + i }) : null,
      );
      const how = { createGraph: false, retainGraph: true };
      const pulled = pullEach(this.#results, cotangents, this.#leaves, how);
      const outputs = [...program.outputs];
      const sent = pulled.map((g) => {
        const use = g === null ? null : trace.use(g);
        // what depends on no cotangent is zero
        if (use === null || use.value.origin.kind === "constant") return null;
        return outputs.push(use) - 1;
      });
      const instructions = [...program.instructions, ...trace.instructions.slice(start)];
      return { program: { instructions, outputs, writes: program.writes }, sent };
    } catch {
      return null; // its error comes where somebody asks for the gradient
    } finally {
      closeScope(mark);
      setRecorder(recorder);
      setTracer(tracer);
    }
  }

  dispose(): void {
    for (const x of this.#results.splice(0)) dispose(x);
    for (const x of this.#leaves.splice(0)) dispose(x);
  }
}
