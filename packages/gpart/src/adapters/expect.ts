/** @file Checks that an argument is an adapter. */
import { UsageError } from "@isograd/tensor";
import { shown } from "@isograd/tensor/engine";
import { Adapter } from "./adapter.js";

/** @throws UsageError unless `x` is an adapter. */
export function expectAdapter(op: string, x: unknown): asserts x is Adapter {
  if (x instanceof Adapter) return;
  throw new UsageError(op, `needs an adapter, got ${shown(x)}`, "make one by gpart(model, { d })");
}

/** @throws UsageError unless `x` is a list of adapters. */
export function expectAdapters(op: string, x: unknown): void {
  if (!Array.isArray(x)) {
    throw new UsageError(op, `needs a list of adapters, got ${shown(x)}`, "write [a, b]");
  }
  for (const adapter of x) expectAdapter(op, adapter);
}
