/**
 * @file `npm run array-api -- SUITE`: runs the public tests of the array API standard
 * (github.com/data-apis/array-api-tests, a clone with its submodule) on @isograd/tensor, through
 * the Python module in `scripts/array-api`. `--version 2025.12` takes another version of the
 * standard than 2024.12, `--max-examples 100` more examples than 20, `--only test_fft` some files.
 * Takes the Python in $PYTHON, which has the suite's requirements, or makes one in
 * `.cache/array-api`. Prints what passed in each file and what is known to fail, with the reason;
 * ends with 1 if anything else fails.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { opsPageData } from "./array-api/names.mjs";
import { build } from "./build.mjs";
import { must, root, run } from "./lib.mjs";

const cache = join(root, ".cache", "array-api");
const suite = join(cache, "suite");

/** Lines of the suite that do not work where there are no complex numbers, in its copy alone. */
const PATCHES = [
  [
    "dtype_helpers.py",
    "for dt in complex_dtypes], key",
    "for dt in complex_dtypes] or [(None, 0)], key",
  ],
  [
    "test_signatures.py",
    "dh.dtype_to_name[dh.widest_complex_dtype]",
    'dh.dtype_to_name.get(dh.widest_complex_dtype, "complex128")',
  ],
];

function copySuite(from) {
  cpSync(from, suite, { recursive: true, filter: (path) => !path.endsWith(".git") });
  for (const [name, before, after] of PATCHES) {
    const path = join(suite, "array_api_tests", name);
    writeFileSync(path, readFileSync(path, "utf8").replace(before, after));
  }
}

/** A Python with the suite's requirements. */
async function python() {
  if (process.env.PYTHON !== undefined) return process.env.PYTHON;
  const own = join(cache, "venv", "bin", "python");
  if (!existsSync(own)) {
    await must("python3", ["-m", "venv", join(cache, "venv")]);
    await must(own, ["-m", "pip", "install", "-q", "-r", join(suite, "requirements.txt")]);
  }
  return own;
}

/** Outcomes by file from the lines of `pytest -v`, and the tests that failed without notice. */
function outcomes(output) {
  const files = new Map();
  const failures = [];
  const line = /^(array_api_tests\/(\w+)\.py::.*) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b/;
  for (const text of output.split("\n")) {
    const [, id, file, outcome] = line.exec(text) ?? [];
    if (id === undefined) continue;
    const counts = files.get(file) ?? {};
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    files.set(file, counts);
    if (outcome === "FAILED" || outcome === "ERROR") failures.push(id);
  }
  return { files, failures };
}

function print({ files, failures }, expected) {
  const kinds = ["PASSED", "XFAIL", "XPASS", "SKIPPED", "FAILED", "ERROR"];
  const total = {};
  for (const [file, counts] of files) {
    const parts = kinds.filter((kind) => counts[kind]).map((kind) => `${counts[kind]} ${kind}`);
    console.log(`${file.padEnd(42)} ${parts.join(", ")}`);
    for (const kind of kinds) total[kind] = (total[kind] ?? 0) + (counts[kind] ?? 0);
  }
  console.log(`\n${kinds.map((kind) => `${total[kind] ?? 0} ${kind}`).join(", ")}`);
  console.log("\nXFAIL: known, for these reasons:");
  for (const { why, ids } of expected) {
    if (ids.length > 0) console.log(`  ${String(ids.length).padStart(3)}  ${why}`);
  }
  if (failures.length > 0)
    console.log(`\nNot known:\n${failures.map((id) => `  ${id}`).join("\n")}`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: "string", default: "2024.12" },
    "max-examples": { type: "string", default: "20" },
    only: { type: "string", default: "" },
  },
});
const from = positionals[0] && resolve(positionals[0]);
if (!from || !existsSync(join(from, "array_api_tests", "stubs.py"))) {
  console.error("npm run array-api -- SUITE: the folder of a clone of data-apis/array-api-tests");
  process.exit(2);
}
mkdirSync(cache, { recursive: true });
await build("packages/tensor");
copySuite(from);
const program = await python();
const env = {
  PYTHONPATH: [join(root, "scripts", "array-api"), process.env.PYTHONPATH]
    .filter(Boolean)
    .join(":"),
  PYTHONDONTWRITEBYTECODE: "1",
  NODE: process.execPath,
  ARRAY_API_TESTS_MODULE: "isograd_array_api",
  ARRAY_API_TESTS_VERSION: values.version,
  ARRAY_API_TESTS_SKIP_DTYPES: "complex64,complex128",
  ARRAY_API_TESTS_MAX_ARRAY_SIZE: "64",
};
const chosen = readdirSync(join(suite, "array_api_tests"))
  .filter((name) => name.startsWith("test_") && name.includes(values.only))
  .map((name) => `array_api_tests/${name}`);
const pytest = (args, show) =>
  run(program, ["-m", "pytest", "-p", "no:cacheprovider", ...args, ...chosen], {
    cwd: suite,
    env,
    show,
  });

const listed = await pytest(["--collect-only", "-q"]);
const tests = listed.output.split("\n").filter((text) => text.startsWith("array_api_tests/"));
if (tests.length === 0) {
  console.error(listed.output);
  process.exit(1);
}
const { deviations } = await opsPageData("standardTests");
const expected = deviations.map(({ tests: pattern, why }) => ({
  why,
  ids: tests.filter((id) => new RegExp(pattern).test(id)),
}));
const xfails = join(cache, "xfails.txt");
const lines = expected.map(({ why, ids }) => [`# ${why}`, ...ids].join("\n"));
writeFileSync(xfails, `${lines.join("\n")}\n`);
const examples = ["--max-examples", values["max-examples"], "--disable-deadline", "--derandomize"];
const { output, code } = await pytest(["-v", "--tb=short", ...examples, "--xfails-file", xfails]);
writeFileSync(join(cache, "output.txt"), output);
const result = outcomes(output);
print(result, expected);
console.log(`\nThe whole output is in ${join(cache, "output.txt")}`);
process.exitCode = code === 0 ? 0 : 1;
