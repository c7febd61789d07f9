/**
 * @file Optimisers: an update rule applied to named parameters, with groups, and state that can be
 * saved.
 */
import { noGrad } from "@isograd/autograd";
import { dispose, scope, type Tensor, treeChildren, UsageError, zerosLike } from "@isograd/tensor";
import {
  beforeCapture,
  Changes,
  changing,
  closeScope,
  currentTracer,
  eachRun,
  expectLive,
  expectTensor,
  formatShape,
  given,
  type Inputs,
  type Memory,
  openScope,
  ownOf,
  recordOf,
  shapesEqual,
  shown,
  unscoped,
} from "@isograd/tensor/engine";
import { expectRecord, expectWhole } from "../expect.js";
import { namedTensors } from "../names.js";
import { assign, beforeChange, checkFits, checkOneValue, replace } from "../parameter.js";
import { expectRule, type UpdateRule } from "./rule.js";
import {
  checkGroups,
  checkOptions,
  checkRate,
  type OptimizerOptions,
  settings,
} from "./settings.js";
import {
  expectHeld,
  isTrained,
  type Target,
  type Trainable,
  targetsOf,
  zeroGrad,
} from "./targets.js";

/** The state of an optimiser: plain JSON, and tensors by name such as `m.layers.0.weight`. */
export interface OptimizerState {
  readonly rule: string;
  readonly lr: number;
  readonly steps: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

interface Entry extends Target {
  readonly lrFactor: number;
  readonly weightDecay: number;
  count: number;
  slots: Tensor[] | null;
}

/**
 * Moves parameters against their gradients, in place: handles stay the same, and snapshots taken
 * before keep the old values. Made by `sgd`, `adam` and `adamw`.
 */
export class Optimizer {
  readonly rule: UpdateRule;
  /** The learning rate of the next step. */
  lr: number;
  #steps = 0;
  /** The tree, until the first step has checked it; then null. */
  #unchecked: unknown;
  readonly #entries = new Map<string, Entry>();
  readonly #changes = new Changes(() => this.#remember());

