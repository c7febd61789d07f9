/**
 * @file Checkpoints: everything that a run needs to continue bit for bit, as the bytes of a
 * safetensors file.
 */
import { dispose, FormatError, scope, type Tensor } from "@isograd/tensor";
import { crc32, forEachTensor } from "@isograd/tensor/engine";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import { damaged, type RunState, readRunState, writeRunState } from "./runState.js";
import { below } from "./snapshot.js";

const FORMAT = "isograd-checkpoint-v2";
/** How every file begins after the length of its header; then come the eight digits of the sum. */
const BEGIN = '{"__metadata__":{"checksum":"';
const SUM_AT = 8 + BEGIN.length;
const SUM_END = SUM_AT + 8;

/** A checkpoint in memory: its JSON, and tensors by name. */
export interface Checkpoint {
  readonly run: RunState;
  readonly model: Readonly<Record<string, Tensor>>;
  readonly optimizer: Readonly<Record<string, Tensor>>;
  readonly ema: Readonly<Record<string, Tensor>>;
  readonly bestWeights: Readonly<Record<string, Tensor>>;
}

const PARTS = ["model", "optimizer", "ema", "bestWeights"] as const;

/**
 * The bytes of a checkpoint; its tensors are disposed, except the best weights, which the run
 * keeps.
 */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array> {
  const arrays: Parameters<typeof saveSafetensors>[0] = {};
  try {
    for (const part of PARTS) {
      for (const [name, x] of Object.entries(checkpoint[part])) {
        arrays[`${part}.${name}`] = { shape: x.shape, dtype: x.dtype, data: await x.data() };
        if (part !== "bestWeights") dispose(x);
      }
    }
  } finally {
    const { model, optimizer, ema } = checkpoint;
    forEachTensor([model, optimizer, ema], dispose); // after a failed read, the rest
  }
  const metadata = { checksum: "0".repeat(8), format: FORMAT, run: writeRunState(checkpoint.run) };
  const file = saveSafetensors(arrays, metadata);
  file.set(new TextEncoder().encode(checksum(file)), SUM_AT);
  return file;
}

/** CRC-32 of a file without the digits of the sum itself, in hexadecimal. */
function checksum(file: Uint8Array): string {
  const sum = crc32(file.subarray(SUM_END), crc32(file.subarray(0, SUM_AT)));
  return sum.toString(16).padStart(8, "0");
}

/**
 * Reads what {@link encodeCheckpoint} wrote. Nothing is changed yet.
 *
 * @throws FormatError for files that are not checkpoints, and for damaged ones.
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  if (bytes instanceof Uint8Array) checkSum(bytes);
  return scope(() => {
    const { tensors, metadata } = read(bytes);
    const { format, run } = metadata;
    if (format !== FORMAT || run === undefined) {
      throw new FormatError(
        "fit",
        `this file is no checkpoint (its format is "${format ?? "not given"}", not "${FORMAT}")`,
        "weights alone are loaded with model.loadStateDict(loadSafetensors(bytes).tensors)",
      );
    }
    if (metadata.checksum === undefined) throw damaged("it has no checksum");
    const part = (name: (typeof PARTS)[number]) => below(tensors, name);
    const strange = Object.keys(tensors).filter((name) => !PARTS.some((p) => liesIn(name, p)));
    if (strange.length > 0) throw damaged(`it holds the tensor ${strange[0]}`);
    return {
      run: readRunState(run),
      model: part("model"),
      optimizer: part("optimizer"),
      ema: part("ema"),
      bestWeights: part("bestWeights"),
    };
  });
}

function liesIn(name: string, part: string): boolean {
  return name.startsWith(`${part}.`);
}

/** Files that begin as checkpoints do must have the sum that they say. */
function checkSum(bytes: Uint8Array): void {
  const text = (from: number, to: number) => new TextDecoder().decode(bytes.slice(from, to));
  if (text(8, SUM_AT) !== BEGIN || checksum(bytes) === text(SUM_AT, SUM_END)) return;
  throw damaged("its checksum differs");
}

function read(bytes: Uint8Array): ReturnType<typeof loadSafetensors> {
  try {
    return loadSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw damaged(error.problem);
  }
}
