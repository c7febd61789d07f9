/** @file Random programs over all ops of the registry: the choices that make one. */
import type { DType, Shape } from "@isograd/tensor";
import { allOps } from "@isograd/tensor/engine";
import * as fc from "fast-check";

/** One op: which, how it is called, and which earlier values it reads, counted back. */
export interface Step {
  readonly op: string;
  /** Which of its sample calls, where it needs one. */
  readonly sample: number;
  readonly picks: readonly number[];
  /** Chooses attributes, and whether operands are brought into the range of the op. */
  readonly how: number;
}

/** A tensor that a program is called with, or that it finds in the state. */
export interface Given {
  readonly shape: Shape;
  readonly dtype: DType;
}

export interface Plan {
  readonly args: readonly Given[];
  /** Whether the first argument is given a second time as the last. */
  readonly twice: boolean;
  readonly state: readonly Given[];
  readonly constants: readonly Given[];
  readonly steps: readonly Step[];
  /** Which values are returned, counted back. */
  readonly outputs: readonly number[];
  /** After which step which state gets which value. */
  readonly writes: readonly {
    readonly after: number;
    readonly to: number;
    readonly from: number;
  }[];
  readonly optimizer: "adam" | "sgd" | null;
  readonly seed: number;
}

const names = [...allOps().keys()];

const SHAPES: readonly Shape[] = [
  ...[[], [0], [1], [5], [3, 1], [1, 4], [3, 4], [4, 4], [0, 3], [2, 1, 3], [2, 3, 4], [3, 3]],
  // large enough that calls are fused strip by strip
  ...[[64, 65], [97, 48], [2, 48, 64], [4099], [8200], [1, 65]],
];

const given: fc.Arbitrary<Given> = fc.record({
  shape: fc.constantFrom(...SHAPES),
  dtype: fc.constantFrom<DType[]>(
    ...floats(6, "float32"),
    ...floats(3, "float64"),
    "int32",
    "bool",
  ),
});

function floats(count: number, dtype: DType): DType[] {
  return Array.from({ length: count }, () => dtype);
}

const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom(...names),
  sample: fc.nat(20),
  picks: fc.array(fc.nat(6), { minLength: 4, maxLength: 4 }),
  how: fc.nat(255),
});

export const plans: fc.Arbitrary<Plan> = fc.record({
  args: fc.array(given, { minLength: 1, maxLength: 3 }),
  twice: fc.boolean(),
  state: fc.array(given, { maxLength: 2 }),
  constants: fc.array(given, { maxLength: 2 }),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
  outputs: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
  writes: fc.array(fc.record({ after: fc.nat(8), to: fc.nat(1), from: fc.nat(6) }), {
    maxLength: 3,
  }),
  optimizer: fc.constantFrom("adam", "sgd", null),
  seed: fc.nat(1000),
});
