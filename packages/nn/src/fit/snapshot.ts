/** @file Saving and restoring what is trained: state dicts of modules, and tensors of trees. */
import { scope, type Tensor, UsageError } from "@isograd/tensor";
import { dropNode, ownOf, type Path, recordOf, visitTree } from "@isograd/tensor/engine";
import { Module } from "../module.js";
import { join } from "../names.js";
import { targetsOf } from "../optim/targets.js";
import { assign, Parameter } from "../parameter.js";

/**
 * Snapshots of all tensors of a model by name: state dicts of modules, buffers included, and plain
 * tensors.
 */
export function saveTree(model: unknown): Record<string, Tensor> {
  const dict: [name: string, x: Tensor][] = [];
  eachPart(model, (name, part) => {
    if (part instanceof Module) {
      for (const [key, x] of Object.entries(part.stateDict())) dict.push([join(name, key), x]);
      return;
    }
    for (const [key, { handle }] of targetsOf("fit", part)) {
      const snapshot = handle().alias(true, "fit");
      dropNode(snapshot);
      dict.push([join(name, key), snapshot]);
    }
  });
  return recordOf(dict);
}

/** Puts saved tensors back behind the handles of a model. */
export function loadTree(model: unknown, dict: Readonly<Record<string, Tensor>>): void {
  let sorted: readonly string[] | null = null;
  eachPart(model, (name, part) => {
    if (part instanceof Module) {
      sorted ??= name === "" ? [] : Object.keys(dict).sort();
      part.loadStateDict(name === "" ? dict : inside(dict, sorted, `${name}.`));
      return;
    }
    scope(() => {
      for (const [key, { handle }] of targetsOf("fit", part)) {
        const saved = ownOf(dict, join(name, key));
        if (saved === undefined) {
          const help = "resume with the model that was saved, built in the same way";
          throw new UsageError("fit", `the checkpoint lacks ${join(name, key)}`, help);
        }
        assign(handle(), saved);
      }
    });
  });
}

/** As {@link below}, by a search in the sorted names: a tree may have very many modules. */
function inside(
  dict: Readonly<Record<string, Tensor>>,
  sorted: readonly string[],
  start: string,
): Record<string, Tensor> {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < start) low = middle + 1;
    else high = middle;
  }
  const found: [name: string, x: Tensor][] = [];
  for (let i = low; sorted[i]?.startsWith(start) === true; i++) {
    const name = sorted[i] as string;
    found.push([name.slice(start.length), dict[name] as Tensor]);
  }
  return recordOf(found);
}

/** Calls `see` with every module, parameter and tensor of a tree, and its path. */
function eachPart(tree: unknown, see: (name: string, part: object) => void): void {
  const stop = (x: object, path: Path): boolean => {
    const part = x instanceof Module || x instanceof Parameter;
    if (part) see(path.toString(), x);
    return part;
  };
  visitTree(tree, (x, path) => see(path.toString(), x), { op: "fit", stop, knots: true });
}

/** The entries whose names start with `prefix.`, without it. */
export function below<T>(dict: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  if (prefix === "") return { ...dict };
  const start = `${prefix}.`;
  const inside = Object.entries(dict).filter(([name]) => name.startsWith(start));
  return Object.fromEntries(inside.map(([name, value]) => [name.slice(start.length), value]));
}
