/**
 * @file Files of tensors: safetensors, .npy and .npz. Bytes in, tensors out, and back; where
 * bytes come from, a disk or the network, is up to you. Checkpoints of PyTorch and arrays of NumPy
 * come in this way.
 *
 * @example
 * const bytes = saveSafetensors({ weight: tensor([[1, 2], [3, 4]]) });
 * loadSafetensors(bytes).tensors.weight.toArray(); // [[1, 2], [3, 4]]
 *
 * @see [Models and training: saving](/guide/nn#saving-weights)
 */
import "./devices.js";
import "./methods.js";

// Files: one function to read and one to write for each format.

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
