/** @file compile: the function that users call, and its programs by signature. */
import { type Tensor, UsageError } from "@isograd/tensor";
import { runtime } from "@isograd/tensor/cpu";
import {
  beforeCapture,
  currentRecorder,
  currentTracer,
  deviceOf,
  expectFunction,
  expectLive,
  forEachTensor,
  formatShape,
  given,
  handleOf,
  isDevelopment,
  isTensor,
  mayGoBack,
  nodeOf,
  viewArray,
} from "@isograd/tensor/engine";
import { capture } from "./capture.js";
import { built, type Entry, firstRun, follow, freeEntry, move, run } from "./entry.js";
import { dotOf, mermaidOf } from "./graph.js";
import { placesOf } from "./places.js";
import { print } from "./print.js";
import type { Instruction } from "./program.js";
import { difference } from "./same.js";
import { matches, type Signature, shapesIn, signatureOf } from "./signature.js";
import type { CompileStats } from "./stats.js";
import { homeDevice } from "./trace.js";
import { disassemble } from "./wat.js";

export interface CompileOptions {
  /**
   * What the function reads and writes beside its arguments: modules, optimisers, averages,
   * generators, tensors, or arrays and objects of them. Default: nothing.
   */
  readonly state?: unknown;
  /**
   * Whether passes and fusion change the program. The bits are the same without them: leave them
   * out to see what they gain. Default: true.
   */
  readonly passes?: boolean | undefined;
}

/** Options of `toString`. */
export interface PrintOptions {
  /** Whether to show the modules in WebAssembly's text format. Default: false. */
  readonly wat?: boolean | undefined;
}

/** Options of `toDot` and `toMermaid`. */
export interface GraphOptions {
  /** Whether to show what passes and fusion made; false: what was captured. Default: true. */
  readonly passes?: boolean | undefined;
}

/** A function whose steps run as one program. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /**
   * The programs, readable, with an empty line between them: what they are given, a line for each
   * instruction, what they return. Behind each instruction stands where its results lie; before it
   * the number of the group in which its calls are fused. With `{ wat: true }`, the modules in the
   * text format of WebAssembly.
   *
   * @throws UsageError for other options.
   * @example
   * const f = compile((x: Tensor) => x.mul(2).sum());
   * f(tensor([1, 2]));
   * console.log(f.toString());
   * // → program: 2 instructions, 2 calls, arena of 128 bytes
   * //     argument0 float32[2]
   * //     %2 float32[2] = mul(argument0, 2)     ; arena 0
   * //     %3 float32[] = sum(%2, axes=[0])      ; result 0
   * //     return %3 float32[]
   * f.toString({ wat: true }).split("\n")[0]; // (module
   */
  toString(options?: PrintOptions): string;
  /**
   * The programs as graphs in Graphviz's language, with an empty line between them: ovals for what
   * is given and returned, boxes for instructions, frames for those that are fused.
   *
   * @throws UsageError for other options.
   * @example
   * const f = compile((x: Tensor) => x.mul(2).sum());
   * f(tensor([1, 2]));
   * f.toDot().includes("mul(·, 2) [2]"); // true
   */
  toDot(options?: GraphOptions): string;
  /**
   * The same graphs in Mermaid's language, which many sites draw in Markdown.
   *
   * @throws UsageError for other options.
   * @example
   * const f = compile((x: Tensor) => x.add(x).tanh());
   * f(tensor([1, 2]));
   * f.toMermaid({ passes: false });
   * // → flowchart TB
   * //     n0(["argument0 [2]"])
   * //     n1["add [2]"]
   * //     n2["tanh [2]"]
   * //     n3(["result"])
   * //     n0 --> n1
   * //     n0 --> n1
   * //     n1 --> n2
   * //     n2 --> n3
   */
  toMermaid(options?: GraphOptions): string;
  /** A record for each signature, in the order of their first calls. */
  stats(): CompileStats[];
  /** Frees all programs: arenas and constants. A later call captures again. */
  dispose(): void;
}

/** Programs of one function at most. */
const MOST = 16;

