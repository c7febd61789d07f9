/** @file Gradients of functions: grad and valueAndGrad. Intermediate results are freed. */
import { GradientError, keep, onesLike, type Tensor } from "@isograd/tensor";
import {
  closeScope,
  dropNode,
  forEachTensor,
  formatShape,
  given,
  isFloat,
  keepAll,
  openScope,
  storageOf,
} from "@isograd/tensor/engine";
import { samplesBehind } from "../batching/sample.js";
import { nodeOf } from "../tape/node.js";
import { type GradOf, leavesOf, rebuild, withLeaves } from "../tree.js";
import {
  checkValue,
  expectAlone,
  leafOf,
  needsGraph,
  pullBack,
  recorded,
  trackLeaves,
} from "./region.js";

/** Options of gradients. */
export interface GradOptions<Aux extends boolean = boolean> {
  /** Whether the function returns `[loss, aux]`; aux is passed on. Default: false. */
  readonly hasAux?: Aux | undefined;
  /**
   * Whether the walk is recorded too, so that `backward()` can differentiate the result. Default:
   * only in nested calls.
   */
  readonly createGraph?: boolean | undefined;
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
    throw new GradientError(
      op,
      `the function returned ${loss.dtype}; a gradient needs a float`,
      "whole numbers have no gradient: compute the loss from floats",
    );
  }
}

/**
 * Cuts a result off the graph of this call, which begins with the node `since`; under vmap also the
 * tensor of all samples, which was recorded too. A tensor that the function only returned, from an
 * outer graph, stays in that graph.
 */
function detach(x: Tensor, leaves: readonly Tensor[], since: number): void {
  if (x.disposed) return;
  const node = nodeOf(x);
  if (node !== null && node.id >= since && (node.rule !== null || leaves.includes(x))) dropNode(x);
  const all = samplesBehind(x);
  if (all === null || leaves.some((leaf) => storageOf(leaf) === storageOf(x))) return;
  detach(all, leaves, since);
}

/** The value and the gradient; the value is freed unless `keepValue`. */
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
    const loss = options.hasAux && Array.isArray(result) ? result[0] : result;
    checkLoss("grad", loss);
    const createGraph = needsGraph(options);
    const since = leafOf(leaves[0] as Tensor).id;
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
 * argument. That is a tensor or a tree of tensors (arrays, maps, sets, objects of any class,
 * modules); the gradient has the same form. Further arguments are passed on. Calls nest: the
 * gradient of a gradient is exact.
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
  options?: GradOptions,
): (params: P, ...rest: Rest) => [unknown, GradOf<P>] {
  expectAlone("valueAndGrad", f, options);
  const how = given("valueAndGrad", options, "hasAux? createGraph?");
  return (params, ...rest) => differentiate(f, how, [params, ...rest], true);
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
  options?: Omit<GradOptions<false>, "hasAux">,
): (params: P, ...rest: Rest) => GradOf<P> {
  expectAlone("grad", f, options);
  const how = given("grad", options, "createGraph?");
  return (params, ...rest) => differentiate(f, how, [params, ...rest], false)[1];
}
