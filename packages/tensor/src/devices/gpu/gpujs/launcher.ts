/** @file Compiles each kernel once, by its source, and destroys the least recently used ones. */
import { sizeOf } from "../../../base/shape.js";
import type { Backend, Block, HelperSource, Parameter, Program } from "./backend.js";
import { checkExact, EXACT } from "./source.js";
import { type Helper, inFloats, inWholeNumbers, wholeHelpers } from "./whole.js";

/** One launch: the body of a kernel, and the values of its names. */
export interface Call {
  /** Name of the op, for errors. */
  readonly op: string;
  /**
   * Statements over the arrays and numbers below, with whole numbers as in `whole.ts`; they return
   * the element of this thread.
   */
  readonly body: string;
  /** Threads: a number of elements, or numbers along x, y, z. */
  readonly output: number | readonly number[];
  /** How many elements a thread returns; default: 1. */
  readonly wide?: number;
  readonly arrays: Readonly<Record<string, Block>>;
  readonly numbers?: Readonly<Record<string, number>>;
  readonly helpers?: readonly Helper[];
}

/** Counts of kernels since the device started. */
export interface Counts {
  /** Compiled kernels that are in the cache now. */
  readonly kernels: number;
  /** All compilations. */
  readonly compiled: number;
  /** All launches. */
  readonly launches: number;
}

/** The last number of a counter. */
const LOOP = /\bfor \(let \w+ = \d+; \w+ <=? (\d+);/g;

const sourceOf = (h: Helper): HelperSource => ({
  ...h,
  source: `function ${h.name}(${h.parameters.join(", ")}) {\n${h.body}\n}`,
});

/** Runs kernels on one backend. */
export class Launcher {
  readonly backend: Backend;
  private readonly limit: number;
  private readonly exact: number;
  /** Least recently used first. */
  private readonly programs = new Map<string, Program>();
  private compiled = 0;
  private launches = 0;

  /**
   * Kernels count in floats as long as results and arrays have at most `exact` elements; tests
   * give a small number.
   */
  constructor(backend: Backend, limit = 512, exact = EXACT) {
    this.backend = backend;
    this.limit = limit;
    this.exact = exact;
  }

  launch(call: Call): Block {
    const { op, body, arrays, numbers = {}, helpers = [], wide = 1 } = call;
    const output = typeof call.output === "number" ? [call.output] : call.output;
    const parameters: Parameter[] = [
      ...Object.entries(arrays).map(([name, block]) => ({ name, size: block.size })),
      ...Object.keys(numbers).map((name) => ({ name, size: "number" as const })),
    ];
    const names = parameters.map((p) => p.name);
    const functions = helpers.map(sourceOf);
    const text = [...functions.map((f) => f.source), names.join(), body].join("\n");
    const key = `${output.join("×")}|${parameters.map((p) => p.size).join()}|${text}`;
    const program = this.find(key, () => {
      // counters are floats: beyond 2²⁴ one more is the same number, and the loop has no end
      for (const [, most] of body.matchAll(LOOP)) checkExact(op, Number(most));
      const sizes = Object.values(arrays).map((block) => block.size);
      const large = Math.max(sizeOf(output) * wide, ...sizes) > this.exact;
      const own = large ? [...wholeHelpers.map(sourceOf), ...functions] : functions;
      const statements = large ? inWholeNumbers(body) : inFloats(body);
      const source = `function (${names.join(", ")}) {\n${statements}\n}`;
      return this.backend.compile({ op, source, parameters, output, functions: own });
    });
    this.launches++;
    return program.launch([...Object.values(arrays), ...Object.values(numbers)]);
  }

  /** Runs a kernel of our own; `key` contains everything that its text depends on. */
  launchOwn(key: string, arrays: readonly Block[], compile: () => Program): Block {
    const program = this.find(key, compile);
    this.launches++;
    return program.launch(arrays);
  }

  private find(key: string, compile: () => Program): Program {
    const known = this.programs.get(key);
    if (known !== undefined) {
      this.programs.delete(key);
      this.programs.set(key, known);
      return known;
    }
    const made = compile();
    this.compiled++;
    this.programs.set(key, made);
    if (this.programs.size > this.limit) this.destroyOldest();
    return made;
  }

  private destroyOldest(): void {
    for (const [key, program] of this.programs) {
      this.programs.delete(key);
      program.destroy();
      return;
    }
  }

  counts(): Counts {
    return { kernels: this.programs.size, compiled: this.compiled, launches: this.launches };
  }

  destroy(): void {
    for (const program of this.programs.values()) program.destroy();
    this.programs.clear();
  }
}
