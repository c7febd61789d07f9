/**
 * @file What a GPU kernel is: an op's operands and attributes in, enqueued work and a block out.
 */

import { sizeOf } from "../../../base/shape.js";
import type { Spec } from "../../../core/contract.js";

import type { Block } from "../backend.js";
import type { Cell } from "../cell.js";
import type { Call, Launcher } from "../launcher.js";
import { coalesce, offset, places } from "../source.js";

/** An input: where it is and how it is walked. */
export interface Operand extends Spec {
  readonly block: Block;
  /**
   * In elements; 0 repeats. Contiguous unless the device says that it accepts strides for the op.
   */
  readonly strides: readonly number[];
  readonly size: number;
  readonly cell: Cell;
}

/** What kernels work with. */
export interface Kit {
  readonly launcher: Launcher;
  launch(call: Call): Block;
  upload(values: Float32Array): Block;
  /** Numbers that do not change, uploaded once; they belong to the device. */
  table(key: string, make: () => Float32Array): Block;
  /** Gives up a block made on the way. */
  free(block: Block): void;
}

/** The work of one op, known by its name. */
export interface Job {
  readonly op: string;
  readonly inputs: readonly Operand[];
  readonly attrs: unknown;
  readonly spec: Spec;
}

export type Kernel = (kit: Kit, job: Job) => Block;
/** What can be refused at the call, while the work itself waits. */
export type Check = (job: Job) => void;

const VALUES = ["x", "y", "z"] as const;

/**
 * One thread for each element of `shape`: `body` over x, y, z, the elements of up to three operands
 * at its place. Operands are walked by the strides given, from `start` for the first.
 */
export function map(
  kit: Kit,
  what: {
    readonly op: string;
    readonly body: string;
    readonly shape: readonly number[];
    readonly operands: readonly { readonly block: Block; readonly strides: readonly number[] }[];
    readonly numbers?: Readonly<Record<string, number>>;
    readonly start?: number;
  },
): Block {
  const { op, shape, operands } = what;
  const { lengths, steps } = coalesce(
    shape,
    operands.map((x) => x.strides),
  );
  const { lines, names } = places(op, lengths);
  const arrays: Record<string, Block> = {};
  let values = "";
  operands.forEach(({ block }, i) => {
    arrays[`a${i}`] = block;
    const at = offset(names, steps[i] as number[], i === 0 ? what.start : 0);
    values += `const ${VALUES[i]} = a${i}[${at}];\n`;
  });
  const body = `${lines}${values}${what.body}`;
  return kit.launch({ op, body, output: sizeOf(shape), arrays, numbers: what.numbers ?? {} });
}
