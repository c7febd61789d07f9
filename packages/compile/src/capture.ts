/**
 * @file Captures a function: runs it once on tensors without numbers, and keeps the program, with
 * what it returns and what it leaves in the state.
 */
import { keep, type Tensor, UsageError } from "@isograd/tensor";
import {
  closeScope,
  expectLive,
  expectSync,
  type FlagReader,
  formatShape,
  type Handle,
  handleOf,
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
import type { Program, Use, Write } from "./program.js";
import { homeDevice, Trace, unreadable } from "./trace.js";

/** What came of one run of a function on tensors without numbers. */
export interface Captured {
  readonly trace: Trace;
  /** As it was written down. */
  readonly program: Program;
  /** What the function returned; its tensors are places for those of a call. */
  readonly result: unknown;
  /** Whether a gradient could flow back from the result into what the caller tracks. */
  readonly tracked: boolean;
}

/**
 * Runs `f` on arguments of the form of `args`, then `use` on what came of it. When one of them
 * fails, or `use` gives null, all is as it was before.
 */
export function capture<R>(
  f: (...args: readonly unknown[]) => unknown,
  args: readonly unknown[],
  state: readonly Tensor[],
  use: (captured: Captured) => { readonly result: R } | null,
): { readonly result: R } | null {
  for (const x of state) prepare(x);
  const before = state.map((x) => handleOf(x).operand);
  const putBack = (): void => state.forEach((x, i) => void swap(x, before[i] as Operand));
  const known = new Set(state);
  const trace = new Trace(homeDevice(), (x) => {
    if (!known.has(x)) throw unlisted(x, "reads");
  });
  const past = new Past();
  let used: { readonly result: R } | null = null;
  let ends: readonly Operand[] | null = null;
  const mark = openScope();
  try {
    const captured = traced(f, args, state, trace);
    ends = state.map((x) => handleOf(x).operand);
    putBack();
    used = use(captured);
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
      trace.free();
    }
    closeScope(mark);
  }
}

/** Runs the function while the state has memory of the trace. */
function traced(
  f: (...args: readonly unknown[]) => unknown,
  args: readonly unknown[],
  state: readonly Tensor[],
  trace: Trace,
): Captured {
  const strangers = new Set<Tensor>();
  const watcher = setWatcher(null);
  setWatcher(watching(watcher, new Set(state), strangers));
  const tracer = setTracer(trace);
  try {
    const blocks = state.map((x, at) => {
      const { operand } = handleOf(x);
      const storage = trace.state(x, at, operand.storage);
      swap(x, { ...operand, strides: null, storage });
      return storage;
    });
    let at = 0;
    const own = args.map((arg) =>
      mapTree(arg, (x) => trace.tensor(x, { kind: "argument", at: at++ })),
    );
    const { result, outputs, tracked } = called(f, own, trace);
    for (const x of strangers) {
      const alive = !x.disposed && handleOf(x).operand.storage.device === trace;
      if (alive) throw unlisted(x, "writes to");
    }
    const writes = state.flatMap((x, i) => written(x, i, blocks[i] as Storage, trace));
    const { instructions } = trace;
    return { trace, program: { instructions, outputs, writes }, result, tracked };
  } finally {
    setTracer(tracer);
    setWatcher(watcher);
  }
}

/** What a tensor of the state has become, if it is another value than before. */
function written(x: Tensor, at: number, block: Storage, trace: Trace): Write[] {
  expectLive("compile", x);
  expectNoGradient(handleOf(x));
  if (handleOf(x).operand.storage === block) return [];
  if (trace.seen.has(at)) throw unreadable();
  return [{ at, value: trace.use(x).value }];
}

/** Calls the function in a scope of its own; what it returns outlives none of its tensors. */
function called(
  f: (...args: readonly unknown[]) => unknown,
  args: readonly unknown[],
  trace: Trace,
): Pick<Captured, "result" | "tracked"> & { readonly outputs: readonly Use[] } {
  const mark = openScope();
  try {
    const { flags } = trace;
    const note: FlagReader = (flag, value) => {
      if (!flags.has(flag)) flags.set(flag, value);
    };
    const result = seeingFlags(note, () => f(...args));
    expectSync("compile", result, "read data outside of the compiled function");
    const outputs: Use[] = [];
    let tracked = false;
    const see = (x: Tensor): void => {
      expectLive("compile", x);
      tracked ||= nodeOf(x)?.emptied === false;
      outputs.push(trace.use(x));
    };
    visitTree(result, see, { op: "compile" });
    return { result, outputs, tracked };
  } finally {
    closeScope(mark);
  }
}

/** A tensor of the state is contiguous, alive, on the CPU, and has no gradient collected. */
function prepare(x: Tensor): void {
  expectLive("compile", x);
  realize("compile", x);
  expectNoGradient(handleOf(x));
}

function expectNoGradient({ node, shape }: Handle): void {
  if (node === null || node.grad === null) return;
  throw new UsageError(
    "compile",
    `a parameter of shape ${formatShape(shape)} has a gradient collected by backward()`,
    "call optimizer.step() and optimizer.zeroGrad() in the same function, or use valueAndGrad(f)",
  );
}

/** Puts other memory behind a handle; the holders of both stay as they are. */
function swap(x: Tensor, operand: Operand): void {
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
