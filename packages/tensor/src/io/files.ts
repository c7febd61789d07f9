/** @file Tensors from and to .npy, .npz and .safetensors bytes: a thin layer over the codecs. */

import { UsageError } from "../base/errors.js";
import { given, noMore, shown } from "../base/options.js";
import { fromTypedArray } from "../core/creation.js";
import { expectTensor } from "../core/expect.js";
import { getDevice } from "../core/registry.js";
import { closeScope, keepAll, openScope } from "../core/scope.js";
import { Tensor } from "../core/tensor.js";

import { decodeNpy, encodeNpy } from "./npy.js";
import { decodeNpz, encodeNpz } from "./npz.js";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.js";
import { asBytes, type FileArray, refuse } from "./storage.js";
import { type Int64As, type PlainArray, widen } from "./widen.js";

/** A file in memory. */
export type FileBytes = Uint8Array | ArrayBuffer;

/** How a file becomes Tensors. */
export interface LoadOptions {
  /** Name of a device; default: the default device. */
  readonly device?: string | undefined;
  /**
   * What int64, uint64 and uint32 become: int32 (the default) or float64. A value that does not
   * fit is an error.
   */
  readonly int64As?: Int64As | undefined;
}

/** How a .npy file becomes a Tensor. */
export interface NpyLoadOptions extends LoadOptions {
  /**
   * Which field of a structured array to load, `a.b` for one inside another; it may be left out
   * where there is only one. Other fields may hold text.
   */
  readonly field?: string | undefined;
}

/** How an archive of several arrays becomes Tensors. */
export interface ArchiveLoadOptions extends LoadOptions {
  /** Load these only; the others are not even unpacked. */
  readonly names?: readonly string[] | undefined;
}

/** How a .npz archive becomes Tensors. */
export interface NpzLoadOptions extends ArchiveLoadOptions, NpyLoadOptions {
  /** Bytes that the arrays may take together when unpacked: default: 2 GiB. */
  readonly maxBytes?: number | undefined;
}

/** What a .safetensors file holds. */
export interface Safetensors {
  readonly tensors: Record<string, Tensor>;
  /** The strings that the file carries beside its tensors; empty when it has none. */
  readonly metadata: Record<string, string>;
}

/**
 * What can be written: a Tensor, or elements in any type that the format knows, such as float16
 * bits in a Uint16Array. A tensor on a device that cannot be read at once is written as
 * `{ shape: x.shape, dtype: x.dtype, data: await x.data() }`.
 */
export type Savable = Tensor | FileArray;

/**
 * Reads a .npy file (versions 1.0, 2.0 and 3.0, either byte order, row- or column-major) as
 * `numpy.load` does.
 *
 * float32, float64, int32 and bool stay what they are; int8, uint8, int16 and uint16 become int32;
 * float16 becomes float32; uint32, int64 and uint64 become int32 where every value fits, or
 * float64 by `int64As`; complex numbers become floats of shape `[..., 2]`, as PyTorch's
 * `view_as_real`. Of a structured array one `field` is loaded; the others may hold text, dates and
 * records.
 *
 * @returns a tensor of the file's shape
 * @throws FormatError where NumPy refuses (pickled objects included), and for elements that are no
 * numbers.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @example
 * const file = saveNpy(tensor([[1, 2], [3, 4]]));
 * loadNpy(file).toArray(); // [[1,2],[3,4]]
 */
export function loadNpy(file: FileBytes, options?: NpyLoadOptions, ...surplus: []): Tensor {
  const chosen = checked("loadNpy", given("loadNpy", options, "field device int64As"));
  noMore("loadNpy", surplus);
  const array = decodeNpy("loadNpy", asBytes("loadNpy", file), chosen.field);
  return toTensors("loadNpy", new Map([["", array]]), chosen)[""]!;
}

