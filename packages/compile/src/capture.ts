/**
 * @file Captures a function: runs it once on tensors without numbers, and keeps the program, with
 * what it returns, what it leaves in the state, and how gradients flow back through it.
 */
import { type Isolated, isolate } from "@isograd/autograd/engine";
import { keep, type Tensor, UsageError } from "@isograd/tensor";
import {
  closeScope,
  expectLive,
  expectSync,
  type FlagReader,
  formatShape,
  handleOf,
  isFloat,
  mapTree,
  nodeOf,
  type Operand,
  openScope,
  Past,
  realize,
  release,
  type Storage,
  seeingFlags,
  setTracer,
  setWatcher,
  visitTree,
  type Watcher,
} from "@isograd/tensor/engine";
import { type Derivative, Tape } from "./derivative.js";
import type { Program, Use, Write } from "./program.js";
import { homeDevice, Trace, unreadable } from "./trace.js";

/** What is known of a call before it is captured. */
export interface Setting {
  readonly args: readonly unknown[];
  /** The handles that the function reads and writes as its state. */
  readonly state: readonly Tensor[];
  /** Those of them that stand for another one, which nobody may write to meanwhile. */
  readonly lent: ReadonlySet<Tensor>;
  /** Whether gradients flow back to the arguments and the state. */
  readonly recorded: boolean;
}

/** A gradient that `backward()` collects, or that is dropped, inside of the function. */
export interface Collected {
  /** The place of its parameter in the state. */
  readonly at: number;
  /** Its place among the outputs of the program; null where there is none after the call. */
  readonly output: number | null;
}

/** What came of one run of a function on tensors without numbers. */
export interface Captured {
  readonly trace: Trace;
  /** As it was written down. Its outputs are the tensors of the result, then gradients. */
  readonly program: Program;
  /** What the function returned; its tensors are places for those of a call. */
  readonly result: unknown;
  readonly collected: readonly Collected[];
  /** Gradients that the function asks for, as they are before the call. */
  readonly gradients: readonly Gradient[];
  /** How cotangents of the results become those of arguments and state; null: not at all. */
  readonly derivative: Derivative | null;
  /** Whether a gradient flows to tensors that are neither arguments nor state. */
  readonly strays: boolean;
}

/**
 * Runs `f` on arguments of the form of those of the setting, then `use` on what came of it. When
 * one of them fails, or `use` gives null, all is as it was before.
 */
export function capture<R>(
  f: (...args: readonly unknown[]) => unknown,
  setting: Setting,
  use: (captured: Captured) => { readonly result: R } | null,
): { readonly result: R } | null {
  const { state, lent } = setting;
  for (const x of state) prepare(x);
  const before = state.map((x) => handleOf(x).operand);
  const putBack = (): void => state.forEach((x, i) => void swap(x, before[i] as Operand));
  const known = new Set(state);
  const trace = new Trace(homeDevice(), (x) => {
    if (!known.has(x)) throw unlisted(x, "reads");
  });
  const past = new Past();
  let used: { readonly result: R } | null = null;
  let derivative: Derivative | null = null;
  let ends: readonly Operand[] | null = null;
  const mark = openScope();
  try {
    const captured = traced(f, setting, trace);
    derivative = captured.derivative;
    ends = state.map((x) => handleOf(x).operand);
    putBack();
    used = captured.strays && lent.size > 0 ? null : use(captured);
    if (used !== null) keep(used.result);
    return used;
  } finally {
    if (used !== null) {
      past.close();
      // the program holds a constant that was written; the handle, which has its own memory again, no more
      for (const { storage } of ends ?? []) if (storage.device !== trace) release(storage);
    } else {
      // what the past puts back takes the place of what was traced, not of the memory itself
      if (ends !== null) for (const [i, x] of state.entries()) swap(x, ends[i] as Operand);
      past.restore();
      putBack();
      derivative?.free();
      trace.free();
    }
    closeScope(mark);
  }
}

