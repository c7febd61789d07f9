/** @file Exponential moving averages of parameters. */
import { noGrad } from "@isograd/autograd";
import { dispose, scope, type Tensor, treeChildren, UsageError } from "@isograd/tensor";
import {
  Changes,
  changing,
  dropNode,
  eachRun,
  expectFunction,
  expectSync,
  expectTensor,
  given,
  type Inputs,
  lerpUpdate,
  type Memory,
  ownOf,
  recordOf,
  shown,
  unscoped,
} from "@isograd/tensor/engine";
import { expectRecord, expectWhole, isNumber } from "../expect.js";
import { assign, beforeChange, checkFits } from "../parameter.js";
import { expectHeld, type Target, type Trainable, targetsOf } from "./targets.js";

export interface EmaOptions {
  /** Averages over fewer steps at first: decay at most `(1 + t)/(10 + t)`; default: false. */
  readonly warmup?: boolean | undefined;
}

interface Entry extends Target {
  readonly mean: Tensor;
}

/** Averages of parameters, which can be swapped with them. Made by {@link ema}. */
export class Ema {
  readonly decay: number;
  readonly options: EmaOptions;
  #count = 0;
  #swapped = false;
  readonly #entries: readonly Entry[];
  /** The tree, until the first update has checked it; then null. */
  #unchecked: unknown;
  readonly #changes = new Changes(() => this.#remember());

  constructor(params: Trainable, decay: number, options?: EmaOptions) {
    this.decay = decay;
    this.options = given("ema", options, "warmup?");
    if (!isNumber(decay, (d) => d >= 0 && d <= 1)) {
      const help = "it is the weight of the average in a step, such as 0.999";
      throw new UsageError("ema", `decay is between 0 and 1: got ${shown(decay)}`, help);
    }
    this.#unchecked = params;
    this.#entries = [...targetsOf("ema", params).values()].map((target) => {
      const mean = unscoped(() => target.handle().alias(true, "ema"));
      dropNode(mean);
      return { ...target, mean };
    });
  }

  /** Whether averages and parameters are swapped now. */
  get swapped(): boolean {
    return this.#swapped;
  }

  /**
   * `mean ← mean + (1 − decay)(p − mean)`, for every parameter.
   *
   * @throws UsageError while the averages are swapped in; at the first update, if a part of the
   * model was replaced after the average was made.
   */
  update(): void {
    if (this.#swapped) {
      throw new UsageError("ema", "update() while the averages are swapped in", "restore() first");
    }
    this.#changes.refuse("ema", "update()");
    this.#changes.soon();
    if (this.#unchecked !== null) {
      const averaged = new Map(this.#entries.map((entry) => [entry.name, entry]));
      expectHeld("ema", this.#unchecked, averaged, "the average");
      this.#unchecked = null;
    }
    const update = ([mean, p]: Inputs): Tensor[] => {
      const weight = this.#weight(this.#count + 1);
      return [lerpUpdate(mean as Tensor, p as Tensor, { weight, donate: true })];
    };
    noGrad(() =>
      scope(() => {
        for (const { handle, mean } of this.#entries) {
          beforeChange(mean);
          const [next] = changing([mean, handle()], update);
          assign(mean, next as Tensor);
        }
      }),
    );
    eachRun(() => void this.#count++);
  }

  /** The weight of the parameters in the update of a number, from 1. */
  #weight(count: number): number {
    const early = this.options.warmup === true ? (1 + count) / (10 + count) : 1;
    return 1 - Math.min(this.decay, early);
  }

  /** Makes the averages the values of the parameters; `restore` undoes it. */
  swap(): void {
    if (!this.#swapped) this.#exchange();
  }

  /** Makes the parameters have their own values again. */
  restore(): void {
    if (this.#swapped) this.#exchange();
  }

  /** Runs `fn` while the averages are swapped in. */
  use<T>(fn: () => T): T {
    expectFunction("ema", fn, "write use(() => …)");
    const before = this.#swapped;
    this.swap();
    try {
      const result = fn();
      const help =
        "the weights are put back when the function returns: await between swap and restore";
      expectSync("ema", result, help);
      return result;
    } finally {
      if (!before) this.restore();
    }
  }

  /** Makes the averages the final values of the parameters and ends the averaging. */
  adopt(): void {
    this.swap();
    this.#swapped = false;
    this.dispose();
  }

  #exchange(): void {
    this.#changes.soon();
    for (const { handle, mean } of this.#entries) {
      const p = handle();
      const before = p.alias(false, "ema");
      assign(p, mean);
      assign(mean, before);
      dispose(before);
    }
    this.#swapped = !this.#swapped;
  }

  #remember(): Memory {
    const [swapped, count] = [this.#swapped, this.#count];
    const put = () => {
      this.#swapped = swapped;
      this.#count = count;
    };
    return { put, free() {} };
  }

  /** The state for checkpoints; the tensors are snapshots of the averages. */
  state(): { readonly count: number; readonly tensors: Record<string, Tensor> } {
    const tensors: [name: string, x: Tensor][] = [];
    for (const { name, mean, handle } of this.#entries) {
      const snapshot = (this.#swapped ? handle() : mean).alias(true, "ema");
      dropNode(snapshot);
      tensors.push([name, snapshot]);
    }
    return { count: this.#count, tensors: recordOf(tensors) };
  }

  /**
   * Loads a saved state.
   *
   * @throws UsageError when a tensor is missing, or a name is not averaged here.
   */
  loadState(state: {
    readonly count: number;
    readonly tensors: Readonly<Record<string, Tensor>>;
  }): void {
    expectRecord("ema", "a saved state", state, "give what state() returned");
    expectRecord("ema", "tensors by name", state.tensors, "give what state() returned");
    expectWhole("ema", "count", state.count);
    const names = new Set(this.#entries.map(({ name }) => name));
    const strange = Object.keys(state.tensors).filter((name) => !names.has(name));
    if (strange.length > 0) {
      const problem = `the state has tensors of others: ${strange.join(", ")}`;
      throw new UsageError("ema", problem, "is it of the average of another model?");
    }
    for (const { name, mean } of this.#entries) {
      const saved = ownOf(state.tensors, name);
      if (saved === undefined) {
        const help = "is it of the average of another model?";
        throw new UsageError("ema", `the state lacks the tensor ${name}`, help);
      }
      expectTensor("ema", saved);
      checkFits("ema", name, mean, saved);
    }
    this.restore();
    this.#count = state.count;
    for (const { name, mean } of this.#entries) {
      assign(mean, ownOf(state.tensors, name) as Tensor);
    }
  }

  /** Frees the memory of the averages. */
  dispose(): void {
    this.restore();
    for (const { mean } of this.#entries) dispose(mean);
  }

  /** The children in which scopes look for tensors. */
  [treeChildren](): Iterable<unknown> {
    return this.#entries.map(({ mean }) => mean);
  }
}

/**
 * An exponential moving average of parameters, which starts at their values. Call `update()` after
 * each step, and `use` (or `swap` and `restore`) to run the model with the averages. Source: Polyak
 * and Juditsky, 1992.
 *
 * @throws UsageError unless 0 ≤ decay ≤ 1.
 * @example
 * const w = new Parameter(tensor([0]));
 * const mean = ema(w, 0.75);
 * w.value = tensor([4]);
 * mean.update();
 * mean.use(() => w.value.item()); // 1
 */
export function ema(params: Trainable, decay: number, options?: EmaOptions): Ema {
  return new Ema(params, decay, options);
}
