/** @file Edges between near points: within a distance, or the k nearest, also in periodic boxes. */
import { type Tensor, tensor, UsageError } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectPositive, expectWhole, synonyms } from "../expect.js";
import { type Box, type Cell, cellOf, offsets } from "./box.js";
import { pointsOf } from "./points.js";

/** Which points can be linked. */
export interface NeighbourOptions {
  /** The graph of each point, int32 [V]; edges stay within graphs. Default: one graph. */
  readonly graph?: Tensor | undefined;
  /**
   * A periodic box: its side lengths, or the vectors that span it. Edges then also connect to
   * images.
   */
  readonly box?: Box | undefined;
  /** Whether each point has an edge to itself; default: true. */
  readonly loops?: boolean | undefined;
}

const NAMES = "graph box loops?";

/** The most neighbours in a periodic box: the images visited grow with them. */
const IN_BOXES = 2 ** 16;

/** Edges as {@link EdgeListGraphs} takes them, ordered by target. */
export interface Edges {
  readonly source: Tensor;
  readonly target: Tensor;
  /** Added to p_j − p_i [E, n]; only in boxes. */
  readonly shifts?: Tensor;
  /** The largest length of an edge; only from {@link radiusGraph}. */
  readonly cutoff?: number;
}

interface Neighbour {
  readonly from: number;
  readonly squared: number;
  readonly shift: readonly number[] | null;
}

/** The points of one call in host arrays. */
interface Cloud {
  readonly op: string;
  readonly points: readonly (readonly number[])[];
  readonly graphs: ReadonlyMap<number, readonly number[]>;
  readonly owner: (i: number) => number;
  readonly cell: Cell | null;
  readonly boxes: readonly (readonly number[])[];
  readonly like: Tensor;
}

function cloudOf(op: string, positions: Tensor, { graph, box }: NeighbourOptions): Cloud {
  const { flat, owners, V, dim, members } = pointsOf(op, positions, graph);
  const points = Array.from({ length: V }, (_, i) =>
    Array.from({ length: dim }, (_, d) => flat[i * dim + d] as number),
  );
  const cell = box === undefined ? null : cellOf(op, box, dim);
  return {
    op,
    points,
    graphs: members,
    owner: (i) => (owners ? (owners[i] as number) : 0),
    cell,
    boxes: cell ? points.map((p) => cell.boxOf(p)) : [],
    like: positions,
  };
}

/**
 * All points and images at the given steps of boxes from `to`; the point itself only as an image.
 */
function seen(cloud: Cloud, to: number, steps: readonly (readonly number[])[]): Neighbour[] {
  const { points, graphs, owner, cell, boxes } = cloud;
  const p = points[to] as readonly number[];
  const found: Neighbour[] = [];
  for (const from of graphs.get(owner(to)) as readonly number[]) {
    const q = points[from] as readonly number[];
    for (const step of steps) {
      // Steps count from the boxes that contain the two points.
      const whole = cell && step.map((s, d) => s - boxes[from]![d]! + boxes[to]![d]!);
      if (from === to && (whole ?? [0]).every((m) => m === 0)) continue;
      const shift =
        cell && whole && p.map((_, d) => sumOf(whole, (m, k) => m * cell.vectors[k]![d]!));
      const squared = sumOf(p, (x, d) => (q[d]! - x + (shift ? shift[d]! : 0)) ** 2);
      found.push({ from, squared, shift });
    }
  }
  return found;
}

function sumOf(values: readonly number[], of: (x: number, i: number) => number): number {
  return values.reduce((sum, x, i) => sum + of(x, i), 0);
}

/** The most edges of a graph. */
const EDGES = 2 ** 26;

function edgesOf(cloud: Cloud, loops: boolean, near: (to: number) => Neighbour[]): Edges {
  const { op, points, cell, like } = cloud;
  const [source, target, shifts]: [number[], number[], number[]] = [[], [], []];
  points.forEach((p, to) => {
    const still = { from: to, squared: 0, shift: cell && p.map(() => 0) };
    for (const { from, shift } of loops ? [still, ...near(to)] : near(to)) {
      source.push(from);
      target.push(to);
      if (shift) for (const s of shift) shifts.push(s);
    }
    if (source.length > EDGES) {
      const some = `the first ${to + 1} of ${points.length} points`;
      const problem = `${some} have more than ${EDGES} edges`;
      throw new UsageError(op, problem, "take a smaller cutoff or k");
    }
  });
  const dim = like.shape[1] as number;
  const ints = (values: number[]) => tensor(Int32Array.from(values), { device: like.device });
  return {
    source: ints(source),
    target: ints(target),
    ...(cell && {
      shifts: tensor(Float64Array.from(shifts), {
        shape: [source.length, dim],
        dtype: like.dtype,
        device: like.device,
      }),
    }),
  };
}