/**
 * Reads a .npz archive, stored or deflated, as `numpy.load` does; element types as in `loadNpy`.
 *
 * @returns the tensors by name, without `.npy`
 * @throws FormatError for damaged archives and members, checksums that differ, members that are no
 * arrays, names that are not there, and more than `maxBytes`: sizes are checked before memory is
 * taken.
 * @example
 * const file = saveNpz({ w: tensor([1, 2]), b: tensor(3) });
 * Object.keys(loadNpz(file)).join(); // w,b
 */
export function loadNpz(
  file: FileBytes,
  options?: NpzLoadOptions,
  ...surplus: []
): Record<string, Tensor> {
  const known = given("loadNpz", options, "names device int64As maxBytes# field");
  noMore("loadNpz", surplus);
  const chosen = checked("loadNpz", known);
  const { names, maxBytes, field } = chosen;
  const wanted = among(names);
  const bytes = asBytes("loadNpz", file);
  return toTensors("loadNpz", decodeNpz("loadNpz", bytes, { wanted, maxBytes, field }), chosen);
}

/**
 * Reads a .safetensors file by the rules of the safetensors crate; duplicate keys are refused, as
 * its format says.
 *
 * Element types as in `loadNpy`; bfloat16 and the floats of 8 bits become float32.
 *
 * @returns `{ tensors, metadata }`: tensors by name, and the strings under `__metadata__`
 * @throws FormatError where the crate refuses; for names that are not there; for packed floats of
 * 4 and 6 bits, unless `names` leaves them out.
 * @see https://github.com/huggingface/safetensors#format
 * @example
 * const file = saveSafetensors({ w: tensor([1, 2]) }, { step: "10" });
 * const { tensors, metadata } = loadSafetensors(file);
 * tensors.w.toArray(); // [1,2]
 * metadata.step; // 10
 */
export function loadSafetensors(
  file: FileBytes,
  options?: ArchiveLoadOptions,
  ...surplus: []
): Safetensors {
  noMore("loadSafetensors", surplus);
  const what = "loadSafetensors";
  const chosen = checked(what, given(what, options, "names device int64As"));
  const content = decodeSafetensors(what, asBytes(what, file), among(chosen.names));
  return {
    tensors: toTensors(what, content.arrays, chosen),
    metadata: toRecord(content.metadata),
  };
}

/**
 * Writes a .npy file of version 1.0: the bytes that `numpy.save` writes for the same array.
 *
 * @throws FormatError for element types that .npy files do not have; DeviceError where the device
 * cannot be read at once.
 * @example
 * saveNpy(tensor([1, 2])).length; // 136
 */
export function saveNpy(x: Savable, ...surplus: []): Uint8Array {
  noMore("saveNpy", surplus, true);
  return encodeNpy("saveNpy", toFileArray("saveNpy", x));
}

/**
 * Writes a .npz archive that `numpy.load` reads, in the order of the keys; the same arrays give
 * the same bytes.
 *
 * @param options `compress: true` deflates, as `numpy.savez_compressed`
 * @throws FormatError as `saveNpy`, and above 4 GiB.
 * @example
 * const file = saveNpz({ w: zeros([1000]) }, { compress: true });
 * loadNpz(file).w.shape; // [1000]
 */
export function saveNpz(
  arrays: Record<string, Savable>,
  options?: { readonly compress?: boolean | undefined },
  ...surplus: []
): Uint8Array {
  const { compress = false } = given("saveNpz", options, "compress?");
  noMore("saveNpz", surplus);
  return encodeNpz("saveNpz", toFileArrays("saveNpz", arrays), compress);
}

/**
 * Writes a .safetensors file as the safetensors crate does: by descending alignment of the dtype,
 * then by name, the header padded to 8 bytes; metadata sorted by key. The same content gives the
 * same bytes.
 *
 * @param metadata strings to keep beside the tensors, as in Python's `save(tensors, metadata)`
 * @throws FormatError for metadata that are no strings, and for the name `__metadata__`.
 * @example
 * const file = saveSafetensors({ w: tensor([1, 2]) });
 * file.length; // 72
 */
