/** @file When memory is freed: scopes, dispose, the garbage collector. Knows no op. */
import { context } from "./context.js";
import type { Handle, Hold, Recorded } from "./contract.js";
import { expectFunction, expectSync, noTensor } from "./expect.js";
import { release } from "./storage.js";
import type { Tensor } from "./tensor.js";
import { forEachTensor } from "./tree.js";

/** One holder less of a node; the last one frees it. */
export function releaseNode(node: Recorded): void {
  if (--node.holders === 0) node.free();
}

/**
 * The first `count` of `live` are the handles of open scopes. The list is not cut after each scope:
 * engines would free its memory and allocate it again every few ops.
 */
const state = { live: [] as (Handle | null)[], count: 0, handles: 0 };
const LONG = 65536;

/** Last resort for handles made outside every scope and never disposed. */
const registry = new FinalizationRegistry<Hold>((hold) => {
  if (hold.done) return;
  state.handles--;
  release(hold.storage);
  if (hold.node !== null) releaseNode(hold.node);
});

/**
 * Handles that left every scope a moment ago. Registering one with the garbage collector costs more
 * than a small op, and most are disposed soon: those that still live are registered later.
 */
const young: Handle[] = [];
const MANY = 512;

/** Adds a new handle to the innermost scope; outside of all, the garbage collector frees it. */
export function adopt(tensor: Handle, scoped: boolean): void {
  state.handles++;
  if (!scoped) return;
  if (context.depth > context.floor) state.live[state.count++] = tensor;
  else guard(tensor);
}

function guard(tensor: Handle): void {
  if (young.length === 0) queueMicrotask(entrust);
  young.push(tensor);
  if (young.length >= MANY) entrust();
}

function entrust(): void {
  for (const tensor of young) {
    if (tensor.disposed || tensor.hold !== null) continue;
    tensor.hold = { storage: tensor.operand.storage, node: tensor.node, done: false };
    registry.register(tensor, tensor.hold);
  }
  young.length = 0;
}

/** Frees a handle; its memory is freed when no other holder is left. Twice is harmless. */
export function dispose(tensor: Tensor): void {
  const handle = tensor as Handle;
  if (handle?.disposed !== false) {
    if (handle?.disposed !== true) throw noTensor("dispose", tensor);
    return;
  }
  handle.disposed = true;
  if (handle.hold !== null) handle.hold.done = true;
  state.handles--;
  release(handle.operand.storage);
  const { node } = handle;
  if (node !== null) {
    handle.node = null;
    releaseNode(node);
  }
}

/** Runs `use` on a handle and disposes it, whatever happens. */
export function dropping<T extends Tensor, R>(x: T, use: (x: T) => R): R {
  try {
    return use(x);
  } finally {
    dispose(x);
  }
}

/** Opens a scope by hand; for engines that close it in the same function. */
export function openScope(): number {
  context.depth++;
  return state.count;
}

/**
 * Closes a scope: handles that `keep` marked for it move to the outer scope, the others are
 * disposed.
 */
export function closeScope(mark: number): void {
  const live = state.live;
  const depth = context.depth--;
  let end = mark;
  for (let i = mark; i < state.count; i++) {
    const tensor = live[i] as Handle;
    live[i] = null;
    if (tensor.kept !== depth) dispose(tensor);
    else {
      tensor.kept = 0;
      if (context.depth > context.floor) live[end++] = tensor;
      else if (!tensor.disposed) guard(tensor);
    }
  }
  state.count = end;
  if (end === 0 && live.length > LONG) live.length = 0;
}

/**
 * Marks a handle to outlive the innermost scope. A mark of a deeper scope than its own means
 * nothing to it.
 */
export function markKept(tensor: Tensor): void {
  if (context.depth === context.floor) return;
  const handle = tensor as Handle;
  if (handle.kept === 0 || handle.kept > context.depth) handle.kept = context.depth;
}

/** Whether a handle was made since a scope was opened and nobody has claimed it yet. */
export function isUnclaimed(tensor: Tensor, mark: number): boolean {
  if ((tensor as Handle).kept !== 0) return false;
  for (let i = state.count - 1; i >= mark; i--) if (state.live[i] === tensor) return true;
  return false;
}

/**
 * The handles made since a scope was opened that still belong to it: what its inner scopes passed
 * on.
 */
export function madeSince(mark: number): Tensor[] {
  return state.live.slice(mark, state.count) as Handle[];
}

/**
 * Keeps the tensors of `tree` alive when the innermost scope closes: they go to the one around it.
 * What it sees of a tree is what `scope` sees; `op` is who asks, for errors.
 */
export function keep<T>(tree: T, op = "keep"): T {
  if (context.depth > context.floor) forEachTensor(tree, markKept, op);
  return tree;
}

/** {@link keep} for a plain list, without looking for trees. */
export function keepAll(tensors: readonly Tensor[]): void {
  if (context.depth === context.floor) return;
  for (let i = 0; i < tensors.length; i++) markKept(tensors[i] as Tensor);
}

/**
 * Runs `fn` and disposes every tensor that it made and did not return. Scopes nest; the result of
 * an inner one belongs to the outer. `fn` must be synchronous.
 *
 * A tensor is returned alone or in arrays, maps, sets and fields of objects, of any class and as
 * deep as you like. A scope does not see into functions, and into private fields (`#x`) only where
 * the class lists what lies there, by `treeChildren`: tensors that are hidden so are disposed.
 *
 * @throws UsageError when `fn` returns a promise, or an iterator anywhere in its result.
 * @example
 * const y = scope(() => tensor([1, 2]).add(1).mul(2)); // the intermediate sum is gone
 * y.toString(); // Tensor(float32, [2]) [4, 6]
 */
export function scope<T>(fn: () => T): T {
  expectFunction("scope", fn, "write scope(() => …)");
  const mark = openScope();
  try {
    const result = fn();
    const help = "await outside of it, or use dispose()";
    expectSync("scope", result, help);
    return keep(result, "scope");
  } finally {
    closeScope(mark);
  }
}

/**
 * Runs `fn` outside of every scope: what it makes lives until it is disposed or collected. For
 * state that outlives the step that makes it, such as an optimiser's.
 */
export function unscoped<T>(fn: () => T): T {
  expectFunction("unscoped", fn);
  const { floor } = context;
  context.floor = context.depth;
  try {
    const result = fn();
    expectSync("unscoped", result, "await outside of it");
    return result;
  } finally {
    context.floor = floor;
  }
}

/** The number of scopes open now. */
export function scopeDepth(): number {
  return context.depth;
}

/** Handles alive now, wherever they came from. */
export function liveHandles(): number {
  return state.handles;
}