/**
 * Edges to every point from all others within `cutoff`, and from itself unless `loops` is false. In
 * a periodic box there is an edge from every image within the cut-off, from several images of a
 * point if the box is small.
 *
 * Edges appear and disappear as points move. Give the network the same cut-off: then its messages
 * fade to 0 there, and energies and forces do not jump.
 *
 * The time grows with the square of the number of points of a graph.
 *
 * @param positions [V, n]
 * @throws ShapeError for positions of another shape; UsageError for a cut-off that is not positive,
 * positions that are not finite, a box without volume, or more than 2²⁶ edges.
 * @example
 * const line = tensor([[0, 0, 0], [1, 0, 0], [2.5, 0, 0]]);
 * radiusGraph(line, { cutoff: 1.2, loops: false }).source.toArray(); // [1,0]
 * radiusGraph(line, { cutoff: 1.2, loops: false, box: [3, 9, 9] }).source.toArray(); // [1,2,0,0]
 */
export function radiusGraph(
  positions: Tensor,
  options: NeighbourOptions & { readonly cutoff: number },
): Edges {
  const op = "radiusGraph";
  const {
    cutoff,
    loops = true,
    ...rest
  } = given(op, options, `cutoff# ${NAMES}` as const, synonyms);
  expectPositive(op, "cutoff", cutoff);
  const cloud = cloudOf(op, positions, rest);
  const reach = cloud.cell?.heights.map((h) => Math.ceil(cutoff / h)) ?? [];
  const steps = offsets(op, reach);
  const within = (to: number) => seen(cloud, to, steps).filter((n) => n.squared <= cutoff * cutoff);
  return { ...edgesOf(cloud, loops, within), cutoff };
}

/**
 * Edges to every point from its k nearest, and from itself unless `loops` is false; fewer if a
 * graph has fewer points. In a periodic box images count as points.
 *
 * @param positions [V, n]
 * @throws ShapeError for positions of another shape; UsageError unless k is a whole number, 0 or
 * more (in a box at most 2¹⁶), positions are finite, and the box has a volume.
 * @example
 * const line = tensor([[0, 0, 0], [1, 0, 0], [2.5, 0, 0]]);
 * knnGraph(line, { k: 1, loops: false }).source.toArray(); // [1,0,1]
 */
export function knnGraph(
  positions: Tensor,
  options: NeighbourOptions & { readonly k: number },
): Edges {
  const op = "knnGraph";
  const { k, loops = true, ...rest } = given(op, options, `k# ${NAMES}` as const, synonyms);
  expectWhole(op, "k", k, 0, rest.box === undefined ? Number.MAX_SAFE_INTEGER : IN_BOXES);
  const cloud = cloudOf(op, positions, rest);
  const nearest = (found: Neighbour[]) => found.sort((a, b) => a.squared - b.squared).slice(0, k);
  return edgesOf(cloud, loops, (to) => {
    const { cell } = cloud;
    if (cell === null) return nearest(seen(cloud, to, offsets(op, [])));
    if (k === 0) return [];
    // `reach` boxes contain all images up to a distance: increase it until that is enough.
    for (let distance = Math.min(...cell.heights); ; ) {
      const reach = cell.heights.map((h) => Math.ceil(distance / h));
      const sure = Math.min(...cell.heights.map((h, d) => h * (reach[d] as number)));
      const found = nearest(seen(cloud, to, offsets(op, reach)));
      const last = found[k - 1];
      if (last && last.squared <= sure * sure) return found;
      distance = 1.25 * sure;
    }
  });
}

/** Points, with the graph of each point. */
export interface Grouped {
  readonly positions: Tensor;
  readonly graph: Tensor | null;
}

/** Edges to every receiver from the k nearest senders of its graph. */
export function knnBetween(senders: Grouped, receivers: Grouped, k: number): Edges {
  const [from, to] = [senders, receivers].map(({ positions, graph }) =>
    cloudOf("knnBetween", positions, graph ? { graph } : {}),
  ) as [Cloud, Cloud];
  const [source, target]: [number[], number[]] = [[], []];
  to.points.forEach((p, i) => {
    const members = from.graphs.get(to.owner(i)) ?? [];
    const squared = (j: number) => sumOf(p, (x, d) => (from.points[j]![d]! - x) ** 2);
    const near = members.map((j) => ({ j, q: squared(j) })).sort((a, b) => a.q - b.q);
    for (const { j } of near.slice(0, k)) {
      source.push(j);
      target.push(i);
    }
  });
  const { device } = receivers.positions;
  const ints = (values: number[]) => tensor(Int32Array.from(values), { device });
  return { source: ints(source), target: ints(target) };
}
