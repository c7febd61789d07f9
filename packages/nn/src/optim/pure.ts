/** @file Optimisers as pure functions on trees of tensors, as in JAX: init and update. */
import { noGrad } from "@isograd/autograd";
import { scope, type Tensor, UsageError, zerosLike } from "@isograd/tensor";
import { expectTensor, given } from "@isograd/tensor/engine";
import { expectRecord, expectWhole } from "../expect.js";
import { mapTensors, namedTensors } from "../names.js";
import { expectRule, type UpdateRule } from "./rule.js";
import { checkOptions, checkRate } from "./settings.js";

/** The state of a pure optimiser. */
export interface PureState {
  readonly count: number;
  /** By slot name, then by the path of the parameter. */
  readonly slots: Readonly<Record<string, Readonly<Record<string, Tensor>>>>;
}

/** Two functions without any state between calls. */
export interface PureOptimizer {
  init(params: unknown): PureState;
  /** New parameters and new state; the old ones stay as they are. */
  update<P>(
    params: P,
    grads: unknown,
    state: PureState,
    options?: { readonly lr?: number | undefined },
  ): [P, PureState];
}

function checkState(state: PureState): void {
  const help = "give what init or update returned";
  expectRecord("pure", "a state", state, help);
  expectWhole("pure", "count", state.count);
  expectRecord("pure", "slots by name", state.slots, help);
  for (const slot of Object.values(state.slots)) {
    expectRecord("pure", "tensors by name", slot, help);
    for (const x of Object.values(slot)) expectTensor("pure", x);
  }
}

/** Checks that there are gradients, and that each has a parameter and a state. */
function checkNames(
  op: string,
  slopes: ReadonlyMap<string, Tensor>,
  params: ReadonlyMap<string, Tensor>,
  state: PureState,
): void {
  const slots = Object.values(state.slots);
  const strange = [...slopes.keys()].filter(
    (name) => !params.has(name) || slots.some((slot) => !Object.hasOwn(slot, name)),
  );
  if (slopes.size > 0 && strange.length === 0) return;
  const problem =
    slopes.size === 0
      ? "no parameter has a gradient"
      : `gradients of parameters that are not trained here: ${strange.join(", ")}`;
  const help = "init, update and grad take one tree of tensors; of a module, pass stateDict()";
  throw new UsageError(op, problem, help);
}

/**
 * An update rule as two pure functions.
 *
 * @throws UsageError from `update` if there is no gradient, or one for a name that `params` or the
 * state lacks.
 * @example
 * const { init, update } = pure(sgdRule(), { lr: 0.5 });
 * const w = { a: tensor([1, 2]) };
 * const [next] = update(w, { a: tensor([2, 4]) }, init(w));
 * next.a.toString(); // Tensor(float32, [2]) [0, 0]
 */
export function pure(
  rule: UpdateRule,
  defaults: { readonly lr: number; readonly weightDecay?: number | undefined },
): PureOptimizer {
  expectRule("pure", rule);
  const { lr: usual, weightDecay = 0 } = given("pure", defaults, "lr# weightDecay#");
  checkOptions("pure", { lr: usual, weightDecay });
  return {
    init(params) {
      const named = namedTensors(params, "pure");
      for (const p of named.values()) expectTensor("pure", p);
      const zeros = () => Object.fromEntries([...named].map(([name, p]) => [name, zerosLike(p)]));
      return { count: 0, slots: Object.fromEntries(rule.slots.map((slot) => [slot, zeros()])) };
    },
    update(params, grads, state, options) {
      const { lr = usual } = given("pure", options, "lr#");
      checkRate("pure", "lr", lr);
      const slopes = namedTensors(grads, "pure");
      checkState(state);
      checkNames(rule.name, slopes, namedTensors(params, "pure"), state);
      const count = state.count + 1;
      const slots = rule.slots.map((slot): [name: string, tensors: Record<string, Tensor>] => [
        slot,
        { ...state.slots[slot] },
      ]);
      return noGrad(() =>
        scope(() => {
          const next = mapTensors(params, (p, name) => {
            const g = slopes.get(name);
            if (g === undefined) return p;
            const old = slots.map(([, tensors]) => tensors[name] as Tensor);
            const info = { lr, weightDecay, count, donate: false };
            const [moved, ...kept] = rule.update(p, g, old, info);
            for (const [i, [, tensors]] of slots.entries()) tensors[name] = kept[i] as Tensor;
            return moved as Tensor;
          });
          return [next, { count, slots: Object.fromEntries(slots) }];
        }),
      );
    },
  };
}
