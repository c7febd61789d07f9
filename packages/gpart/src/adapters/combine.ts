/**
 * @file Sums and means of adapters, computed on their trained numbers, which gives the same as on
 * the weights.
 */
import { noGrad } from "@isograd/autograd";
import type { Module, Parameter } from "@isograd/nn";
import { add, mul, scope, sub, type Tensor, UsageError } from "@isograd/tensor";
import { given, shown, storageOf } from "@isograd/tensor/engine";
import type { Adapter } from "./adapter.js";
import { expectAdapters } from "./expect.js";
import { hashTargets } from "./targets.js";

/** How {@link combineAdapters} adds. */
export interface CombineOptions {
  /** A factor for each adapter; default: 1 each, the sum. 1/k each is the mean. */
  readonly weights?: readonly number[] | undefined;
}

/**
 * The adapter whose change of weights is `Σ c_k ΔW_k`, made of `θ = Σ c_k θ_k`. Modules trained in
 * full are combined in the same way, by their difference from the model: `W0 + Σ c_k (W_k − W0)`.
 *
 * @throws UsageError unless all adapters have the same model and the same method, one that is
 * linear in its trained numbers (GPart, dense and Fastfood projections, FourierFT, full
 * fine-tuning, BitFit, heads), and the same targets, sizes and seed.
 * @example
 * const model = new MLP([4, 8, 2], { rng: rng(0) });
 * const [a, b] = [gpart(model, { d: 3 }), gpart(model, { d: 3 })];
 * a.trained.theta.value = tensor([1, 2, 3]);
 * b.trained.theta.value = tensor([3, 2, 1]);
 * const mean = combineAdapters([a, b], { weights: [0.5, 0.5] });
 * mean.trained.theta.value.toString(); // Tensor(float32, [3]) [2, 2, 2]
 */
export function combineAdapters<M extends Module>(
  adapters: readonly Adapter<M>[],
  options?: CombineOptions,
): Adapter<M> {
  const op = "combineAdapters";
  const { weights: chosen } = given(op, options, "weights");
  expectAdapters(op, adapters);
  const weights = chosen ?? adapters.map(() => 1);
  const first = checkAlike(adapters, weights);
  const made = first.clone();
  const parts = adapters.map((adapter) => adapter.namedParameters());
  const model = first.model.namedParameters();
  noGrad(() => {
    for (const [name, p] of made.namedParameters()) {
      const [kind = "", ...path] = name.split(".");
      const whole = kind === "saved" || first.method.addition === "weights";
      const base = whole ? baseOf(first, model.get(path.join("."))) : null;
      const values = parts.map((part) => (part.get(name) as Parameter).own);
      p.value = scope(() => mixed(values, weights, base));
    }
  });
  return made;
}

/** A weight of the model itself. @throws UsageError while the adapter is merged. */
function baseOf(adapter: Adapter, parameter: Parameter | undefined): Tensor {
  if (parameter !== undefined && !adapter.merged) return parameter.own;
  throw new UsageError("combineAdapters", "the adapter is merged", "unmerge() it first");
}

/** `Σ c_k x_k`, or `base + Σ c_k (x_k − base)`. */
function mixed(values: readonly Tensor[], weights: readonly number[], base: Tensor | null): Tensor {
  const shifts = values.map((x, k) => mul(base === null ? x : sub(x, base), weights[k] as number));
  const total = shifts.reduce((a, b) => add(a, b));
  return base === null ? total : add(base, total);
}

/** What must be equal so that trained numbers have the same meaning. */
function kindOf({ method, targets, saved }: Adapter): string {
  const heads = Object.keys(saved).join(", ");
  const config = JSON.stringify(method.config);
  return `${method.name} ${config}, targets ${hashTargets(targets)}, saved [${heads}]`;
}

function checkAlike<M extends Module>(
  adapters: readonly Adapter<M>[],
  weights: readonly number[],
): Adapter<M> {
  const op = "combineAdapters";
  const [first] = adapters;
  if (first === undefined) throw new UsageError(op, "there are no adapters", "give one or more");
  const list = Array.isArray(weights) && weights.length === adapters.length;
  if (!list || !weights.every(Number.isFinite)) {
    const got = `got ${shown(weights)} for ${adapters.length}`;
    throw new UsageError(op, "each adapter needs a finite weight", got);
  }
  if (first.method.addition === "none") {
    throw new UsageError(
      op,
      `${first.method.name} is not linear in its trained numbers: adding those does not add ΔW`,
      "merge the adapters, and compress the change of weights",
    );
  }
  const statistics = adapters.map((each) => [...each.changedBuffers()]);
  const names = statistics.flat().map(([name]) => name);
  const same = statistics.every(
    (own) =>
      own.length === statistics[0]?.length &&
      own.every(([name, { own: x }], i) => {
        const [first, buffer] = statistics[0]?.[i] ?? [];
        return first === name && buffer !== undefined && storageOf(buffer.own) === storageOf(x);
      }),
  );
  if (!same) {
    throw new UsageError(
      op,
      `the adapters have running statistics of their own, which do not add: ${names.join(", ")}`,
      "train with those layers in evaluation mode",
    );
  }
  for (const other of adapters) {
    if (other.model !== first.model) {
      throw new UsageError(op, "the adapters have different models", "make them on one model");
    }
    const [a, b] = [first, other].map((x) => kindOf(x));
    if (a !== b)
      throw new UsageError(op, `the adapters differ: ${a} and ${b}`, "merge and compress them");
  }
  return first;
}
