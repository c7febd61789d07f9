/**
 * @file The plain form of a WebAssembly module with fused multiply-adds: each becomes a product and
 * a sum, in a pattern of bytes that src/devices/cpu/wasm.ts finds and turns back where it may fuse.
 */

/** Sections of a module by number. */
const [TYPES, IMPORTS, FUNCTIONS, CODE] = [1, 2, 3, 10];
const V128 = 0x7b;
const MADD = [0xfd, 0x85, 0x02];
const [MUL, ADD] = [
  [0xfd, 0xe6, 0x01],
  [0xfd, 0xe4, 0x01],
];
const [GET, SET] = [0x20, 0x21];
/** The same as in wasm.ts: set a variable, MUL, get it, ADD. */
const PATTERN = "!([^]{1,2})\xfd\xe6\x01 \\1\xfd\xe4\x01";

/** Reads a module: bytes and numbers (LEB128). */
function reader(bytes) {
  let at = 0;
  const take = (count) => {
    at += count;
    return bytes.subarray(at - count, at);
  };
  const number = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const [byte] = take(1);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  return { take, number, more: () => at < bytes.length };
}

function leb(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** How many parameters each type of a function has. */
function parameters(section) {
  const { take, number } = reader(section);
  return Array.from({ length: number() }, () => {
    take(1);
    const count = number();
    take(count);
    take(number());
    return count;
  });
}

/** Types of the module's own functions; it must import the memory alone, or they count anew. */
function typesOf(section) {
  const { number } = reader(section);
  return Array.from({ length: number() }, number);
}

/** A function with its multiply-adds written out; they share one more variable. */
function written(body, parameterCount) {
  const { take, number } = reader(body);
  const groups = Array.from({ length: number() }, () => [number(), ...take(1)]);
  const rest = body.subarray([groups.length, ...groups.flat()].flatMap(leb).length);
  const variable = groups.reduce((sum, [count]) => sum + count, parameterCount);
  const pattern = [SET, ...leb(variable), ...MUL, GET, ...leb(variable), ...ADD];
  const code = [];
  let found = 0;
  for (let at = 0; at < rest.length; at++) {
    if (MADD.every((byte, i) => rest[at + i] === byte)) {
      code.push(...pattern);
      at += MADD.length - 1;
      found++;
    } else code.push(rest[at]);
  }
  const declared = found > 0 ? [...groups, [1, V128]] : groups;
  return {
    bytes: [...leb(declared.length), ...declared.flatMap(([n, t]) => [...leb(n), t]), ...code],
    found,
  };
}

/**
 * The module with its `count` multiply-adds written out. Bytes that look like one and are none make
 * the counts differ.
 */
export function plainForm(binary, count) {
  const { take, number, more } = reader(binary);
  const module = [...take(8)];
  let [counts, types, found] = [[], [], 0];
  while (more()) {
    const [id] = take(1);
    const section = take(number());
    if (id === TYPES) counts = parameters(section);
    if (id === IMPORTS && section[0] !== 1) throw new Error("more than the memory is imported");
    if (id === FUNCTIONS) types = typesOf(section);
    let content = [...section];
    if (id === CODE) {
      const code = reader(section);
      content = leb(code.number());
      for (const type of types) {
        const body = written(code.take(code.number()), counts[type]);
        found += body.found;
        for (const byte of [...leb(body.bytes.length), ...body.bytes]) content.push(byte);
      }
    }
    for (const byte of [id, ...leb(content.length), ...content]) module.push(byte);
  }
  const text = Buffer.from(module).toString("latin1");
  const patterns = text.match(new RegExp(PATTERN, "g")) ?? [];
  if (found !== count || patterns.length !== count) {
    throw new Error(`${count} multiply-adds: ${found} found, ${patterns.length} written`);
  }
  return Uint8Array.from(module);
}
