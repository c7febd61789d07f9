/** @file What the scripts share: where things are, how a tool is run, how a step is told. Node only. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const packages = ["tensor", "autograd", "nn", "gpart", "equivariant"];

/** The program of an installed tool: `bin("tsc")`. */
export const bin = (name) => join(root, "node_modules", ".bin", name);

/** The browser that the tests drive; it may not be there. */
export const chromium = () => process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/**
 * What Node's WebGPU needs to find a Vulkan driver: nothing where the system has one, else the software renderer that
 * Chromium brings along; null where there is neither.
 */
export function vulkan() {
  const drivers = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
  const installed = drivers.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
  const folder = "/usr/lib/chromium";
  const driver = join(folder, "vk_swiftshader_icd.json");
  if (process.env.VK_ICD_FILENAMES !== undefined) return {};
  if (!existsSync(driver)) return installed ? {} : null;
  const libraries = [process.env.LD_LIBRARY_PATH, folder].filter(Boolean).join(":");
  // beside those installed, which may be none that WebGPU can use
  const name = installed ? "VK_ADD_DRIVER_FILES" : "VK_ICD_FILENAMES";
  return { [name]: driver, LD_LIBRARY_PATH: libraries };
}

/** Runs a program; gives `{ code, output }`. With `show`, its output goes to the terminal instead. */
export function run(program, args = [], { cwd = root, env = {}, show = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: show ? "inherit" : ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    child.stdout?.on("data", (text) => (output += text));
    child.stderr?.on("data", (text) => (output += text));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: signal ? 1 : code, output }));
  });
}

/** Runs a program and ends this one if it fails, with its output. */
export async function must(program, args, options) {
  const { code, output } = await run(program, args, options);
  if (code !== 0) {
    process.stderr.write(output);
    console.error(`\n${program.split("/").pop()} ${args.join(" ")} ended with ${code}`);
    process.exit(1);
  }
  return output;
}

/** Seconds since `start`, as told to people. */
export const since = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

/** One hash over the contents of files and folders (those that exist). */
export function hashOf(paths) {
  const hash = createHash("sha256");
  const visit = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
    } else {
      hash.update(path.slice(root.length)).update(readFileSync(path));
    }
  };
  for (const path of paths) visit(join(root, path));
  return hash.digest("hex");
}
