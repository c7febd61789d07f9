/**
 * @file Ops without a kernel: their operands are read, the reference computes on the host, and the
 * results are uploaded.
 */
import type { Op, Operand, Spec, View } from "../../core/contract.js";
import { runReference } from "../reference/device.js";
import type { Cell } from "./cell.js";
import type { Backend, Block } from "./gpujs/backend.js";
import { cellOf } from "./operands.js";
import type { Run } from "./queue.js";
import { blank, fromFloats, toFloats } from "./values.js";

/** A call of an op on contiguous operands. */
export interface HostCall {
  readonly op: Op;
  readonly operands: readonly Operand[];
  readonly attrs: unknown;
  readonly specs: readonly Spec[];
}

/** What is read of an operand: null instead of the cell when it has no elements. */
interface Source {
  readonly spec: Spec;
  readonly size: number;
  readonly cell: Cell | null;
}

/** Runs a call on the host: at once where the GPU can be read at once, else by a promise. */
export function onHost(backend: Backend, blockOf: (cell: Cell) => Block, call: HostCall): Run {
  const { op, operands, attrs, specs } = call;
  const sources = operands.map(({ shape, dtype, size, storage }): Source => {
    return { spec: { shape, dtype }, size, cell: cellOf(storage) };
  });
  const compute = (values: readonly Float32Array[]): (Block | null)[] => {
    const views = sources.map(({ spec }, i): View => {
      return { ...spec, strides: null, data: fromFloats(values[i] ?? NONE, spec.dtype) };
    });
    const outs = specs.map(blank);
    runReference(op, views, attrs, outs);
    return uploadAll(backend, outs);
  };
  const { readSync } = backend;
  if (readSync !== null) {
    return () =>
      compute(sources.map(({ cell, size }) => (cell ? readSync(blockOf(cell), size) : NONE)));
  }
  return async () => {
    const reads = sources.map(async ({ cell, size }) =>
      cell ? backend.read(blockOf(cell), size) : NONE,
    );
    return compute(await Promise.all(reads));
  };
}

const NONE = new Float32Array(0);

/** Uploads all results or none. */
function uploadAll(backend: Backend, outs: readonly View[]): (Block | null)[] {
  const blocks: (Block | null)[] = [];
  try {
    for (const { data, dtype } of outs) {
      blocks.push(data.length === 0 ? null : backend.upload(toFloats(data, dtype)));
    }
  } catch (error) {
    for (const block of blocks) if (block !== null) backend.recycle(block);
    throw error;
  }
  return blocks;
}
