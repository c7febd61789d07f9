/**
 * @file Letters as graphs of superpixels: reading, linking each to its nearest, turning, batches.
 */
import { type EdgeListGraphs, knnGraph } from "@isograd/equivariant";
import { DataLoader } from "@isograd/nn";
import { dispose, type Rng, rng, scope, type Tensor, tensor } from "@isograd/tensor";
import { loadNpz } from "@isograd/tensor/io";

/** One letter. */
export interface Letter {
  /** [n, 2], in units of about the distance of neighbours. */
  readonly positions: Float32Array;
  readonly values: Float32Array;
  /** Of the edges between near superpixels, self loops included. */
  readonly source: Int32Array;
  readonly target: Int32Array;
  readonly label: number;
}

/** Letters in three sets; the test set is of fonts that the others do not have. */
export interface Letters {
  readonly train: readonly Letter[];
  readonly validation: readonly Letter[];
  readonly test: readonly Letter[];
}

/** A batch: the graphs of some letters, and which letters they are. */
export interface LetterBatch extends EdgeListGraphs {
  readonly scalars: Tensor;
  readonly graphs: number;
  readonly labels: Tensor;
}

/** Pixels from one superpixel to the next, about. */
const SPACING = 3;

export interface LetterOptions {
  /** Neighbours of each superpixel, itself not counted. */
  readonly neighbours: number;
  /** Letters used of each kind (default: all). */
  readonly limits?: { readonly train: number; readonly test: number };
  /** Letters of the training fonts that are kept for validation. */
  readonly validation: number;
}

/** Reads the file of superpixels. */
export function loadLetters(file: Uint8Array, options: LetterOptions): Letters {
  const names = ["positions", "values", "offsets", "labels", "is_test"] as const;
  const arrays = loadNpz(file, { names });
  const read = (name: (typeof names)[number]) => {
    const array = arrays[name];
    if (array === undefined) throw new Error(`the file of superpixels has no array ${name}`);
    return array.dataSync();
  };
  const [positions, values, offsets] = [read("positions"), read("values"), read("offsets")];
  const [labels, isTest] = [read("labels"), read("is_test")];
  for (const x of Object.values(arrays)) dispose(x);
  const letter = (i: number): Letter => {
    const [from = 0, to = 0] = [offsets[i], offsets[i + 1]];
    const own = Float32Array.from(positions.slice(2 * from, 2 * to), (x) => x / SPACING);
    return {
      positions: own,
      values: Float32Array.from(values.slice(from, to)),
      ...link(own, options.neighbours),
      label: labels[i] ?? 0,
    };
  };
  const order = Array.from(rng("letters").permutation(labels.length).dataSync());
  const seen = order.filter((i) => !isTest[i]);
  const unseen = order.filter((i) => isTest[i]);
  const { limits, validation } = options;
  const last = limits === undefined ? seen.length : validation + limits.train;
  return {
    validation: seen.slice(0, validation).map(letter),
    train: seen.slice(validation, last).map(letter),
    test: unseen.slice(0, limits?.test).map(letter),
  };
}

function link(positions: Float32Array, k: number): Pick<Letter, "source" | "target"> {
  return scope(() => {
    const n = positions.length / 2;
    const { source, target } = knnGraph(tensor(positions, { shape: [n, 2] }), {
      k: Math.min(k, n - 1),
    });
    return {
      source: Int32Array.from(source.dataSync()),
      target: Int32Array.from(target.dataSync()),
    };
  });
}

/** A letter turned by an angle about the middle of its image; neighbours stay the same. */
export function turnedLetter(letter: Letter, angle: number): Letter {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const positions = letter.positions.slice();
  for (let i = 0; i < positions.length; i += 2) {
    const [x, y] = [positions[i]!, positions[i + 1]!];
    positions[i] = c * x - s * y;
    positions[i + 1] = s * x + c * y;
  }
  return { ...letter, positions };
}

/** Letters as one list of nodes and one of edges. */
export function batchOf(letters: readonly Letter[]): LetterBatch {
  const sizes = letters.map(({ values }) => values.length);
  const first = sizes.map((_, g) => sizes.slice(0, g).reduce((sum, n) => sum + n, 0));
  const nodes = sizes.reduce((sum, n) => sum + n, 0);
  const ints = (of: (letter: Letter, g: number) => ArrayLike<number>): Tensor =>
    tensor(Int32Array.from(letters.flatMap((letter, g) => Array.from(of(letter, g)))));
  const floats = (of: (letter: Letter) => Float32Array, width: number): Tensor =>
    tensor(Float32Array.from(letters.flatMap((letter) => Array.from(of(letter)))), {
      shape: [nodes, width],
    });
  return {
    positions: floats((l) => l.positions, 2),
    scalars: floats((l) => l.values, 1),
    source: ints((l, g) => l.source.map((i) => i + first[g]!)),
    target: ints((l, g) => l.target.map((i) => i + first[g]!)),
    graph: ints((l, g) => new Int32Array(l.values.length).fill(g)),
    graphs: letters.length,
    labels: tensor(Int32Array.from(letters, (l) => l.label)),
  };
}

/** Batches of letters; `turn` may give each an angle. */
export function lettersLoader(
  letters: readonly Letter[],
  batchSize: number,
  { shuffle, turn }: { readonly shuffle?: Rng; readonly turn?: () => number } = {},
): DataLoader<readonly Letter[], LetterBatch> {
  return new DataLoader<readonly Letter[], LetterBatch>(letters, {
    batchSize,
    ...(shuffle && { shuffle, dropLast: true }),
    collate: (some) => batchOf(turn ? some.map((l) => turnedLetter(l, turn())) : some),
  });
}
