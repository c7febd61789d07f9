/** @file Gradients of functions: grad and valueAndGrad. Everything made on the way is freed. */
import { GradientError, keep, onesLike, Tensor, UsageError, zerosLike } from "@isograd/tensor";
import {
  closeScope,
  expectLive,
  forEachTensor,
  formatShape,
  isFloat,
  keepAll,
  openScope,
} from "@isograd/tensor/engine";
import { leafNode, type Node, recording, records } from "../tape.js";
import { type GradOf, leavesOf, rebuild, withLeaves } from "../tree.js";
import { takeCotangent, walk } from "../walk.js";

/** How a gradient is taken. */
export interface GradOptions<Aux extends boolean = boolean> {
  /** The function returns `[loss, aux]`; aux is handed through. */
  readonly hasAux?: Aux;
  /**
   * Also record the walk, so that `backward()` sees through the result. Nested calls do so anyway.
   */
  readonly createGraph?: boolean;
}

/** Depth of nested calls: an inner gradient is recorded for the outer one. */
const nesting = { depth: 0 };

/**
 * Handles of one's own on the leaves, each with a node where the walk will stop; `linked` to that
 * of the tensor.
 */
export function trackLeaves(
  op: string,
  tensors: readonly Tensor[],
  linked = nesting.depth > 0,
): Tensor[] {
  for (const x of tensors) expectLive(op, x);
  return tensors.map((x) => {
    const tracked = x.alias(true);
    tracked.dropNode();
    tracked.slot = 0;
    tracked.setNode(leafNode(x, linked && x.node !== null ? [x.node as Node] : []));
    return tracked;
  });
}

/**
 * Runs `fn` recorded, in a scope of its own: what it returns lives on in the scope around.
 *
 * @throws UsageError when it disposed one of its arguments, the leaves.
 */
export function recorded<R>(op: string, leaves: readonly Tensor[], fn: () => R): R {
  nesting.depth++;
  const mark = openScope();
  try {
    const result = recording(fn);
    if (result instanceof Promise) {
      throw new UsageError(op, "the function returned a promise", "read data before or after it");
    }
    for (const x of leaves) if (x.disposed) throw disposedWithin(op, "its argument", x);
    return keep(result, op);
  } finally {
    closeScope(mark);
    nesting.depth--;
  }
}

/** How deeply nested the calls are now. */
export function nestingDepth(): number {
  return nesting.depth;
}

/** Runs `fn` as deeply nested as it was at another time. */
export function atDepth<R>(depth: number, fn: () => R): R {
  const before = nesting.depth;
  nesting.depth = depth;
  try {
    return fn();
  } finally {
    nesting.depth = before;
  }
}

/** Whether a walk started now must itself be recorded. */
export function needsGraph(options: { readonly createGraph?: boolean } = {}): boolean {
  return (nesting.depth > 0 && records()) || options.createGraph === true;
}

/** Cotangents of the leaves for one result; zeros where it does not depend on them. */
export function pullBack(
  out: Tensor,
  cotangent: Tensor,
  leaves: readonly Tensor[],
  options: { readonly createGraph: boolean; readonly retainGraph: boolean },
): Tensor[] {
  const nodes = leaves.map((x) => x.node as Node);
  const { id: since } = nodes[0] as Node;
  const { id: until } = nodes[nodes.length - 1] as Node;
  const { createGraph, retainGraph } = options;
  if (out.node !== null) walk(out, cotangent, { since, until, createGraph, retainGraph });
  return leaves.map((x, i) => takeCotangent(nodes[i] as Node) ?? zerosLike(x));
}

function disposedWithin(op: string, what: string, x: Tensor): UsageError {
  return new UsageError(
    op,
    `the function disposed ${what}, of shape ${formatShape(x.shape)}`,
    "drop the dispose(): what is made on the way is freed when the function returns",
  );
}

/** The error of a pullback or pushforward that is used after its `dispose()`. */
export function freed(op: string, method: string): UsageError {
  return new UsageError(
    op,
    `${method}() is called after dispose()`,
    "dispose it after the last call, or make it anew",
  );
}

/** Throws unless a function of `op` returned a tensor that can be used. */
export function checkValue(op: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) {
    throw new GradientError(
      op,
      `the function returned ${value === null ? "null" : typeof value}, not a tensor`,
      "return the tensor that the gradient is of",
    );
  }
  if (value.disposed) throw disposedWithin(op, "what it returned", value);
}

