/** @file A compiled function as one op of the tape: its gradient is a program too. */
import { dispose, type Tensor } from "@isograd/tensor";
import {
  currentRecorder,
  type Inputs,
  type Op,
  Reads,
  type RuleOfMany,
  type SendMany,
} from "@isograd/tensor/engine";
import { type Called, pullAgain } from "./again.js";
import type { Captured } from "./capture.js";
import type { Derivative, Joint } from "./derivative.js";
import { execute, isOld, type Loaded, loadIfFits, reload } from "./loaded.js";
import { optimised, type Pass } from "./passes/index.js";
import { isMade, split } from "./passes/split.js";
import type { Program, Value } from "./program.js";
import { isHome } from "./trace.js";

type Cotangents = readonly (Tensor | null | undefined)[];

/** Where a walk finds what it reads, by place. */
interface Source {
  readonly from: "inputs" | "cotangents" | "kept";
  readonly at: number;
}

/** A program that walks back, with what it reads. */
interface Walk {
  readonly loaded: Loaded;
  readonly reads: readonly Source[];
  /** For each leaf, which output is its cotangent. */
  readonly sent: readonly (number | null)[];
}

/** One call, as a node of the tape keeps it. */
interface Call extends Called {
  readonly back: Back;
}

/** The way back through one program. */
export class Back {
  /** The program forward, with what the way back needs among its outputs. */
  readonly forward: Program;
  readonly #captured: Captured;
  readonly #derivative: Derivative;
  readonly #passes: readonly Pass[];
  readonly #walks = new Map<string, Walk | null>();
  /** Values that the way back reads, and their places among the outputs. */
  readonly #saved = new Map<Value, number>();
  readonly #op: Op;
  /** Arguments that are tensors. */
  readonly #args: number;

  constructor(
    name: string,
    captured: Captured & { readonly derivative: Derivative },
    args: number,
    passes: readonly Pass[],
  ) {
    this.#captured = captured;
    this.#derivative = captured.derivative;
    this.#args = args;
    this.#passes = passes;
    const { all } = captured.derivative;
    const halves = all === null ? null : this.#halves(all);
    this.forward = halves === null ? captured.program : halves.forward;
    for (const value of halves?.reads ?? []) {
      if (!isMade(value)) continue;
      this.#saved.set(
        value,
        this.forward.outputs.findIndex((use) => use.value === value),
      );
    }
    const infer = () => ({ shape: [], dtype: "float32" as const });
    this.#op = { name, infer, inferMany: () => [], rule };
  }

  #halves({ program }: Joint) {
    const { instructions, outputs } = this.#captured.program;
    const made = new Set(instructions.flatMap(({ results }) => results.map(({ value }) => value)));
    return split(optimised(program, this.#passes).program, outputs.length, made);
  }

  /** Makes the node of a call; `outputs` of the forward program, `inputs` as they were before. */
  record(called: Called, inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
    const own = this.#captured.program.outputs.length;
    const tied = this.#derivative.tied.map((i) => outputs[i] as Tensor);
    const kept: Tensor[] = [];
    for (const at of this.#saved.values()) {
      const x = outputs[at] as Tensor;
      kept.push(at < own ? x.alias() : x);
    }
    const call: Call = { ...called, back: this };
    currentRecorder()?.(this.#op, inputs, call, [...tied, ...kept]);
    for (const x of kept) dispose(x);
  }

  /** Cotangents by places of inputs. */
  pull(
    call: Call,
    inputs: Inputs,
    out: readonly Tensor[],
    cotangents: Cotangents,
  ): Map<number, Tensor> {
    const { leaves, tied } = this.#derivative;
    const given = tied.map((_, i) => cotangents[i] !== null && cotangents[i] !== undefined);
    const onCpu = cotangents.every((g) => g === null || g === undefined || isHome(g));
    const walk = currentRecorder() === null && onCpu ? this.#walk(given) : null;
    const gs =
      walk === null
        ? pullAgain(call, this.#derivative, inputs, cotangents)
        : this.#run(walk, inputs, out, cotangents);
    const found = new Map<number, Tensor>();
    for (const [i, g] of gs.entries()) if (g !== null) found.set(leaves[i] as number, g);
    return found;
  }

  #run(walk: Walk, inputs: Inputs, out: readonly Tensor[], gs: Cotangents): (Tensor | null)[] {
    const { loaded, reads, sent } = walk;
    if (isOld(loaded)) reload(loaded);
    const kept = out.slice(this.#derivative.tied.length);
    const given = { inputs, cotangents: gs, kept };
    const leaves = reads.map(({ from, at }) => given[from][at]);
    const outputs = execute(loaded, leaves as Tensor[], [], []);
    return sent.map((at) => (at === null ? null : (outputs[at] as Tensor)));
  }

  /** The program for some cotangents, made when it is first asked for. */
  #walk(given: readonly boolean[]): Walk | null {
    const key = given.join();
    const known = this.#walks.get(key);
    if (known !== undefined) return known;
    const joint = given.every((own) => own) ? this.#derivative.all : this.#derivative.joint(given);
    const walk = joint === null ? null : this.#loaded(joint);
    this.#walks.set(key, walk);
    return walk;
  }

  #loaded(joint: Joint): Walk | null {
    const { back, reads: values } = this.#halves(joint);
    const reads = values.map((value) => this.#sourceOf(value));
    if (!reads.every((source) => source !== null)) return null;
    const loaded = loadIfFits(back, this.#passes.length === 0);
    if (loaded === null) return null;
    const first = this.#captured.program.outputs.length;
    return { loaded, reads, sent: joint.sent.map((at) => (at === null ? null : at - first)) };
  }

  /** Where a value is found after a call; null where the way forward did not keep it. */
  #sourceOf(value: Value): Source | null {
    const { origin } = value;
    if (origin.kind === "state") return { from: "inputs", at: this.#args + origin.at };
    if (origin.kind === "argument") {
      const { at } = origin;
      return at < this.#args ? { from: "inputs", at } : { from: "cotangents", at: at - this.#args };
    }
    const at = [...this.#saved.keys()].indexOf(value);
    return at < 0 ? null : { from: "kept", at };
  }

  /** The programs that were made until now. */
  loaded(): Loaded[] {
    return [...this.#walks.values()].flatMap((walk) => (walk === null ? [] : [walk.loaded]));
  }

  free(): void {
    for (const walk of this.#walks.values()) walk?.loaded.machine.free();
    this.#walks.clear();
    this.#derivative.free();
  }
}

const rule: RuleOfMany<Inputs, unknown> = {
  many: true,
  reads: Reads.Inputs | Reads.Out,
  vjp({ inputs, out, attrs }) {
    const call = attrs as Call;
    let known: Map<number, Tensor> | null = null;
    const send =
      (at: number): SendMany =>
      (gs) => {
        known ??= call.back.pull(call, inputs, out, gs);
        return known.get(at) ?? null;
      };
    return inputs.map((_, at) => send(at));
  },
};
