/** @file Random programs over tensors of rows and columns, and what they compute. */
import {
  broadcastTo,
  concat,
  exp,
  gelu,
  layerNorm,
  matmul,
  maximum,
  mul,
  permuteDims,
  reshape,
  sigmoid,
  slice,
  softmax,
  square,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  where,
} from "@isograd/tensor";
import * as fc from "fast-check";

/** One step: what it does, and which earlier values it reads, counted back. */
export interface Step {
  readonly kind: (typeof KINDS)[number];
  readonly a: number;
  readonly b: number;
}

export interface Plan {
  readonly rows: number;
  readonly columns: number;
  readonly steps: readonly Step[];
  /** Which values are returned, counted back; an argument or a constant may be among them. */
  readonly outputs: readonly number[];
}

const KINDS = [
  ...(["tanh", "gelu", "sigmoid", "square", "neg", "small exp"] as const),
  ...(["add", "mul", "sub", "max", "where"] as const),
  ...(["add row", "mul column", "add number", "mul scalar"] as const),
  ...(["linear", "gram", "softmax", "norm", "sum rows", "sum columns", "sum"] as const),
  ...([
    "twice",
    "turned",
    "heads",
    "reshape",
    "slice",
    "concat",
    "take",
    "broadcast",
    "constant",
    "cast",
  ] as const),
] as const;

export const plans: fc.Arbitrary<Plan> = fc.record({
  rows: fc.constantFrom(1, 3, 48, 97, 128),
  columns: fc.constantFrom(1, 4, 33, 64, 96),
  steps: fc.array(fc.record({ kind: fc.constantFrom(...KINDS), a: fc.nat(5), b: fc.nat(5) }), {
    minLength: 1,
    maxLength: 12,
  }),
  outputs: fc.array(fc.nat(8), { minLength: 1, maxLength: 3 }),
});

/** The constants of a plan: made once, outside of the function. */
export function constantsOf({ rows, columns }: Plan): Tensor[] {
  const values = (n: number, step: number) =>
    Array.from({ length: n }, (_, i) => Math.sin(i * step + 1) * 0.7);
  return [
    tensor(values(columns, 0.7)),
    reshape(tensor(values(rows, 1.3)), [rows, 1]),
    reshape(tensor(values(columns * columns, 0.3)), [columns, columns]).mul(1 / Math.sqrt(columns)),
    reshape(tensor(values(rows * columns, 0.1)), [rows, columns]),
  ];
}

/** Runs a plan on two tensors of its rows and columns; all values keep that shape. */
export function runPlan(plan: Plan, x: Tensor, y: Tensor, constants: readonly Tensor[]): Tensor[] {
  const { rows, columns } = plan;
  const [row, column, square_, whole] = constants as [Tensor, Tensor, Tensor, Tensor];
  const shape = [rows, columns];
  const values = [x, y];
  const back = (n: number): Tensor => values[values.length - 1 - (n % values.length)] as Tensor;
  for (const { kind, a, b } of plan.steps) {
    const [p, q] = [back(a), back(b)];
    const made: Record<Step["kind"], () => Tensor> = {
      tanh: () => tanh(p),
      gelu: () => gelu(p),
      sigmoid: () => sigmoid(p),
      square: () => tanh(square(p)),
      neg: () => p.neg(),
      "small exp": () => exp(tanh(p)),
      add: () => p.add(q),
      mul: () => mul(tanh(p), q),
      sub: () => p.sub(q),
      max: () => maximum(p, q),
      where: () => where(p.greater(q), p, q.mul(0.5)),
      "add row": () => p.add(row),
      "mul column": () => p.mul(column),
      "add number": () => p.add(0.25),
      "mul scalar": () => p.mul(sum(row)),
      linear: () => matmul(p, square_),
      gram: () => matmul(p, matmul(permuteDims(tanh(p), [1, 0]), q).mul(1 / rows)),
      softmax: () => softmax(p).mul(columns),
      norm: () => layerNorm(p, row, row),
      "sum rows": () => p.sub(sum(p, { axis: 0 }).mul(1 / rows)),
      "sum columns": () => p.mul(sum(tanh(p), { axis: 1, keepdims: true })),
      sum: () => p.add(tanh(sum(p))),
      twice: () => permuteDims(permuteDims(p, [1, 0]).mul(2), [1, 0]),
      turned: () => reshape(permuteDims(reshape(permuteDims(p, [1, 0]), shape), [1, 0]), shape),
      heads: () => {
        const turned = reshape(permuteDims(p, [1, 0]), shape);
        return matmul(turned, matmul(permuteDims(turned, [1, 0]), q)).mul(1 / rows);
      },
      reshape: () => reshape(reshape(p, [rows * columns]).add(1), shape),
      slice: () => concat([slice(p, [[0, 1]]), slice(q, [[1, rows]])], { axis: 0 }),
      concat: () =>
        slice(concat([p, q], { axis: 1 }), [
          [0, rows],
          [columns - 1, 2 * columns - 1],
        ]),
      take: () =>
        take(p, tensor([...Array(rows).keys()].reverse(), { dtype: "int32" }), { axis: 0 }),
      broadcast: () => broadcastTo(slice(p, [[0, 1]]), shape),
      constant: () => whole.mul(whole).add(p),
      cast: () => p.cast("float64").mul(1.5).cast("float32"),
    };
    values.push(made[kind]());
  }
  return plan.outputs.map(back);
}
