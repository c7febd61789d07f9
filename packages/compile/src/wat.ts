/**
 * @file The WebAssembly text of a module that encode.ts made: each statement on a line of its own,
 * with its operands inside. Knows the instructions of encode.ts, and no others.
 * Source: https://webassembly.github.io/spec/core/text/index.html
 */
import { Reader } from "./bytes.js";
import { F32, F64, I32, type Signature } from "./encode.js";
import { shortest } from "./names.js";

/** What a code stands for: how many operands it takes, and whether it leaves a result. */
interface Code {
  readonly name: string;
  readonly takes: number;
  readonly gives: boolean;
  /** What stands behind it in the bytes. */
  readonly immediate?: (bytes: Reader, own: Names) => string;
}

/** Names within the function. */
interface Names {
  local(index: number): string;
  function(index: number): string;
}

const local = (bytes: Reader, { local: name }: Names): string => name(bytes.number());

function memory(bytes: Reader): string {
  bytes.number(); // the alignment is the natural one
  const offset = bytes.number();
  return offset === 0 ? "" : `offset=${offset}`;
}

/** All instructions of encode.ts but calls and blocks. */
const CODES: Readonly<Record<number, Code>> = {
  15: { name: "return", takes: 1, gives: false },
  26: { name: "drop", takes: 1, gives: false },
  27: { name: "select", takes: 3, gives: true },
  32: { name: "local.get", takes: 0, gives: true, immediate: local },
  33: { name: "local.set", takes: 1, gives: false, immediate: local },
  34: { name: "local.tee", takes: 1, gives: true, immediate: local },
  40: { name: "i32.load", takes: 1, gives: true, immediate: memory },
  43: { name: "f64.load", takes: 1, gives: true, immediate: memory },
  65: { name: "i32.const", takes: 0, gives: true, immediate: (bytes) => `${bytes.signed()}` },
  67: { name: "f32.const", takes: 0, gives: true, immediate: (bytes) => float(bytes.take(4)) },
  68: { name: "f64.const", takes: 0, gives: true, immediate: (bytes) => float(bytes.take(8)) },
  70: { name: "i32.eq", takes: 2, gives: true },
  71: { name: "i32.ne", takes: 2, gives: true },
  73: { name: "i32.lt_u", takes: 2, gives: true },
  106: { name: "i32.add", takes: 2, gives: true },
  108: { name: "i32.mul", takes: 2, gives: true },
  182: { name: "f32.demote_f64", takes: 1, gives: true },
};
const [LOOP, IF, END, BRANCH, CALL] = [0x03, 0x04, 0x0b, 0x0d, 0x10];

/** A float as decimal; NaN with its bits. */
function float(own: Uint8Array): string {
  const view = new DataView(own.buffer, own.byteOffset);
  const single = own.length === 4;
  const value = single ? view.getFloat32(0, true) : view.getFloat64(0, true);
  if (Number.isNaN(value)) {
    const bits = single ? BigInt(view.getUint32(0, true)) : view.getBigUint64(0, true);
    const fraction = single ? 23n : 52n;
    const sign = bits >> (single ? 31n : 63n) === 1n ? "-" : "";
    return `${sign}nan:0x${(bits & ((1n << fraction) - 1n)).toString(16)}`;
  }
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0";
  return single ? shortest(value) : String(value);
}

/** What a text says beyond the bytes. */
export interface Legend {
  /** Names of the first variables of the function. */
  readonly locals: readonly string[];
  /** What each call is for, in their order. */
  readonly calls: readonly string[];
}

/** Writes the statements of a function. */
class Statements {
  readonly lines: string[] = [];
  readonly #notes: readonly string[];
  readonly #bytes: Reader;
  readonly #names: Names;
  readonly #signatures: readonly Signature[];
  /** Expressions whose values are on the stack. */
  #stack: string[] = [];

  /** Calls so far, and those of them that stand in lines. */
  #calls = 0;
  #noted = 0;

  constructor(
    bytes: Reader,
    names: Names,
    signatures: readonly Signature[],
    notes: readonly string[],
  ) {
    this.#notes = notes;
    this.#bytes = bytes;
    this.#names = names;
    this.#signatures = signatures;
  }

  /** Everything up to the end of the block. */
  block(indent: string): void {
    for (;;) {
      const code = this.#bytes.byte();
      if (code === END) break;
      if (code === LOOP) this.#nested("(loop", ")", indent);
      else if (code === IF) {
        this.#nested(`(if ${this.#pop(1)} (then`, "))", indent);
      } else this.#one(code, indent);
    }
    this.#flush(indent);
  }

