/** @file The project of a program: its files, and the packages that come along. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { type PackageIndex, packagesOf, projectOf } from "../../run/project.js";
import { root } from "../snippets.js";

const needs = { tensor: [], autograd: ["tensor"], nn: ["tensor", "autograd"] };
const index: PackageIndex = { version: "1.2.3", archives: false, needs };
const code = 'import { MLP } from "@isograd/nn";\nimport { saveNpy } from "@isograd/tensor/io";\n';

async function filesOf(device: string, archives: boolean): Promise<Record<string, string>> {
  const zip = await projectOf(code, device, {
    index: async () => ({ ...index, archives }),
    archive: async (name) => new TextEncoder().encode(`archive of ${name}`),
  });
  return Object.fromEntries(
    Object.entries(unzipSync(zip)).map(([path, bytes]) => [path, strFromU8(bytes)]),
  );
}

it("takes what the imports need, and nothing else", () => {
  expect(packagesOf(code, index)).toEqual(["autograd", "nn", "tensor"]);
  expect(packagesOf('import "@isograd/autograd/viz"', index)).toEqual(["autograd", "tensor"]);
  expect(packagesOf('import "other"', index)).toEqual([]);
});

it("asks a registry for released packages", async () => {
  const files = await filesOf("cpu", false);
  const { dependencies, scripts } = JSON.parse(files["isograd/package.json"] ?? "");
  expect(dependencies).toMatchObject({ "@isograd/nn": "^1.2.3", "@isograd/tensor": "^1.2.3" });
  expect(scripts.start).toBe("vite");
  expect(files["isograd/src/main.ts"]).toContain(code.trimEnd());
  expect(files["isograd/src/device.ts"]).not.toContain("init");
});

it("names the versions of this repository", async () => {
  const { dependencies, devDependencies } = JSON.parse(
    (await filesOf("cpu", false))["isograd/package.json"] ?? "",
  );
  const { catalog } = parse(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8"));
  const others = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([name]) => !name.startsWith("@isograd/"),
  );
  expect(others.map(([name]) => name)).toContain("vite");
  for (const [name, version] of others)
    expect(String(version).replace("^", "")).toBe(catalog[name]);
});

it("carries packages that no registry has, and the device", async () => {
  const files = await filesOf("webgl2", true);
  const { dependencies } = JSON.parse(files["isograd/package.json"] ?? "");
  expect(dependencies["@isograd/tensor"]).toBe("file:packages/isograd-tensor.tgz");
  expect(files["isograd/packages/isograd-nn.tgz"]).toBe("archive of nn");
  expect(files["isograd/src/device.ts"]).toContain('init("gpu", { mode: "webgl2" })');
});
