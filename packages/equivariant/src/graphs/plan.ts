/** @file How the fused message step walks through edges, a few at a time. Uses only host arrays. */
import type { Tensor } from "@isograd/tensor";
import { valuesOf } from "./host.js";

/**
 * Numbers in the messages of a piece: 512 kB of float32, which about fits into the cache of a core.
 */
const PIECE = 1 << 17;

/** The edges `from` to `to` of a list. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  /** Their senders and receivers [to − from]. */
  readonly source: Int32Array;
  readonly target: Int32Array;
}

/** A walk through all edges, and the same walk with senders and receivers exchanged. */
export interface Plan {
  readonly edges: number;
  readonly receivers: number;
  readonly senders: number;
  readonly pieces: readonly Piece[];
  readonly transposed: Plan;
}

/** Edges, by the indices of their senders and receivers. */
export interface Numbered {
  readonly source: Tensor;
  readonly target: Tensor;
  readonly senders: number;
  readonly receivers: number;
}

/**
 * The walk for messages of `width` numbers; null when the indices are on a device without
 * synchronous reads.
 */
export function planOf(edges: Numbered, width: number): Plan | null {
  const [from, to] = [valuesOf(edges.source), valuesOf(edges.target)];
  if (from === null || to === null) return null;
  const [source, target] = [Int32Array.from(from), Int32Array.from(to)];
  const { senders, receivers } = edges;
  const E = target.length;
  const step = Math.max(1, Math.floor(PIECE / Math.max(width, 1)));
  const [forth, back]: [Piece[], Piece[]] = [[], []];
  for (let first = 0; first < E; first += step) {
    const last = Math.min(E, first + step);
    const [s, t] = [source.slice(first, last), target.slice(first, last)];
    forth.push({ from: first, to: last, source: s, target: t });
    back.push({ from: first, to: last, source: t, target: s });
  }
  const plan: Plan = {
    edges: E,
    receivers,
    senders,
    pieces: forth,
    get transposed() {
      return transposed;
    },
  };
  const transposed: Plan = {
    edges: E,
    receivers: senders,
    senders: receivers,
    pieces: back,
    transposed: plan,
  };
  return plan;
}