  #nested(head: string, tail: string, indent: string): void {
    this.#bytes.byte(); // its type: no result
    this.#flush(indent);
    this.#line(indent + head);
    this.block(`${indent}  `);
    this.#line(indent + tail);
  }

  #one(code: number, indent: string): void {
    const { name, takes, gives, immediate } = this.#known(code);
    const own = immediate?.(this.#bytes, this.#names) ?? "";
    const parts = [name, own, this.#pop(takes)].filter((part) => part !== "");
    const text = `(${parts.join(" ")})`;
    if (gives) this.#stack.push(text);
    else {
      this.#flush(indent);
      this.#line(indent + text);
    }
  }

  /** A line, with what the calls in it are for. */
  #line(text: string): void {
    const notes = this.#notes.slice(this.#noted, this.#calls);
    this.#noted = this.#calls;
    this.lines.push(notes.length === 0 ? text : `${text} ;; ${notes.join("; ")}`);
  }

  #known(code: number): Code {
    if (code === BRANCH) {
      return { name: "br_if", takes: 1, gives: false, immediate: (bytes) => `${bytes.number()}` };
    }
    if (code !== CALL) {
      const found = CODES[code];
      if (found === undefined) throw new RangeError(`no instruction of encode.ts: ${code}`);
      return found;
    }
    this.#calls++;
    const index = this.#bytes.number();
    const { params, results } = this.#signatures[index] as Signature;
    const immediate = () => this.#names.function(index);
    return { name: "call", takes: params.length, gives: results.length > 0, immediate };
  }

  /** The last operands, in order. */
  #pop(count: number): string {
    return count === 0 ? "" : this.#stack.splice(-count).join(" ");
  }

  /** What is left on the stack stands on lines of its own. */
  #flush(indent: string): void {
    for (const text of this.#stack) this.#line(indent + text);
    this.#stack = [];
  }
}

const TYPES: Readonly<Record<number, string>> = { [I32]: "i32", [F32]: "f32", [F64]: "f64" };

function typesOf(word: string, types: readonly number[]): string {
  return types.length === 0 ? "" : ` (${word} ${types.map((type) => TYPES[type]).join(" ")})`;
}

/** The text of a module. */
export function disassemble(
  module: Uint8Array,
  { locals, calls }: Legend = { locals: [], calls: [] },
): string {
  const bytes = new Reader(module, 8);
  const lines: string[] = [];
  const types: Signature[] = [];
  const functions: { readonly name: string; readonly type: number }[] = [];
  const names: Names = {
    local: (i) => (i < locals.length ? `$${locals[i]}` : `${i}`),
    function: (i) => `$${functions[i]?.name}`,
  };
  const sections: Readonly<Record<number, () => void>> = {
    1: () => {
      bytes.byte();
      const type = { params: bytes.list(), results: bytes.list() };
      const text = typesOf("param", type.params) + typesOf("result", type.results);
      lines.push(`  (type (func${text}))`);
      types.push(type);
    },
    2: () => {
      const [from, name] = [bytes.text(), bytes.text()];
      if (bytes.byte() === 0) {
        const type = bytes.number();
        functions.push({ name: `${from}.${name}`, type });
        const own = `(func $${from}.${name} (type ${type}))`;
        lines.push(`  (import "${from}" "${name}" ${own})`);
        return;
      }
      const shared = (bytes.byte() & 2) === 2 ? " shared" : "";
      const limits = `${bytes.number()} ${bytes.number()}`;
      lines.push(`  (import "${from}" "${name}" (memory ${limits}${shared}))`);
    },
    3: () => functions.push({ name: "run", type: bytes.number() }),
    7: () => {
      const name = bytes.text();
      bytes.byte();
      lines.push(`  (export "${name}" (func ${names.function(bytes.number())}))`);
    },
    10: () => {
      bytes.number(); // its length
      const variables = Array.from({ length: bytes.number() }, () => {
        return Array.from({ length: bytes.number() }, () => 0).fill(bytes.byte());
      }).flat();
      const { name, type } = functions.at(-1) as (typeof functions)[0];
      lines.push(`  (func $${name} (type ${type})`);
      for (const [i, own] of variables.entries()) {
        lines.push(`    (local ${i < locals.length ? `$${locals[i]} ` : ""}${TYPES[own]})`);
      }
      const signatures = functions.map((own) => types[own.type] as Signature);
      const body = new Statements(bytes, names, signatures, calls);
      body.block("    ");
      lines.push(...body.lines, "  )");
    },
  };
  bytes.sections(sections);
  return ["(module", ...lines, ")"].join("\n");
}
