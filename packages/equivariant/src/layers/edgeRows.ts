/**
 * @file The rows for which kernels are computed: edges and orientations, with equal kernels only
 * once.
 */
import {
  broadcastTo,
  concat,
  mul,
  ones,
  reshape,
  slice,
  type Tensor,
  zeros,
} from "@isograd/tensor";
import { type WindowName, windows } from "../features/window.js";
import type { Fibre } from "../fibres/fibre.js";
import { distances } from "../fibres/points.js";
import type { Links } from "../graphs/wiring.js";

/** Input of the kernel basis. */
export interface EdgeRows {
  /** One column [R] for each invariant and each feature of edges. */
  readonly columns: readonly Tensor[];
  /** Distance of each row [R]. */
  readonly distance: Tensor;
  /** Window of the distance times mask of the padding [R, 1]; null when both are 1 everywhere. */
  readonly weight: Tensor | null;
  /** The row of each edge and orientation [E·O]; null when each has its own row, in order. */
  readonly rows: Tensor | null;
}

/** Which rows to make. */
export interface RowOptions {
  /** Distance at which messages fade to 0; null for no window. */
  readonly cutoff: number | null;
  readonly window: WindowName;
  /** Whether edges with the same kernel can share a row. */
  readonly sharing: boolean;
  /** Whether there is a row for each pair of orientations: [E·O·O]. */
  readonly pairs: boolean;
}

/** Rows for the edges of a batch. */
export function edgeRows(links: Links, fibre: Fibre, options: RowOptions): EdgeRows {
  const { antipodes, orientations: O } = fibre;
  const half = options.sharing && !options.pairs && antipodes ? links.halves(antipodes) : null;
  if (half !== null) return sharedRows(half, fibre, options);
  const { displacements: x, attributes, edgeMask } = links;
  const times = options.pairs ? O * O : O;
  const invariants = options.pairs ? fibre.attributes(x) : fibre.of(x);
  const distance = distances(x);
  const window = windowOf(distance, options);
  const masked = window && edgeMask ? mul(window, edgeMask) : (window ?? edgeMask);
  return {
    columns: [...invariants, ...columnsOf(attributes, times)],
    distance: repeated(distance, times),
    weight: masked && reshape(repeated(masked, times), [masked.size * times, 1]),
    rows: null,
  };
}

/** Rows of pairs of nodes, then of loops. */
function sharedRows(
  half: NonNullable<ReturnType<Links["halves"]>>,
  fibre: Fibre,
  options: RowOptions,
): EdgeRows {
  const { displacements: x, attributes, loops, loopAttributes, rows } = half;
  const O = fibre.orientations;
  const like = { dtype: x.dtype, device: x.device };
  const still = zeros([1, x.shape[1] as number], like);
  const columns = [...fibre.of(x), ...columnsOf(attributes, O)];
  const loopColumns = [
    ...fibre.of(still).map((column) => broadcastTo(slice(column, [[0, 1]]), [loops])),
    ...columnsOf(loopAttributes, 1),
  ];
  const distance = distances(x);
  const window = windowOf(distance, options);
  const open = window && concat([repeated(window, O), ones([loops], like)]);
  return {
    columns: columns.map((column, k) => concat([column, loopColumns[k] as Tensor])),
    distance: concat([repeated(distance, O), broadcastTo(distances(still), [loops])]),
    weight: open && reshape(open, [open.size, 1]),
    rows,
  };
}

/** Features [E, k] as k columns, with each row repeated. */
function columnsOf(features: Tensor | null, times: number): Tensor[] {
  if (features === null) return [];
  const k = features.shape[1] as number;
  return Array.from({ length: k }, (_, i) => repeated(slice(features, [null, [i, i + 1]]), times));
}

/** [E] or [E, 1] → [E·times]. */
function repeated(column: Tensor, times: number): Tensor {
  const rows = reshape(column, [column.size, 1]);
  return reshape(broadcastTo(rows, [column.size, times]), [column.size * times]);
}

/** [E] → [E, 1]. */
function windowOf(distance: Tensor, { cutoff, window }: RowOptions): Tensor | null {
  if (cutoff === null) return null;
  return reshape(windows[window](distance, cutoff), [distance.size, 1]);
}
