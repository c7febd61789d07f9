/**
 * @file The families whose rules and kernels are in tables that every program includes. Ops of
 * other families bring their own rules, and only programs that use them include them.
 *
 * @internal
 */
import type { Inputs, Op } from "../core/contract.js";
import { accumulate } from "./accumulate.js";
import * as binary from "./elementwise/binary.js";
import * as bits from "./elementwise/bits.js";
import * as cast from "./elementwise/cast.js";
import * as compare from "./elementwise/compare.js";
import * as unary from "./elementwise/unary.js";
import * as adding from "./index/add.js";
import * as ordering from "./index/order.js";
import * as taking from "./index/take.js";
import * as matmul from "./matmul.js";
import * as softmax from "./normalize/softmax.js";
import * as reduce from "./reduce.js";
import * as movement from "./shape/movement.js";
import * as slicing from "./shape/slicing.js";
import * as stack from "./shape/stack.js";
import * as slopes from "./slopes.js";

/** The families by name; one may be spread over several files. */
export const commonFamilies = {
  unary,
  binary,
  bits,
  cast,
  compare,
  indexing: { ...adding, ...taking },
  matmul,
  movement: { ...movement, ...slicing, ...stack },
  normalize: softmax,
  ordering,
  reduce,
  slopes,
  update: { accumulate },
} as const;

/** Names of a family that are ops, not functions made of ops. */
export type OpNames<M> = {
  [K in keyof M]: M[K] extends { readonly op: Op<infer _A extends Inputs, infer _P> } ? K : never;
}[keyof M];

/** The op behind a name of a family. */
export type OpOf<M, K extends keyof M> = M[K] extends { readonly op: infer O } ? O : never;

/** The ops of a family by the names of its members; functions that are no ops are left out. */
export function opsOf(family: object): [name: string, op: Op][] {
  return Object.entries(family).flatMap(([name, member]): [string, Op][] => {
    const { op } = member as { readonly op?: Op };
    return op === undefined ? [] : [[name, op]];
  });
}
