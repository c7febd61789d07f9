/**
 * @file Finite groups of rotations: the symmetries of the regular polygons and of the Platonic
 * solids.
 */
import { expectWhole } from "../expect.js";
import { identity, type Matrix, near, product } from "./matrix.js";
import { planeRotation, rotationAbout } from "./rotations.js";

/** The golden ratio φ, in the coordinates of the icosahedron. */
export const GOLDEN = (1 + Math.sqrt(5)) / 2;

/** The most elements of a cyclic group, and points of a grid. */
export const MOST = 2 ** 20;

/** The rotations of the plane by multiples of 2π/n. */
export function cyclicGroup(n: number): Matrix[] {
  expectWhole("cyclicGroup", "the number of steps", n, 1, MOST);
  return Array.from({ length: n }, (_, k) => planeRotation((2 * Math.PI * k) / n));
}

/**
 * The 12 rotations of the regular tetrahedron with vertices (1,1,1), (1,−1,−1), (−1,1,−1),
 * (−1,−1,1).
 */
export function tetrahedralGroup(): Matrix[] {
  return generate([rotationAbout([1, 1, 1], (2 * Math.PI) / 3), rotationAbout([0, 0, 1], Math.PI)]);
}

/** The 24 rotations of the cube and the octahedron, both aligned with the axes. */
export function octahedralGroup(): Matrix[] {
  const quarter = Math.PI / 2;
  return generate([rotationAbout([0, 0, 1], quarter), rotationAbout([1, 0, 0], quarter)]).map((r) =>
    r.map((row) => row.map((x) => Math.round(x) + 0)),
  );
}

/**
 * The 60 rotations of the icosahedron with vertices (0, ±1, ±φ) and their cyclic permutations, and
 * of its dual dodecahedron.
 *
 * @example
 * icosahedralGroup().length; // 60
 */
export function icosahedralGroup(): Matrix[] {
  const fifth = rotationAbout([0, 1, GOLDEN], (2 * Math.PI) / 5);
  return generate([fifth, rotationAbout([0, 0, 1], Math.PI)]);
}

/** All products of the generators, breadth first, so that few rounding errors accumulate. */
function generate(generators: readonly Matrix[]): Matrix[] {
  const found: Matrix[] = [identity(3)];
  for (let i = 0; i < found.length; i++) {
    for (const generator of generators) {
      const next = product(generator, found[i] as Matrix);
      if (!found.some((known) => near(known, next))) found.push(next);
    }
  }
  return found;
}
