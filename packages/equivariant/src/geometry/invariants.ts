/**
 * @file Invariants of ordered pairs of points: what a kernel may depend on. Ordinary ops; knows no
 * network.
 */
import {
  broadcastShapes,
  broadcastTo,
  concat,
  mul,
  roll,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  UsageError,
} from "@isograd/tensor";

/**
 * Spaces whose pairs have invariants here: points of R³, and points of R³ with a unit vector each.
 */
export type Space = "R3" | "R3xS2";

/**
 * How much the attributes of a pair tell.
 *
 * - `"paper"`: the published ones. On R³×S² two inequivalent pairs may share them.
 * - `"complete"`: they separate all pairs up to rotations and reflections.
 * - `"chiral"`: they tell mirror images apart, too.
 */
export type Attributes = "paper" | "complete" | "chiral";

/**
 * Points of a space: positions [..., 3], and on R³×S² unit vectors [..., 3]. Leading axes
 * broadcast.
 */
export interface Points {
  readonly position: Tensor;
  readonly orientation?: Tensor;
}

/** What {@link invariants} gives: from receivers i and senders j to attributes [..., k]. */
export type PairInvariants = (receiver: Points, sender: Points) => Tensor;

/** Added under the square root of norms, so that their gradient at 0 is 0 and not NaN. */
export const EPS = 1e-12;

const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), { axis: -1, keepdims: true });

/** `√(Σ x² + eps)` over the last axis, which stays with length 1. */
function safeNorm(x: Tensor, eps = EPS): Tensor {
  return sqrt(sum(square(x), { axis: -1, keepdims: true }).add(eps));
}

/**
 * The attributes of an ordered pair that no rotation or translation of both points changes. With x
 * = p_j − p_i, i the receiver and j the sender:
 *
 * | space | attributes | values |
 * |---|---|---|
 * | R³ | any | ‖x‖ |
 * | R³×S² | paper | o_i·x, ‖x − (o_i·x) o_i‖, o_i·o_j |
 * | R³×S² | complete | those, and o_j·x |
 * | R³×S² | chiral | those, and det[o_i, o_j, x] |
 *
 * Norms are √(q + 10⁻¹²): their gradient is finite where points meet. Without `chiral`, reflections
 * leave them as they are, too. Source: arXiv 2310.02970, theorem 1 and section 3; the fourth
 * attribute is needed because four numbers describe the class of a pair.
 *
 * @throws UsageError when a space is unknown, or orientations are missing.
 * @example
 * const point = (p: number[]) => ({ position: tensor(p), orientation: tensor([0, 0, 1]) });
 * const attributes = invariants("R3xS2");
 * attributes(point([0, 0, 0]), point([3, 4, 7])).toString(); // Tensor(float32, [3]) [7, 5, 1]
 */
export function invariants(space: Space, attributes: Attributes = "paper"): PairInvariants {
  if (!["paper", "complete", "chiral"].includes(attributes)) {
    throw new UsageError(
      "invariants",
      `no attributes are called "${String(attributes)}"`,
      "take paper, complete or chiral",
    );
  }
  if (space === "R3") return (i, j) => safeNorm(sub(j.position, i.position));
  if (space === "R3xS2") return (i, j) => bundleInvariants(i, j, attributes);
  throw new UsageError("invariants", `no space is called "${String(space)}"`, "take R3 or R3xS2");
}

function bundleInvariants(i: Points, j: Points, attributes: Attributes): Tensor {
  const [oi, oj] = [i.orientation, j.orientation];
  if (oi === undefined || oj === undefined) {
    throw new UsageError(
      "invariants",
      "points of R3xS2 need an orientation",
      "give { position, orientation }, or use the space R3",
    );
  }
  const x = sub(j.position, i.position);
  const along = dot(oi, x);
  const parts = [along, safeNorm(sub(x, mul(along, oi))), dot(oi, oj)];
  if (attributes !== "paper") parts.push(dot(oj, x));
  if (attributes === "chiral") parts.push(dot(cross(oi, oj), x));
  return joined(parts);
}

/** Joins on the last axis, leading axes broadcast. */
function joined(parts: readonly Tensor[]): Tensor {
  const shape = parts.map((p) => p.shape).reduce((a, b) => broadcastShapes("invariants", a, b));
  return concat(
    parts.map((p) => broadcastTo(p, shape)),
    { axis: -1 },
  );
}

/** The vector product over the last axis: `(a × b)_d = a_{d+1} b_{d+2} − a_{d+2} b_{d+1}`. */
function cross(a: Tensor, b: Tensor): Tensor {
  const [a1, a2, b1, b2] = [a, b].flatMap((x) => [1, 2].map((by) => roll(x, -by, { axis: -1 })));
  return sub(mul(a1!, b2!), mul(a2!, b1!));
}
