/** @file The rows for which kernels are computed: edges and orientations, each kernel once. */
import {
  broadcastTo,
  concat,
  mul,
  ones,
  reshape,
  slice,
  sqrt,
  square,
  sum,
  type Tensor,
  zeros,
} from "@isograd/tensor";
import { polynomialWindow } from "../features/window.js";
import type { Wiring } from "../graphs/wiring.js";
import { EPS } from "../theory/invariants.js";

/** What a space says of displacements. */
export interface SpatialInvariants {
  /** Number of orientations O. */
  readonly orientations: number;
  /** The place of −o for each orientation o; null when there is none. */
  readonly antipodes: Int32Array | null;
  /** From displacements [E, 3] to one column [E·O] for each invariant. */
  of(displacements: Tensor): Tensor[];
}

/** Input of the kernel basis. */
export interface EdgeRows {
  /** One column [R] for each invariant and each feature of edges. */
  readonly columns: readonly Tensor[];
  /** Window of the distance times mask of the padding [R, 1]; null when both are 1 everywhere. */
  readonly weight: Tensor | null;
  /** The row of each edge and orientation [E·O]; null when they are all there, in order. */
  readonly rows: Tensor | null;
}

/** Rows for the edges of a batch; `cutoff` null for no window. */
export function edgeRows(
  wiring: Wiring,
  invariants: SpatialInvariants,
  cutoff: number | null,
): EdgeRows {
  const { orientations: O, antipodes } = invariants;
  const half = antipodes && wiring.halves(antipodes);
  const { displacements: x, attributes } = half ?? wiring;
  const columns = [...invariants.of(x), ...columnsOf(attributes, O)];
  const window = cutoff === null ? null : windowOf(x, cutoff);
  if (half === null) {
    const { edgeMask } = wiring;
    const masked = window && edgeMask ? mul(window, edgeMask) : (window ?? edgeMask);
    const weight = masked && reshape(repeated(masked, O), [masked.size * O, 1]);
    return { columns, weight, rows: null };
  }
  const { loops, loopAttributes, rows } = half;
  const like = { dtype: x.dtype, device: x.device };
  const atRest = invariants.of(zeros([1, x.shape[1] as number], like));
  const loopColumns = [
    ...atRest.map((column) => broadcastTo(slice(column, [[0, 1]]), [loops])),
    ...columnsOf(loopAttributes, 1),
  ];
  const open = window && concat([repeated(window, O), ones([loops], like)]);
  return {
    columns: columns.map((column, k) => concat([column, loopColumns[k] as Tensor])),
    weight: open && reshape(open, [open.size, 1]),
    rows,
  };
}

/** Features [E, k] as k columns [E·O]. */
function columnsOf(features: Tensor | null, O: number): Tensor[] {
  if (features === null) return [];
  const k = features.shape[1] as number;
  return Array.from({ length: k }, (_, i) => repeated(slice(features, [null, [i, i + 1]]), O));
}

/** [E, 1] → [E·O]. */
function repeated(column: Tensor, O: number): Tensor {
  return reshape(broadcastTo(column, [column.size, O]), [column.size * O]);
}

function windowOf(x: Tensor, cutoff: number): Tensor {
  return polynomialWindow(sqrt(sum(square(x), { axis: 1, keepdims: true }).add(EPS)), cutoff);
}
