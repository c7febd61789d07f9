/**
 * @file The gradient over several batches with one scatter: by weights first, by trained numbers
 * once.
 */
import { defineOp, grad, noGrad, valueAndGrad } from "@isograd/autograd";
import type { Module } from "@isograd/nn";
import { add, dispose, div, keep, scope, type Tensor, UsageError, zeros } from "@isograd/tensor";
import { accumulate } from "@isograd/tensor/engine";
import type { Adapter } from "./adapter.js";

/**
 * A number whose gradient by w is the cotangent, whatever w is: sends a cotangent into a recorded
 * function.
 */
const pulling = defineOp<readonly [Tensor], { readonly cotangent: Tensor }>({
  name: "pulling",
  infer: ([w]) => ({ shape: [], dtype: w.dtype }),
  forward: ([w]) => zeros([], { dtype: w.dtype, device: w.device }),
  vjp: ({ attrs }) => [() => attrs.cotangent],
});

/**
 * The mean loss over batches and its gradient by the trained numbers, as `valueAndGrad` would give
 * it for all batches at once, with the memory of one. The weights are made once, their gradients
 * are added up, and go back to the trained numbers once: for GPart one scatter, `Pᵀ Σ ∇W`, however
 * many batches there are. Dropout draws one mask for all.
 *
 * @param loss of one batch, a single number
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
      collect(sums, "loss", value.alias(true)); // one that was made elsewhere stays
      for (const [name, g] of Object.entries(grads)) collect(sums, `grad ${name}`, g);
      count++;
    }
    if (count === 0) throw new UsageError("microBatches", "there are no batches");
    adapter.dropoutRng.restore(before); // the same mask
    const pulled = grad((a: Adapter<M>) =>
      Object.entries(a.weights())
        .map(([name, w]) => pulling(w, { cotangent: sums.get(`grad ${name}`) as Tensor }))
        .reduce((x, y) => add(x, y)),
    )(adapter);
    const means = Object.entries(pulled).map(([name, g]) => [name, div(g, count)]);
    return keep([div(sums.get("loss") as Tensor, count), Object.fromEntries(means)]);
  });
}

/** Adds to a sum, in place where that can be. */
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
