/** @file An adapter: a module of trained numbers, and the model with the weights made of them. */
import { noGrad, stopGradient } from "@isograd/autograd";
import { type Buffer, functionalCall, Module, Parameter } from "@isograd/nn";
import {
  concat,
  dispose,
  type Rng,
  rng,
  scope,
  type Tensor,
  UsageError,
  zeros,
} from "@isograd/tensor";
import {
  expectFunction,
  ownLists,
  perSample,
  Remembered,
  recordOf,
  shown,
} from "@isograd/tensor/engine";
import type { AdapterOptions, Method } from "../methods/method.js";
import { OwnBuffers } from "./buffers.js";
import { type ForwardOf, forward } from "./forward.js";
import { type Kept, restoreWeights, writeWeights } from "./merge.js";
import { printTrainable } from "./report.js";
import { findSaved, type Target } from "./targets.js";

/** What an adapter is made of; see `gpart`, `lora`, and the other methods. */
export interface AdapterParts<M extends Module> {
  readonly model: M;
  readonly targets: readonly Target[];
  /** Makes the method at its initial values, each time with new parameters. */
  readonly make: () => Method;
  readonly options: AdapterOptions;
}

/**
 * A model with an adapter. It is a module whose parameters are the trained numbers only, so `grad`,
 * optimisers, `fit` and state dicts see nothing else. The model itself does not change until
 * `merge()`. Modules trained in full (`modulesToSave`) are named `saved.…`, so a new head can have
 * its own learning rate:
 * `adamw(adapter, { lr, groups: [{ match: (name) => name.startsWith("saved."), lr: headLr }] })`.
 *
 * @example
 * const model = new MLP([4, 8, 2], { rng: rng(0) });
 * const adapter = gpart(model, { d: 5, seed: 1 });
 * const loss = (a: typeof adapter, x: Tensor) => a.forward(x).square().sum();
 * const opt = adam(adapter, { lr: 0.01 });
 * opt.step(grad(loss)(adapter, ones([3, 4])));
 * adapter.parameterCount; // 5
 */
export class Adapter<M extends Module = Module> extends Module {
  /** The numbers of the method, by name. */
  readonly trained: Readonly<Record<string, Parameter>>;
  /** Random numbers drawn from the seed; they are not trained. */
  readonly frozen: Readonly<Record<string, Buffer>>;
  /** The parameters trained in full, by their name in the model. */
  readonly saved: Readonly<Record<string, Parameter>>;
  /**
   * The buffers of the model as they are with the adapter, by their names in the model: running
   * statistics that change in training change here.
   */
  readonly buffers: Readonly<Record<string, Buffer>>;
  /** Draws the masks of dropout. */
  readonly dropoutRng: Rng;
  readonly #own: OwnBuffers;
  readonly #parts: AdapterParts<M>;
  readonly #method: Method;
  readonly #heads: readonly Target[];
  /** The weights of the model before the merge, while merged. */
  #kept: Map<string, Kept> | null = null;
  #gone = false;
  readonly #enabled = new Remembered(true);

  constructor(parts: AdapterParts<M>) {
    super();
    if (!(parts?.model instanceof Module) || typeof parts.make !== "function") {
      const help = "methods make adapters: gpart(model, { d: 100 })";
      throw new UsageError("Adapter", `needs the parts of an adapter, got ${shown(parts)}`, help);
    }
    const { dropout = 0, seed = 0, modulesToSave = [] } = parts.options;
    if (typeof seed !== "number" && typeof seed !== "bigint") {
      throw new UsageError("adapter", `the seed is a number: got ${shown(seed)}`, "take 0, 1, …");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      const problem = `dropout is a share from 0 to below 1: got ${shown(dropout)}`;
      throw new UsageError("adapter", problem, "0 drops nothing");
    }
    const { model, targets, make, options } = parts;
    this.#parts = { model, targets: [...targets], make, options: ownLists(options) };
    this.#heads = findSaved(parts.model, modulesToSave);
    this.#method = parts.make();
    this.trained = this.#method.trained;
    this.frozen = this.#method.frozen ?? {};
    this.saved = recordOf(
      this.#heads.map(({ name, parameter }) => [name, new Parameter(stopGradient(parameter.own))]),
    );
    this.#own = new OwnBuffers(parts.model);
    this.buffers = this.#own.all;
    this.dropoutRng = rng(`dropout ${seed}`);
  }

