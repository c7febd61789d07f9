/** @file Reads QM9's files: one molecule with its properties in each. Takes text, not paths. */
import { FormatError, type Tensor, tensor } from "@isograd/tensor";
import { wanted } from "../expect.js";

/** The properties of a molecule, in the order of the files. */
const PROPERTIES = [
  "A",
  "B",
  "C",
  "mu",
  "alpha",
  "homo",
  "lumo",
  "gap",
  "r2",
  "zpve",
  "U0",
  "U",
  "H",
  "G",
  "Cv",
] as const;

/**
 * Names of QM9's properties: rotational constants A, B, C (GHz), dipole moment mu (D),
 * polarisability alpha (a₀³), orbital energies homo, lumo and gap (Ha), spatial extent r2 (a₀²),
 * zero-point energy zpve and energies U0, U, H, G (Ha), heat capacity Cv (cal/mol/K).
 */
export type Qm9Property = (typeof PROPERTIES)[number];

/** A molecule of n atoms. */
export interface Qm9Molecule {
  /** The name of the molecule in the file: "gdb 1". */
  readonly tag: string;
  /** Atomic numbers, int32 [n]. */
  readonly numbers: Tensor;
  /** [n, 3] in Å, float32. */
  readonly positions: Tensor;
  /** Mulliken charges [n] in e, float32. */
  readonly charges: Tensor;
  readonly properties: Readonly<Record<Qm9Property, number>>;
  /** Harmonic frequencies in cm⁻¹. */
  readonly frequencies: readonly number[];
  /** SMILES before and after the relaxation of the geometry. */
  readonly smiles: readonly string[];
}

const ELEMENTS: Readonly<Record<string, number>> = { H: 1, C: 6, N: 7, O: 8, F: 9 };

/**
 * Reads one of QM9's .xyz files: the number of atoms; a line of 15 properties; a line for each atom
 * (element, x, y, z, charge); frequencies; SMILES; InChI. Numbers can have exponents in the
 * notation of Mathematica: `1.2*^-6`.
 *
 * Source: Ramakrishnan et al., Scientific Data 1, 140022 (2014).
 *
 * @throws FormatError for other files, with the line.
 * @example
 * const hydrogen = `2
 * gdb 0\t0. 1800. 1800. 0. 5.4 -0.43 0.1 0.53 7. 0.01 -1.17 -1.16 -1.16 -1.18 6.9
 * H\t0.\t0.\t0.\t1.2*^-6
 * H\t0.74\t0.\t0.\t-1.2*^-6
 * 4400.
 * [H][H]\t[H][H]
 * InChI=1S/H2/h1H\tInChI=1S/H2/h1H`;
 * readQm9(hydrogen).positions.shape; // [2,3]
 * readQm9(hydrogen).properties.gap; // 0.53
 */
export function readQm9(text: string): Qm9Molecule {
  if (typeof text !== "string") {
    const help = 'read the file first: await readFile(path, "utf8")';
    throw wanted("readQm9", "the file", "a text", text, help);
  }
  const lines = text.split(/\r?\n/);
  const count = Number(lines[0]?.trim());
  if (!(Number.isInteger(count) && count > 0)) refuse(1, "the number of atoms", lines[0]);
  const { tag, values } = propertiesOf(lines[1]);
  const most = Math.min(count, lines.length); // the first line that is missing is refused
  const atoms = Array.from({ length: most }, (_, i) => atomOf(lines[i + 2], i + 3));
  const floats = (of: (atom: Atom) => readonly number[], shape: number[]): Tensor =>
    tensor(Float32Array.from(atoms.flatMap(of)), { shape });
  const rest = lines.slice(count + 2);
  const frequencies = words(rest[0]).map((word) => numberOf(word, count + 3, "a frequency"));
  return {
    tag,
    numbers: tensor(Int32Array.from(atoms, ({ element }) => element)),
    positions: floats(({ position }) => position, [count, 3]),
    charges: floats(({ charge }) => [charge], [count]),
    properties: Object.fromEntries(PROPERTIES.map((name, i) => [name, values[i]])) as Record<
      Qm9Property,
      number
    >,
    frequencies,
    smiles: words(rest[1]),
  };
}

function propertiesOf(line: string | undefined): { tag: string; values: number[] } {
  const [name, index, ...rest] = words(line);
  const values = rest.map((word) => numberOf(word, 2, "a property"));
  if (values.length === PROPERTIES.length) return { tag: `${name} ${index}`, values };
  throw new FormatError(
    "readQm9",
    `line 2 has ${values.length} properties, expected ${PROPERTIES.length}`,
    `it reads: a name, a number, then ${PROPERTIES.join(", ")}`,
  );
}

interface Atom {
  readonly element: number;
  readonly position: readonly number[];
  readonly charge: number;
}

function atomOf(line: string | undefined, at: number): Atom {
  const [symbol = "", ...rest] = words(line);
  const element = ELEMENTS[symbol];
  if (element === undefined || rest.length !== 4)
    refuse(at, "an element, x, y, z and a charge", line);
  const [x, y, z, charge] = rest.map((word) => numberOf(word, at, "a number")) as [
    number,
    number,
    number,
    number,
  ];
  return { element, position: [x, y, z], charge };
}

function words(line: string | undefined): string[] {
  return (line ?? "").split(/\s+/).filter((word) => word !== "");
}

/** Reads `-1.5`, `0.`, `1.2*^-6`. */
function numberOf(word: string, line: number, what: string): number {
  const plain = word.replace("*^", "e");
  const value = Number(plain);
  if (!Number.isFinite(value)) refuse(line, what, word);
  return value;
}

function refuse(line: number, wanted: string, found: string | undefined): never {
  throw new FormatError(
    "readQm9",
    `line ${line} should be ${wanted}, found ${found === undefined ? "no line" : `"${found}"`}`,
    "files of QM9 are called dsgdb9nsd_<number>.xyz",
  );
}
