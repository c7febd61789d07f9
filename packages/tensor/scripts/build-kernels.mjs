/** @file Compiles the AssemblyScript kernels and embeds them, deflated, as TypeScript; does nothing when they are new enough. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { plainForm } from "./plain.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, "../assembly");
const target = join(here, "../src/devices/cpu/generated/modules.ts");

/**
 * Two modules over one memory; `math` is what multiplies and adds. Their constants lie apart (base),
 * below the heap. `-O3s` makes them smaller; what is hot is inlined by name.
 */
const MODULES = [
  { name: "core", entry: "core.ts", base: 1024, flags: [] },
  { name: "math", entry: "math.ts", base: 16384, flags: ["--enable", "relaxed-simd"] },
];
const FLAGS = [
  ...["-O3s", "--noAssert", "--runtime", "stub", "--importMemory", "--enable", "simd"],
  ...["--enable", "threads", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
  ...["--use", "abort=", "--disableWarning", "112"],
];

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** A hash of every input: sources, this script, the compiler's version. */
function fingerprint() {
  const hash = createHash("sha256");
  const scripts = ["build-kernels", "plain"].map((name) => join(here, `${name}.mjs`));
  for (const file of [...filesUnder(sources), ...scripts]) {
    hash.update(relative(here, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  const version = new URL("../package.json", import.meta.resolve("assemblyscript/asc"));
  return hash.update(readFileSync(version)).digest("hex").slice(0, 32);
}

async function compile(main, { entry, base, flags }) {
  const made = {};
  const { error, stderr } = await main(
    [
      entry,
      "--outFile",
      "wasm",
      "--textFile",
      "text",
      "--baseDir",
      sources,
      "--memoryBase",
      `${base}`,
      ...FLAGS,
      ...flags,
    ],
    {
      writeFile: (name, contents) => {
        made[name] = contents;
      },
    },
  );
  if (error) throw new Error(`${entry}: ${error.message}\n${stderr.toString()}`);
  return plainForm(made.wasm, made.text.split("relaxed_madd").length - 1);
}

/** Deflated as small as can be: Zopfli searches longer than zlib does. */
async function deflated(bytes) {
  const { default: zopfli } = await import("@gfx/zopfli");
  return Buffer.from(await zopfli.deflateAsync(bytes, { numiterations: 30 }));
}

const stamp = `// ${fingerprint()}`;
if (!existsSync(target) || !readFileSync(target, "utf8").startsWith(stamp)) {
  const { main } = await import("assemblyscript/asc"); // half a second: only when there is something to do
  const built = {};
  for (const module of MODULES) {
    built[module.name] = await compile(main, module);
    console.log(`${module.name}: ${built[module.name].length} bytes`);
  }
  const { core, math } = built;
  const bytes = Buffer.concat([core, math]);
  const packed = (await deflated(bytes)).toString("base64");
  const [head, lengths] = [
    "/** @file Made by scripts/build-kernels.mjs from assembly/: two WebAssembly modules, deflated. */",
    `[${core.length}, ${math.length}]`,
  ];
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(
    target,
    `${stamp}\n${head}\nexport const lengths = ${lengths} as const;\nexport const packed = "${packed}";\n`,
  );
}