/**
 * A function that runs as one program: the first call of a signature captures what `f` does with
 * tensors, later calls replay it, with the same numbers. A signature is the tree of the arguments,
 * with shapes and dtypes of tensors and all other values.
 *
 * Whatever `f` reads or writes beside its arguments is listed as `state`. Other tensors that it
 * finds are constants. Programs are made for the device "cpu"; for tensors elsewhere, inside of
 * `vmap`, and where a gradient flows through the call, `f` runs as it is. A run that fails has the
 * error of the op, and leaves the state as it was.
 *
 * @throws UsageError where `f` reads a value, uses state that is not listed, or does something else
 * in its second call; for more than 16 signatures.
 * @example
 * const f = compile((x: Tensor) => x.square().sum());
 * f(tensor([1, 2])).item(); // 5
 * f(tensor([3, 4])).item(); // 25
 */
export function compile<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options?: CompileOptions,
): Compiled<A, R> {
  expectFunction("compile", f, "write compile((x) => …)");
  const { state = [], passes = true } = given("compile", options, "state passes?");
  const program = new Programs(f as (...args: readonly unknown[]) => unknown, state, !passes);
  const call = (...args: A): R => program.call(args) as R;
  return Object.assign(call, {
    toString: (own?: PrintOptions) => program.toString(own),
    toDot: (own?: GraphOptions) => program.graph("toDot", own, dotOf),
    toMermaid: (own?: GraphOptions) => program.graph("toMermaid", own, mermaidOf),
    stats: () => program.stats(),
    dispose: () => program.dispose(),
  });
}

/** The programs of one function. */
class Programs {
  readonly #f: (...args: readonly unknown[]) => unknown;
  readonly #state: unknown;
  readonly #asWritten: boolean;
  #entries: Entry[] = [];
  /** Signatures whose results carry gradients. */
  readonly #plain: (readonly Signature[])[] = [];

  constructor(f: (...args: readonly unknown[]) => unknown, state: unknown, asWritten: boolean) {
    this.#f = f;
    this.#state = state;
    this.#asWritten = asWritten;
  }

  call(args: readonly unknown[]): unknown {
    if (currentTracer() !== null || mayGoBack()) return this.#f(...args);
    const recorded = currentRecorder() !== null;
    const leaves: Tensor[] = [];
    if (recorded && this.#plain.some((own) => fits(own, args))) return this.#f(...args);
    const entry = this.#find(args, recorded, leaves);
    if (entry === null) return this.#first(args, recorded);
    for (const x of leaves) expectLive("compile", x);
    if (!leaves.every(isHome) || (recorded && (entry.captured.tracked || leaves.some(isTracked)))) {
      return this.#f(...args);
    }
    for (const x of leaves) if (entry.state.includes(x)) throw twice(x);
    entry.runs++;
    if (entry.runs === 1 && isDevelopment()) return this.#second(entry, args, leaves);
    entry.captured.trace.refresh(move);
    return run(entry, leaves);
  }

  #find(args: readonly unknown[], recorded: boolean, leaves: Tensor[]): Entry | null {
    for (const entry of this.#entries) {
      leaves.length = 0;
      const same = entry.recorded === recorded && fits(entry.signature, args, leaves);
      if (same && !entry.state.some(isOff) && asSeen(entry)) return entry;
    }
    return null;
  }

  /** Captures a program for arguments of a new form, and runs it. */
  #first(args: readonly unknown[], recorded: boolean): unknown {
    const signature = args.map(signatureOf);
    const leaves: Tensor[] = [];
    args.forEach((arg, i) => void matches(signature[i] as Signature, arg, leaves));
    for (const x of leaves) expectLive("compile", x);
    if (!leaves.every(isHome) || (recorded && leaves.some(isTracked))) return this.#f(...args);
    if (this.#plain.length >= MOST) return this.#f(...args);
    this.#dropOld();
    if (this.#entries.length >= MOST) throw tooMany();
    const state = tensorsOfState(this.#state);
    for (const x of leaves) if (state.includes(x)) throw twice(x);
    if (!state.every(isHome)) return this.#f(...args);
    const start = performance.now();
    const found = capture(this.#f, args, state, (captured) => {
      if (recorded && captured.tracked) return null;
      const how = { signature, recorded, state, asWritten: this.#asWritten };
      const entry = built(captured, how, start);
      if (entry === null) return null;
      const result = firstRun(entry, leaves);
      this.#entries.push(entry);
      return { result };
    });
    if (found !== null) return found.result;
    // the caller may ask for the gradient of the result, or the engine refuses the program
    this.#plain.push(signature);
    return this.#f(...args);
  }

  /** The second run is captured again: what differs would be a number that nobody sees change. */
  #second(entry: Entry, args: readonly unknown[], leaves: readonly Tensor[]): unknown {
    const { program } = entry.captured;
    const found = capture(this.#f, args, entry.state, ({ trace, program: other }) => {
      const differs = difference(program, other);
      if (differs !== null) throw notTheSame(differs);
      for (const [i, instruction] of program.instructions.entries()) {
        if (instruction.changing) follow(instruction, other.instructions[i] as Instruction);
      }
      const result = run(entry, leaves, trace.draws);
      trace.free();
      return { result };
    });
    return found?.result;
  }

