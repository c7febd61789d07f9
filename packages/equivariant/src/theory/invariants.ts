/**
 * @file Invariants of ordered pairs of points, on which kernels depend. Independent of networks.
 */
import {
  broadcastShapes,
  broadcastTo,
  concat,
  cross,
  expandDims,
  flip,
  matmul,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from "@isograd/tensor";
import { expectOneOf } from "../expect.js";
import { expectPoints, expectSpace, needed, type Points, type Space } from "./spaces.js";

/**
 * How much the attributes distinguish.
 *
 * - `"paper"`: the published attributes. On R²×S¹ and R³×S² inequivalent pairs can have the same.
 * - `"complete"`: different for all inequivalent pairs; on R³×S² up to reflections.
 * - `"chiral"`: different also for mirror images.
 */
export type Attributes = "paper" | "complete" | "chiral";

/** @throws UsageError for unknown attributes. */
export function expectAttributes(
  op: string,
  attributes: unknown,
): asserts attributes is Attributes {
  const all: readonly Attributes[] = ["paper", "complete", "chiral"];
  expectOneOf(op, "no attributes are called", attributes, all);
}

/**
 * The result of {@link invariants}: a function from receivers i and senders j to attributes [...,
 * k].
 */
export type PairInvariants = (receiver: Points, sender: Points) => Tensor;

/** Added under the square root of norms, so that their gradient at 0 is 0 and not NaN. */
export const EPS = 1e-12;

const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), { axis: -1, keepdims: true });

/** `√(Σ x² + eps)` over the last axis, which stays with length 1. */
function safeNorm(x: Tensor, eps = EPS): Tensor {
  return sqrt(sum(square(x), { axis: -1, keepdims: true }).add(eps));
}

/**
 * Attributes of an ordered pair that do not change when both points are rotated and translated.
 * With x = p_j − p_i, i the receiver and j the sender, and o⊥ = (−o₂, o₁):
 *
 * | space | attributes | values |
 * |---|---|---|
 * | R2, R3 | any | ‖x‖ |
 * | R2xS1 | paper | o_i·x, o_i⊥·x, o_i·o_j |
 * | R2xS1 | complete, chiral | those, and o_i × o_j |
 * | R3xS2 | paper | o_i·x, ‖x − (o_i·x) o_i‖, o_i·o_j |
 * | R3xS2 | complete | those, and o_j·x |
 * | R3xS2 | chiral | those, and det[o_i, o_j, x] |
 * | SE2, SE3 | any | R_iᵀx, R_iᵀR_j (row by row) |
 *
 * The angle between o_i and o_j enters as its cosine, which has a finite slope. Norms are √(q +
 * 10⁻¹²), so their gradient is finite where points meet. On R3xS2 only `chiral` attributes change
 * under reflections. Source: arXiv 2310.02970, theorem 1 and section 3. The added attributes are
 * necessary: the cosine loses the sign of an angle in the plane, and in space four numbers describe
 * the class of a pair; see {@link counterExamples}.
 *
 * @throws UsageError when a space or attributes are unknown, or points lack an orientation or
 * frame.
 * @example
 * const point = (p: number[]) => ({ position: tensor(p), orientation: tensor([0, 0, 1]) });
 * const attributes = invariants("R3xS2");
 * attributes(point([0, 0, 0]), point([3, 4, 7])).toString(); // Tensor(float32, [3]) [7, 5, 1]
 */
export function invariants(space: Space, attributes: Attributes = "paper"): PairInvariants {
  expectAttributes("invariants", attributes);
  expectSpace("invariants", space);
  return (i, j) => {
    expectPoints("invariants", space, i);
    expectPoints("invariants", space, j);
    const x = sub(j.position, i.position);
    if (space === "R2" || space === "R3") return safeNorm(x);
    const [own, other] = [needed("invariants", space, i), needed("invariants", space, j)];
    if (space === "SE2" || space === "SE3") return joined(ofFrames(x, own, other));
    if (space === "R2xS1") return joined(ofPlane(x, own, other, attributes));
    return joined(ofSpace(x, own, other, attributes));
  };
}

/** `R_iᵀx` and the elements of `R_iᵀR_j`. */
function ofFrames(x: Tensor, own: Tensor, other: Tensor): Tensor[] {
  const relative = matmul(own.mT, other);
  const n = x.shape.at(-1) as number;
  const seen = matmul(own.mT, expandDims(x, -1));
  return [
    reshape(seen, seen.shape.slice(0, -1)),
    reshape(relative, [...relative.shape.slice(0, -2), n * n]),
  ];
}

/** A vector of the plane turned by a right angle: (−x₂, x₁). */
export function perpendicular(x: Tensor): Tensor {
  return mul(flip(x, { axis: -1 }), tensor([-1, 1], { dtype: x.dtype, device: x.device }));
}

function ofPlane(x: Tensor, own: Tensor, other: Tensor, attributes: Attributes): Tensor[] {
  const across = perpendicular(own);
  const parts = [dot(own, x), dot(across, x), dot(own, other)];
  if (attributes !== "paper") parts.push(dot(across, other));
  return parts;
}

function ofSpace(x: Tensor, own: Tensor, other: Tensor, attributes: Attributes): Tensor[] {
  const along = dot(own, x);
  const parts = [along, safeNorm(sub(x, mul(along, own))), dot(own, other)];
  if (attributes !== "paper") parts.push(dot(other, x));
  if (attributes === "chiral") parts.push(dot(cross(own, other), x));
  return parts;
}

/** Joins on the last axis and broadcasts the leading axes. */
function joined(parts: readonly Tensor[]): Tensor {
  const leads = parts.map((p) => p.shape.slice(0, -1));
  const lead = leads.reduce((a, b) => [...broadcastShapes("invariants", a, b)]);
  return concat(
    parts.map((p) => broadcastTo(p, [...lead, p.shape.at(-1) as number])),
    { axis: -1 },
  );
}
