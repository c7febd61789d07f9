/**
 * @file The Node side of the Python module `isograd_array_api`: it reads one call a line from
 * standard input, runs it on the built packages, and answers with one line. Tensors stay here;
 * the other side holds their numbers.
 */

import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { root } from "../lib.mjs";
import { opsPageData } from "./names.mjs";

const built = pathToFileURL(join(root, "packages", "tensor", "dist", "api", "index.js")).href;
const library = await import(built);
const { Tensor } = library;
const { ourName } = await opsPageData("standardNames");

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
};

/** Tensors by number, and how many numbers each of them has: an op may return what it was given. */
const tensors = new Map();
const holders = new Map();
let next = 1;

function number(x) {
  tensors.set(next, x);
  holders.set(x, (holders.get(x) ?? 0) + 1);
  return next++;
}

function free(handle) {
  const x = tensors.get(handle);
  tensors.delete(handle);
  const left = holders.get(x) - 1;
  if (left > 0) holders.set(x, left);
  else {
    holders.delete(x);
    library.dispose(x);
  }
}

/** A value from its JSON: numbers that JSON lacks are text in `n`, tensors their number in `t`. */
function decoded(value) {
  if (Array.isArray(value)) return value.map(decoded);
  if (value === null || typeof value !== "object") return value;
  if ("n" in value) return Number(value.n);
  if ("t" in value) return tensors.get(value.t);
  const entries = Object.entries(value.o).map(([name, one]) => [name, decoded(one)]);
  return Object.fromEntries(entries);
}

function encoded(value) {
  if (value instanceof Tensor) {
    return { t: number(value), shape: value.shape, dtype: value.dtype, device: value.device };
  }
  if (Array.isArray(value)) return value.map(encoded);
  if (typeof value === "number") {
    const plain = Number.isFinite(value) && !Object.is(value, -0);
    return plain ? value : { n: Object.is(value, -0) ? "-0" : String(value) };
  }
  if (value === null || typeof value !== "object") return value ?? null;
  const entries = Object.entries(value).map(([name, one]) => [name, encoded(one)]);
  return { o: Object.fromEntries(entries) };
}

/** What is not a function of the library under its own name. */
const special = {
  bytes(text, dtype, shape, device) {
    const bytes = new Uint8Array(Buffer.from(text, "base64"));
    return library.tensor(new ARRAYS[dtype](bytes.buffer), {
      dtype,
      shape,
      device: device ?? undefined,
    });
  },
  read(x) {
    const { buffer, byteOffset, byteLength } = x.dataSync();
    return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
  },
  item: (x) => Number(x.item()),
  get: (x, index) => library.at(x, ...index).get(),
  set: (x, index, values) => library.at(x, ...index).set(values),
  to: (x, device) => x.to(device),
  broadcast_shapes: (a, b) => library.broadcastShapes("broadcast_shapes", a, b),
  devices: () => library.devices(),
  defaultDevice: () => library.defaultDevice(),
};

function called(name, args) {
  const f = special[name] ?? library[ourName(name)];
  if (f === undefined) throw new Error(`no function for ${name}`);
  return f(...args.map(decoded));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { name, args, freed } = JSON.parse(line);
  freed.forEach(free);
  let answer;
  try {
    answer = { value: encoded(called(name, args)) };
  } catch (error) {
    answer = { error: error.constructor.name, message: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
