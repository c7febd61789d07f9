/**
 * @file Grids of orientations on the circle and the sphere, with the rotations that map them onto
 * themselves.
 */
import { type Tensor, type TensorOptions, tensor } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectOneOf, expectWhole } from "../expect.js";
import {
  cyclicGroup,
  GOLDEN,
  icosahedralGroup,
  MOST,
  octahedralGroup,
  tetrahedralGroup,
} from "./groups.js";
import { identity, type Matrix } from "./matrix.js";
import { restingCharges } from "./repulsion.js";

/** The five regular solids, by the number of their vertices 4, 6, 8, 12 and 20. */
export type Solid = "tetrahedron" | "octahedron" | "cube" | "icosahedron" | "dodecahedron";

/** A finite set of unit vectors that samples all orientations. */
export interface Grid {
  readonly name: string;
  /** Dimension of the surrounding space: 2 for the circle, 3 for the sphere. */
  readonly dim: 2 | 3;
  /** Number of orientations O. */
  readonly size: number;
  /** The unit vectors. */
  readonly points: readonly (readonly number[])[];
  /**
   * The rotations that map the grid onto itself, the identity first. For these a network is exactly
   * equivariant.
   */
  rotations(): Matrix[];
  /** The unit vectors as a tensor [O, dim]. */
  toTensor(options?: TensorOptions): Tensor;
}

function grid(
  name: string,
  dim: 2 | 3,
  points: readonly (readonly number[])[],
  rotations: () => Matrix[] = () => [identity(dim)],
): Grid {
  const toTensor = (options?: TensorOptions) => {
    const { dtype = "float32", device } = given("toTensor", options, "dtype device");
    const flat = Float64Array.from(points.flat());
    return tensor(flat, { shape: [points.length, dim], dtype, device });
  };
  return { name, dim, size: points.length, points, rotations, toTensor };
}

function circle(size: number): Grid {
  checkSize("circle", size);
  const angles = Array.from({ length: size }, (_, k) => (2 * Math.PI * k) / size);
  const points = angles.map((t) => [Math.cos(t), Math.sin(t)]);
  return grid(`circle(${size})`, 2, points, () => cyclicGroup(size));
}

function fibonacci(size: number): Grid {
  checkSize("fibonacci", size);
  const points = Array.from({ length: size }, (_, i) => {
    const z = 1 - (2 * (i + 0.5)) / size;
    const [r, theta] = [Math.sqrt(1 - z * z), Math.PI * i * (1 + Math.sqrt(5))];
    return [r * Math.cos(theta), r * Math.sin(theta), z];
  });
  return grid(`fibonacci(${size})`, 3, points);
}

function repulsion(size: number, options?: { readonly seed?: number | string | undefined }): Grid {
  const { seed = 0 } = given("grids.repulsion", options, "seed");
  checkSize("repulsion", size, SLOW, "its time grows with the square; fibonacci takes more");
  const flat = restingCharges(size, seed);
  const points = Array.from({ length: size }, (_, i) => [...flat.slice(3 * i, 3 * i + 3)]);
  return grid(`repulsion(${size})`, 3, points);
}

const signs = [1, -1] as const;
const pairs = signs.flatMap((a) => signs.map((b) => [a, b] as const));
const cyclic = ([x, y, z]: readonly [number, number, number]) => [
  [x, y, z],
  [z, x, y],
  [y, z, x],
];
const corners = pairs.flatMap(([a, b]) => signs.map((c) => [a, b, c] as const));
const solids: Record<
  Solid,
  { readonly vertices: readonly (readonly number[])[]; readonly group: () => Matrix[] }
> = {
  tetrahedron: {
    vertices: corners.filter(([a, b, c]) => a * b * c > 0),
    group: tetrahedralGroup,
  },
  octahedron: { vertices: signs.flatMap((s) => cyclic([s, 0, 0])), group: octahedralGroup },
  cube: { vertices: corners, group: octahedralGroup },
  icosahedron: {
    vertices: pairs.flatMap(([a, b]) => cyclic([0, a, b * GOLDEN])),
    group: icosahedralGroup,
  },
  dodecahedron: {
    // The face centres of the icosahedron above.
    vertices: [...corners, ...pairs.flatMap(([a, b]) => cyclic([a / GOLDEN, 0, b * GOLDEN]))],
    group: icosahedralGroup,
  },
};

function platonic(solid: Solid): Grid {
  expectOneOf("grids.platonic", "no solid is called", solid, Object.keys(solids));
  const found = solids[solid];
  const points = found.vertices.map((v) => {
    const norm = Math.hypot(...v);
    return v.map((x) => x / norm);
  });
  return grid(solid, 3, points, found.group);
}

/** The most points that repel each other: thousands of steps compare all pairs. */
const SLOW = 2 ** 12;

function checkSize(name: string, size: number, most = MOST, help?: string): void {
  expectWhole(`grids.${name}`, "the number of points", size, 1, most, help);
}

/**
 * Grids of orientations.
 *
 * - `circle(O)`: θ_k = 2πk/O; mapped onto itself by the O rotations of a regular polygon.
 * - `fibonacci(O)`: θ_i = π i (1 + √5), cos φ_i = 1 − 2(i + ½)/O; any O, nearly even, no symmetry.
 * - `repulsion(O, { seed })`: a minimum of the Coulomb energy Σ 1/‖o_i − o_j‖; any O, determined by
 *   the seed.
 * - `platonic(solid)`: the vertices of tetrahedron (4), octahedron (6), cube (8), icosahedron (12)
 *   or dodecahedron (20), with Σ o = 0 and mapped onto themselves by 12, 24, 24, 60 and 60
 *   rotations.
 *
 * Source: arXiv 2310.02970, section 4.
 *
 * @throws UsageError for an unknown solid, and for a size below 1 or above 2²⁰ (repulsion: 2¹²).
 * @example
 * grids.platonic("icosahedron").size; // 12
 */
export const grids = { circle, fibonacci, repulsion, platonic } as const;
