/** @file State dicts: saves and loads the tensors of named slots. Knows slots, not modules. */
import { noGrad } from "@isograd/autograd";
import { scope, type Tensor, UsageError } from "@isograd/tensor";
import {
  dropNode,
  expectTensor,
  formatShape,
  given,
  ownOf,
  recordOf,
  shapesEqual,
} from "@isograd/tensor/engine";
import { expectRecord } from "./expect.js";
import { type Buffer, checkOneValue, type Parameter } from "./parameter.js";

type Slots = ReadonlyMap<string, Parameter | Buffer>;

export interface LoadStateOptions {
  /** Whether missing and unexpected names are errors; default: true. Shapes must always fit. */
  readonly strict?: boolean | undefined;
}

/** Names that were skipped; with `strict: true` both lists are empty. */
export interface LoadReport {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** New handles on the current values. */
export function snapshot(slots: Slots): Record<string, Tensor> {
  const dict: [name: string, x: Tensor][] = [];
  for (const [name, slot] of slots) {
    const handle = slot.own.alias(true, "stateDict");
    dropNode(handle);
    dict.push([name, handle]);
  }
  return recordOf(dict);
}

/** Checks all names and shapes first, then loads. */
export function loadInto(
  slots: Slots,
  dict: Readonly<Record<string, Tensor>>,
  options: LoadStateOptions | undefined,
): LoadReport {
  const { strict = true } = given("loadStateDict", options, "strict?");
  expectRecord("loadStateDict", "tensors by name", dict, "give what stateDict() returned");
  const missing = [...slots.keys()].filter((name) => !Object.hasOwn(dict, name));
  const unexpected = Object.keys(dict).filter((name) => !slots.has(name));
  const differing: string[] = [];
  for (const [name, slot] of slots) {
    const saved = ownOf(dict, name);
    if (saved === undefined) continue;
    expectTensor("loadStateDict", saved);
    checkOneValue("loadStateDict", name, slot.own, saved);
    if (!shapesEqual(saved.shape, slot.shape)) {
      differing.push(`${name} is ${formatShape(slot.shape)}, given ${formatShape(saved.shape)}`);
    }
  }
  if (differing.length > 0 || (strict && missing.length + unexpected.length > 0)) {
    throw misfit(strict ? missing : [], strict ? unexpected : [], differing);
  }
  noGrad(() =>
    scope(() => {
      const cast = new Map<Parameter | Buffer, Tensor>(); // a failed cast leaves all as they were
      for (const [name, slot] of slots) {
        const saved = ownOf(dict, name);
        if (saved !== undefined) cast.set(slot, saved.cast(slot.dtype));
      }
      for (const [slot, value] of cast) slot.value = value;
    }),
  );
  return { missing, unexpected };
}

function misfit(
  missing: readonly string[],
  unexpected: readonly string[],
  differing: readonly string[],
): UsageError {
  return new UsageError(
    "loadStateDict",
    `the state dict does not fit the module${differences(missing, unexpected, differing)}`,
    differing.length > 0
      ? "is it of a model of other sizes?"
      : "to load what fits and leave the rest, pass { strict: false }",
  );
}

/** One line for each kind of difference that there is, for messages. */
export function differences(
  missing: readonly string[],
  unexpected: readonly string[],
  differing: readonly string[],
): string {
  const kinds = [
    ["missing", some(missing, ", ")],
    ["unexpected", some(unexpected, ", ")],
    ["of another shape", some(differing, "; ")],
  ];
  const found = kinds.filter(([, names]) => names !== "");
  return found.map(([what, names]) => `\n  ${what}: ${names}`).join("");
}

/** The first hundred, and how many more there are. */
function some(names: readonly string[], between: string): string {
  const shown = names.slice(0, 100).join(between);
  return names.length > 100 ? `${shown}${between}and ${names.length - 100} more` : shown;
}
