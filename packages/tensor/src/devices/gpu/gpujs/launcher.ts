/** @file Compiles each kernel once, by its source, and destroys the least recently used ones. */
import type { Backend, Block, Parameter, Program } from "./backend.js";

/** One launch: the body of a kernel, and the values of its names. */
export interface Call {
  /** Name of the op, for errors. */
  readonly op: string;
  /** Statements over the arrays and numbers below; they return the element of this thread. */
  readonly body: string;
  /** Threads: a number of elements, or numbers along x, y, z. */
  readonly output: number | readonly number[];
  readonly arrays: Readonly<Record<string, Block>>;
  readonly numbers?: Readonly<Record<string, number>>;
  readonly helpers?: readonly Helper[];
}

/** A function of numbers that a kernel calls. */
export interface Helper {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: string;
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

/** Runs kernels on one backend. */
export class Launcher {
  readonly backend: Backend;
  private readonly limit: number;
  /** Least recently used first. */
  private readonly programs = new Map<string, Program>();
  private compiled = 0;
  private launches = 0;

  constructor(backend: Backend, limit = 512) {
    this.backend = backend;
    this.limit = limit;
  }

  launch(call: Call): Block {
    const { op, body, arrays, numbers = {}, helpers = [] } = call;
    const output = typeof call.output === "number" ? [call.output] : call.output;
    const parameters: Parameter[] = [
      ...Object.entries(arrays).map(([name, block]) => ({ name, size: block.size })),
      ...Object.keys(numbers).map((name) => ({ name, size: "number" as const })),
    ];
    const source = `function (${parameters.map((p) => p.name).join(", ")}) {\n${body}\n}`;
    const functions = helpers.map((h) => ({
      ...h,
      source: `function ${h.name}(${h.parameters.join(", ")}) {\n${h.body}\n}`,
    }));
    const text = [...functions, { source }].map((f) => f.source).join("\n");
    const key = `${output.join("×")}|${parameters.map((p) => p.size).join()}|${text}`;
    const program = this.find(key, () =>
      this.backend.compile({ op, source, parameters, output, functions }),
    );
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
