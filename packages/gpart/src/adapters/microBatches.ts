/**
 * @file The gradient over several batches with one scatter: first by the weights, then once by the
 * trained numbers.
 */
import { defineOp, grad, noGrad, valueAndGrad } from "@isograd/autograd";
import type { Module } from "@isograd/nn";
import { add, dispose, div, keep, scope, Tensor, UsageError, zeros } from "@isograd/tensor";
import { accumulate, expectFunction, shown } from "@isograd/tensor/engine";
import type { Adapter } from "./adapter.js";
import { expectAdapter } from "./expect.js";

/**
 * A number whose gradient by w is the given cotangent. It starts a backward pass from that
 * cotangent.
 */
const pulling = defineOp<readonly [Tensor], { readonly cotangent: Tensor }>({
  name: "pulling",
  infer: ([w]) => ({ shape: [], dtype: w.dtype }),
  forward: ([w]) => zeros([], { dtype: w.dtype, device: w.device }),
  vjp: ({ attrs }) => [() => attrs.cotangent],
});

/**
 * The mean loss over batches and its gradient by the trained numbers: the result of `valueAndGrad`
 * on all batches together, with the memory of one batch. The weights are computed once. Their
 * gradients are summed and carried back to the trained numbers once: for GPart one scatter,
 * `Pᵀ Σ ∇W`, for any number of batches. Dropout draws one mask for all batches.
 *
 * @param loss the loss of one batch, a tensor of one element
 * @throws UsageError when there are no batches.
 * @example
 * const adapter = gpart(new MLP([2, 1], { rng: rng(0) }), { d: 2 });
 * const batches = [ones([4, 2]), zeros([4, 2])];
 * const [loss, grads] = microBatches(adapter, (m, x) => m.forward(x).square().mean(), batches);
 * grads["trained.theta"].shape; // [2]
 */
export function microBatches<M extends Module, B>(
  adapter: Adapter<M>,
  loss: (model: M, batch: B) => Tensor,
  batches: Iterable<B>,
): [loss: Tensor, grads: Record<string, Tensor>] {
  expectAdapter("microBatches", adapter);
  expectFunction("microBatches", loss, "write (model, batch) => loss");
  if (typeof batches?.[Symbol.iterator] !== "function" || batches instanceof Tensor) {
    const problem = `batches must be a list, got ${shown(batches)}`;
    throw new UsageError("microBatches", problem, "write [first, second]");
  }
  const before = adapter.dropoutRng.state();
  return scope(() => {
    const weights = noGrad(() => adapter.weights());
    const step = valueAndGrad((w: Record<string, Tensor>, batch: B) =>
      adapter.run((model) => loss(model, batch), w),
    );
    const sums = new Map<string, Tensor>();
    let count = 0;
    for (const batch of batches) {
      const [value, grads] = step(weights, batch);
      collect(sums, "loss", value.alias(true)); // disposing it keeps a loss of the caller
      for (const [name, g] of Object.entries(grads)) collect(sums, `grad ${name}`, g);
      count++;
    }
    if (count === 0)
      throw new UsageError("microBatches", "there are no batches", "give one or more");
    adapter.dropoutRng.restore(before); // draw the same mask again
    const pulled = grad((a: Adapter<M>) =>
      Object.entries(a.weights())
        .map(([name, w]) => pulling(w, { cotangent: sums.get(`grad ${name}`) as Tensor }))
        .reduce((x, y) => add(x, y)),
    )(adapter);
    const means = Object.entries(pulled).map(([name, g]) => [name, div(g, count)]);
    return keep([div(sums.get("loss") as Tensor, count), Object.fromEntries(means)]);
  });
}

/** Adds to a sum, in place when possible. */
function collect(sums: Map<string, Tensor>, name: string, x: Tensor): void {
  const known = sums.get(name);
  if (known === undefined) {
    sums.set(name, x);
    return;
  }
  sums.set(name, accumulate(known, x));
  dispose(known);
  dispose(x);
}
