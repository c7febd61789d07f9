/**
 * @file Invented molecules as files in QM9's format: random trees of C, N and O with single bonds.
 * Geometries are ideal and properties follow simple formulas: for tests and demonstrations, not for
 * chemistry.
 */
import { type Rng, rng } from "@isograd/tensor";

type Vector = readonly [number, number, number];

interface Atom {
  readonly symbol: Symbol;
  readonly position: Vector;
  /** Neighbours by index. */
  readonly bonds: number[];
}

type Symbol = "H" | "C" | "N" | "O";
const VALENCE: Readonly<Record<Symbol, number>> = { H: 1, C: 4, N: 3, O: 2 };
const RADIUS: Readonly<Record<Symbol, number>> = { H: 0.31, C: 0.76, N: 0.71, O: 0.66 };
const MASS: Readonly<Record<Symbol, number>> = { H: 1.008, C: 12.011, N: 14.007, O: 15.999 };
const NUCLEUS: Readonly<Record<Symbol, number>> = { H: 1, C: 6, N: 7, O: 8 };
/** Pauling's electronegativities. */
const PULL: Readonly<Record<Symbol, number>> = { H: 2.2, C: 2.55, N: 3.04, O: 3.44 };
/** Additive polarisabilities in a₀³, and total energies of atoms in Ha, rounded. */
const SOFTNESS: Readonly<Record<Symbol, number>> = { H: 2.6, C: 7.2, N: 6.5, O: 3.9 };
const ENERGY: Readonly<Record<Symbol, number>> = { H: -0.5, C: -37.8, N: -54.6, O: -75.1 };

const add = (a: Vector, b: Vector, t = 1): Vector => [
  a[0] + t * b[0],
  a[1] + t * b[1],
  a[2] + t * b[2],
];
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const unit = (a: Vector): Vector => add([0, 0, 0], a, 1 / Math.sqrt(dot(a, a)));

/** A direction, and three more that make a tetrahedron with it, turned at random about it. */
function tetrahedron(first: Vector, random: Rng): Vector[] {
  const aside = unit(cross(first, Math.abs(first[0]) < 0.8 ? [1, 0, 0] : [0, 1, 0]));
  const up = cross(first, aside);
  const start = 2 * Math.PI * random.next();
  return [0, 1, 2].map((k) => {
    const angle = start + (2 * Math.PI * k) / 3;
    const flat = add(add([0, 0, 0], aside, Math.cos(angle)), up, Math.sin(angle));
    return add(add([0, 0, 0], first, -1 / 3), flat, Math.sqrt(8) / 3);
  });
}

/** A tree of heavy atoms, completed by hydrogen; null if atoms without a bond come too close. */
function grow(heavy: number, random: Rng): Atom[] | null {
  const atoms: Atom[] = [];
  const free: { readonly at: number; readonly direction: Vector }[] = [];
  const place = (symbol: Symbol, from: number, direction: Vector): void => {
    const parent = atoms[from];
    const length = parent === undefined ? 0 : RADIUS[symbol] + RADIUS[parent.symbol];
    const position =
      parent === undefined ? ([0, 0, 0] as const) : add(parent.position, direction, length);
    const index = atoms.push({ symbol, position, bonds: parent === undefined ? [] : [from] }) - 1;
    parent?.bonds.push(index);
    const back: Vector = [-direction[0], -direction[1], -direction[2]];
    const ends = tetrahedron(back, random).slice(0, VALENCE[symbol] - 1);
    if (parent === undefined) ends.push(back);
    for (const end of symbol === "H" ? [] : ends) free.push({ at: index, direction: end });
  };
  const pick = (): Symbol => (["C", "C", "C", "N", "O"] as const)[Math.floor(5 * random.next())]!;
  place(pick(), -1, [0, 0, 1]);
  for (let i = 1; i < heavy && free.length > 0; i++) {
    const [spot] = free.splice(Math.floor(free.length * random.next()), 1);
    if (spot !== undefined) place(pick(), spot.at, spot.direction);
  }
  for (const { at, direction } of free.splice(0)) place("H", at, direction);
  const close = atoms.some((a, i) =>
    atoms.some((b, j) => j < i && !a.bonds.includes(j) && distance(a.position, b.position) < 1.4),
  );
  return close ? null : atoms;
}

