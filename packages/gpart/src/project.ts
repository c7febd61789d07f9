/**
 * @file The map P of GPart and its transpose as differentiable ops; each is the derivative of the
 * other.
 */
import { defineOp } from "@isograd/autograd";
import { add, type Shape, ShapeError, Tensor, UsageError } from "@isograd/tensor";
import {
  expectTensor,
  formatShape,
  isFloat,
  shapesEqual,
  shown,
  sizeOf,
} from "@isograd/tensor/engine";
import type { Part } from "./indices.js";
import { collect, spread } from "./kernels.js";
import type { Partition } from "./partition/partition.js";

function describe(x: Tensor): string {
  return `${x.dtype} ${formatShape(x.shape)}`;
}

function checkTheta(theta: Tensor, { partition }: Part): void {
  if (theta.shape.length === 1 && theta.shape[0] === partition.d && isFloat(theta.dtype)) return;
  throw new ShapeError(
    "project",
    `theta is ${describe(theta)}, the partition takes floats [${partition.d}]`,
    "θ has one number for each group",
  );
}

const projectPartOp = defineOp<readonly [Tensor], Part>({
  name: "project",
  infer: ([theta], part) => {
    checkTheta(theta, part);
    return { shape: part.shape, dtype: theta.dtype };
  },
  forward: ([theta], part) => spread(theta, part),
  // P is linear: the cotangent goes back through Pᵀ.
  vjp: ({ attrs }) => [(u) => gatherPart(u, attrs)],
});

const subProjectedOp = defineOp<readonly [Tensor, Tensor], Part>({
  name: "subProjected",
  infer: ([theta, base], part) => {
    checkTheta(theta, part);
    if (!shapesEqual(base.shape, part.shape) || base.dtype !== theta.dtype) {
      const wanted = `${theta.dtype} ${formatShape(part.shape)}`;
      throw new ShapeError(
        "project",
        `the base is ${describe(base)}, expected ${wanted}`,
        "cast it",
      );
    }
    return { shape: part.shape, dtype: theta.dtype };
  },
  forward: ([theta, base], part) => spread(theta, part, base),
  // d (w − Pθ) = dw − P dθ
  vjp: ({ attrs }) => [(u) => gatherPart(u.neg(), attrs), (u) => u],
});

const gatherPartOp = defineOp<readonly [Tensor], Part>({
  name: "projectTranspose",
  infer: ([w], { partition, shape }) => {
    if (formatShape(w.shape) !== formatShape(shape) || !isFloat(w.dtype)) {
      throw new ShapeError(
        "projectTranspose",
        `weights are ${describe(w)}, expected floats ${formatShape(shape)}`,
        "give all weights of the partition",
      );
    }
    return { shape: [partition.d], dtype: w.dtype };
  },
  forward: ([w], part) => collect(w, part),
  vjp: ({ attrs }) => [(v) => projectPart(v, attrs)],
});

/** One part of the weights P θ, in its own shape. */
function projectPart(theta: Tensor, part: Part): Tensor {
  return projectPartOp(theta, part);
}

/** `bases − P θ` for each base, in one pass over memory. */
export function subProjected(
  partition: Partition,
  theta: Tensor,
  bases: readonly Tensor[],
): Tensor[] {
  const shapes = bases.map((x) => x.shape);
  return partsOf("project", partition, shapes).map((part, i) =>
    subProjectedOp(theta, bases[i] as Tensor, part),
  );
}

/** The contribution of one part of the weights to Pᵀ w. */
function gatherPart(w: Tensor, part: Part): Tensor {
  return gatherPartOp(w, part);
}

/**
 * `P θ`: every weight is its group's number divided by the square root of the group's size,
 * `(Pθ)_i = θ_{g(i)} / √n_{g(i)}`, with a sign where the partition has signs. P is an isometry
 * whenever no group is empty: `‖Pθ − Pθ'‖ = ‖θ − θ'‖`. Linear; its derivative is
 * {@link projectTranspose}.
 *
 * Source: arXiv 2605.14841, equation 3.
 *
 * @param theta floats of shape [d]
 * @returns the n weights, shape [n]; with `shapes`, one tensor of each shape, in order
 * @throws ShapeError when theta is not [d], or the shapes do not have n elements in total.
 * @example
 * const p = partition({ n: 4, d: 2, scheme: "contiguous" });
 * project(p, tensor([2, 4])).toString(); // Tensor(float32, [4]) [1.4142, 1.4142, 2.8284, 2.8284]
 */
export function project(partition: Partition, theta: Tensor): Tensor;
export function project(partition: Partition, theta: Tensor, shapes: readonly Shape[]): Tensor[];
export function project(
  partition: Partition,
  theta: Tensor,
  shapes?: readonly Shape[],
): Tensor | Tensor[] {
  expectPartition("project", partition);
  expectTensor("project", theta);
  if (shapes === undefined) {
    return projectPart(theta, { partition, from: 0, shape: [partition.n] });
  }
  return partsOf("project", partition, shapes).map((part) => projectPart(theta, part));
}

/**
 * `Pᵀ w`: sums each group and divides by the square root of its size,
 * `(Pᵀw)_j = (1/√n_j) Σ_{i: g(i) = j} w_i`. The gradient by θ is Pᵀ of the gradient by the weights;
 * for any change of weights w, `Pᵀ w` is the nearest θ. Its derivative is {@link project}.
 *
 * @param w the n weights, shape [n], or tensors with n elements in total, in order
 * @returns shape [d]
 * @throws ShapeError when w does not have n elements.
 * @example
 * const p = partition({ n: 4, d: 2, scheme: "contiguous" });
 * projectTranspose(p, ones([4])).toString(); // Tensor(float32, [2]) [1.4142, 1.4142]
 */
export function projectTranspose(partition: Partition, w: Tensor | readonly Tensor[]): Tensor {
  const op = "projectTranspose";
  expectPartition(op, partition);
  if (!Array.isArray(w)) expectTensor(op, w);
  if (w instanceof Tensor) return gatherPart(w, { partition, from: 0, shape: [partition.n] });
  for (const x of w) expectTensor(op, x);
  const shapes = w.map((x) => x.shape);
  const parts = partsOf(op, partition, shapes);
  return parts.map((part, i) => gatherPart(w[i] as Tensor, part)).reduce((a, b) => add(a, b));
}

/** @throws UsageError unless `x` is a partition. */
function expectPartition(op: string, x: unknown): void {
  const { n, d, fill } = (x ?? {}) as Partial<Partition>;
  if (typeof n === "number" && typeof d === "number" && typeof fill === "function") return;
  throw new UsageError(op, `needs a partition, got ${shown(x)}`, "make one by partition({ n, d })");
}

/** Consecutive parts of a partition, with these shapes. */
function partsOf(op: string, partition: Partition, shapes: readonly Shape[]): Part[] {
  if (!Array.isArray(shapes) || !shapes.every(Array.isArray)) {
    throw new UsageError(
      op,
      `shapes must be a list of shapes, got ${shown(shapes)}`,
      "write [[2]]",
    );
  }
  const sizes = shapes.map(sizeOf);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (total !== partition.n) {
    const listed = shapes.map(formatShape).join(", ");
    throw new ShapeError(
      op,
      `shapes ${listed} hold ${total} numbers, the partition has ${partition.n}`,
      "all parts together have n elements",
    );
  }
  let from = 0;
  return shapes.map((shape, i) => {
    const part = { partition, from, shape: [...shape] };
    from += sizes[i] as number;
    return part;
  });
}