  /** When false, the model runs without the adapter. */
  get enabled(): boolean {
    return this.#enabled.value;
  }

  set enabled(on: boolean) {
    this.#enabled.value = on;
  }

  /** The model underneath. */
  get model(): M {
    return this.#parts.model;
  }

  get method(): Method {
    return this.#method;
  }

  get options(): AdapterOptions {
    return this.#parts.options;
  }

  /** The adapted weights, in the order in which they are joined to one vector. */
  get targets(): readonly Target[] {
    return this.#parts.targets;
  }

  /** Whether the model now has the adapted weights itself. */
  get merged(): boolean {
    return this.#kept !== null;
  }

  /**
   * Runs the model with the adapted weights, which are computed once. Tensors that `fn` makes and
   * does not return are freed. `weights`, by name, replace those of `weights()`.
   */
  run<T>(fn: (model: M) => T, weights?: Readonly<Record<string, Tensor>>): T {
    expectFunction("run", fn, "write (model) => result");
    const call = () => functionalCall(this.model, this.#allWeights(weights), fn);
    return scope(() => this.#own.run(call, this.enabled));
  }

  /** The buffers that differ from the model's and are saved, by name. */
  changedBuffers(): ReadonlyMap<string, Buffer> {
    return this.#own.changed;
  }

  /**
   * `run` as a function of the trained numbers, with the names of `trainable()`. Numbers that are
   * left out keep their values.
   *
   * @example
   * const adapter = gpart(new MLP([4, 2], { rng: rng(0) }), { d: 3 });
   * const run = (m: MLP) => m.forward(ones([1, 4])).sum();
   * const loss = (t: Record<string, Tensor>) => adapter.runWith(t, run);
   * Object.keys(grad(loss)(adapter.trainable())).join(); // trained.theta
   */
  runWith<T>(values: Readonly<Record<string, Tensor>>, fn: (model: M) => T): T {
    expectFunction("runWith", fn, "write (model) => result");
    if (typeof values !== "object" || values === null) {
      const problem = `needs trained numbers by name, got ${shown(values)}`;
      throw new UsageError("runWith", problem, "pass those of trainable()");
    }
    return functionalCall<Adapter<M>, T>(this, values, (adapter) => adapter.run(fn));
  }

  /** The current trained numbers, by name. */
  trainable(): Record<string, Tensor> {
    const state = Object.entries(this.stateDict());
    const parameters = this.namedParameters();
    for (const [name, x] of state) if (!parameters.has(name)) dispose(x);
    return recordOf(state.filter(([name]) => parameters.has(name)));
  }

  /** The model's forward pass with the adapted weights. */
  forward(...inputs: ForwardOf<M>[0]): ForwardOf<M>[1] {
    return this.run((model) => forward(model, inputs));
  }

  /** Runs `fn` with the adapter switched off, then restores the switch. */
  disabled<T>(fn: () => T): T {
    expectFunction("disabled", fn, "write () => result");
    const before = this.enabled;
    this.enabled = false;
    try {
      return fn();
    } finally {
      this.enabled = before;
    }
  }

  /**
   * The adapted weights and the parameters trained in full, by their names in the model.
   * Differentiable.
   */
  weights(): Record<string, Tensor> {
    this.#checkAlive();
    const { targets, method } = this;
    const bases = targets.map((target) => this.#base(target.name, target.parameter));
    const drops = this.training && (this.options.dropout ?? 0) > 0;
    const direct = drops ? undefined : method.weights?.(bases);
    const made = direct ?? this.#shifted(bases, method.minusDelta(bases));
    const adapted = targets.map(({ name }, i) => [name, made[i] as Tensor] as const);
    const saved = Object.entries(this.saved).map(([name, p]) => [name, p.value] as const);
    return recordOf([...adapted, ...saved]);
  }

  /** ΔW of all targets, joined to one vector of shape [N]. Differentiable. */
  delta(): Tensor {
    this.#checkAlive();
    return scope(() => {
      const { targets, method } = this;
      if (targets.length === 0) return zeros([0]);
      const bases = targets.map(({ name, parameter }) => this.#base(name, parameter));
      return concat(method.minusDelta(bases).map((x) => x.reshape([x.size]))).neg();
    });
  }

  #shifted(bases: readonly Tensor[], minus: readonly Tensor[]): Tensor[] {
    const { dropout = 0 } = this.options;
    return minus.map((x, i) => {
      const dropped = dropout > 0 && this.training ? x.mul(this.#mask(x, dropout)) : x;
      return (bases[i] as Tensor).sub(dropped);
    });
  }

  #mask(x: Tensor, dropout: number): Tensor {
    const make = { p: 1 - dropout, dtype: x.dtype, device: x.device };
    const kept = perSample(x, (shape) => this.dropoutRng.bernoulli(shape, make));
    return kept.mul(1 / (1 - dropout));
  }

  /** A weight of the model without the adapter: a constant, unless `functionalCall` replaces it. */
  #base(name: string, parameter: Parameter): Tensor {
    return parameter.lent ?? this.#kept?.get(name)?.before ?? stopGradient(parameter.own);
  }

  /** Every parameter that the model runs with: adapted, trained in full, or constant. */
  #allWeights(weights?: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    const all = new Map<string, Tensor>();
    for (const [name, p] of this.model.namedParameters()) all.set(name, this.#base(name, p));
    if (this.enabled) {
      for (const [name, w] of Object.entries(weights ?? this.weights())) all.set(name, w);
    }
    return recordOf(all);
  }

  /**
   * Writes the adapted weights into the model, with the same bits that `run` computes with.
   *
   * @throws UsageError when the adapter is merged already, or a weight is not finite; the model
   * then stays as it is.
   */
  merge(): this {
    if (this.merged) throw new UsageError("merge", "the adapter is merged already", "unmerge() it");
    noGrad(() => scope(() => this.#mergeNow()));
    this.#own.merge();
    return this;
  }

  #mergeNow(): void {
    const { training } = this;
    this.training = false; // without dropout
    try {
      this.#kept = writeWeights(this.#changed(), this.weights());
    } finally {
      this.training = training;
    }
  }

  /** Every parameter of the model that the adapter changes. */
  #changed(): readonly Target[] {
    return [...this.targets, ...this.#heads];
  }

  /**
   * Restores the model's own weights, to the last bit. @throws UsageError when the adapter is not
   * merged, or a weight changed after the merge.
   */
  unmerge(): this {
    const kept = this.#kept;
    if (kept === null) throw new UsageError("unmerge", "the adapter is not merged", "merge() it");
    restoreWeights(this.#changed(), kept);
    this.#own.unmerge();
    this.#kept = null;
    return this;
  }

  /** Merges, disposes the adapter, and returns the model. @throws UsageError as `merge` does. */
  mergeAndUnload(): M {
    if (!this.merged) this.merge();
    this.dispose();
    return this.model;
  }

  /**
   * Prints the number of trained parameters in the format of PEFT, and returns the line.
   *
   * @example
   * const adapter = gpart(new MLP([4, 8, 2], { rng: rng(0) }), { d: 5 });
   * const line = adapter.printTrainableParameters();
   * line; // trainable params: 5 || all params: 63 || trainable%: 7.9365
   */
  printTrainableParameters(): string {
    return printTrainable(this, this.model);
  }

  /**
   * An adapter of the same kind on the same model, with a copy of every number, in the same mode.
   */
  clone(): Adapter<M> {
    this.#checkAlive();
    const other = new Adapter(this.#parts);
    const own = this.namedParameters();
    for (const [name, p] of other.namedParameters()) p.value = (own.get(name) as Parameter).own;
    other.#own.copy(this.#own);
    other.training = this.training;
    other.dropoutRng.restore(this.dropoutRng.state());
    return other;
  }

  /** Sets training mode, also of the model. */
  override train(on = true): this {
    this.model.train(on);
    return super.train(on);
  }

  override dispose(): void {
    for (const { before } of this.#kept?.values() ?? []) dispose(before);
    this.#kept = null;
    this.#own.free();
    this.#gone = true;
    this.method.dispose?.();
    super.dispose();
  }

  #checkAlive(): void {
    if (!this.#gone) return;
    throw new UsageError("adapter", "the adapter was disposed or unloaded", "make a new one");
  }
}
