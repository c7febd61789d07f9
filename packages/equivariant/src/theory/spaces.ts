/**
 * @file The homogeneous spaces of the networks: how a group acts on their points, which element
 * moves the origin to a point, and which elements fix the origin.
 */
import {
  broadcastTo,
  concat,
  copysign,
  eye,
  matmul,
  mul,
  type Rng,
  reshape,
  scope,
  sqrt,
  square,
  stack,
  sum,
  type Tensor,
  type TensorOptions,
  UsageError,
  zeros,
} from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectLengths, expectOneOf, expectParts, expectRng, expectShape } from "../expect.js";
import { type Group, groups } from "./groups.js";
import { randomMatrices } from "./haar.js";
import { constant, type Dimension, expRotation, part } from "./rotation.js";

/** Plane and space: positions alone, with a unit vector, or with a frame. */
export type Space = "R2" | "R3" | "R2xS1" | "R3xS2" | "SE2" | "SE3";

/** Points of a space. Leading axes broadcast. n is 2 or 3. */
export interface Points {
  /** Positions [..., n]. */
  readonly position: Tensor;
  /** Unit vectors [..., n], in R²×S¹ and R³×S². */
  readonly orientation?: Tensor | undefined;
  /** Rotation matrices [..., n, n] with the axes of frames as columns, in SE(2) and SE(3). */
  readonly frame?: Tensor | undefined;
}

/** A space on which SE(n) acts transitively: some element moves any point to any other. */
export interface HomogeneousSpace {
  readonly name: Space;
  readonly group: Group;
  /** Number of coordinates of a point. */
  readonly dimension: number;
  /** The elements that fix the origin: SO(n), SO(2) about the orientation, or only the identity. */
  readonly stabiliser: "SO2" | "SO3" | "trivial";
  /**
   * Position 0, with the last axis (in the plane the first) as orientation, or the axes as frame.
   */
  origin(options?: TensorOptions): Points;
  /** Points moved by elements of the group. */
  act(g: Tensor, points: Points): Points;
  /** Elements [..., n + 1, n + 1] that move the origin to each point. */
  representative(points: Points): Tensor;
  /** Random elements that fix the origin: [...shape, n + 1, n + 1]. */
  randomStabiliser(random: Rng, shape?: readonly number[]): Tensor;
  /** Random points: positions normal, orientations and frames uniform. */
  random(random: Rng, shape?: readonly number[]): Points;
}

/** The homogeneous matrix of rotations [..., n, n] and positions [..., n]. */
function motion(rotation: Tensor, position: Tensor): Tensor {
  const n = position.shape.at(-1) as number;
  const lead = position.shape.slice(0, -1);
  const top = concat([rotation, reshape(position, [...lead, n, 1])], { axis: -1 });
  const last = constant([Array.from({ length: n + 1 }, (_, i) => (i === n ? 1 : 0))], position);
  return concat([top, broadcastTo(last, [...lead, 1, n + 1])], { axis: -2 });
}

function acted(group: Group, g: Tensor, points: Points): Points {
  const { position, orientation, frame } = points;
  return {
    position: group.act(g, position),
    ...(orientation && { orientation: group.turn(g, orientation) }),
    ...(frame && { frame: matmul(group.rotation(g), frame) }),
  };
}

/** The part of points that a space needs. @throws UsageError when points lack it. */
export function needed(op: string, space: Space, points: Points): Tensor {
  const key = partsOf[space];
  const found = key === null ? points.position : points[key];
  if (found !== undefined) return found;
  throw new UsageError(
    op,
    `points of ${space} need ${key === "frame" ? "a frame" : "an orientation"}`,
    `give { position, ${key} }, or use the space R${dimOf(space)}`,
  );
}

/** @throws UsageError or ShapeError unless points have tensors of the space's shapes. */
export function expectPoints(op: string, space: Space, points: unknown): asserts points is Points {
  const help = `points of ${space} are { position${partsOf[space] ? `, ${partsOf[space]}` : ""} }`;
  expectParts<Points>(op, "points", points, ["position"], help);
  const n = dimOf(space);
  expectShape(op, "positions", points.position, ["…", n], help);
  if (points.orientation !== undefined) {
    expectShape(op, "orientations", points.orientation, ["…", n], help);
  }
  if (points.frame !== undefined) expectShape(op, "frames", points.frame, ["…", n, n], help);
}

const dimOf = (space: Space): Dimension =>
  space === "R2" || space === "R2xS1" || space === "SE2" ? 2 : 3;

/** @throws UsageError for an unknown space. */
export function expectSpace(op: string, space: unknown): asserts space is Space {
  expectOneOf(op, "no space is called", space, Object.keys(partsOf));
}

const partsOf = {
  R2: null,
  R3: null,
  R2xS1: "orientation",
  R3xS2: "orientation",
  SE2: "frame",
  SE3: "frame",
} as const satisfies Record<Space, keyof Points | null>;

/**
 * A rotation that moves the last axis to unit vectors o [..., 3] (in the plane, the first axis to o
 * [..., 2]). Source: T. Duff et al., Building an orthonormal basis, revisited, JCGT 6 (2017).
 */
