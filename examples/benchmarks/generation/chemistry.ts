/**
 * @file What makes a cloud of atoms a molecule: bonds by distance, valences, and distances of
 * histograms.
 */

/** Covalent radii in Å (Cordero et al. 2008) and valences by atomic number. */
const RADIUS: Readonly<Record<number, number>> = { 1: 0.31, 6: 0.76, 8: 0.66 };
const VALENCE: Readonly<Record<number, number>> = { 1: 1, 6: 4, 8: 2 };
const SYMBOL: Readonly<Record<number, string>> = { 1: "H", 6: "C", 8: "O" };
/** How far bond lengths may differ from the sum of the radii, relatively: heat stretches bonds. */
const SLACK = 0.25;

export type Point = readonly [x: number, y: number, z: number];

export interface Molecule {
  readonly numbers: readonly number[];
  readonly positions: readonly Point[];
}

/** Two atoms, i < j, their distance, and their kinds: "C–H". */
export interface Pair {
  readonly i: number;
  readonly j: number;
  readonly distance: number;
  readonly kind: string;
}

/** All pairs of atoms. */
export function pairsOf({ numbers, positions }: Molecule): Pair[] {
  return positions.flatMap((p, i) =>
    positions.slice(i + 1).map((q, k) => {
      const j = i + 1 + k;
      const names = [numbers[i]!, numbers[j]!].sort((a, b) => b - a).map((z) => SYMBOL[z] ?? "?");
      const heavy = names[0] === "O" && names[1] === "C" ? "C–O" : names.join("–");
      return { i, j, distance: Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]), kind: heavy };
    }),
  );
}

/** Pairs that are bonded: distance within 25 % of the sum of covalent radii. */
export function bondsOf(molecule: Molecule): Pair[] {
  const radius = (i: number): number => RADIUS[molecule.numbers[i]!] ?? 0;
  return pairsOf(molecule).filter(({ i, j, distance }) => {
    const usual = radius(i) + radius(j);
    return distance > (1 - SLACK) * usual && distance < (1 + SLACK) * usual;
  });
}

export interface Validity {
  /** Part of the atoms with as many bonds as their valence asks for (single bonds only). */
  readonly atoms: number;
  /** Whether all atoms have them, and the molecule is connected. */
  readonly molecule: boolean;
  /** The smallest distance of two atoms, Å. */
  readonly nearest: number;
}

export function validityOf(molecule: Molecule): Validity {
  const { numbers } = molecule;
  const bonds = bondsOf(molecule);
  const stable = numbers.filter(
    (z, a) => bonds.filter(({ i, j }) => i === a || j === a).length === VALENCE[z],
  ).length;
  const nearest = pairsOf(molecule).reduce((least, { distance }) => Math.min(least, distance), 1e9);
  const whole = stable === numbers.length && connected(numbers.length, bonds);
  return { atoms: stable / numbers.length, molecule: whole, nearest };
}

function connected(atoms: number, bonds: readonly Pair[]): boolean {
  const seen = new Set([0]);
  for (let before = 0; before < seen.size; ) {
    before = seen.size;
    for (const { i, j } of bonds) {
      if (seen.has(i)) seen.add(j);
      if (seen.has(j)) seen.add(i);
    }
  }
  return seen.size === atoms;
}

/** Wasserstein-1 distance of two samples: the area between their quantile functions. */
export function wasserstein(a: readonly number[], b: readonly number[]): number {
  const sorted = (values: readonly number[]) => values.toSorted((x, y) => x - y);
  const [p, q] = [sorted(a), sorted(b)];
  const cuts = 1000;
  let area = 0;
  for (let i = 0; i < cuts; i++) {
    const u = (i + 0.5) / cuts;
    area += Math.abs(p[Math.floor(u * p.length)]! - q[Math.floor(u * q.length)]!);
  }
  return area / cuts;
}
