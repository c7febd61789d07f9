/**
 * @file The programs that the packages are tried with, each with its version: nobody else installs
 * them. They go to .cache/environments, once.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "../lib.mjs";

/** The project of a user who has all of these. */
export const app = join(root, ".cache", "environments");

export const typescripts = ["5.6.3", "5.7.3", "5.8.3", "5.9.3", "6.0.3"];

const dependencies = {
  "@rollup/plugin-commonjs": "29.0.3",
  "@rollup/plugin-node-resolve": "16.0.3",
  bun: "1.4.5",
  deno: "2.9.6",
  esbuild: "0.28.2",
  next: "16.4.6",
  "node-20": "npm:node@20.19.6",
  "node-22": "npm:node@22.23.3",
  "node-24": "npm:node@24.9.0",
  react: "19.3.1",
  "react-dom": "19.3.1",
  rollup: "4.68.8",
  vite: "8.4.0",
  webpack: "5.113.0",
  "webpack-cli": "7.3.1",
  ...Object.fromEntries(typescripts.map((v) => [`typescript-${v}`, `npm:typescript@${v}`])),
};

/** The version of a tool. */
export const versionOf = (name) => dependencies[name].replace(/^.*@(?=\d)/, "");

/** The tools that the table names, with their versions. */
export const versions = Object.fromEntries(
  Object.keys(dependencies)
    .filter((name) => !/react|plugin|cli/.test(name))
    .map((name) => [name, versionOf(name)]),
);

/** Runs a program in the project; throws what it printed when it fails. */
export async function inApp(what, program, args, env = {}) {
  const clean = { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", ...env };
  const { code, output } = await run(program, args, { cwd: app, env: clean });
  if (code !== 0) throw new Error(`${what}\n${output.slice(-2000)}`);
  return output;
}

/** The program of a tool: `tool("esbuild")`. */
export const tool = (name) => join(app, "node_modules", ".bin", name);

/** From npm's cache if it has everything, else from the network. */
async function npm(...args) {
  const all = ["install", "--no-audit", "--no-fund", "--loglevel=error", ...args];
  const cached = await run("npm", [...all, "--offline"], { cwd: app });
  if (cached.code !== 0) await inApp("npm install", "npm", all);
}

/** Installs the tools if they have changed, and the tarballs beside them. */
export async function install(tarballs) {
  mkdirSync(app, { recursive: true });
  const manifest = { name: "app", version: "1.0.0", private: true, type: "module", dependencies };
  const [file, text] = [join(app, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`];
  const stamp = join(app, "installed.json");
  writeFileSync(file, text);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== text) {
    await npm();
    writeFileSync(stamp, text);
  }
  await npm("--no-save", ...tarballs);
}