export function saveSafetensors(
  tensors: Record<string, Savable>,
  metadata: Record<string, string> = {},
  ...surplus: []
): Uint8Array {
  noMore("saveSafetensors", surplus);
  const what = "saveSafetensors";
  expectObject(what, "metadata", metadata);
  return encodeSafetensors(what, toFileArrays(what, tensors), Object.entries(metadata));
}

function among(names: readonly string[] | undefined): ((name: string) => boolean) | undefined {
  const set = names && new Set(names);
  return set && ((name) => set.has(name));
}

function toTensors(
  what: string,
  arrays: ReadonlyMap<string, FileArray>,
  options: ArchiveLoadOptions,
): Record<string, Tensor> {
  for (const name of options.names ?? []) {
    if (!arrays.has(name))
      refuse(what, `the file has no array '${name}'`, "without { names } all are loaded");
  }
  const record = Object.create(null) as Record<string, Tensor>;
  const plain: [name: string, array: PlainArray][] = [];
  for (const [name, array] of arrays) {
    const label = name === "" ? what : `${what} ('${name}')`;
    plain.push([name, widen(label, array, options.int64As)]);
  }
  const mark = openScope();
  try {
    const made: Tensor[] = [];
    for (const [name, { data, shape, dtype }] of plain) {
      const x = fromTypedArray(data, shape, dtype, options.device);
      record[name] = x;
      made.push(x);
    }
    keepAll(made); // a walk through the record would take longer than all before
    return record;
  } finally {
    closeScope(mark);
  }
}

/** An object without a prototype, so that `__proto__` is a name like any other. */
function toRecord<T>(entries: ReadonlyMap<string, T>): Record<string, T> {
  const record = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) record[name] = value;
  return record;
}

function toFileArray(what: string, x: Savable): FileArray {
  if (x instanceof Tensor) {
    expectTensor(what, x);
    return { shape: x.shape, dtype: x.dtype, data: x.dataSync() };
  }
  const { shape, dtype, data }: Partial<FileArray> = Object(x);
  if (Array.isArray(shape) && typeof dtype === "string" && ArrayBuffer.isView(data)) return x;
  throw new UsageError(what, `cannot write ${shown(x)}`, `give a tensor or ${RAW}`);
}

const RAW = "{ shape, dtype, data } with a typed array as data";

function toFileArrays(what: string, arrays: Record<string, Savable>): [string, FileArray][] {
  expectObject(what, "the tensors", arrays);
  return Object.entries(arrays).map(([name, x]) => [name, toFileArray(what, x)]);
}

/** Throws unless `x` is an object of entries by name: no list, map or tensor. */
function expectObject<T extends object>(op: string, what: string, x: T): T {
  const tag = Object.prototype.toString.call(x);
  if (tag === "[object Object]" && !(x instanceof Tensor)) return x;
  throw new UsageError(op, `needs ${what} by name, got ${shown(x)}`, "write { name: value }");
}

/** Options of loading with the values checked that hold for all formats. */
function checked<O extends NpzLoadOptions>(op: string, options: O): O {
  const { device, int64As, field, names, maxBytes } = options;
  if (device !== undefined) getDevice(device, op);
  if (int64As !== undefined && int64As !== "int32" && int64As !== "float64") {
    throw new UsageError(op, `int64As is ${shown(int64As)}`, 'use "int32" or "float64"');
  }
  if (field !== undefined && typeof field !== "string") {
    throw new UsageError(op, `field is ${shown(field)}`, "give the name of one field");
  }
  if (names !== undefined) {
    if (!Array.isArray(names) || names.some((name) => typeof name !== "string")) {
      throw new UsageError(op, `names are ${shown(names)}`, 'give a list of names: ["weight"]');
    }
  }
  if (maxBytes !== undefined && !(maxBytes >= 0)) {
    throw new UsageError(op, `maxBytes is ${maxBytes}`, "give a number ≥ 0");
  }
  return options;
}