function distance(a: Vector, b: Vector): number {
  return Math.sqrt(dot(add(a, b, -1), add(a, b, -1)));
}

/** Each bond moves 0.16 e per unit of electronegativity. */
function chargesOf(atoms: readonly Atom[]): number[] {
  return atoms.map(({ symbol, bonds }) =>
    bonds.reduce((q, j) => q + 0.16 * (PULL[atoms[j]!.symbol] - PULL[symbol]), 0),
  );
}

/** The 15 properties in the order of QM9. */
function propertiesOf(atoms: readonly Atom[], charges: readonly number[]): number[] {
  const total = (of: (atom: Atom, i: number) => number): number =>
    atoms.reduce((sum, atom, i) => sum + of(atom, i), 0);
  const mass = total((a) => MASS[a.symbol]);
  const each = (of: (d: 0 | 1 | 2) => number): Vector => [of(0), of(1), of(2)];
  const moment = each((d) => total((a, i) => charges[i]! * a.position[d]));
  const middle = each((d) => total((a) => MASS[a.symbol] * a.position[d]) / mass);
  const spread =
    total((a) => NUCLEUS[a.symbol] * distance(a.position, middle) ** 2) / 0.529177 ** 2;
  const inertia = total((a) => MASS[a.symbol] * distance(a.position, middle) ** 2);
  const polar = total((a) => Math.abs(charges[atoms.indexOf(a)]!));
  const [homo, lumo] = [-0.3 + 0.03 * polar - 0.1 / atoms.length, 0.08 - 0.02 * polar];
  const repulsion = total((a, i) =>
    atoms
      .slice(0, i)
      .reduce(
        (sum, b, j) =>
          sum + (charges[i]! * charges[j]! * 0.529177) / distance(a.position, b.position),
        0,
      ),
  );
  const bonds = total((a) => a.bonds.length) / 2;
  const U0 = total((a) => ENERGY[a.symbol]) - 0.16 * bonds + repulsion;
  const thermal = 0.003 + 0.0004 * atoms.length;
  const rotor = 505.379 / inertia;
  return [
    ...[3 * rotor, 2 * rotor, rotor],
    4.80321 * Math.hypot(...moment),
    total((a) => SOFTNESS[a.symbol]) + 0.02 * spread ** 0.5,
    ...[homo, lumo, lumo - homo, spread],
    0.0095 * bonds,
    ...[U0, U0 + thermal, U0 + thermal + 0.000944, U0 + thermal - 0.03 - 0.001 * atoms.length],
    2.5 + 1.1 * atoms.length,
  ];
}

/** A number as in QM9's files: 0., -0.1234, and small ones with Mathematica's exponents. */
function written(x: number, digits = 6): string {
  if (x !== 0 && Math.abs(x) < 1e-3) return x.toExponential(4).replace("e", "*^").replace("+", "");
  const text = String(Number(x.toFixed(digits)));
  return text.includes(".") ? text : `${text}.`;
}

/** Molecules as the texts of files; the same seed gives the same ones. */
export function grownMolecules(count: number, seed: string, heavy = { from: 1, to: 4 }): string[] {
  const random = rng(seed);
  const files: string[] = [];
  while (files.length < count) {
    const size = heavy.from + Math.floor((heavy.to - heavy.from + 1) * random.next());
    const atoms = grow(size, random);
    if (atoms !== null) files.push(asFile(atoms, files.length + 1));
  }
  return files;
}

function asFile(atoms: readonly Atom[], index: number): string {
  const charges = chargesOf(atoms);
  const properties = propertiesOf(atoms, charges).map((x) => written(x));
  const lines = atoms.map(({ symbol, position }, i) =>
    [symbol, ...position.map((x) => written(x)), written(charges[i]!)].join("\t"),
  );
  const modes = Array.from({ length: Math.max(1, 3 * atoms.length - 6) }, (_, k) =>
    written(200 + 90 * k),
  );
  const formula = atoms
    .filter(({ symbol }) => symbol !== "H")
    .map(({ symbol }) => symbol)
    .join("");
  return [
    String(atoms.length),
    `own ${index}\t${properties.join("\t")}\t`,
    ...lines,
    modes.join("\t"),
    `${formula}\t${formula}\t`,
    "InChI=none\tInChI=none",
    "",
  ].join("\n");
}
