/**
 * @file Modules: objects that hold parameters, buffers and other modules by name. Knows no layer
 * and no optimiser.
 */
import { noGrad, parameterBoxes } from "@isograd/autograd";
import {
  type DType,
  DTypeError,
  Rng,
  type Tensor,
  treeChildren,
  UsageError,
} from "@isograd/tensor";
import {
  childrenOf,
  expectFunction,
  isPlain,
  Remembered,
  shown,
  unscoped,
} from "@isograd/tensor/engine";
import { describeModule } from "./describe.js";
import { join } from "./names.js";
import { Buffer, Parameter } from "./parameter.js";
import { type LoadReport, type LoadStateOptions, loadInto, snapshot } from "./stateDict.js";

/** The parts that a module is made of. */
type Part = Parameter | Buffer | Module | Rng;

/**
 * Base class of everything with parameters. Assign parameters, buffers, modules, and arrays, maps,
 * sets or plain objects of them as properties: their names are the property paths, such as
 * `layers.0.weight`.
 *
 * @example
 * class Scale extends Module {
 *   factor = new Parameter(tensor([2, 3]));
 *   forward(x: Tensor): Tensor {
 *     return x.mul(this.factor.value);
 *   }
 * }
 * const model = new Scale();
 * [...model.namedParameters().keys()]; // ["factor"]
 * grad((m: Scale) => m.forward(ones([2])).sum())(model); // { factor: Tensor(float32, [2]) [1, 1] }
 */
export abstract class Module {
  readonly #training = new Remembered(true);

  /** Whether layers such as Dropout run as in training; true at first. */
  get training(): boolean {
    return this.#training.value;
  }

  set training(on: boolean) {
    if (typeof on !== "boolean") {
      throw new UsageError("training", `the mode is ${shown(on)}`, "true, or false for evaluation");
    }
    this.#training.value = on;
  }

  /** Parameters by name; a parameter in several places is listed once, under its first name. */
  namedParameters(): Map<string, Parameter> {
    const found = new Map<string, Parameter>();
    const seen = new Set<Parameter>();
    visit(this, "", (name, part) => {
      if (!(part instanceof Parameter) || seen.has(part)) return;
      seen.add(part);
      found.set(name, part);
    });
    return found;
  }

  /** The values of {@link Module.namedParameters}. */
  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /** Buffers by name. */
  namedBuffers(): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    visit(this, "", (name, part) => {
      if (part instanceof Buffer) found.set(name, part);
    });
    return found;
  }

  /** This module under the name `""`, and every module inside it. */
  namedModules(): Map<string, Module> {
    const found = new Map<string, Module>([["", this]]);
    visit(this, "", (name, part) => {
      if (part instanceof Module) found.set(name, part);
    });
    return found;
  }

  /** Random generators by name, such as those of Dropout: checkpoints contain their states. */
  namedGenerators(): Map<string, Rng> {
    const found = new Map<string, Rng>();
    visit(this, "", (name, part) => {
      if (part instanceof Rng) found.set(name, part);
    });
    return found;
  }

  /** Number of elements of all trainable parameters. */
  get parameterCount(): number {
    return this.parameters().reduce((n, p) => n + (p.trainable ? p.own.size : 0), 0);
  }

  /** Calls `fn` with this module and every module inside it. */
  apply(fn: (module: Module, name: string) => void): this {
    expectFunction("apply", fn, "write apply((module, name) => …)");
    for (const [name, module] of this.namedModules()) fn(module, name);
    return this;
  }

  /** Puts this module and all modules inside it into training mode. */
  train(on = true): this {
    return this.apply((module) => {
      module.training = on;
    });
  }

  /** Puts this module and all modules inside it into evaluation mode: Dropout does nothing. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Makes parameters constant: all, or those whose name passes `which`. Transforms and optimisers
   * then skip them.
   */
  freeze(which: (name: string) => boolean = () => true): this {
    return this.#setTrainable("freeze", which, false);
  }

  /** Undoes {@link Module.freeze}. */
  unfreeze(which: (name: string) => boolean = () => true): this {
    return this.#setTrainable("unfreeze", which, true);
  }

  #setTrainable(op: string, which: (name: string) => boolean, on: boolean): this {
    const example = typeof which === "string" ? which : "layers.0";
    expectFunction(op, which, `write ${op}((name) => name.startsWith(${shown(example)}))`);
    for (const [name, p] of this.namedParameters()) if (which(name)) p.trainable = on;
    return this;
  }

  /**
   * Parameters and buffers by name, with their current values: later training does not change
   * them.
   */
  stateDict(): Record<string, Tensor> {
    return snapshot(stateSlots(this));
  }

  /**
   * Loads the values of a state dict, cast to the dtype of each parameter.
   *
   * @throws UsageError that lists every missing and unexpected name and every shape that differs;
   * then nothing is loaded. With `strict: false` names may be missing or unexpected.
   */
  loadStateDict(dict: Readonly<Record<string, Tensor>>, options?: LoadStateOptions): LoadReport {
    return loadInto(stateSlots(this), dict, options);
  }

  /** Changes the dtype of float parameters and buffers, in place. Make optimisers afterwards. */
  cast(dtype: DType): this {
    if (dtype !== "float32" && dtype !== "float64") {
      throw new DTypeError("cast", `parameters cannot be ${shown(dtype)}`, "float32 or float64");
    }
    for (const slot of allSlots(this)) {
      if (slot.dtype.startsWith("float") && slot.dtype !== dtype) {
        slot.renew(noGrad(() => unscoped(() => slot.own.cast(dtype))));
      }
    }
    return this;
  }

  /** Moves parameters and buffers to a device, in place. Make optimisers afterwards. */
  async to(device: string): Promise<this> {
    if (typeof device !== "string") {
      throw new UsageError("to", `needs the name of a device, got ${shown(device)}`, 'to("cpu")');
    }
    for (const slot of allSlots(this)) {
      if (slot.device !== device) slot.renew(await slot.own.to(device));
    }
    return this;
  }

  /**
   * The tree of modules, as PyTorch prints it: settings, shapes of parameters, and what is inside.
   *
   * @example
   * String(new Linear(2, 3, { rng: rng(0) }));
   * // Linear(inFeatures=2, outFeatures=3, weight [3, 2], bias [3])
   */
  toString(): string {
    return describeModule(this);
  }

  /** What Node's console prints. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Frees the memory of all parameters and buffers. */
  dispose(): void {
    for (const slot of allSlots(this)) slot.dispose();
  }

  /** The trainable parameters: `grad` and the other transforms differentiate by them. */
  [parameterBoxes](): Map<string, { value: Tensor }> {
    const boxes = new Map<string, { value: Tensor }>();
    for (const [name, p] of this.namedParameters()) if (p.trainable) boxes.set(name, new Box(p));
    return boxes;
  }

  /** The children in which scopes look for tensors. */
  [treeChildren](): Iterable<unknown> {
    return Object.values(this);
  }
}

