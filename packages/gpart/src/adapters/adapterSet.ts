/** @file Several adapters on one model, by name. Independent of the methods. */
import { Module } from "@isograd/nn";
import { scope, UsageError } from "@isograd/tensor";
import { expectFunction, ownOf, shown } from "@isograd/tensor/engine";
import { checkModel } from "../methods/options.js";
import type { Adapter } from "./adapter.js";
import { keepingBuffers } from "./buffers.js";
import { type CombineOptions, combineAdapters } from "./combine.js";
import { expectAdapter } from "./expect.js";
import { type ForwardOf, forward } from "./forward.js";
import { printTrainable } from "./report.js";
import { joinRows, pickRows } from "./rows.js";

/**
 * Several adapters on one model. At most one is active: the set runs with it, and only it is
 * trained. The first adapter that is added becomes active; others are frozen until `set` activates
 * them.
 *
 * @example
 * const model = new MLP([4, 2], { rng: rng(0) });
 * const all = new AdapterSet(model);
 * all.add("french", gpart(model, { d: 3, seed: 1 })).add("german", lora(model, { rank: 1 }));
 * all.active; // french
 * all.set("german").parameterCount; // 6
 * all.forwardMixed(["german", null, "french"], ones([3, 4])).shape; // [3, 2]
 * all.set("greek"); // throws UsageError: set: there is no adapter "greek" …
 */
export class AdapterSet<M extends Module = Module> extends Module {
  readonly #adapters: Record<string, Adapter<M>> = Object.create(null);
  readonly adapters: Readonly<Record<string, Adapter<M>>> = this.#adapters;
  readonly #model: M;
  #active: string | null = null;

  constructor(model: M) {
    super();
    checkModel("AdapterSet", model);
    this.#model = model;
  }

  /** The model underneath. */
  get model(): M {
    return this.#model;
  }

  get names(): string[] {
    return Object.keys(this.adapters);
  }

  /** Name of the active adapter; null when the model runs without one. */
  get active(): string | null {
    return this.#active;
  }

  /** The adapter with this name. @throws UsageError for an unknown name. */
  get(name: string): Adapter<M> {
    return this.#find("get", name);
  }

