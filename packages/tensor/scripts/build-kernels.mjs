/** @file Compiles the AssemblyScript kernels and embeds them, compressed, as TypeScript; does nothing when they are new enough. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, "../assembly");
const target = join(here, "../src/devices/cpu/generated/kernels.ts");

/**
 * Three modules over one memory: what has no multiply-add exists once, the rest plain and with relaxed fused
 * multiply-add. Their constants lie apart (base), below the heap. `-O3s` makes the first 11 % smaller at the same speed:
 * what is hot there is inlined by name.
 */
const MODULES = [
  { name: "core", entry: "core.ts", base: 1024, flags: ["-O3s"] },
  { name: "plain", entry: "math.ts", base: 16384, flags: [] },
  { name: "fused", entry: "math.ts", base: 16384, flags: ["--enable", "relaxed-simd"] },
];
const FLAGS = [
  ...["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--enable", "simd"],
  ...["--enable", "threads", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
  ...["--use", "abort=", "--disableWarning", "112"],
];

/** Limits of an imported memory, as a module's bytes say them: with a maximum, and shared. */
const SHARED = 3;
/** The number of the section of a module that holds the functions. */
const CODE_SECTION = 10;

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** A hash of every input: sources, this script, the compiler's version. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const file of [...filesUnder(sources), fileURLToPath(import.meta.url)]) {
    hash.update(relative(here, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  const version = new URL("../package.json", import.meta.resolve("assemblyscript/asc"));
  return hash.update(readFileSync(version)).digest("hex").slice(0, 32);
}

async function compile(main, { entry, base, flags }) {
  let binary;
  const { error, stderr } = await main(
    [
      entry,
      "--outFile",
      "kernels.wasm",
      "--baseDir",
      sources,
      "--memoryBase",
      `${base}`,
      ...FLAGS,
      ...flags,
    ],
    {
      writeFile: (_, contents) => {
        binary = contents;
      },
    },
  );
  if (error) throw new Error(`${entry}: ${error.message}\n${stderr.toString()}`);
  return binary;
}

/**
 * Where a module says that the memory it imports is shared: the one byte in which the builds for shared memory and for
 * plain memory differ.
 */
function sharedFlag(binary) {
  const at = Buffer.from(binary).indexOf("\x03env\x06memory\x02", 0, "latin1") + 12;
  if (at < 12 || binary[at] !== SHARED) throw new Error("the module does not import env.memory");
  return at;
}

/** The binary of a module in pieces: what comes before its functions, each function, what comes after. */
function pieces(binary) {
  let at = 8;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = binary[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (binary[at++] !== CODE_SECTION) {
    const length = number();
    at += length;
  }
  number();
  const places = [0];
  for (let left = number(); left > 0; left--) {
    places.push(at);
    const length = number();
    at += length;
  }
  places.push(at, binary.length);
  return places.slice(1).map((end, i) => binary.subarray(places[i], end));
}

/** Two builds of one source as one text, function beside function: the second costs little then. */
function woven(first, second) {
  const [a, b] = [pieces(first), pieces(second)];
  if (a.length !== b.length) throw new Error("the builds have different functions");
  const bytes = Buffer.concat(a.flatMap((piece, i) => [piece, b[i]]));
  return { bytes, ends: [0, a.length - 1].map((i) => [a[i].length, b[i].length]) };
}

/** The shortest that zlib makes: how much it looks back at decides, and more is not always better. */
function deflated(bytes) {
  const tries = [5, 6, 7, 8, 9].map((memLevel) => deflateRawSync(bytes, { level: 9, memLevel }));
  return tries.reduce((best, next) => (next.length < best.length ? next : best));
}

const text = (bytes) => JSON.stringify(deflated(bytes).toString("base64"));

const stamp = `// ${fingerprint()}`;
if (!existsSync(target) || !readFileSync(target, "utf8").startsWith(stamp)) {
  const { main } = await import("assemblyscript/asc"); // half a second: only when there is something to do
  const built = {};
  for (const module of MODULES) {
    built[module.name] = await compile(main, module);
    console.log(`${module.name}: ${built[module.name].length} bytes`);
  }
  const { core, fused, plain } = built;
  const { bytes, ends } = woven(fused, plain);
  const parts = [
    `export const core = { sharedFlag: ${sharedFlag(core)}, packed: ${text(core)} };`,
    "/** The fused build and the plain one in pieces that alternate; `ends`: lengths of the first and last. */",
    `export const math = {`,
    `  sharedFlags: [${sharedFlag(fused)}, ${sharedFlag(plain)}],`,
    `  ends: ${JSON.stringify(ends)},`,
    `  packed: ${text(bytes)},`,
    "} as const;",
  ];
  mkdirSync(dirname(target), { recursive: true });
  const head =
    "/** @file Made by scripts/build-kernels.mjs from assembly/: WebAssembly modules, deflated, base64. */";
  writeFileSync(target, `${stamp}\n${head}\n${parts.join("\n")}\n`);
}