/** @throws UsageError unless x is a module. */
export function expectModule(op: string, x: unknown): asserts x is Module {
  if (x instanceof Module) return;
  const help = "give the module itself, such as new Linear(3, 2, { rng: rng(0) })";
  throw new UsageError(op, `needs a module, got ${shown(x)}`, help);
}

/** A parameter for transforms: setting the value lends another tensor until it is set back. */
class Box {
  readonly parameter: Parameter;

  constructor(parameter: Parameter) {
    this.parameter = parameter;
  }

  get value(): Tensor {
    return this.parameter.value;
  }

  set value(next: Tensor) {
    this.parameter.lend(next);
  }
}

/**
 * Calls `see` with every part of a module and its path. Objects that contain themselves are not
 * entered again.
 */
function visit(root: Module, prefix: string, see: (name: string, part: Part) => void): void {
  const path = new Set<object>([root]);
  const enter = (holder: object, at: string): void => {
    const { keys, values } = childrenOf(holder);
    for (const [i, value] of values.entries()) {
      if (typeof value !== "object" || value === null || path.has(value)) continue;
      const isPart = isLeaf(value) || value instanceof Module;
      if (!isPart && !isPlain(value) && !(value instanceof Map || value instanceof Set)) continue;
      const name = join(at, String(keys === null ? i : keys[i]));
      if (isPart) see(name, value);
      if (isLeaf(value)) continue;
      path.add(value);
      enter(value, name);
      path.delete(value);
    }
  };
  enter(root, prefix);
}

function isLeaf(value: object): value is Parameter | Buffer | Rng {
  return value instanceof Parameter || value instanceof Buffer || value instanceof Rng;
}

/** The entries of a state dict: every name of every parameter, and the persistent buffers. */
function stateSlots(module: Module): Map<string, Parameter | Buffer> {
  const found = new Map<string, Parameter | Buffer>();
  visit(module, "", (name, part) => {
    if (part instanceof Parameter || (part instanceof Buffer && part.persistent)) {
      found.set(name, part);
    }
  });
  return found;
}

function allSlots(module: Module): Set<Parameter | Buffer> {
  const found = new Set<Parameter | Buffer>();
  visit(module, "", (_, part) => {
    if (part instanceof Parameter || part instanceof Buffer) found.add(part);
  });
  return found;
}
