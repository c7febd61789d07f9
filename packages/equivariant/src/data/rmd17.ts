/** @file Reads rMD17's files: one molecule in many poses, with energies and forces. */
import { dispose, FormatError, ShapeError, type Tensor } from "@isograd/tensor";
import { formatShape } from "@isograd/tensor/engine";
import { loadNpz } from "@isograd/tensor/io";

/** One molecule of n atoms in N poses. */
export interface MoleculePoses {
  /** Atomic numbers, int32 [n]. */
  readonly numbers: Tensor;
  /** [N, n, 3] in Å, float32. */
  readonly positions: Tensor;
  /** [N] in kcal/mol, float64: the totals are so large that float32 would visibly round them. */
  readonly energies: Tensor;
  /** [N, n, 3] in kcal/mol/Å, float32. */
  readonly forces: Tensor;
}

/**
 * Reads a file of rMD17, the revised MD17: an .npz archive with `nuclear_charges` [n], `coords` [N,
 * n, 3], `energies` [N] and `forces` [N, n, 3], of any number type. Energies can also be [N, 1].
 *
 * Source: Christensen and von Lilienfeld, arXiv 2007.09593.
 *
 * @throws FormatError for files that are not archives or lack an array; ShapeError for arrays with
 * inconsistent shapes.
 * @example
 * const file = saveNpz({
 *   nuclear_charges: tensor([8, 1, 1]),
 *   coords: zeros([2, 3, 3]),
 *   energies: tensor([-1, -2]),
 *   forces: zeros([2, 3, 3]),
 * });
 * readRmd17(file).positions.shape; // [2,3,3]
 */
export function readRmd17(file: Uint8Array | ArrayBuffer): MoleculePoses {
  const found = loadNpz(file);
  try {
    // Files also contain indices and the values of the older MD17, which are not read.
    const charges = named(found, "nuclear_charges");
    const coords = named(found, "coords");
    const energies = named(found, "energies");
    const forces = named(found, "forces");
    const [N = 1, n = 1] = coords.shape;
    expectShape("nuclear_charges", charges, [n]);
    expectShape("coords", coords, [N, n, 3]);
    expectShape("forces", forces, [N, n, 3]);
    if (energies.size !== N) expectShape("energies", energies, [N]);
    return {
      numbers: charges.cast("int32"),
      positions: coords.cast("float32"),
      energies: energies.cast("float64").reshape([N]),
      forces: forces.cast("float32"),
    };
  } finally {
    for (const x of Object.values(found)) dispose(x);
  }
}

function named(found: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const x = found[name];
  if (x !== undefined) return x;
  throw new FormatError(
    "readRmd17",
    `the file has no array "${name}", only ${Object.keys(found).join(", ")}`,
    "files of rMD17 are called rmd17_<molecule>.npz",
  );
}

function expectShape(name: string, x: Tensor, wanted: readonly number[]): void {
  if (formatShape(x.shape) === formatShape(wanted)) return;
  throw new ShapeError(
    "readRmd17",
    `${name} are ${formatShape(x.shape)}, expected ${formatShape(wanted)}`,
    "the shape of coords, [N, n, 3], gives the number of poses N and of atoms n",
  );
}
