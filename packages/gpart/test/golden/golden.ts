/**
 * @file The golden files of this package: values computed by `make_golden.py`. For Node and
 * browsers.
 */
import type { PartitionOptions } from "../../src/index.js";
import conv1d from "./conv1d.json" with { type: "json" };
import partitions from "./partitions.json" with { type: "json" };
import rivals from "./rivals.json" with { type: "json" };

/** g at some indices, and for signed partitions the signs. */
export interface PartitionCase {
  readonly options: PartitionOptions;
  readonly at: readonly number[];
  readonly groups: readonly number[];
  readonly signs?: readonly number[];
}

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** ΔW of the targets a [6, 4] and b [2, 6], joined to one vector, and its gradients. */
export interface MethodCase {
  readonly method: string;
  readonly options: object;
  readonly trained: Readonly<Record<string, Numbers>>;
  readonly frozen: Readonly<Record<string, Numbers>>;
  readonly delta: readonly number[];
  readonly cotangent: readonly number[];
  readonly grads: Readonly<Record<string, Numbers>>;
}

export const partitionCases = partitions as unknown as readonly PartitionCase[];
export const methodCases = rivals as unknown as readonly MethodCase[];

/** ΔW of c_attn and c_proj of GPT-2 as they are stored, by PEFT. */
export interface Conv1dCase {
  readonly method: "lora" | "vera" | "vbLora" | "fourierFt";
  readonly options: object;
  readonly trained: Readonly<Record<string, Numbers>>;
  readonly frozen: Readonly<Record<string, Numbers>>;
  readonly delta: readonly Numbers[];
}

export const conv1dCases = conv1d as unknown as readonly Conv1dCase[];
