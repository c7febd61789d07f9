/**
 * @file The groups SO(2), SO(3), SE(2) and SE(3) as tensors of matrices: batches broadcast, and all
 * functions have gradients.
 */
import {
  add,
  broadcastTo,
  concat,
  expandDims,
  eye,
  matmul,
  mul,
  type Rng,
  reshape,
  scope,
  sub,
  sum,
  type Tensor,
  type TensorOptions,
  UsageError,
} from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectFinite, expectLengths, expectRng, expectShape } from "../expect.js";
import { randomMatrices } from "./haar.js";
import {
  constant,
  type Dimension,
  expRotation,
  hat,
  logRotation,
  part,
  squaredAngle,
  unit,
} from "./rotation.js";
import { cotangentRest, sineRest, versine } from "./series.js";

/** The groups of rotations (SO) and of rigid motions (SE) of plane and space. */
export type GroupName = "SO2" | "SO3" | "SE2" | "SE3";

/** A Lie group of motions; elements are square matrices in tensors [..., size, size]. */
export interface Group {
  readonly name: GroupName;
  /** Dimension n of the space it moves. */
  readonly space: Dimension;
  /** Rows of its matrices: n, or n + 1 with translations (homogeneous matrices). */
  readonly size: number;
  /** Dimension of the group, which is the number of coordinates that `exp` takes. */
  readonly dimension: number;
  /** The identity: [size, size]. */
  identity(options?: TensorOptions): Tensor;
  /** The product `a b`: first b, then a. */
  compose(a: Tensor, b: Tensor): Tensor;
  inverse(g: Tensor): Tensor;
  /**
   * From the Lie algebra, [..., dimension] → [..., size, size]: a rotation vector ω (an angle in
   * the plane), then for SE(n) a velocity v: the motion by (ω, v) for one unit of time.
   */
  exp(v: Tensor): Tensor;
  /** The inverse of exp, with rotations of at most π: [..., size, size] → [..., dimension]. */
  log(g: Tensor): Tensor;
  /** Points [..., n] → R p + t. */
  act(g: Tensor, points: Tensor): Tensor;
  /** Vectors [..., n] → R v: they turn but do not move. */
  turn(g: Tensor, vectors: Tensor): Tensor;
  /** The rotation part [..., n, n]. */
  rotation(g: Tensor): Tensor;
  /** The translation part [..., n]; zeros for SO(n). */
  translation(g: Tensor): Tensor;
  /**
   * Random elements [...shape, size, size]: rotations uniform (Haar measure), translations normal
   * with standard deviation `spread` (default: 1).
   */
  random(random: Rng, shape?: readonly number[], options?: RandomOptions): Tensor;
}

export interface RandomOptions extends TensorOptions {
  readonly spread?: number | undefined;
}

/** R v for each row. */
function turned(rotation: Tensor, vectors: Tensor): Tensor {
  return reshapeColumns(matmul(rotation, expandDims(vectors, -1)));
}

function reshapeColumns(x: Tensor): Tensor {
  return reshape(x, x.shape.slice(0, -1));
}

function expect(op: string, x: Tensor, tail: readonly number[]): void {
  expectShape(op, "", x, ["…", ...tail], `the last axes of this argument are ${tail.join(" × ")}`);
}

/** The most elements of one call of `random`. */
const MOST = 2 ** 24;

/** The options of `random`, and its standard deviation. */
function drawn(op: string, random: Rng, shape: readonly number[], options?: RandomOptions) {
  expectRng(op, random);
  expectLengths(op, shape, MOST);
  const { spread, ...rest } = given(op, options, "spread# dtype device");
  if (spread !== undefined) expectFinite(op, "spread", spread);
  return { spread, rest };
}

function rotations(n: Dimension): Group {
  const name = `SO${n}` as const;
  const dimension = n === 2 ? 1 : 3;
  const element = (what: string, g: Tensor) => expect(`${name}.${what}`, g, [n, n]);
  const turn = (g: Tensor, vectors: Tensor) => {
    element("act", g);
    expect(`${name}.act`, vectors, [n]);
    return scope(() => turned(g, vectors));
  };
  return {
    name,
    space: n,
    size: n,
    dimension,
    identity: (options) => eye(n, n, given(`${name}.identity`, options, "dtype device")),
    compose(a, b) {
      element("compose", a);
      element("compose", b);
      return matmul(a, b);
    },
    inverse(g) {
      element("inverse", g);
      return g.mT;
    },
    exp(v) {
      expect(`${name}.exp`, v, [dimension]);
      return scope(() => expRotation(v, n));
    },
    log(g) {
      element("log", g);
      return scope(() => logRotation(g, n));
    },
    act: turn,
    turn,
    rotation(g) {
      element("rotation", g);
      return g;
    },
    translation(g) {
      element("translation", g);
      return scope(() => sum(g, { axis: -1 }).mul(0));
    },
    random(random, shape = [], options) {
      const { spread, rest } = drawn(`${name}.random`, random, shape, options);
      if (spread === undefined) return randomMatrices(random, shape, n, rest);
      const problem = `has no translations, whose spread would be ${spread}`;
      throw new UsageError(`${name}.random`, problem, `leave it out, or use SE${n}`);
    },
  };
}