function turnTo(o: Tensor): Tensor {
  if (o.shape.at(-1) === 2) {
    const [c, s] = [part(o, 0, 1), part(o, 1, 2)];
    return reshape(concat([c, s.neg(), s, c], { axis: -1 }), [...o.shape, 2]);
  }
  const [x, y, z] = [part(o, 0, 1), part(o, 1, 2), part(o, 2, 3)] as const;
  const sign = copysign(z.mul(0).add(1), z);
  const a = sign.add(z).reciprocal().neg();
  const b = mul(mul(x, y), a);
  const first = [mul(sign, mul(square(x), a)).add(1), mul(sign, b), mul(sign, x).neg()];
  const second = [b, mul(square(y), a).add(sign), y.neg()];
  const columns = [first, second, [x, y, z]].map((column) => concat(column, { axis: -1 }));
  return stack(columns, { axis: -1 });
}

/** Uniform unit vectors [...shape, n]. */
function directions(random: Rng, shape: readonly number[], n: Dimension): Tensor {
  const v = random.normal([...shape, n]);
  return v.div(sqrt(sum(square(v), { axis: -1, keepdims: true })));
}

/** Identity rotations [...shape, n, n]. */
function unturned(shape: readonly number[], n: Dimension, like: TensorOptions): Tensor {
  return zeros([...shape, n, n], like).add(eye(n, n, like));
}

/** The most points of one call of `random`. */
const MOST = 2 ** 22;

function space(name: Space): HomogeneousSpace {
  const n = dimOf(name);
  const group = n === 2 ? groups.SE2 : groups.SE3;
  const kind = partsOf[name];
  const axis = n === 2 ? [1, 0] : [0, 0, 1];
  const added = { none: 0, orientation: n - 1, frame: n === 2 ? 1 : 3 }[kind ?? "none"];
  const stabiliser = kind === null ? (`SO${n}` as const) : name === "R3xS2" ? "SO2" : "trivial";

  const origin = (made?: TensorOptions): Points => {
    const options = given(`${name}.origin`, made, "dtype device");
    const position = zeros([n], options);
    if (kind === null) return { position };
    if (kind === "frame") return { position, frame: eye(n, n, options) };
    return { position, orientation: constant(axis, position) };
  };
  const representative = (points: Points): Tensor => {
    expectPoints(`${name}.representative`, name, points);
    const own = needed(`${name}.representative`, name, points);
    const { position } = points;
    if (kind === "frame") return motion(own, position);
    if (kind === "orientation") return motion(turnTo(own), position);
    const like = { dtype: own.dtype, device: own.device };
    return motion(unturned(own.shape.slice(0, -1), n, like), position);
  };
  const drawing = (what: string, random: Rng, shape: readonly number[]): void => {
    expectRng(`${name}.${what}`, random);
    expectLengths(`${name}.${what}`, shape, MOST);
  };
  const randomStabiliser = (random: Rng, shape: readonly number[] = []): Tensor => {
    drawing("randomStabiliser", random, shape);
    const angle = random.uniform([...shape, 1], { high: 2 * Math.PI });
    const like = { dtype: angle.dtype, device: angle.device };
    const still = zeros([...shape, n], like);
    if (stabiliser === "trivial") return motion(unturned(shape, n, like), still);
    if (kind === null) return motion(randomMatrices(random, shape, n), still);
    return motion(expRotation(mul(angle, constant(axis, angle)), 3), still);
  };
  const random = (source: Rng, shape: readonly number[] = []): Points => {
    drawing("random", source, shape);
    const position = source.normal([...shape, n]);
    if (kind === null) return { position };
    if (kind === "frame") return { position, frame: randomMatrices(source, shape, n) };
    return { position, orientation: directions(source, shape, n) };
  };
  return {
    name,
    group,
    dimension: n + added,
    stabiliser,
    origin,
    act(g, points) {
      expectPoints(`${group.name}.act`, name, points);
      return scope(() => acted(group, g, points));
    },
    representative: (points) => scope(() => representative(points)),
    randomStabiliser: (source, shape) => scope(() => randomStabiliser(source, shape)),
    random: (source, shape) => scope(() => random(source, shape)),
  };
}

/**
 * The spaces on which features can live. The group acts by (t, R): p → R p + t, o → R o, frames R_i
 * → R R_i.
 *
 * | space | point | stabiliser | dimension |
 * |---|---|---|---|
 * | R2 | p | SO(2) | 2 |
 * | R3 | p | SO(3) | 3 |
 * | R2xS1 | (p, o) | trivial | 3 |
 * | R3xS2 | (p, o) | SO(2) about o | 5 |
 * | SE2 | (p, R) | trivial | 3 |
 * | SE3 | (p, R) | trivial | 6 |
 *
 * @example
 * const { R3xS2 } = spaces;
 * const point = R3xS2.random(rng(0));
 * const g = R3xS2.representative(point); // g · origin = point
 * R3xS2.act(g, R3xS2.origin()).orientation?.shape; // [3]
 * R3xS2.stabiliser; // SO2
 */
export const spaces: Readonly<Record<Space, HomogeneousSpace>> = {
  R2: space("R2"),
  R3: space("R3"),
  R2xS1: space("R2xS1"),
  R3xS2: space("R3xS2"),
  SE2: space("SE2"),
  SE3: space("SE3"),
};
