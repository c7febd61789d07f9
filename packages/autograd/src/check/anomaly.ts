/** @file Finds the op that made the first NaN or infinity, forward or backward. */
import { GradientError, Tensor } from "@isograd/tensor";
import {
  commonFamilies,
  deviceOf,
  expectFunction,
  expectSync,
  fold,
  formatShape,
  type Inputs,
  isFloat,
  nodeOf,
  type Op,
  opsOf,
  type Recorded,
  setWatcher,
  unfold,
} from "@isograd/tensor/engine";
import { passingNode } from "../tape/walk.js";
import { indexOf } from "./indexOf.js";

/** Ops that only move elements, or pad with a value that the caller chose. */
const moving: ReadonlySet<Op> = new Set(
  [commonFamilies.movement, { fold, unfold }].flatMap((family) =>
    opsOf(family).map(([, op]) => op),
  ),
);

/** For each node, the line of user code that called its op. */
type Lines = WeakMap<Recorded, string>;

/**
 * Runs `fn` and throws at the first op, forward or backward, that makes a NaN from inputs without
 * NaN, or an infinity from finite inputs. The error names the op, its shapes, the element, and the
 * line of your code that called it; in a backward pass also the op of the forward pass. It reads
 * every result, so it is slow: use it for debugging.
 *
 * @throws GradientError at the first NaN or infinity; UsageError when `fn` returns a promise.
 * @throws DeviceError on devices whose values cannot be read at once.
 * @example
 * const slope = grad((x: Tensor) => x.sqrt().sum());
 * detectAnomaly(() => slope(tensor([4]))).toString(); // Tensor(float32, [1]) [0.25]
 */
export function detectAnomaly<R>(fn: () => R): R {
  expectFunction("detectAnomaly", fn, "write detectAnomaly(() => …)");
  const lines: Lines = new WeakMap();
  const before = setWatcher((op, inputs, _, outs) => {
    const list = outs instanceof Tensor ? [outs] : outs;
    // Under vmap the watcher sees the op twice: on one sample and on all.
    if (deviceOf(list[0] as Tensor).over !== undefined) return;
    const line = passingNode() === null ? userLine() : undefined;
    for (const out of list) {
      const node = nodeOf(out);
      if (node !== null && line !== undefined) lines.set(node, line);
      if (!moving.has(op)) inspect(op, inputs, out, lines);
    }
  });
  try {
    const result = fn();
    expectSync("detectAnomaly", result, "it watches until its function returns: await outside");
    return result;
  } finally {
    setWatcher(before);
  }
}

function inspect(op: Op, inputs: Inputs, out: Tensor, lines: Lines): void {
  if (!isFloat(out.dtype)) return;
  const values = out.dataSync();
  const at = values.findIndex((v) => !Number.isFinite(v));
  if (at < 0) return;
  const nan = values.findIndex((v) => Number.isNaN(v));
  const given = inputs.map((x) => (isFloat(x.dtype) ? x.dataSync() : []));
  const known = (bad: (v: number) => boolean) => given.some((xs) => [...xs].some(bad));
  if (nan >= 0 && !known(Number.isNaN)) throw anomaly(op, inputs, out, nan, lines);
  if (!known((v) => !Number.isFinite(v))) throw anomaly(op, inputs, out, at, lines);
}

function anomaly(op: Op, inputs: Inputs, out: Tensor, at: number, lines: Lines): GradientError {
  const value = out.dataSync()[at] as number;
  const shapes = inputs.map((x) => formatShape(x.shape)).join(", ");
  const place = formatShape(indexOf(at, out.shape));
  const made = `made ${value} at ${place}: ${shapes} → ${formatShape(out.shape)}`;
  const node = passingNode();
  const where =
    node === null
      ? `called ${userLine() ?? "by the library"}`
      : `in the backward pass of ${node.op?.name ?? "a leaf"}, ` +
        `called ${lines.get(node) ?? "before detectAnomaly began"}`;
  const help = "print its inputs: is one 0, very large, or out of its domain?";
  return new GradientError(op.name, `${made}, ${where}`, help);
}

/** Stack frames of the library (sources, builds, packages) and of Node. */
const library = new RegExp(
  String.raw`[\\/](?:@isograd|packages)[\\/](?:tensor|autograd|compile|nn|gpart|equivariant)` +
    String.raw`[\\/](?:src|dist)[\\/]|node:`,
);

/** The innermost stack frame outside of the library: `at file:line:column`. */
function userLine(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  const frames = new Error().stack?.split("\n").slice(1) ?? [];
  Error.stackTraceLimit = limit;
  const frame = frames.find((text) => text.includes(":") && !library.test(text));
  const place =
    frame?.match(/\(([^()]*:\d+:\d+)\)\s*$/)?.[1] ?? frame?.match(/at (?:async )?(.*)$/)?.[1];
  return place === undefined ? undefined : `at ${place}`;
}
