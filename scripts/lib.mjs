/** @file What the scripts share: paths, running a tool, times as text. Node only. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const packages = ["tensor", "autograd", "compile", "nn", "gpart", "equivariant"];
const SOFTWARE_DRIVER = "vk_swiftshader_icd.json";

/** The entry points of a package, with their built files: `@isograd/tensor`, `@isograd/tensor/io`, … */
export function entryPoints(name) {
  const folder = join(root, "packages", name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(manifest.exports).map(([path, { default: file }]) => ({
    specifier: `${manifest.name}${path.slice(1)}`,
    file: join(folder, file),
  }));
}

/** The program of an installed tool: `bin("tsc")`. */
export const bin = (name) => join(root, "node_modules", ".bin", name);

/** The browser that the tests drive; it may be missing. */
export const chromium = () => process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** The folder of the browser's own files: Debian's, or the one that the path links to. */
function browserFolder() {
  const folders = ["/usr/lib/chromium"];
  if (existsSync(chromium())) folders.push(dirname(realpathSync(chromium())));
  return folders.find((folder) => existsSync(join(folder, SOFTWARE_DRIVER)));
}

/**
 * What Node's WebGPU needs to find a Vulkan driver: nothing if the system has one, else the
 * software renderer of Chromium; null if there is neither.
 */
export function vulkan() {
  const drivers = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
  const installed = drivers.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
  if (process.env.VK_ICD_FILENAMES !== undefined) return {};
  const folder = browserFolder();
  if (folder === undefined) return installed ? {} : null;
  const driver = join(folder, SOFTWARE_DRIVER);
  const libraries = [process.env.LD_LIBRARY_PATH, folder].filter(Boolean).join(":");
  // added to the installed ones, which WebGPU may not be able to use
  const name = installed ? "VK_ADD_DRIVER_FILES" : "VK_ICD_FILENAMES";
  return { [name]: driver, LD_LIBRARY_PATH: libraries };
}

/** What this process was started with: a bundler that runs in it sets NODE_ENV, which no other program may see. */
const environment = { ...process.env };

/** Runs a program; returns `{ code, output }`. With `show`, output goes to the terminal. */
export function run(program, args = [], { cwd = root, env = {}, show = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...environment, ...env },
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

/** Seconds since `start`, as text. */
export const since = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

let compiling;

/** Compiles the packages, once for all who ask in this process; returns `{ code, output }`. */
export function compiled() {
  const projects = [...packages, "testkit"].map((name) => `packages/${name}`);
  compiling ??= run(bin("tsc"), ["-b", ...projects]);
  return compiling;
}

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
