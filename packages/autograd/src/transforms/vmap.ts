/** @file Runs functions of one sample on all samples at once. */
import { keep, ShapeError, type Tensor, UsageError } from "@isograd/tensor";
import {
  closeScope,
  expectLive,
  expectSync,
  formatShape,
  given,
  openScope,
  ownLists,
  type Path,
  shown,
  visitTree,
} from "@isograd/tensor/engine";
import { Batch, deepest } from "../batching/device.js";
import { rebuild, tensorsOf, withLeaves } from "../tree.js";
import { expectAlone } from "./region.js";

/** Options of other libraries, and ours. */
const THEIRS = new Map([
  ["indims", ["inAxes"]],
  ["outdims", ["outAxes"]],
]);

/** The axes of the samples. */
export interface VmapOptions {
  /**
   * One axis for all arguments, or a list with one for each; null: all samples share the argument.
   * Default: 0.
   */
  readonly inAxes?: number | readonly (number | null)[] | undefined;
  /** The axis of the samples in every result. Default: 0. */
  readonly outAxes?: number | undefined;
}

/**
 * Turns a function of one sample into a function of many: the tensors of the arguments and of the
 * results get one more axis, along which the samples lie. Each op runs once, on all samples.
 * `vmap(grad(f))` gives the gradient of each sample. Calls nest.
 *
 * Inside, a generator draws once: all samples get the same numbers. If each sample needs its own,
 * pass them as an argument. (nn's Dropout draws a mask for each sample.) State has one value for
 * all samples: parameters, buffers and optimisers refuse values that differ between samples.
 *
 * @throws ShapeError when the arguments do not have the same number of samples.
 * @throws DeviceError when `f` reads the values of a sample.
 * @throws UsageError when `f` sets state to a value that differs between samples.
 * @example
 * const dot = (a: Tensor, b: Tensor) => a.mul(b).sum();
 * const rows = tensor([[1, 2], [3, 4]]);
 * vmap(dot)(rows, rows).toString(); // Tensor(float32, [2]) [5, 25]
 * vmap(dot, { inAxes: [0, null] })(rows, tensor([1, 0])).toString(); // Tensor(float32, [2]) [1, 3]
 */
export function vmap<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options?: VmapOptions,
): (...args: A) => R {
  expectAlone("vmap", f, options);
  const { inAxes = 0, outAxes = 0 } = ownLists(given("vmap", options, "inAxes outAxes#", THEIRS));
  checkAxes(inAxes, outAxes);
  return (...args) => {
    checkCount(inAxes, args);
    const axes = args.map((_, i) => (typeof inAxes === "number" ? inAxes : (inAxes[i] ?? null)));
    const mapped = args.filter((_, i) => axes[i] !== null);
    const places = args.flatMap((arg, i) => {
      const axis = axes[i] ?? null;
      if (axis === null) return [];
      const found: Place[] = [];
      const see = (x: Tensor, path: Path): void => {
        const name = `${path.keys.length === 0 ? "" : `${path} of `}argument ${i}`;
        found.push({ x, name, axis: wrap(x, name, axis) });
      };
      visitTree(arg, see, { op: "vmap" });
      return found;
    });
    const count = countOf(places);
    for (const { x } of places) expectLive("vmap", x);
    const batch = new Batch(count, deepest(places.map(({ x }) => x)));
    const mark = openScope();
    try {
      const samples = places.map(({ x, axis }) => batch.enter(x, axis));
      const result = withLeaves(mapped, samples, (own) => {
        let next = 0;
        const all: readonly unknown[] = args.map((arg, i) =>
          axes[i] === null ? arg : own[next++],
        );
        return f(...(all as A));
      });
      expectSync("vmap", result, "read data after it");
      const outs = tensorsOf(result, "vmap").map((x) => {
        expectLive("vmap", x);
        return batch.leave(x, outAxes < 0 ? outAxes + x.shape.length + 1 : outAxes);
      });
      return keep(rebuild(result, outs) as R, "vmap");
    } finally {
      closeScope(mark);
    }
  };
}

type InAxes = NonNullable<VmapOptions["inAxes"]>;

function checkAxes(inAxes: InAxes, outAxes: number): void {
  const list = typeof inAxes === "number" ? [inAxes] : inAxes;
  const isAxis = (axis: unknown) => axis === null || Number.isInteger(axis);
  if (!Array.isArray(list) || !list.every(isAxis)) {
    const help = "give an axis, or a list with an axis or null for each argument";
    throw new UsageError("vmap", `inAxes are ${shown(inAxes)}`, help);
  }
  if (Number.isInteger(outAxes)) return;
  throw new UsageError("vmap", `outAxes is ${shown(outAxes)}`, "give one axis for all results");
}

/** Each argument has its axis: with fewer, or more, one would be ignored. */
function checkCount(inAxes: InAxes, args: readonly unknown[]): void {
  if (typeof inAxes === "number" || inAxes.length === args.length) return;
  throw new UsageError(
    "vmap",
    `inAxes ${shown(inAxes)} are for ${inAxes.length} arguments, the call has ${args.length}`,
    "give one for each argument: null where all samples share it",
  );
}

interface Place {
  readonly x: Tensor;
  readonly name: string;
  readonly axis: number;
}

function wrap(x: Tensor, name: string, axis: number): number {
  const at = axis < 0 ? axis + x.shape.length : axis;
  if (at >= 0 && at < x.shape.length) return at;
  throw new ShapeError(
    "vmap",
    `${name}, of shape ${formatShape(x.shape)}, has no axis ${axis}`,
    "give inAxes, with null for arguments that are the same for every sample",
  );
}

function countOf(places: readonly Place[]): number {
  const first = places[0];
  if (first === undefined) {
    const help = "give a tensor with an axis of samples, or a tree of them";
    throw new ShapeError("vmap", "no argument holds samples", help);
  }
  const count = first.x.shape[first.axis] as number;
  for (const { x, name, axis } of places) {
    if (x.shape[axis] !== count) {
      throw new ShapeError(
        "vmap",
        `${count} samples in ${formatShape(first.x.shape)}, ` +
          `${x.shape[axis]} in ${formatShape(x.shape)}: ${first.name} and ${name}`,
        "pass null in inAxes for shared ones",
      );
    }
  }
  return count;
}
