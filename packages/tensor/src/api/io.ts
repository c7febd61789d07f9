/** @file Public names of @isograd/tensor/io: bytes in, Tensors out, and back. */
import "./devices.js";
import "./methods.js";

export {
  type ArchiveLoadOptions,
  type FileBytes,
  type LoadOptions,
  loadNpy,
  loadNpz,
  loadSafetensors,
  type NpyLoadOptions,
  type NpzLoadOptions,
  type Safetensors,
  type Savable,
  saveNpy,
  saveNpz,
  saveSafetensors,
} from "../io/files.js";
export type { FileArray, FileData, FileDType } from "../io/storage.js";
export type { Int64As } from "../io/widen.js";
