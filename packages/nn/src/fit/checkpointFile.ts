/**
 * @file Checkpoints in files, for Node. The file system is loaded on first use only, so that the
 * code runs in browsers too.
 */
import { UsageError } from "@isograd/tensor";

/** A place for the latest checkpoint. */
export interface CheckpointFile {
  /** Replaces the file in one move: after a crash there is the old file or the new one. */
  write(bytes: Uint8Array): Promise<void>;
  /** The bytes; null when there is no file yet. */
  read(): Promise<Uint8Array | null>;
}

/**
 * A checkpoint in a file (Node only), for `onCheckpoint` and `resume` of `fit`.
 *
 * @throws UsageError outside Node, when it is used.
 * @example
 * const file = checkpointFile("run.safetensors");
 * // await fit({ …, onCheckpoint: file.write, checkpointEvery: 500, resume: await file.read() });
 */
export function checkpointFile(path: string): CheckpointFile {
  return {
    async write(bytes) {
      const { rename, writeFile } = files();
      const draft = `${path}.${process.pid}.tmp`;
      await writeFile(draft, bytes);
      await rename(draft, path);
    },
    async read() {
      try {
        return new Uint8Array(await files().readFile(path));
      } catch (error) {
        if ((error as { code?: string }).code === "ENOENT") return null;
        throw error;
      }
    },
  };
}

function files(): typeof import("node:fs/promises") {
  if (typeof process !== "undefined" && typeof process.getBuiltinModule === "function") {
    return process.getBuiltinModule("node:fs/promises");
  }
  throw new UsageError(
    "checkpointFile",
    "there are no files here",
    "in browsers give onCheckpoint a function that stores the bytes, for example in IndexedDB",
  );
}
