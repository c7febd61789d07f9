/**
 * @file The map P of GPart and its transpose, as differentiable ops: each is the other's
 * derivative.
 */
import { defineOp } from "@isograd/autograd";
import {
  add,
  mul,
  reshape,
  type Shape,
  ShapeError,
  segmentSum,
  Tensor,
  take,
} from "@isograd/tensor";
import { formatShape, fromTypedArray, isFloat, sizeOf, unscoped } from "@isograd/tensor/engine";
import type { Partition } from "./partition/partition.js";

/** Weights `from … from + size(shape)` of a partition. */
interface Part {
  readonly partition: Partition;
  readonly from: number;
  readonly shape: Shape;
}

/**
 * Tensors that a partition needs on a device: made when first used, kept as long as the partition
 * lives.
 */
const kept = new WeakMap<Partition, Map<string, Tensor>>();

function keptTensor(partition: Partition, key: string, make: () => Tensor): Tensor {
  const tensors = kept.get(partition) ?? new Map<string, Tensor>();
  kept.set(partition, tensors);
  const known = tensors.get(key);
  if (known !== undefined && !known.disposed) return known;
  const made = unscoped(make);
  tensors.set(key, made);
  return made;
}

/** Gives the index tensors of a partition back; they are made again if it is used again. */
export function forgetIndices(partition: Partition): void {
  for (const x of kept.get(partition)?.values() ?? []) x.dispose();
  kept.delete(partition);
}

/** Group of each weight of a part, int32, on the device of `like`. */
function groupsOf({ partition, from, shape }: Part, like: Tensor): Tensor {
  const size = sizeOf(shape);
  return keptTensor(partition, `${like.device} ${from} ${size}`, () => {
    const groups = partition.fill(new Int32Array(size), from);
    return fromTypedArray(groups, [size], "int32", like.device);
  });
}

/** 1/√n_j, with the dtype and device of `like`. */
function scalesOf({ partition }: Part, like: Tensor): Tensor {
  const { dtype, device } = like;
  return keptTensor(partition, `${device} ${dtype}`, () => {
    const scales = partition.scales();
    const values = dtype === "float64" ? scales : Float32Array.from(scales);
    return fromTypedArray(values, [partition.d], dtype, device);
  });
}

function describe(x: Tensor): string {
  return `${x.dtype} ${formatShape(x.shape)}`;
}

const projectPartOp = defineOp<readonly [Tensor], Part>({
  name: "project",
  infer: ([theta], { partition, shape }) => {
    if (theta.shape.length !== 1 || theta.shape[0] !== partition.d || !isFloat(theta.dtype)) {
      throw new ShapeError(
        "project",
        `theta is ${describe(theta)}, the partition takes floats [${partition.d}]`,
      );
    }
    return { shape, dtype: theta.dtype };
  },
  forward: ([theta], part) =>
    reshape(take(mul(theta, scalesOf(part, theta)), groupsOf(part, theta)), part.shape),
  // P is linear: the cotangent goes back through Pᵀ.
  vjp: ({ attrs }) => [(u) => gatherPart(u, attrs)],
});

const gatherPartOp = defineOp<readonly [Tensor], Part>({
  name: "projectTranspose",
  infer: ([w], { partition, shape }) => {
    if (formatShape(w.shape) !== formatShape(shape) || !isFloat(w.dtype)) {
      throw new ShapeError(
        "projectTranspose",
        `weights are ${describe(w)}, expected floats ${formatShape(shape)}`,
      );
    }
    return { shape: [partition.d], dtype: w.dtype };
  },
  forward: ([w], part) =>
    mul(segmentSum(reshape(w, [w.size]), groupsOf(part, w), part.partition.d), scalesOf(part, w)),
  vjp: ({ attrs }) => [(v) => projectPart(v, attrs)],
});

/** Some of the weights of P θ, in a shape of their own. */
function projectPart(theta: Tensor, part: Part): Tensor {
  return projectPartOp(theta, part);
}

/** What some of the weights contribute to Pᵀ w. */
function gatherPart(w: Tensor, part: Part): Tensor {
  return gatherPartOp(w, part);
}

/**
 * `P θ`: every weight gets its group's number over the square root of the group's size, `(Pθ)_i =
 * θ_{g(i)} / √n_{g(i)}`. P is an isometry whenever no group is empty: `‖Pθ − Pθ'‖ = ‖θ − θ'‖`.
 * Linear; its derivative is {@link projectTranspose}.
 *
 * Source: arXiv 2605.14841, equation 3.
 *
 * @param theta floats of shape [d]
 * @returns the n weights, shape [n]; with `shapes`, tensors of these shapes, in order
 * @throws ShapeError when theta is not [d], or the shapes do not hold n numbers together.
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
  if (shapes === undefined) {
    return projectPart(theta, { partition, from: 0, shape: [partition.n] });
  }
  return partsOf("project", partition, shapes).map((part) => projectPart(theta, part));
}

/**
 * `Pᵀ w`: sums each group and divides by the square root of its size, `(Pᵀw)_j = (1/√n_j) Σ_{i:
 * g(i) = j} w_i`. The gradient by θ is Pᵀ of the gradient by the weights; of any change of weights,
 * `Pᵀ w` is the θ that comes nearest to it. Its derivative is {@link project}.
 *
 * @param w the n weights, shape [n], or tensors that hold n numbers together, in order
 * @returns shape [d]
 * @throws ShapeError when w does not hold n numbers.
 * @example
 * const p = partition({ n: 4, d: 2, scheme: "contiguous" });
 * projectTranspose(p, ones([4])).toString(); // Tensor(float32, [2]) [1.4142, 1.4142]
 */
export function projectTranspose(partition: Partition, w: Tensor | readonly Tensor[]): Tensor {
  if (w instanceof Tensor) return gatherPart(w, { partition, from: 0, shape: [partition.n] });
  const shapes = w.map((x) => x.shape);
  const parts = partsOf("projectTranspose", partition, shapes);
  return parts.map((part, i) => gatherPart(w[i] as Tensor, part)).reduce((a, b) => add(a, b));
}

/** Consecutive parts of these shapes. */
function partsOf(op: string, partition: Partition, shapes: readonly Shape[]): Part[] {
  const sizes = shapes.map(sizeOf);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (total !== partition.n) {
    const listed = shapes.map(formatShape).join(", ");
    throw new ShapeError(
      op,
      `shapes ${listed} hold ${total} numbers, the partition has ${partition.n}`,
    );
  }
  let from = 0;
  return shapes.map((shape, i) => {
    const part = { partition, from, shape };
    from += sizes[i] as number;
    return part;
  });
}