/** Runs the function while the state has memory of the trace. */
function traced(
  f: (...args: readonly unknown[]) => unknown,
  { args, state, lent, recorded }: Setting,
  trace: Trace,
): Captured {
  const strangers = new Set<Tensor>();
  const watcher = setWatcher(null);
  setWatcher(watching(watcher, new Set(state), strangers));
  const tracer = setTracer(trace);
  const isolated: Isolated[] = [];
  const tape = new Tape(trace);
  try {
    let at = 0;
    const own = args.map((arg) =>
      mapTree(arg, (x) => {
        const twin = trace.tensor(x, { kind: "argument", at });
        if (recorded && nodeOf(x) !== null && isFloat(x.dtype)) {
          isolated.push(isolate(twin));
          tape.leaf(twin, at);
        }
        at++;
        return twin;
      }),
    );
    const blocks = state.map((x, i) => {
      const { operand } = handleOf(x);
      const storage = trace.state(x, i, operand.storage);
      swap(x, { ...operand, strides: null, storage });
      return storage;
    });
    const gradients = isolatedState(state, trace, isolated);
    if (recorded) for (const { at: i } of gradients) tape.leaf(state[i] as Tensor, at + i);
    const { result, outputs } = called(f, own, trace, recorded ? tape : null);
    for (const x of strangers) {
      const alive = !x.disposed && handleOf(x).operand.storage.device === trace;
      if (alive && !lent.has(x)) throw unlisted(x, "writes to");
      if (alive) tape.strays = true;
    }
    const writes = state.flatMap((x, i) => written(x, i, blocks[i] as Storage, trace));
    const collected = collect(gradients, outputs, trace);
    const program = { instructions: trace.instructions.slice(), outputs, writes };
    const { strays } = tape;
    const derivative = strays ? null : tape.derivative(program, at);
    if (derivative === null) tape.dispose();
    const asked = gradients.filter(({ leaf }) => leaf.touched);
    return { trace, program, result, collected, gradients: asked, derivative, strays };
  } catch (error) {
    tape.dispose();
    throw error;
  } finally {
    for (const own of isolated.reverse()) own.end();
    setTracer(tracer);
    setWatcher(watcher);
  }
}

/** A gradient that `backward()` collected. */
export interface Gradient {
  /** The place of its parameter in the state. */
  readonly at: number;
  /** Its own place, after the state; null where there is none yet. */
  readonly place: number | null;
}

/** What a leaf collects while the function runs. */
interface OwnGradient extends Gradient {
  readonly leaf: Isolated;
}

/** Makes what is tracked of the state leaves of their own; gradients that they have are state too. */
function isolatedState(
  state: readonly Tensor[],
  trace: Trace,
  isolated: Isolated[],
): OwnGradient[] {
  let next = state.length;
  return state.flatMap((x, at) => {
    const { grad } = x;
    if (nodeOf(x) === null) return [];
    const place = grad === null ? null : next++;
    const begin = () => (grad === null || place === null ? null : trace.collected(grad, place));
    const leaf = isolate(x, { grad: begin });
    isolated.push(leaf);
    return [{ at, place, leaf }];
  });
}

/** What becomes of the gradients: adds them to the outputs. */
function collect(gradients: readonly OwnGradient[], outputs: Use[], trace: Trace): Collected[] {
  return gradients.flatMap(({ at, leaf: { before, grad } }) => {
    if (grad === before) return [];
    return [{ at, output: grad === null ? null : outputs.push(trace.use(grad)) - 1 }];
  });
}

/** What a tensor of the state has become, if it is another value than before. */
function written(x: Tensor, at: number, block: Storage, trace: Trace): Write[] {
  expectLive("compile", x);
  if (handleOf(x).operand.storage === block) return [];
  if (trace.seen.has(at)) throw unreadable();
  return [{ at, value: trace.use(x).value }];
}

/** Calls the function in a scope of its own; what it returns outlives none of its tensors. */
function called(
  f: (...args: readonly unknown[]) => unknown,
  args: readonly unknown[],
  trace: Trace,
  tape: Tape | null,
): { readonly result: unknown; readonly outputs: Use[] } {
  const mark = openScope();
  try {
    const { flags } = trace;
    const note: FlagReader = (flag, value) => {
      if (!flags.has(flag)) flags.set(flag, value);
    };
    const result = seeingFlags(note, () => f(...args));
    expectSync("compile", result, "read data outside of the compiled function");
    const outputs: Use[] = [];
    const see = (x: Tensor): void => {
      expectLive("compile", x);
      tape?.result(x, outputs.length);
      outputs.push(trace.use(x));
    };
    visitTree(result, see, { op: "compile" });
    return { result, outputs };
  } finally {
    closeScope(mark);
  }
}

/** A tensor of the state is contiguous, alive and on the CPU. */
function prepare(x: Tensor): void {
  expectLive("compile", x);
  realize("compile", x);
}

/** Puts other memory behind a handle; the holders of both stay as they are. */
export function swap(x: Tensor, operand: Operand): void {
  const handle = handleOf(x);
  handle.operand = operand;
  if (handle.hold !== null) handle.hold.storage = operand.storage;
}

/** Notes which handles that are not listed get other memory. */
function watching(
  outer: Watcher | null,
  known: ReadonlySet<Tensor>,
  strangers: Set<Tensor>,
): Watcher {
  return {
    ...(outer?.ran === undefined ? {} : { ran: outer.ran }),
    stored(x, how) {
      if (how === "share" && !known.has(x)) strangers.add(x);
      outer?.stored?.(x, how);
    },
  };
}

function unlisted(x: Tensor, does: string): UsageError {
  return new UsageError(
    "compile",
    `the function ${does} a parameter, buffer or other state of shape ${formatShape(x.shape)} ` +
      "that is not listed",
    "write compile(f, { state: [model, optimizer] }), with all that it reads and writes",
  );
}
