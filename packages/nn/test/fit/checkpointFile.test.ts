/** @file Checkpoints in files: killed runs, full disks, folders, and several writers. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@isograd/tensor";
import { afterAll, describe, expect, it } from "vitest";
import { checkpointFile } from "../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "isograd-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
/** A new folder. */
const place = (): string => {
  const path = join(folder, String(++made));
  mkdirSync(path);
  return path;
};
const bytes = (...values: number[]) => Uint8Array.from(values);

/** The message of the UsageError that a promise ends with. */
async function refused(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message;
}

describe("checkpointFile", () => {
  it("writes one after the other, in the order of the calls, and leaves one file", async () => {
    const at = place();
    const file = checkpointFile(join(at, "run"));
    await Promise.all(
      [1, 2, 3, 4, 5].map((n) => file.write(new Uint8Array(5000 * (6 - n)).fill(n))),
    );
    expect((await file.read())?.length).toBe(5000);
    expect(readdirSync(at)).toEqual(["run"]);
  });

  it("lets two writers share a folder, and a file", async () => {
    const at = place();
    const [a, b, c] = ["a", "b", "a"].map((name) => checkpointFile(join(at, name)));
    await Promise.all([a?.write(bytes(1)), b?.write(bytes(2)), c?.write(bytes(3))]);
    expect(readdirSync(at).sort()).toEqual(["a", "b"]);
    expect([1, 3]).toContain((await a?.read())?.[0]);
    expect(await b?.read()).toEqual(bytes(2));
  });

  it("removes drafts of killed runs, and no others", async () => {
    const at = place();
    const host = hostname().replace(/[^\w-]/g, "_");
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const draft = (host: string, pid: number, minutes: number, name = "run") => {
      const file = `${name}.${host}.${pid}.1-0123abcd.tmp`;
      writeFileSync(join(at, file), "x");
      const then = Date.now() / 1000 - 60 * minutes;
      utimesSync(join(at, file), then, then);
      return file;
    };
    draft(host, dead, 0);
    draft(host, process.pid, 59 + process.uptime() / 60); // the same number, before this process
    draft("elsewhere", 1, 61);
    const kept = [
      draft("elsewhere", dead, 0),
      draft(host, process.ppid, 0),
      draft(host, dead, 0, "other"),
      "run.notes.tmp",
    ];
    writeFileSync(join(at, "run.notes.tmp"), "mine");
    await checkpointFile(join(at, "run")).write(bytes(1));
    expect(readdirSync(at).sort()).toEqual(["run", ...kept].sort());
  });

  it("keeps the old file where the system refuses to write, and says why", async () => {
    const at = place();
    const path = join(at, "run");
    await checkpointFile(path).write(bytes(7));
    writeFileSync(join(at, "file"), "");
    const says = (name: string) => refused(checkpointFile(join(at, name)).write(bytes(1)));
    expect(await says("none/run")).toContain("its folder does not exist (ENOENT)");
    expect(await says("file/run")).toContain("its folder is a file (ENOTDIR)");
    expect(await says("n".repeat(300))).toContain("the name is too long (ENAMETOOLONG)");
    mkdirSync(join(at, "sub"));
    expect(await says("sub")).toContain("it is a folder (EISDIR)");
    expect(await refused(checkpointFile(join(at, "sub")).read())).toContain("cannot read");
    expect(await refused(checkpointFile(join(at, "none/run")).read())).toContain("does not exist");
    expect(await checkpointFile(path).read()).toEqual(bytes(7));
    expect(readdirSync(at).sort()).toEqual(["file", "run", "sub"]);
  });

  it.skipIf(process.platform !== "linux")("says that a folder is read only", async () => {
    const message = await refused(checkpointFile("/proc/isograd.safetensors").write(bytes(1)));
    expect(message).toMatch(/^checkpointFile: cannot write \/proc\/isograd.safetensors: .*\(E/);
  });
});