function checkLoss(op: string, loss: unknown): asserts loss is Tensor {
  checkValue(op, loss);
  if (loss.size !== 1) {
    throw new GradientError(
      op,
      `the function returned shape ${formatShape(loss.shape)}; a gradient needs a single number`,
      "reduce it (loss.mean()), or use vjp or jacobian",
    );
  }
  if (!isFloat(loss.dtype)) {
    throw new GradientError(op, `the function returned ${loss.dtype}; a gradient needs a float`);
  }
}

/**
 * Cuts a result off the graph of this call, which begins with the node `since`; under vmap also the
 * tensor of all samples, which was recorded beside it. What the function only passed on keeps its
 * place in the graph it came from.
 */
function detach(x: Tensor, leaves: readonly Tensor[], since: number): void {
  if (x.disposed) return;
  const node = x.node as Node | null;
  if (node !== null && node.id >= since && (node.rule !== null || leaves.includes(x))) x.dropNode();
  const { device, data } = x.storage;
  const own = device.over !== undefined && leaves.every((leaf) => leaf.storage !== x.storage);
  if (own && data instanceof Tensor) detach(data, leaves, since);
}

/**
 * The value and the gradient; the value itself is freed unless `keepValue` says that somebody wants
 * it.
 */
function differentiate<P, Rest extends unknown[]>(
  f: (params: P, ...rest: Rest) => unknown,
  options: GradOptions,
  args: readonly [P, ...Rest],
  keepValue: boolean,
): [unknown, GradOf<P>] {
  const [params, ...rest] = args;
  const mark = openScope();
  try {
    const leaves = trackLeaves("grad", leavesOf("grad", params), needsGraph(options));
    const run = () => withLeaves(params, leaves, (p) => f(p, ...rest));
    const result = recorded("grad", leaves, run);
    const loss = options.hasAux ? (result as [unknown, unknown])[0] : result;
    checkLoss("grad", loss);
    const createGraph = needsGraph(options);
    const since = ((leaves[0] as Tensor).node as Node).id;
    const walkOptions = { createGraph, retainGraph: createGraph };
    const grads = pullBack(loss, onesLike(loss), leaves, walkOptions);
    if (!createGraph) forEachTensor(result, (x) => detach(x, leaves, since));
    if (keepValue) keep(result);
    keepAll(grads);
    return [result, rebuild(params, grads)];
  } finally {
    closeScope(mark);
  }
}

/**
 * The function that gives both the value of `f` and its gradient with respect to the first
 * argument: a tensor, or a tree of tensors (arrays, maps, sets, objects of any class, modules),
 * which the gradient is too. Further arguments are passed through. Calls nest: the gradient of a
 * gradient is exact.
 *
 * @throws GradientError when f does not return a single float.
 * @example
 * const [value, slope] = valueAndGrad((x: Tensor) => x.square().sum())(tensor([1, 2]));
 * value.item(); // 5
 * slope.toString(); // Tensor(float32, [2]) [2, 4]
 */
export function valueAndGrad<P, Rest extends unknown[]>(
  f: (params: P, ...rest: Rest) => Tensor,
  options?: GradOptions<false>,
): (params: P, ...rest: Rest) => [Tensor, GradOf<P>];
export function valueAndGrad<P, Rest extends unknown[], Aux>(
  f: (params: P, ...rest: Rest) => [Tensor, Aux],
  options: GradOptions<true> & { readonly hasAux: true },
): (params: P, ...rest: Rest) => [[Tensor, Aux], GradOf<P>];
export function valueAndGrad<P, Rest extends unknown[]>(
  f: (params: P, ...rest: Rest) => unknown,
  options: GradOptions = {},
): (params: P, ...rest: Rest) => [unknown, GradOf<P>] {
  return (params, ...rest) => differentiate(f, options, [params, ...rest], true);
}

/**
 * The function that gives the gradient of `f` with respect to its first argument.
 *
 * @throws GradientError when f does not return a single float.
 * @example
 * grad((x: Tensor) => x.square().sum())(tensor([1, 2])).toString(); // Tensor(float32, [2]) [2, 4]
 */
export function grad<P, Rest extends unknown[]>(
  f: (params: P, ...rest: Rest) => Tensor,
  options: Omit<GradOptions<false>, "hasAux"> = {},
): (params: P, ...rest: Rest) => GradOf<P> {
  return (params, ...rest) => differentiate(f, options, [params, ...rest], false)[1];
}
