/** @file compile: the function that users call, and its programs by signature. */
import { type Tensor, UsageError } from "@isograd/tensor";
import { runtime } from "@isograd/tensor/cpu";
import {
  beforeCapture,
  currentTracer,
  expectFunction,
  expectLive,
  forEachTensor,
  formatShape,
  given,
  handleOf,
  isDevelopment,
  isTensor,
  lentFor,
  mayGoBack,
  viewArray,
} from "@isograd/tensor/engine";
import { type Captured, capture, type Setting } from "./capture.js";
import { type Entry, firstRun, follow, freeEntry, type Making, made, move, run } from "./entry.js";
import { dotOf, mermaidOf } from "./graph.js";
import { countsOf } from "./loaded.js";
import type { Instruction } from "./program.js";
import { difference } from "./same.js";
import { matches, type Signature, signatureOf } from "./signature.js";
import { hasGradients, runsPlain, standingOf, standsSo } from "./standing.js";
import type { CompileStats } from "./stats.js";
import { graphsOf, textsOf, watsOf } from "./texts.js";
import { isHome } from "./trace.js";

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
 * `vmap`, of two transforms and of a checkpoint, `f` runs as it is. A gradient that flows back
 * through a call is a program too. A run that fails has the error of the op, and leaves the state
 * as it was.
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

/** Calls that run op by op, since no program can be made for them. */
type Plain = Pick<Making, "signature" | "standing" | "state">;

/** The programs of one function. */
class Programs {
  readonly #f: (...args: readonly unknown[]) => unknown;
  readonly #state: unknown;
  readonly #asWritten: boolean;
  #entries: Entry[] = [];
  /** Calls that run op by op. */
  readonly #plain: Plain[] = [];
  #told = false;

  constructor(f: (...args: readonly unknown[]) => unknown, state: unknown, asWritten: boolean) {
    this.#f = f;
    this.#state = state;
    this.#asWritten = asWritten;
  }

  call(args: readonly unknown[]): unknown {
    if (currentTracer() !== null || mayGoBack() || runsPlain()) return this.#f(...args);
    const leaves: Tensor[] = [];
    const entry = this.#find(args, leaves);
    if (entry === null) return this.#first(args);
    for (const x of leaves) expectLive("compile", x);
    if (!leaves.every(isHome)) return this.#f(...args);
    for (const x of leaves) if (entry.state.includes(x)) throw twice(x);
    entry.runs++;
    if (entry.runs === 1 && isDevelopment()) return this.#second(entry, args, leaves);
    entry.captured.trace.refresh(move);
    return run(entry, args, leaves);
  }

  #find(args: readonly unknown[], leaves: Tensor[]): Entry | null {
    for (const entry of this.#entries) {
      leaves.length = 0;
      const { signature, standing, state, captured } = entry;
      if (!fits(signature, args, leaves) || state.some(isDisposed)) continue;
      if (!standsSo(standing, leaves, state)) continue;
      if (hasGradients(captured.gradients, state) && asSeen(entry)) return entry;
    }
    return null;
  }

  /** Captures a program for arguments of a new form, and runs it. */
  #first(args: readonly unknown[]): unknown {
    const signature = args.map(signatureOf);
    const leaves: Tensor[] = [];
    args.forEach((arg, i) => void matches(signature[i] as Signature, arg, leaves));
    for (const x of leaves) expectLive("compile", x);
    if (!leaves.every(isHome) || this.#isPlain(args)) return this.#f(...args);
    this.#dropOld();
    if (this.#entries.length >= MOST) throw tooMany();
    const state = tensorsOfState(this.#state);
    for (const x of leaves) if (state.includes(x)) throw twice(x);
    if (!state.every(isHome)) return this.#f(...args);
    const start = performance.now();
    const standing = standingOf(leaves, state);
    const making = { f: this.#f, signature, standing, state, asWritten: this.#asWritten };
    const found = capture(this.#f, setting(args, making), (captured) => {
      if (captured.strays) {
        this.#tellStrays();
        return null;
      }
      const entry = made(captured, making, leaves.length, start);
      if (entry === null) return null;
      const result = firstRun(entry, args, leaves);
      this.#entries.push(entry);
      return { result };
    });
    if (found !== null) return found.result;
    // a gradient flows to what it found outside, or the engine refuses the program
    this.#plain.push({ signature, standing, state });
    return this.#f(...args);
  }

  #tellStrays(): void {
    if (this.#told || !isDevelopment()) return;
    this.#told = true;
    console.warn(
      "isograd: a compiled function runs op by op: a gradient flows from its result to a tensor " +
        "that is neither an argument nor listed as state",
    );
  }

  #isPlain(args: readonly unknown[]): boolean {
    if (this.#plain.length >= MOST) return true;
    return this.#plain.some(({ signature, standing, state }) => {
      const leaves: Tensor[] = [];
      return fits(signature, args, leaves) && standsSo(standing, leaves, state);
    });
  }

  /** The second run is captured again: what differs would be a number that nobody sees change. */
  #second(entry: Entry, args: readonly unknown[], leaves: readonly Tensor[]): unknown {
    const { program } = entry.captured;
    const whole = ({ program: own, derivative }: Captured) => derivative?.all?.program ?? own;
    const found = capture(this.#f, setting(args, entry), (captured) => {
      const { trace, program: other, derivative } = captured;
      const differs = difference(whole(entry.captured), whole(captured));
      if (differs !== null) throw notTheSame(differs);
      for (const [i, instruction] of program.instructions.entries()) {
        if (instruction.changing) follow(instruction, other.instructions[i] as Instruction);
      }
      const result = run(entry, args, leaves, trace.draws);
      trace.free();
      derivative?.free();
      return { result };
    });
    return found === null ? this.#f(...args) : found.result;
  }

  /** Forgets programs whose state was disposed. */
  #dropOld(): void {
    const [kept, old] = [[] as Entry[], [] as Entry[]];
    for (const entry of this.#entries) {
      (entry.state.some(isDisposed) ? old : kept).push(entry);
    }
    this.#entries = kept;
    for (const entry of old) freeEntry(entry);
  }

  toString(options?: PrintOptions): string {
    const { wat = false } = given("toString", options, "wat?");
    if (this.#entries.length === 0) return "no program yet: the first call makes one";
    return this.#entries.flatMap(wat ? watsOf : textsOf).join("\n\n");
  }

  graph(op: string, options: GraphOptions | undefined, as: typeof dotOf): string {
    const { passes = true } = given(op, options, "passes?");
    return this.#entries.flatMap((entry) => graphsOf(entry, passes, as)).join("\n\n");
  }

  stats(): CompileStats[] {
    return this.#entries.map(({ stats, back }) => {
      return { ...stats, back: (back?.loaded() ?? []).map(countsOf) };
    });
  }

  dispose(): void {
    for (const entry of this.#entries) freeEntry(entry);
    this.#entries = [];
  }
}

function isDisposed(x: Tensor): boolean {
  return x.disposed;
}

/** What is known of a call before it is captured. */
function setting(
  args: readonly unknown[],
  { state: own, standing }: Pick<Making, "state" | "standing">,
): Setting {
  const lent = new Set(own.filter((x) => lentFor(x) !== x));
  return { args, state: own.map(lentFor), lent, recorded: standing.recorded };
}

function fits(
  signature: readonly Signature[],
  args: readonly unknown[],
  leaves: Tensor[],
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
    const { storage } = handleOf(lentFor(state[at] as Tensor)).operand;
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
