/** @file The program in every runtime without a page: Node, Bun, Deno. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { app, inApp, tool, versionOf } from "./tools.mjs";

export const PROGRAM = "2 4, trains, ";
const WITHOUT = `${PROGRAM}DeviceError: install GPU.js`;
const RAN = "all entry points, a gradient, training";

const node = (version) => [join(app, "node_modules", version, "bin", "node"), []];
const commands = {
  "node-20": node("node-20"),
  "node-22": node("node-22"),
  "node-24": node("node-24"),
  bun: [tool("bun"), []],
  deno: [tool("deno"), ["run", "--allow-all", "--node-modules-dir=manual"]],
};

export async function* runtimes() {
  const main = `import { program } from "./program.mjs";\nconsole.log(await program());\n`;
  writeFileSync(join(app, "src", "main.mjs"), main);
  for (const [name, [program, args]] of Object.entries(commands)) {
    const environment = name.replace(/^./, (c) => c.toUpperCase()).replace(/-\d+/, "");
    const said = await inApp(name, program, [...args, "src/main.mjs"]).catch(String);
    const result = said.trim() === WITHOUT ? "✓" : said.trim();
    yield { environment, version: versionOf(name), ran: RAN, result };
  }
}