  #find(op: string, name: string): Adapter<M> {
    const found = ownOf(this.adapters, name);
    if (found !== undefined) return found;
    const known = this.names.length === 0 ? "none" : this.names.join(", ");
    throw new UsageError(op, `there is no adapter ${shown(name)}`, `there are: ${known}`);
  }

  /**
   * Adds an adapter. @throws UsageError for a name in use, an adapter of another model, or while an
   * adapter is merged.
   */
  add(name: string, adapter: Adapter<M>): this {
    if (typeof name !== "string") {
      throw new UsageError("add", `a name must be a text, got ${shown(name)}`, 'write "french"');
    }
    expectAdapter("add", adapter);
    if (Object.hasOwn(this.adapters, name)) {
      throw new UsageError("add", `there is an adapter "${name}" already`, "delete it first");
    }
    if (name === "" || name.includes(".")) {
      throw new UsageError("add", `"${name}" is no name`, "take a name without dots");
    }
    if (adapter.model !== this.#model) {
      throw new UsageError("add", `"${name}" adapts another model`, "make it on the set's model");
    }
    this.#checkApart("add");
    if (adapter.merged) throw merged("add", name);
    this.#adapters[name] = adapter;
    if (this.#active === null && this.names.length === 1) this.#active = name;
    this.#share();
    return this;
  }

  /**
   * Activates an adapter, or none with null. @throws UsageError for an unknown name, or while an
   * adapter is merged.
   */
  set(name: string | null): this {
    this.#checkApart("set");
    if (name !== null) this.#find("set", name);
    this.#active = name;
    this.#share();
    return this;
  }

  /**
   * Disposes an adapter and removes its name; if it was active, none is active now. @throws
   * UsageError as `set` does.
   */
  delete(name: string): this {
    const adapter = this.#find("delete", name);
    this.#checkApart("delete");
    delete this.#adapters[name];
    if (this.#active === name) this.#active = null;
    adapter.dispose();
    return this;
  }

  /** Only the active adapter is trained. */
  #share(): void {
    for (const [name, adapter] of Object.entries(this.adapters)) {
      if (name === this.#active) adapter.unfreeze();
      else adapter.freeze();
    }
  }

  /** @throws UsageError while an adapter is merged, apart from one. */
  #checkApart(op: string, but: string | null = null): void {
    const other = this.names.find((name) => name !== but && this.adapters[name]?.merged);
    if (other !== undefined) throw merged(op, other);
  }

  /**
   * Runs the model with the active adapter, or without one; the model does not change. @throws
   * UsageError while another adapter is merged.
   */
  run<T>(fn: (model: M) => T): T {
    expectFunction("run", fn, "write (model) => result");
    this.#checkApart("run", this.#active);
    return this.#runAs(this.#active, fn);
  }

  #runAs<T>(name: string | null, fn: (model: M) => T): T {
    if (name !== null) return this.#find("run", name).run(fn);
    return scope(() => keepingBuffers(this.#model, () => fn(this.#model)));
  }

  /** The model's forward pass with the active adapter. */
  forward(...inputs: ForwardOf<M>[0]): ForwardOf<M>[1] {
    return this.run((model) => forward(model, inputs));
  }

  /**
   * The forward pass of a batch in which each sample has its own adapter, by name, or none with
   * null. Samples of one adapter run together. Every tensor in the inputs and in the results, also
   * inside lists and objects, has one row for each name. The model must treat samples
   * independently.
   *
   * @throws UsageError for an unknown name; ShapeError for another number of rows.
   */
  forwardMixed(names: readonly (string | null)[], ...inputs: ForwardOf<M>[0]): ForwardOf<M>[1] {
    if (!Array.isArray(names)) {
      const problem = `needs a list of names, got ${shown(names)}`;
      throw new UsageError("forwardMixed", problem, 'write ["french", null]: one for each sample');
    }
    const rows = new Map<string | null, number[]>();
    names.forEach((name, i) => {
      if (name !== null) this.#find("forwardMixed", name);
      rows.set(name, [...(rows.get(name) ?? []), i]);
    });
    if (rows.size === 0)
      throw new UsageError("forwardMixed", "there are no samples", "name one adapter for each");
    this.#checkApart("forwardMixed");
    return scope(() => {
      const results = [...rows].map(([name, own]) => {
        const some = pickRows(inputs, own, names.length);
        return this.#runAs(name, (model) => forward(model, some));
      });
      return joinRows(results, [...rows.values()]);
    });
  }

  /** Runs `fn` with the plain model, then activates the same adapter again. */
  disabled<T>(fn: () => T): T {
    expectFunction("disabled", fn, "write () => result");
    const before = this.#active;
    this.set(null);
    try {
      return fn();
    } finally {
      this.set(before);
    }
  }

  /** Adds the sum, or the weighted sum, of adapters under a new name; see `combineAdapters`. */
  combine(name: string, names: readonly string[], options?: CombineOptions): this {
    if (!Array.isArray(names)) {
      const problem = `needs a list of names, got ${shown(names)}`;
      throw new UsageError("combine", problem, 'write ["french", "german"]');
    }
    const adapters = names.map((each) => this.#find("combine", each));
    this.#checkApart("combine");
    return this.add(name, combineAdapters(adapters, options));
  }

  /** Writes the active adapter into the model. @throws UsageError as {@link Adapter.merge} does. */
  merge(): this {
    this.#checkApart("merge", this.#active);
    this.#activeAdapter("merge").merge();
    return this;
  }

  /** Restores the model's weights. @throws UsageError as {@link Adapter.unmerge} does. */
  unmerge(): this {
    this.#activeAdapter("unmerge").unmerge();
    return this;
  }

  /** Merges the active adapter, disposes all adapters, and returns the model. */
  mergeAndUnload(): M {
    this.#checkApart("mergeAndUnload", this.#active);
    this.#activeAdapter("mergeAndUnload").mergeAndUnload();
    return this.unload();
  }

  /** Disposes all adapters and returns the model. @throws UsageError while one is merged. */
  unload(): M {
    this.#checkApart("unload");
    this.dispose();
    return this.#model;
  }

  /** Disposes all adapters; one that is merged stays in the model. */
  override dispose(): void {
    for (const name of this.names) {
      this.adapters[name]?.dispose();
      delete this.#adapters[name];
    }
    this.#active = null;
  }

  #activeAdapter(op: string): Adapter<M> {
    if (this.#active !== null) return this.#find(op, this.#active);
    throw new UsageError(op, "no adapter is active", "choose one with set()");
  }

  /** Prints the number of trained parameters in the format of PEFT, and returns the line. */
  printTrainableParameters(): string {
    return printTrainable(this, this.#model);
  }

  /** Sets training mode, also of the model. */
  override train(on = true): this {
    this.#model.train(on);
    return super.train(on);
  }
}

function merged(op: string, name: string): UsageError {
  return new UsageError(op, `"${name}" is merged into the model`, "unmerge() it first");
}
