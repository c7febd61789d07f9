/** @file Public names of @isograd/tensor/io: bytes in, Tensors out, and back. */
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
} from "./files.js";
export type { FileArray, FileData, FileDType } from "./storage.js";
export type { Int64As } from "./widen.js";