  /** Forgets programs whose state was disposed. */
  #dropOld(): void {
    const [kept, old] = [[] as Entry[], [] as Entry[]];
    for (const entry of this.#entries) {
      (entry.state.some((x) => x.disposed) ? old : kept).push(entry);
    }
    this.#entries = kept;
    for (const entry of old) freeEntry(entry);
  }

  toString(options?: PrintOptions): string {
    const { wat = false } = given("toString", options, "wat?");
    if (this.#entries.length === 0) return "no program yet: the first call makes one";
    const text = wat ? watOf : (entry: Entry) => print({ ...entry, shapes: shapesOf(entry) });
    return this.#entries.map(text).join("\n\n");
  }

  graph(op: string, options: GraphOptions | undefined, as: typeof dotOf): string {
    const { passes = true } = given(op, options, "passes?");
    const text = (own: Entry) =>
      passes ? as(own.program, placesOf(own).groups) : as(own.captured.program, () => []);
    return this.#entries.map(text).join("\n\n");
  }

  stats(): CompileStats[] {
    return this.#entries.map(({ stats }) => stats);
  }

  dispose(): void {
    for (const entry of this.#entries) freeEntry(entry);
    this.#entries = [];
  }
}

function watOf({ machine, plan }: Entry): string {
  const { slots } = plan;
  const names = slots.map(({ kind, at }) => `${kind === "output" ? "result" : kind}${at}`);
  return disassemble(machine.module(), [...names, "strip", "last"]);
}

function shapesOf({ signature, state }: Entry) {
  return { argument: signature.flatMap(shapesIn), state: state.map(({ shape }) => shape) };
}

/** A tensor of the state that was disposed, or has a gradient that `backward()` collected. */
function isOff(x: Tensor): boolean {
  return x.disposed || x.grad !== null;
}

function fits(
  signature: readonly Signature[],
  args: readonly unknown[],
  leaves: Tensor[] = [],
): boolean {
  if (signature.length !== args.length) return false;
  for (let i = 0; i < args.length; i++) {
    if (!matches(signature[i] as Signature, args[i], leaves)) return false;
  }
  return true;
}

/** Whether what the function read of the state is still the same. */
function asSeen({ captured, state }: Entry): boolean {
  for (const [flag, value] of captured.trace.flags) if (flag.value !== value) return false;
  for (const [at, values] of captured.trace.seen) {
    const { storage } = handleOf(state[at] as Tensor).operand;
    const now = viewArray(storage.dtype, runtime().heap.memory.buffer, storage.ptr, values.length);
    for (let i = 0; i < values.length; i++) if (now[i] !== values[i]) return false;
  }
  return true;
}

/** The tensors of the state, in a fixed order, each once. */
function tensorsOfState(state: unknown): Tensor[] {
  for (const part of Array.isArray(state) ? state : [state]) prepareState(part);
  const found = new Set<Tensor>();
  forEachTensor(state, (x) => found.add(x));
  return [...found];
}

function prepareState(part: unknown): void {
  if (typeof part !== "object" || part === null || isTensor(part)) return;
  const own = (part as { [beforeCapture]?: () => void })[beforeCapture];
  own?.call(part);
}

function isHome(x: Tensor): boolean {
  return deviceOf(x) === homeDevice();
}

function isTracked(x: Tensor): boolean {
  return nodeOf(x) !== null;
}

function twice(x: Tensor): UsageError {
  return new UsageError(
    "compile",
    `an argument of shape ${formatShape(x.shape)} is a tensor of the state`,
    "leave it out of the arguments, or give a copy of its values: x.alias(true)",
  );
}

function tooMany(): UsageError {
  return new UsageError(
    "compile",
    `${MOST} signatures are compiled, and the arguments have another form again`,
    "give numbers that change as tensors, pad to few shapes, or dispose() the programs",
  );
}

function notTheSame(what: string): UsageError {
  return new UsageError(
    "compile",
    `the function does something else in its second call: ${what}`,
    "a number that changes is an argument or part of the state, not a variable outside",
  );
}
