/** @file Calls of everything a package exports, with arguments that make no sense. */
import { IsogradError, type Tensor, tensor } from "@isograd/tensor";

/** The kinds of bad arguments, each made anew for each call. */
const kinds: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  NaN: () => Number.NaN,
  "-1": () => -1,
  "1.5": () => 1.5,
  "2 ** 40": () => 2 ** 40,
  "[2 ** 40]": () => [2 ** 40],
  text: () => "no such thing",
  true: () => true,
  "{}": () => ({}),
  "{ nothing: 1 }": () => ({ nothing: 1 }),
  "[]": () => [],
  "[null]": () => [null],
  function: () => () => 0,
  symbol: () => Symbol("s"),
  bigint: () => 10n,
  map: () => new Map(),
  promise: () => Promise.resolve(0),
  "a disposed tensor": () => disposed(),
};

function disposed(): Tensor {
  const x = tensor([1, 2]);
  x.dispose();
  return x;
}

/** Arguments that make sense somewhere, by the name that a fault shows. */
export type Goods = Readonly<Record<string, () => unknown>>;

/** A call may take this many milliseconds: more, and it worked before it looked. */
const patience = 5_000;

/**
 * Calls `f` with each bad argument in each of three places, good ones of all kinds before it; what
 * comes back is called, too, when it is a function. Classes are constructed.
 */
export async function faultsOf(name: string, f: unknown, goods: Goods): Promise<string[]> {
  if (typeof f !== "function") return [];
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0; // thousands of errors are thrown, and only what they say is read
  try {
    return await allFaultsOf(name, f, goods);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

async function allFaultsOf(name: string, f: object, goods: Goods): Promise<string[]> {
  const found: string[] = [];
  const before = [[], ...Object.keys(goods).flatMap((good) => [[good], [good, good]])];
  for (const names of before) {
    for (const [kind, make] of Object.entries(kinds)) {
      const args = [...names.map((good) => (goods[good] as () => unknown)()), make()];
      const call = `${name}(${[...names, kind].join(", ")})`;
      const problem = await problemOf(() => run(f, args));
      if (problem !== undefined) found.push(`${call}: ${problem}`);
    }
    found.push(...(await optionFaultsOf(name, f, names, goods)));
    if (found.length >= 8) break;
  }
  return found.slice(0, 8);
}

/** Calls `f` with each bad value of each option that it says it has. */
async function optionFaultsOf(
  name: string,
  f: object,
  before: readonly string[],
  goods: Goods,
): Promise<string[]> {
  const found: string[] = [];
  const args = () => before.map((good) => (goods[good] as () => unknown)());
  for (const option of await optionsOf(() => run(f, [...args(), { nothing: 1 }]))) {
    for (const [kind, make] of Object.entries(kinds)) {
      const call = `${name}(${[...before, `{ ${option}: ${kind} }`].join(", ")})`;
      const problem = await problemOf(() => run(f, [...args(), { [option]: make() }]));
      if (problem !== undefined) found.push(`${call}: ${problem}`);
    }
  }
  return found;
}

/** The options that an error lists, which says that there is none called "nothing". */
async function optionsOf(call: () => unknown): Promise<string[]> {
  try {
    await settled(call());
    return [];
  } catch (error) {
    const help = error instanceof IsogradError ? error.help : undefined;
    const [, list] = /options: ([\w, ]+)$/.exec(help ?? "") ?? [];
    return list === undefined ? [] : list.split(", ");
  }
}

/**
 * The same for the methods of an object, inherited ones too; `make` makes one for each call. A line
 * begins with `name.method`.
 */
export async function methodFaultsOf(
  name: string,
  make: () => object,
  goods: Goods,
): Promise<string[]> {
  const found: string[] = [];
  for (const method of methodsOf(make())) {
    const call = (...args: unknown[]) => {
      const object = make();
      return Reflect.apply(Reflect.get(object, method) as () => unknown, object, args);
    };
    found.push(...(await faultsOf(`${name}.${method}`, call, goods)));
  }
  return found;
}

function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (
    let at: object | null = object;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === "function" && name !== "constructor") names.add(name);
    }
  }
  return [...names];
}

const isClass = (f: object): boolean => /^class\b/.test(Function.prototype.toString.call(f));

function run(f: object, args: unknown[]): unknown {
  if (isClass(f)) return Reflect.construct(f as new () => unknown, args);
  return Reflect.apply(f as () => unknown, undefined, args);
}

/** What is wrong with how a call ends, if anything. */
async function problemOf(call: () => unknown): Promise<string | undefined> {
  const start = performance.now();
  const problem = await raw(async () => {
    const result = call();
    if (result instanceof Promise) return await settled(result);
    if (typeof result !== "function" || isClass(result)) return result;
    for (const make of Object.values(kinds)) {
      const inner = await raw(
        async () => await settled((result as (x: unknown) => unknown)(make())),
      );
      if (inner !== undefined) throw new TypeError(`of what it returns: ${inner}`);
    }
    return result;
  });
  if (problem !== undefined) return problem;
  const time = performance.now() - start;
  return time > patience ? `took ${time.toFixed(0)} ms` : undefined;
}

/** The error that `f` ends with, unless it is one of the house. */
async function raw(f: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await f();
    return undefined;
  } catch (error) {
    if (error instanceof IsogradError) return undefined;
    return error instanceof Error ? `${error.name}: ${error.message}` : `throws ${String(error)}`;
  }
}

/** The result of a promise; one that never comes is an error. */
function settled(result: unknown): unknown {
  if (!(result instanceof Promise)) return result;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((_, refuse) => {
    timer = setTimeout(() => refuse(new Error("its promise never settles")), 2_000);
  });
  return Promise.race([result, late]).finally(() => clearTimeout(timer));
}
