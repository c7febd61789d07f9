/**
 * @file Values for the table of docs/from/tensorflow.md: runs the cells of TensorFlow.js, from the
 * dependencies of bench, on its plain CPU backend. `node docs/test/golden/from.mjs`
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import vm from "node:vm";

const here = new URL("./", import.meta.url);
const tf = createRequire(new URL("../../../bench/package.json", here))("@tensorflow/tfjs");
await tf.setBackend("cpu");

const text = readFileSync(new URL("../../from/tensorflow.md", here), "utf8");
const prelude = /^```js\n([\s\S]*?)^```/m.exec(text)[1].replace(/^import.*\n/gm, "");

/** A value as plain data: tensors as nested arrays, numbers that JSON lacks as text. */
async function plain(x) {
  const value = await x;
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object") return value;
  if (value instanceof tf.Tensor) {
    if (value.dtype !== "complex64") return plain(value.arraySync());
    return { re: await plain(tf.real(value)), im: await plain(tf.imag(value)) };
  }
  if (ArrayBuffer.isView(value)) return plain(Array.from(value));
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  const entries = Object.entries(value).map(async ([key, part]) => [key, await plain(part)]);
  return Object.fromEntries(await Promise.all(entries));
}

/** The cell as a function's body that returns its last statement. */
function returning(code) {
  const cut = code.lastIndexOf("; ") + 1;
  return `${code.slice(0, cut)} return (${code.slice(cut).trim().replace(/;$/, "")});`;
}

const found = {};
for (const line of text.split("\n").filter((x) => x.startsWith("| `"))) {
  const [theirs, ours, remark] = line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
  if (remark.startsWith("*not run*")) continue;
  const code = theirs.slice(1, -1).replaceAll("\\|", "|");
  try {
    const body = `(async () => {\n${prelude}\n${returning(code)}\n})`;
    const value = await plain(
      vm.runInThisContext(body.replace("async () =>", "async (tf) =>"))(tf),
    );
    if (ours !== "—") found[code] = value;
  } catch (error) {
    console.log(`${code}\n  ${error}`);
  }
}
const rows = Object.entries(found).map(
  (row) => `  ${row.map((x) => JSON.stringify(x)).join(": ")}`,
);
writeFileSync(new URL("from-tensorflow.json", here), `{\n${rows.join(",\n")}\n}\n`);
console.log(`${rows.length} values`);
