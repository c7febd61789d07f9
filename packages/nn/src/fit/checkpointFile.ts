/**
 * @file Checkpoints in files, for Node. The file system is loaded on first use only, so that the
 * code runs in browsers too.
 */
import { UsageError } from "@isograd/tensor";
import { ownOf, shown } from "@isograd/tensor/engine";

/** A place for the latest checkpoint. */
export interface CheckpointFile {
  /**
   * Replaces the file in one move: after a crash there is the old file or the new one. Writes one
   * after the other, in the order of the calls.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** The bytes; null when there is no file yet. */
  read(): Promise<Uint8Array | null>;
}

type Files = typeof import("node:fs/promises");

const OP = "checkpointFile";
/** No write pauses for an hour. */
const OLD = 3_600_000;
let drafts = 0;

/**
 * A checkpoint in a file (Node only), for `onCheckpoint` and `resume` of `fit`. The bytes reach the
 * disk before the new file takes the place of the old one; drafts of runs that were killed while
 * they wrote are removed at the next write.
 *
 * @throws UsageError outside Node, when it is used; UsageError for a folder that is missing, read
 * only or full, and for a path that is a folder: the old file stays as it was.
 * @example
 * const file = checkpointFile("run.safetensors");
 * // await fit({ …, onCheckpoint: file.write, checkpointEvery: 500, resume: await file.read() });
 */
export function checkpointFile(path: string): CheckpointFile {
  if (typeof path !== "string" || path === "") {
    const help = 'write checkpointFile("run.safetensors")';
    throw new UsageError("checkpointFile", `the path is ${shown(path)}`, help);
  }
  let last: Promise<unknown> = Promise.resolve();
  return {
    write(bytes) {
      if (!(bytes instanceof Uint8Array)) {
        const problem = `needs the bytes of a checkpoint, got ${shown(bytes)}`;
        throw new UsageError("checkpointFile", problem, "write onCheckpoint: file.write");
      }
      const next = last.then(() => saying(path, "write", () => replace(path, bytes)));
      last = next.catch(() => undefined);
      return next;
    },
    read: () => saying(path, "read", () => readOrNull(path)),
  };
}

async function readOrNull(path: string): Promise<Uint8Array | null> {
  const { readFile, stat } = files();
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await stat(folderOf(path)); // a folder that is missing is told now, not at the first write
    return null;
  }
}

/** Writes a draft beside the file, brings it to the disk, and moves it to its place. */
async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const { open, rename, rm } = files();
  if (await isFolder(path)) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
  await removeDrafts(path);
  const draft = `${path}.${hostName()}.${process.pid}.${++drafts}-${randomWord()}.tmp`;
  try {
    const file = await open(draft, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folderOf(path));
}

/** Brings the new name to the disk too, where the system can. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await files().open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows opens no folders; the file itself is there in any case.
  }
}

/** Removes what killed runs have left: drafts of processes that are no more, and old ones. */
async function removeDrafts(path: string): Promise<void> {
  const { readdir, rm, stat } = files();
  const folder = folderOf(path);
  const start = `${process.getBuiltinModule("node:path").basename(path)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start) || !name.endsWith(".tmp")) continue;
    const parts = name.slice(start.length).split(".");
    const pid = Number(parts[1]);
    if (parts.length !== 4 || !Number.isInteger(pid) || !/^\d+-[0-9a-f]+$/.test(`${parts[2]}`)) {
      continue;
    }
    const draft = `${folder}/${name}`;
    try {
      const { mtimeMs } = await stat(draft);
      const here = parts[0] === hostName();
      if (Date.now() - mtimeMs < OLD && !(here && isGone(pid, mtimeMs))) continue;
      await rm(draft, { force: true });
    } catch {
      // Another run was faster, or may remove it where this one may not.
    }
  }
}

/** Whether the process that wrote a draft has ended; its number may be that of this one now. */
function isGone(pid: number, written: number): boolean {
  if (pid === process.pid) return written < Date.now() - 1000 * process.uptime() - 1000;
  try {
    process.kill(pid, 0); // asks only whether it is there
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

function hostName(): string {
  const os = process.getBuiltinModule("node:os");
  return os.hostname().replace(/[^\w-]/g, "_") || "_";
}

function randomWord(): string {
  return crypto.randomUUID().slice(0, 8);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await files().stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function folderOf(path: string): string {
  return process.getBuiltinModule("node:path").dirname(path);
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "";
}

/** What is wrong, and what to do, by the system's codes. */
const REASONS: Readonly<Record<string, readonly [problem: string, help: string]>> = {
  ENOSPC: ["the disk is full", "free some space: the file before this write is as it was"],
  EDQUOT: ["the quota is used up", "free some space: the file before this write is as it was"],
  EFBIG: ["the file would be too large", "the file before this write is as it was"],
  EACCES: ["permission denied", "choose a folder in which this program may write"],
  EPERM: ["permission denied", "choose a folder in which this program may write"],
  EROFS: ["the file system is read only", "choose a folder in which this program may write"],
  EISDIR: ["it is a folder", "give the path of a file"],
  ENOENT: ["its folder does not exist", "make the folder first"],
  ENOTDIR: ["its folder is a file", "give a path inside a folder"],
  ENAMETOOLONG: ["the name is too long", "give a shorter name"],
};

/** Runs a task on the file; what the system refuses becomes a UsageError. */
async function saying<T>(path: string, what: "read" | "write", task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    const code = codeOf(error);
    if (code === "") throw error;
    const known = ownOf(REASONS, code);
    const [problem, help] = known ?? [(error as Error).message, "is the disk sound?"];
    const said = new UsageError(OP, `cannot ${what} ${path}: ${problem} (${code})`, help);
    said.cause = error;
    throw said;
  }
}

function files(): Files {
  if (typeof process !== "undefined" && typeof process.getBuiltinModule === "function") {
    return process.getBuiltinModule("node:fs/promises");
  }
  throw new UsageError(
    OP,
    "there are no files here",
    "in browsers give onCheckpoint a function that stores the bytes, for example in IndexedDB",
  );
}