  constructor(rule: UpdateRule, params: Trainable, options: OptimizerOptions) {
    expectRule("Optimizer", rule);
    this.rule = rule;
    const how = given(rule.name, options, "lr# weightDecay# decay() groups");
    checkOptions(rule.name, how);
    this.lr = how.lr;
    this.#unchecked = params;
    const targets = targetsOf(rule.name, params);
    checkGroups(rule.name, targets.values(), how);
    for (const [name, target] of targets) {
      this.#entries.set(name, {
        ...target,
        ...settings(target, how),
        count: 0,
        slots: null,
      });
    }
  }

  /** The tensors that it trains, by name; `fit` compares them with those of its model. */
  get targets(): ReadonlyMap<string, Target> {
    return this.#entries;
  }

  /** Steps taken. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * One step: with the gradients that `grad` or `valueAndGrad` returned, which are disposed; or,
   * without an argument, with the gradients that `loss.backward()` accumulated in the parameters.
   * Parameters without a gradient stay as they are.
   *
   * @throws UsageError if there is no gradient, a gradient for a name that is not trained here, or
   * one for each sample of vmap; if the learning rate is negative or not finite; at the first step,
   * if a part of the model was replaced after the optimiser was made; inside a function that runs
   * more than once, such as a checkpointed one.
   */
  step(grads?: unknown): void {
    this.#changes.refuse(this.rule.name, "a step");
    this.#changes.soon();
    const given = grads === undefined ? null : namedTensors(grads, this.rule.name);
    if (given !== null) this.#checkNames(given);
    this.#check();
    const pairs = this.#pairs(given);
    if (pairs.length === 0) throw noGradients(this.rule.name);
    const mark = openScope();
    try {
      noGrad(() => {
        for (const [entry, g] of pairs) this.#stepOne(entry, g);
      });
      eachRun(() => void this.#steps++);
    } finally {
      closeScope(mark);
    }
    if (given !== null) for (const g of given.values()) dispose(g);
  }

  /** The tensors to update, with their gradients; all are checked before the first update. */
  #pairs(given: ReadonlyMap<string, Tensor> | null): [Entry, Tensor][] {
    const pairs: [Entry, Tensor][] = [];
    for (const [name, entry] of this.#entries) {
      if (!isTrained(entry)) continue;
      const p = entry.handle();
      const g = given === null ? p.grad : given.get(name);
      if (g === null || g === undefined) continue;
      expectLive(this.rule.name, p);
      expectLive(this.rule.name, g);
      checkOneValue(this.rule.name, `the gradient of ${name}`, p, g);
      if (!shapesEqual(p.shape, g.shape)) {
        throw new UsageError(
          this.rule.name,
          `${name} is ${formatShape(p.shape)}, its gradient ${formatShape(g.shape)}`,
          "a gradient has the shape of its parameter",
        );
      }
      pairs.push([entry, g]);
    }
    return pairs;
  }

  #stepOne(entry: Entry, g: Tensor): void {
    const p = entry.handle();
    const { rule } = this;
    const slots = this.#slotsOf(entry);
    beforeChange(p);
    if (currentTracer() !== null) slots.forEach(beforeChange);
    const update = ([own, slope, ...kept]: Inputs): Tensor[] =>
      rule.update(own as Tensor, slope as Tensor, kept, {
        lr: this.lr * entry.lrFactor,
        weightDecay: entry.weightDecay,
        count: entry.count + 1,
        donate: true,
      });
    const results = changing([p, g, ...slots], update);
    eachRun(() => void entry.count++); // not before: a step that failed does not count
    assign(p, results[0] as Tensor);
    for (const [i, slot] of slots.entries()) replace(slot, results[i + 1] as Tensor);
    for (const result of results) dispose(result);
  }

  #slotsOf(entry: Entry): readonly Tensor[] {
    const { rule } = this;
    const make = () => scope(() => rule.slots.map(() => zerosLike(entry.handle())));
    entry.slots ??= unscoped(make);
    return entry.slots;
  }

  /** Makes the tensors of the state of all that is trained. */
  [beforeCapture](): void {
    for (const entry of this.#entries.values()) if (isTrained(entry)) this.#slotsOf(entry);
  }

  #check(): void {
    const { lr } = this;
    checkRate(this.rule.name, "lr", lr);
    if (this.#unchecked === null) return;
    expectHeld(this.rule.name, this.#unchecked, this.#entries, "the optimiser");
    this.#unchecked = null;
  }

  #checkNames(given: ReadonlyMap<string, Tensor>): void {
    const unknown = [...given.keys()].filter((name) => !this.#entries.has(name));
    if (unknown.length === 0) return;
    throw new UsageError(
      this.rule.name,
      `gradients of parameters that are not trained here: ${unknown.join(", ")}`,
      "give the optimiser the same tree that grad differentiates by",
    );
  }

  /** Drops the gradients that `loss.backward()` accumulated. */
  zeroGrad(): void {
    for (const entry of this.#entries.values()) zeroGrad(entry);
  }

  /** The counts; the tensors are remembered by themselves. */
  #remember(): Memory {
    const steps = this.#steps;
    const entries = [...this.#entries.values()].map((entry) => ({ entry, ...entry }));
    const put = () => {
      this.#steps = steps;
      for (const { entry, count, slots } of entries) Object.assign(entry, { count, slots });
    };
    return { put, free() {} };
  }

  /** The state for checkpoints; the tensors are snapshots. */
  state(): OptimizerState {
    const counts: [name: string, count: number][] = [];
    const tensors: [name: string, x: Tensor][] = [];
    for (const [name, { count, slots }] of this.#entries) {
      if (slots === null || count === 0) continue;
      counts.push([name, count]);
      for (const [i, slot] of this.rule.slots.entries()) {
        tensors.push([`${slot}.${name}`, (slots[i] as Tensor).alias(true)]);
      }
    }
    return {
      rule: this.rule.name,
      lr: this.lr,
      steps: this.#steps,
      counts: recordOf(counts),
      tensors: recordOf(tensors),
    };
  }

  /**
   * Continues from a saved state.
   *
   * @throws UsageError if it is of another rule or of other parameters.
   */
  loadState(state: OptimizerState): void {
    const op = this.rule.name;
    const help = "give what state() of such an optimiser returned";
    expectRecord(op, "a saved state", state, help);
    if (typeof state.rule !== "string") {
      throw new UsageError(op, `the rule of the state is ${shown(state.rule)}`, help);
    }
    if (state.rule !== op) {
      throw new UsageError(op, `this is the state of ${state.rule}`, help);
    }
    checkRate(op, "lr", state.lr);
    expectWhole(op, "steps", state.steps);
    expectRecord(op, "counts by name", state.counts, help);
    expectRecord(op, "tensors by name", state.tensors, help);
    const strange = Object.keys(state.counts).filter((name) => !this.#entries.has(name));
    if (strange.length > 0) {
      throw new UsageError(
        this.rule.name,
        `the state has parameters that are not trained here: ${strange.join(", ")}`,
        "is it of the optimiser of another model?",
      );
    }
    for (const [name, entry] of this.#entries) this.#checkEntry(name, entry, state);
    this.lr = state.lr;
    this.#steps = state.steps;
    for (const [name, entry] of this.#entries) this.#loadEntry(name, entry, state);
  }

  /** All of a state is checked before any of it is loaded. */
  #checkEntry(name: string, entry: Entry, state: OptimizerState): void {
    const op = this.rule.name;
    const count = countOf(state, name);
    expectWhole(op, `the count of ${name}`, count);
    if (count === 0) return;
    for (const slot of this.rule.slots) {
      const saved = ownOf(state.tensors, `${slot}.${name}`);
      if (saved === undefined) {
        const help = "is it of the optimiser of another model?";
        throw new UsageError(op, `the state lacks the tensor ${slot}.${name}`, help);
      }
      expectTensor(op, saved);
      checkFits(op, `${slot}.${name}`, entry.handle(), saved);
    }
  }

  #loadEntry(name: string, entry: Entry, state: OptimizerState): void {
    const count = countOf(state, name);
    const read = (slot: string): Tensor => {
      const saved = ownOf(state.tensors, `${slot}.${name}`) as Tensor;
      const own = zerosLike(entry.handle());
      assign(own, saved);
      return own;
    };
    const slots = count === 0 ? null : unscoped(() => scope(() => this.rule.slots.map(read)));
    for (const slot of entry.slots ?? []) dispose(slot);
    entry.slots = slots;
    entry.count = count;
  }

  /** Frees the memory of the state. The parameters stay. */
  dispose(): void {
    for (const entry of this.#entries.values()) {
      for (const slot of entry.slots ?? []) dispose(slot);
      entry.slots = null;
      entry.count = 0;
    }
  }

  /** The children in which scopes look for tensors. */
  [treeChildren](): Iterable<unknown> {
    return [...this.#entries.values()].flatMap((entry) => entry.slots ?? []);
  }
}

function countOf({ counts }: OptimizerState, name: string): number {
  return ownOf(counts, name) ?? 0;
}

function noGradients(op: string): UsageError {
  return new UsageError(
    op,
    "no parameter has a gradient",
    "call loss.backward() before step(), or pass gradients: step(grad(f)(model))",
  );
}