/** The homogeneous matrix of R [..., n, n] and t [..., n]; leading axes broadcast. */
function homogeneous(rotation: Tensor, translation: Tensor, n: Dimension): Tensor {
  const column = expandDims(translation, -1);
  const lead = sum(add(rotation, column), { axis: [-1, -2] }).shape;
  const top = concat(
    [broadcastTo(rotation, [...lead, n, n]), broadcastTo(column, [...lead, n, 1])],
    { axis: -1 },
  );
  const last = Array.from({ length: n + 1 }, (_, i) => (i === n ? 1 : 0));
  const bottom = broadcastTo(constant([last], rotation), [...lead, 1, n + 1]);
  return concat([top, bottom], { axis: -2 });
}

/** `V = 1 + B K + C K²`, which maps the velocity to the translation of exp. */
function carrier(w: Tensor, n: Dimension): Tensor {
  const [K, q] = [hat(w, n), squaredAngle(w)];
  return add(add(mul(versine(q), K), mul(sineRest(q), matmul(K, K))), unit(w, n));
}

/** `V⁻¹ = 1 − K/2 + D K²`. */
function carrierInverse(w: Tensor, n: Dimension): Tensor {
  const [K, q] = [hat(w, n), squaredAngle(w)];
  return add(sub(mul(cotangentRest(q), matmul(K, K)), K.mul(0.5)), unit(w, n));
}

function motions(n: Dimension): Group {
  const name = `SE${n}` as const;
  const turns = rotations(n);
  const dimension = turns.dimension + n;
  const size = n + 1;
  const element = (what: string, g: Tensor) => expect(`${name}.${what}`, g, [size, size]);
  const rotation = (g: Tensor) => part(part(g, 0, n).mT, 0, n).mT;
  const translation = (g: Tensor) => reshapeColumns(part(part(g, n, size).mT, 0, n).mT);
  const of = (what: string, f: (g: Tensor) => Tensor) => (g: Tensor) => {
    element(what, g);
    return scope(() => f(g));
  };
  const acted = (what: string, g: Tensor, points: Tensor, moves: boolean) => {
    element(what, g);
    expect(`${name}.${what}`, points, [n]);
    return scope(() => {
      const now = turned(rotation(g), points);
      return moves ? add(now, translation(g)) : now;
    });
  };
  return {
    name,
    space: n,
    size,
    dimension,
    identity: (options) => eye(size, size, given(`${name}.identity`, options, "dtype device")),
    compose(a, b) {
      element("compose", a);
      element("compose", b);
      return matmul(a, b);
    },
    inverse: of("inverse", (g) => {
      const back = rotation(g).mT;
      return homogeneous(back, turned(back, translation(g)).neg(), n);
    }),
    exp(v) {
      expect(`${name}.exp`, v, [dimension]);
      return scope(() => {
        const [w, u] = [part(v, 0, turns.dimension), part(v, turns.dimension, dimension)];
        return homogeneous(expRotation(w, n), turned(carrier(w, n), u), n);
      });
    },
    log: of("log", (g) => {
      const w = logRotation(rotation(g), n);
      return concat([w, turned(carrierInverse(w, n), translation(g))], { axis: -1 });
    }),
    act: (g, points) => acted("act", g, points, true),
    turn: (g, vectors) => acted("turn", g, vectors, false),
    rotation: of("rotation", rotation),
    translation: of("translation", translation),
    random(random, shape = [], options) {
      const { spread = 1, rest } = drawn(`${name}.random`, random, shape, options);
      return scope(() => {
        const turn = randomMatrices(random, shape, n, rest);
        return homogeneous(turn, random.normal([...shape, n], { std: spread, ...rest }), n);
      });
    },
  };
}

/**
 * The groups that equivariant networks respect. Elements are matrices in tensors [..., n, n] for
 * SO(n), homogeneous matrices `[[R, t], [0, 1]]` in tensors [..., n + 1, n + 1] for SE(n). Leading
 * axes broadcast, and every function has gradients.
 *
 * `exp` of (ω, v) is `[[e^K, V v], [0, 1]]` with K the skew matrix of ω, `e^K = 1 + A K + B K²`,
 * `V = 1 + B K + C K²`, A = sin θ/θ, B = (1 − cos θ)/θ², C = (θ − sin θ)/θ³ and θ = ‖ω‖; near 0
 * their series are used, so gradients are also correct there. Source: J. Solà et al., A micro Lie
 * theory, arXiv 1812.01537.
 *
 * @throws ShapeError for tensors that do not have the shape of elements or points.
 * @example
 * const { SE3 } = groups;
 * const g = SE3.exp(tensor([0, 0, Math.PI / 2, 0, 0, 1])); // a quarter turn about z, and 1 up
 * SE3.act(g, tensor([1, 0, 0])).round().abs().toArray(); // [0,1,1]
 * SE3.log(SE3.compose(g, SE3.inverse(g))).abs().max().item() < 1e-6; // true
 */
export const groups: Readonly<Record<GroupName, Group>> = {
  SO2: rotations(2),
  SO3: rotations(3),
  SE2: motions(2),
  SE3: motions(3),
};
