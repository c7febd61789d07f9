/**
 * @file What a GPU kernel is: a function from an op's operands and attributes to the block of its
 * result, whose work it enqueues.
 */
import { sizeOf } from "../../../base/shape.js";
import type { Inputs, Op, Spec } from "../../../core/contract.js";
import type { OpNames } from "../../../ops/families.js";
import type { Cell } from "../cell.js";
import type { Block } from "../gpujs/backend.js";
import type { Call, Launcher } from "../gpujs/launcher.js";
import { coalesce, offset, places } from "../gpujs/source.js";

/** An input of a kernel. */
export interface KernelOperand extends Spec {
  readonly block: Block;
  /** In elements; 0 repeats. Contiguous unless the table of the kernel says `strides`. */
  readonly strides: readonly number[];
  readonly size: number;
  readonly cell: Cell;
}

/** What a kernel may use of its device. */
export interface Kit {
  readonly launcher: Launcher;
  launch(call: Call): Block;
  upload(values: Float32Array): Block;
  /** Constant numbers, uploaded once; they belong to the device. */
  table(key: string, make: () => Float32Array): Block;
  /** Returns an intermediate block to the pool. */
  free(block: Block): void;
}

/** One call of an op of several results, with inputs A and attributes P. */
export interface ManyJob<A extends Inputs = Inputs, P = unknown> {
  /** Name of the op, for errors. */
  readonly op: string;
  readonly inputs: { readonly [K in keyof A]: KernelOperand };
  readonly attrs: P;
}

/** One call of an op of one result. */
export interface Job<A extends Inputs = Inputs, P = unknown> extends ManyJob<A, P> {
  readonly spec: Spec;
}

// Types of methods, so that tables of kernels with any inputs and attributes have one type.
export type Kernel<A extends Inputs = Inputs, P = unknown> = {
  launch(kit: Kit, job: Job<A, P>): Block;
}["launch"];

/** The kernel of an op of several results; null stands for a result without elements. */
export type ManyKernel<A extends Inputs = Inputs, P = unknown> = {
  launch(kit: Kit, job: ManyJob<A, P>): (Block | null)[];
}["launch"];

/** Throws at the call what the kernel would refuse later, when the queue runs it. */
export type Check<A extends Inputs = Inputs, P = unknown> = {
  check(job: Job<A, P>): void;
}["check"];

/** The kernel of the op behind a function, such as `KernelFor<typeof sum>`. */
export type KernelFor<F> = F extends { readonly op: Op<infer A, infer P> } ? Kernel<A, P> : never;
export type ManyKernelFor<F> = F extends { readonly op: Op<infer A, infer P> }
  ? ManyKernel<A, P>
  : never;
export type CheckFor<F> = F extends { readonly op: Op<infer A, infer P> } ? Check<A, P> : never;

/** Kernels for ops of a family, by their names. An op that is left out runs on the host. */
export type KernelsFor<M> = { readonly [K in OpNames<M>]?: KernelFor<M[K]> };
export type ManyKernelsFor<M> = { readonly [K in OpNames<M>]?: ManyKernelFor<M[K]> };
export type ChecksFor<M> = { readonly [K in OpNames<M>]?: CheckFor<M[K]> };

const VALUES = ["x", "y", "z"] as const;

/**
 * One thread for each element of `shape`: `body` computes it from x, y and z, the elements of up to
 * three operands at its place. The first operand begins at its element `start`.
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
  const { lines, names } = places(lengths);
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
