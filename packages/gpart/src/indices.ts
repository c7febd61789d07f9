/**
 * @file The tensors of a partition on a device: group numbers of weights, cached or computed in
 * pieces, and scales.
 */
import type { Shape, Tensor } from "@isograd/tensor";
import { fromTypedArray, sizeOf, unscoped } from "@isograd/tensor/engine";
import type { Partition } from "./partition/partition.js";

/** Weights `from … from + size(shape)` of a partition. */
export interface Part {
  readonly partition: Partition;
  readonly from: number;
  readonly shape: Shape;
}

/** Group numbers below this fit into two bytes. */
export const NARROW = 2 ** 16;
/** Number of indices computed at a time when they are not cached. */
export const PIECE = 2 ** 15;

/**
 * Tensors of a partition on a device, made at the first use and kept as long as the partition
 * exists.
 */
const kept = new WeakMap<Partition, Map<string, Tensor>>();

function keptTensor(partition: Partition, key: string, make: () => Tensor): Tensor {
  const tensors = kept.get(partition) ?? new Map<string, Tensor>();
  kept.set(partition, tensors);
  const known = tensors.get(key);
  if (known !== undefined && !known.disposed) return known;
  const made = unscoped(make);
  tensors.set(key, made);
  return made;
}

/** Frees the index tensors of a partition; the next use makes them again. */
export function forgetIndices(partition: Partition): void {
  for (const x of kept.get(partition)?.values() ?? []) x.dispose();
  kept.delete(partition);
}

/**
 * Length of the table that group numbers point into: d, or 2d for the table (q, −q) of signed
 * partitions.
 */
export function slots({ d, signed }: Partition): number {
  return signed ? 2 * d : d;
}

/** The place of each weight of a part in the table: int32, on the device of `like`. */
export function placesOf({ partition, from, shape }: Part, like: Tensor): Tensor {
  const size = sizeOf(shape);
  return keptTensor(partition, `${like.device} ${from} ${size}`, () => {
    const places = partition.fillSigned(new Int32Array(size), from);
    return fromTypedArray(places, [size], "int32", like.device);
  });
}

/** The same for the CPU's kernels: two places in each int32 when all fit into 16 bits. */
export function packedPlacesOf(part: Part, like: Tensor): Tensor {
  const { partition, from, shape } = part;
  if (slots(partition) > NARROW) return placesOf(part, like);
  const size = sizeOf(shape);
  return keptTensor(partition, `${like.device} ${from} ${size} packed`, () => {
    const words = new Int32Array(Math.ceil(size / 2));
    const packed = new Uint16Array(words.buffer);
    eachPiece(part, (places, at) => packed.set(places, at));
    return fromTypedArray(words, [words.length], "int32", like.device);
  });
}

/** Computes the places of a part, a piece at a time. */
export function eachPiece(
  { partition, from, shape }: Part,
  see: (places: Int32Array, at: number) => void,
): void {
  const size = sizeOf(shape);
  const room = new Int32Array(Math.min(PIECE, size));
  for (let at = 0; at < size; at += PIECE) {
    const piece = room.subarray(0, Math.min(PIECE, size - at));
    see(partition.fillSigned(piece, from + at), at);
  }
}

/** 1/√n_j, with the dtype and device of `like`. */
export function scalesOf({ partition }: Part, like: Tensor): Tensor {
  const { dtype, device } = like;
  return keptTensor(partition, `${device} ${dtype}`, () => {
    const scales = partition.scales();
    const values = dtype === "float64" ? scales : Float32Array.from(scales);
    return fromTypedArray(values, [partition.d], dtype, device);
  });
}
