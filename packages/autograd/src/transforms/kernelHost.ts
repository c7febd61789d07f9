/**
 * @file Runs a GPU.js kernel on the host, element by element: its flattened text as JavaScript, or,
 * where a page's policy forbids that, the function that the user wrote. Knows no op.
 */
import { type Shape, UsageError } from "@isograd/tensor";
import type { View } from "@isograd/tensor/engine";
import { type KernelText, subscriptsOf } from "./kernelText.js";

/** A GPU.js kernel as a function: of arrays, for the element `this.thread` of the result. */
export type KernelFunction = (
  this: KernelThis,
  // biome-ignore lint/suspicious/noExplicitAny: subscripts are as deep as the tensor's rank
  ...arrays: any[]
) => number;

/** What a kernel can read besides its arrays. */
export interface KernelThis {
  /**
   * The element of the result: x along the last axis, y along the one before, z along all others.
   */
  readonly thread: { readonly x: number; readonly y: number; readonly z: number };
  readonly constants: Readonly<Record<string, number>>;
}

/** The kernel as the user wrote it. */
export interface OwnKernel {
  readonly kernel: string | KernelFunction;
  readonly text: KernelText;
  readonly constants: () => KernelThis["constants"];
}

interface Thread {
  x: number;
  y: number;
  z: number;
}

/** The element at a thread. */
type Element = (thread: Thread) => unknown;

/** Computes all elements of `out`. */
export function runOnHost(
  op: string,
  text: KernelText,
  views: readonly View[],
  out: View,
  own: OwnKernel,
): void {
  const element = fromText(text, views) ?? fromFunction(op, views, own);
  const [nx = 1, ny = 1] = [...out.shape].reverse();
  const thread = { x: 0, y: 0, z: 0 };
  for (let k = 0; k < out.data.length; k++) {
    thread.x = k % nx;
    thread.y = Math.floor(k / nx) % ny;
    thread.z = Math.floor(k / (nx * ny));
    const value = element(thread);
    if (typeof value !== "number") {
      throw new UsageError(
        op,
        `the kernel gives ${value}`,
        "return a number: return a > b ? 1 : 0",
      );
    }
    out.data[k] = value;
  }
}

/** The text as JavaScript; null where a policy forbids `Function`. */
function fromText({ parameters, body }: KernelText, views: readonly View[]): Element | null {
  const strict = `"use strict"; ${body.replace(/\bthis\.thread\b/g, "thread_")}`;
  const arrays = views.map((view) => view.data);
  try {
    const kernel = new Function("thread_", ...parameters, strict);
    return (thread) => kernel(thread, ...arrays);
  } catch (error) {
    if (error instanceof EvalError) return null;
    throw error;
  }
}

/** The function itself, on arrays as deep as it subscripts them. */
function fromFunction(op: string, views: readonly View[], own: OwnKernel): Element {
  const { kernel, text } = own;
  const depths = views.map((_, i) => new Set(subscriptsOf(text, i)));
  if (typeof kernel === "string" || depths.some((all) => all.size > 1)) {
    throw new UsageError(
      op,
      "this page's Content-Security-Policy forbids running the text of a kernel",
      "give it as a function that subscripts an array in one way, or allow 'unsafe-eval'",
    );
  }
  const arrays = views.map((view, i) =>
    depths[i]?.has(1) ? view.data : nested(view.data, view.shape),
  );
  const constants = own.constants();
  return (thread) => kernel.call({ thread, constants }, ...arrays);
}

/** Rows in rows, over the same memory. */
function nested(data: View["data"], [length = 0, ...rest]: Shape): ArrayLike<unknown> {
  if (rest.length === 0) return data;
  const size = rest.reduce((product, n) => product * n, 1);
  return Array.from({ length }, (_, i) => nested(data.subarray(i * size, (i + 1) * size), rest));
}
