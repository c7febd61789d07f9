/**
 * @file Decides whether two ordered pairs of points are equivalent, without attributes: moves each
 * receiver to the origin and compares the senders up to the stabiliser.
 */
import type { Tensor } from "@isograd/tensor";
import type { HomogeneousSpace, Points } from "./spaces.js";

/** An ordered pair of points of a space, or a batch [n, ...] of them. */
export interface Pair {
  readonly receiver: Points;
  readonly sender: Points;
}

/**
 * Coordinates of senders relative to their receivers: [n][vectors][dim]; a frame as its columns.
 */
export type Seen = readonly (readonly (readonly number[])[])[];

/**
 * The senders of n pairs after their receivers are moved to the origin: position, then axes, if
 * any.
 */
export function seenFromReceiver(space: HomogeneousSpace, { receiver, sender }: Pair): Seen {
  const back = space.group.inverse(space.representative(receiver));
  const { position, orientation, frame } = space.act(back, sender);
  const rows = [position, orientation].filter((x) => x !== undefined).map(arrays);
  const columns = frame ? (frame.mT.toArray() as number[][][]) : [];
  const [first = []] = rows;
  return first.map((_, i) => [...rows.map((r) => r[i] as number[]), ...(columns[i] ?? [])]);
}

function arrays(x: Tensor): number[][] {
  return x.toArray() as number[][];
}

/**
 * The distance between two senders whose receivers are at the origin: the minimum over the
 * stabiliser. 0 for equivalent pairs.
 *
 * - trivial stabiliser: ‖a − b‖;
 * - SO(n): |‖a‖ − ‖b‖|;
 * - SO(2) about the last axis: with the other two coordinates as complex numbers, the minimum over
 *   φ of Σ |e^{iφ} a_k − b_k|² is Σ |a_k|² + |b_k|² − 2 |Σ a_k conj(b_k)|.
 *
 * @param mirrored whether to compare with the mirror image of `a`, by a reflection that leaves the
 * receiver as it is
 */
export function classDistance(
  space: HomogeneousSpace,
  a: Seen[number],
  b: Seen[number],
  mirrored: boolean,
): number {
  if (space.stabiliser === `SO${space.group.space}`) {
    return Math.abs(Math.hypot(...(a[0] as number[])) - Math.hypot(...(b[0] as number[])));
  }
  const image = mirrored ? a.map((v) => v.map((x, d) => (d === 1 ? -x : x))) : a;
  const squared = (u: readonly number[], v: readonly number[]) =>
    u.reduce((sum, x, d) => sum + (x - v[d]!) ** 2, 0);
  if (space.stabiliser === "trivial") {
    return Math.sqrt(image.reduce((sum, u, k) => sum + squared(u, b[k]!), 0));
  }
  let [sizes, re, im, heights] = [0, 0, 0, 0];
  image.forEach((u, k) => {
    const v = b[k]!;
    sizes += u[0]! ** 2 + u[1]! ** 2 + v[0]! ** 2 + v[1]! ** 2;
    re += u[0]! * v[0]! + u[1]! * v[1]!;
    im += u[1]! * v[0]! - u[0]! * v[1]!;
    heights += (u[2]! - v[2]!) ** 2;
  });
  return Math.sqrt(Math.max(0, sizes - 2 * Math.hypot(re, im)) + heights);
}
