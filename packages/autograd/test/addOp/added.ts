/** @file Adds an op to a copy of the sources by the script that contributors use. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const OP = ["--scalar", "(Math.sqrt(x * x + 1) - 1) / 2 + x", "--doc", "Bent identity."];
/** The derivative as a rule. */
export const RULE =
  "fromInputs(({ inputs: [x] }) => [(g) => mul(g, add(div(x, mul(hypot(x, 1), 2)), 1))])";

/** Folders whose files a person writes. */
const SOURCES = ["tensor/src", "tensor/assembly", "autograd/src"];
const GENERATED = ["tensor/src/api/index.ts", "tensor/src/api/methods.ts"];

interface Added {
  /** The copy, which the test removes. */
  readonly folder: string;
  /** Files that differ from those of the repository, generated ones apart. */
  readonly byHand: readonly string[];
  readonly errors: string;
}

/** Adds `bentIdentity` with these options of the script. */
export function added(more: readonly string[]): Added {
  const args = [join(root, "scripts/add-op.mjs"), "bentIdentity", "--copy", ...OP, ...more];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const folder = /^in (.*)$/m.exec(stdout)?.[1] ?? "";
  expect(folder, stderr).not.toBe("");
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const changed = SOURCES.flatMap((path) => changedBelow(folder, path)).sort();
  expect(changed).toEqual(expect.arrayContaining(GENERATED));
  return { folder, byHand: changed.filter((file) => !GENERATED.includes(file)), errors: stderr };
}

function changedBelow(folder: string, path: string): string[] {
  const text = (from: string, file: string) => readFileSync(join(from, "packages", file), "utf8");
  const files = readdirSync(join(folder, "packages", path), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${path}/${file.replaceAll("\\", "/")}`)
    .filter((file) => text(folder, file) !== text(root, file));
}

/** Compares value, gradient and method of the op in a copy with the formula. */
export async function expectFormula(folder: string, dtype: string, digits: number): Promise<void> {
  const tensors = await import(join(folder, "packages/tensor/src/api/index.ts"));
  const { grad } = await import(join(folder, "packages/autograd/src/index.ts"));
  const { bentIdentity, sum, tensor } = tensors;
  const at = [-3, -0.5, 0, 1, 40];
  const x = tensor(at, { dtype });
  const found = {
    value: bentIdentity(x).toArray(),
    method: x.bentIdentity().toArray(),
    slope: grad((t: unknown) => sum(bentIdentity(t)))(x).toArray(),
  };
  for (const [i, v] of at.entries()) {
    const value = (Math.sqrt(v * v + 1) - 1) / 2 + v;
    expect(found.value[i]).toBeCloseTo(value, digits);
    expect(found.method[i]).toBeCloseTo(value, digits);
    expect(found.slope[i]).toBeCloseTo(v / (2 * Math.sqrt(v * v + 1)) + 1, digits);
  }
}
