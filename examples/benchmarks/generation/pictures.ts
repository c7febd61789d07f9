/** @file Molecules as SVG: balls and sticks, the nearer in front. */
import * as Plot from "@observablehq/plot";
import { svg } from "../harness/plots.js";
import { bondsOf, type Molecule, type Point } from "./chemistry.js";

const COLOR: Readonly<Record<number, string>> = { 1: "#c9d1dc", 6: "#3a4250", 8: "#d64545" };
const SIZE: Readonly<Record<number, number>> = { 1: 7, 6: 12, 8: 11 };

/** Molecules side by side in rows, each seen along z, near atoms over far ones. */
export function molecules(shown: readonly Molecule[], perRow = 4): string {
  const width = 5;
  const parts = shown.map((molecule, k) => {
    const [dx, dy] = [width * (k % perRow), -width * Math.floor(k / perRow)];
    const at = ([x, y, z]: Point) => ({ x: x + dx, y: y + dy, z });
    const bonds = bondsOf(molecule).map(({ i, j }) => {
      const [a, b] = [at(molecule.positions[i]!), at(molecule.positions[j]!)];
      return { x1: a.x, y1: a.y, x2: b.x, y2: b.y, z: (a.z + b.z) / 2 };
    });
    const atoms = molecule.positions.map((p, i) => ({ ...at(p), number: molecule.numbers[i]! }));
    return { bonds, atoms: atoms.sort((a, b) => a.z - b.z) };
  });
  const rows = Math.ceil(shown.length / perRow);
  const atoms = parts.flatMap((p) => p.atoms);
  return svg({
    width: 160 * perRow,
    height: 160 * rows,
    axis: null,
    x: { domain: [-width / 2, width * (perRow - 0.5)] },
    y: { domain: [-width * (rows - 0.5), width / 2] },
    r: { type: "identity" },
    marks: [
      Plot.link(
        parts.flatMap((p) => p.bonds),
        { x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke: "#8b95a5", strokeWidth: 4 },
      ),
      Plot.dot(atoms, {
        ...{ x: "x", y: "y", sort: null, stroke: "#1c2430", strokeWidth: 0.7 },
        r: (a: { number: number; z: number }) => SIZE[a.number]! * (1 + 0.06 * a.z),
        fill: (a: { number: number }) => COLOR[a.number]!,
      }),
    ],
  });
}
