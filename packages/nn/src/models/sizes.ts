/**
 * @file Compares the sizes in a configuration with the tensors of a file, before a model of these
 * sizes is made.
 */
import { FormatError, type Tensor } from "@isograd/tensor";
import { formatShape } from "@isograd/tensor/engine";
import { snake } from "./config.js";

/** Where a file shows the value of a field: the length of an axis, or the number of layers. */
export type Size<C> = { readonly field: keyof C & string } & (
  | {
      /** Name of a tensor of the model without its head. */
      readonly name: string;
      readonly axis: number;
      /** The length that a configuration asks for; default: the field itself. */
      readonly of?: ((config: C) => number) | undefined;
    }
  | {
      /** Name of a tensor of the head. */
      readonly head: string;
      readonly axis: number;
    }
  | {
      /** What stands before the number of a layer in names. */
      readonly layers: string;
    }
);

/** Tensors by the names in a file, and what may be missing there. */
export interface FileView {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Name of the model without its head, which names may begin with. */
  readonly base: string;
  /** Other names of tensors. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Whether a tensor may be missing. */
  mayLack(name: string): boolean;
}

const OP = "loadPretrained";

/**
 * Checks all sizes.
 *
 * @throws FormatError for a size that differs from the file's, and for tensors that show a size and
 * are missing.
 */
export function checkSizes<C>(sizes: readonly Size<C>[], config: C, file: FileView): void {
  const missing = new Set<string>();
  expectSome(sizes, file);
  const none = sizes.some((size) => "layers" in size && config[size.field] === 0);
  for (const size of sizes) {
    if ("layers" in size) {
      checkLayers(size.field, Number(config[size.field]), size.layers, file);
      continue;
    }
    const inBase = "name" in size;
    const name = inBase ? size.name : size.head;
    const found = find(file, name, inBase);
    if (found === undefined) {
      const inLayer = none && /\.0\./.test(name);
      if (!inLayer && !mayLack(file, name, inBase)) missing.add(name);
      continue;
    }
    const wanted = inBase && size.of ? size.of(config) : Number(config[size.field]);
    if (found.shape[size.axis] === wanted) continue;
    const said = `${snake(size.field)} is ${String(config[size.field])}`;
    const length = inBase && size.of ? `, which makes a length of ${wanted}` : "";
    throw misfit(
      `config.json: ${said}${length}, but ${name} is ${formatShape(found.shape)} in the file`,
    );
  }
  if (missing.size === 0) return;
  const [first] = missing;
  throw new FormatError(
    OP,
    `the weights do not fit the model\n  missing: ${[...missing].join(", ")}`,
    `to draw new values for what is missing, pass { fresh: ["${first}"] } or its module`,
  );
}

/** @throws FormatError for a file that shows no size, which no `fresh` makes up for. */
function expectSome<C>(sizes: readonly Size<C>[], file: FileView): void {
  if (sizes.some((size) => "name" in size && find(file, size.name, true) !== undefined)) return;
  const names = [...file.tensors.keys()].slice(0, 3).join(", ");
  throw misfit(`the file holds nothing of this model, but ${names || "no tensors"}`);
}

function checkLayers(field: string, wanted: number, layers: string, file: FileView): void {
  let count = 0;
  for (const name of file.tensors.keys()) {
    const inside = name.startsWith(`${file.base}.`) ? name.slice(file.base.length + 1) : name;
    if (!inside.startsWith(layers)) continue;
    const number = /^\d{1,9}(?=\.)/.exec(inside.slice(layers.length));
    if (number !== null) count = Math.max(count, Number(number[0]) + 1);
  }
  if (wanted <= count || mayLack(file, `${layers}${count}`, true)) return;
  throw misfit(`config.json: ${snake(field)} is ${wanted}, but the file has ${count} layers`);
}

function find(file: FileView, name: string, inBase: boolean): Tensor | undefined {
  const { tensors, base, aliases } = file;
  const full = inBase ? `${base}.${name}` : name;
  const found = (inBase ? tensors.get(name) : undefined) ?? tensors.get(full);
  const alias = aliases.get(full);
  return found ?? (alias === undefined ? undefined : tensors.get(alias));
}

function mayLack(file: FileView, name: string, inBase: boolean): boolean {
  return file.mayLack(name) || (inBase && file.mayLack(`${file.base}.${name}`));
}

function misfit(problem: string): FormatError {
  const help = "do config.json and the weights belong to one model, and to this class?";
  return new FormatError(OP, problem, help);
}
