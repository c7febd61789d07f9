/** @file Grids of rotations: finite groups, and spirals that spread any number of them evenly. */
import { type Tensor, type TensorOptions, tensor } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectOneOf, expectWhole } from "../expect.js";
import { icosahedralGroup, MOST, octahedralGroup, tetrahedralGroup } from "./groups.js";
import { identity, type Matrix } from "./matrix.js";
import { quaternionRotation } from "./rotations.js";

/** A finite set of rotations that samples SO(3). */
export interface FrameGrid {
  readonly name: string;
  /** Number of rotations O. */
  readonly size: number;
  readonly frames: readonly Matrix[];
  /** The rotations that map the grid onto itself, the identity first. */
  rotations(): Matrix[];
  /** The rotations as a tensor [O, 3, 3]. */
  toTensor(options?: TensorOptions): Tensor;
}

function grid(name: string, frames: readonly Matrix[], rotations: () => Matrix[]): FrameGrid {
  const toTensor = (options?: TensorOptions) => {
    const { dtype = "float32", device } = given("toTensor", options, "dtype device");
    const flat = Float64Array.from(frames.flat(2));
    return tensor(flat, { shape: [frames.length, 3, 3], dtype, device });
  };
  return { name, size: frames.length, frames, rotations, toTensor };
}

const groups = {
  tetrahedral: tetrahedralGroup,
  octahedral: octahedralGroup,
  icosahedral: icosahedralGroup,
} as const;

function group(name: keyof typeof groups): FrameGrid {
  expectOneOf("frameGrids.group", "no group is called", name, Object.keys(groups));
  const make = groups[name];
  return grid(name, make(), make);
}

/** The constant of the second angle: ψ⁴ = ψ + 4. */
const PSI = 1.5337511687552043;

function spiral(size: number): FrameGrid {
  expectWhole("frameGrids.spiral", "the number of rotations", size, 1, MOST);
  const frames = Array.from({ length: size }, (_, i) => {
    const s = i + 0.5;
    const [r, R] = [Math.sqrt(s / size), Math.sqrt(1 - s / size)];
    const [alpha, beta] = [(2 * Math.PI * s) / Math.SQRT2, (2 * Math.PI * s) / PSI];
    return quaternionRotation([
      r * Math.sin(alpha),
      r * Math.cos(alpha),
      R * Math.sin(beta),
      R * Math.cos(beta),
    ]);
  });
  return grid(`spiral(${size})`, frames, () => [identity(3)]);
}

/**
 * Grids of rotations.
 *
 * - `group(name)`: the rotations of the tetrahedron (12), octahedron (24) or icosahedron (60),
 *   which map the grid onto itself.
 * - `spiral(O)`: any number of rotations, nearly even. Source: M. Alexa, Super-Fibonacci spirals,
 *   CVPR 2022.
 *
 * @throws UsageError for an unknown group, and for a size below 1 or above 2²⁰.
 * @example
 * frameGrids.group("octahedral").size; // 24
 */
export const frameGrids = { group, spiral } as const;
