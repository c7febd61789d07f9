/** @file WebAssembly bytes: numbers, sections, and the few instructions that a program needs. */
import { Reader } from "./bytes.js";

/** Types of values in a module. */
export const I32 = 0x7f;
export const F32 = 0x7d;
export const F64 = 0x7c;

/** Parameters and results of a function. */
export interface Signature {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** An unsigned number in LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 127;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 128);
  } while (rest !== 0);
  return bytes;
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, bytes: readonly number[]): number[] {
  return [id, ...unsigned(bytes.length), ...bytes];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

const wide = new DataView(new ArrayBuffer(8));

/** The body of a function, written instruction by instruction. */
export class Code {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** Everything that was written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #byte(byte: number): this {
    if (this.#length === this.#bytes.length) {
      const before = this.#bytes;
      this.#bytes = new Uint8Array(2 * before.length);
      this.#bytes.set(before);
    }
    this.#bytes[this.#length++] = byte;
    return this;
  }

  #unsigned(value: number): this {
    let rest = value >>> 0;
    for (; rest > 127; rest >>>= 7) this.#byte((rest & 127) | 128);
    return this.#byte(rest);
  }

  #float(bytes: number): this {
    for (let i = 0; i < bytes; i++) this.#byte(wide.getUint8(i));
    return this;
  }

  i32(value: number): this {
    this.#byte(0x41);
    let rest = value | 0;
    // one more byte where bit 6 is not the sign
    for (; rest < -64 || rest > 63; rest >>= 7) this.#byte((rest & 127) | 128);
    return this.#byte(rest & 127);
  }

  f32(value: number): this {
    wide.setFloat32(0, value, true);
    return this.#byte(0x43).#float(4);
  }

  f64(value: number): this {
    wide.setFloat64(0, value, true);
    return this.#byte(0x44).#float(8);
  }

  get(local: number): this {
    return this.#byte(0x20).#unsigned(local);
  }

  set(local: number): this {
    return this.#byte(0x21).#unsigned(local);
  }

  tee(local: number): this {
    return this.#byte(0x22).#unsigned(local);
  }

  call(index: number): this {
    return this.#byte(0x10).#unsigned(index);
  }

  /** The i32 at an address on the stack, plus an offset. */
  loadI32(offset: number): this {
    return this.#byte(0x28).#byte(2).#unsigned(offset);
  }

  /** The f64 at an address on the stack, plus an offset. */
  loadF64(offset: number): this {
    return this.#byte(0x2b).#byte(3).#unsigned(offset);
  }

  toF32(): this {
    return this.#byte(0xb6);
  }

  add(): this {
    return this.#byte(0x6a);
  }

  mul(): this {
    return this.#byte(0x6c);
  }

  lessUnsigned(): this {
    return this.#byte(0x49);
  }

  equal(): this {
    return this.#byte(0x46);
  }

  notEqual(): this {
    return this.#byte(0x47);
  }

  select(): this {
    return this.#byte(0x1b);
  }

  drop(): this {
    return this.#byte(0x1a);
  }

  /** Runs what `body` writes when the number on the stack is not 0. */
  when(body: () => void): this {
    this.#byte(0x04).#byte(0x40);
    body();
    return this.#byte(0x0b);
  }

  loop(body: () => void): this {
    this.#byte(0x03).#byte(0x40);
    body();
    return this.#byte(0x0b);
  }

  /** Back to the start of the innermost loop, when the number on the stack is not 0. */
  again(): this {
    return this.#byte(0x0d).#byte(0);
  }

  return(): this {
    return this.#byte(0x0f);
  }
}

/** A function that a module imports. */
export interface Import {
  readonly module: string;
  readonly name: string;
  readonly signature: Signature;
}

/** A module that exports one function `run() → i32` over an imported memory. */
export function moduleOf(
  imports: readonly Import[],
  body: ArrayLike<number>,
  locals: readonly (readonly [count: number, type: number])[],
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  const types: number[][] = [];
  const known = new Map<string, number>();
  const typeOf = ({ params, results }: Signature): number => {
    const key = `${params}>${results}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const count = (own: readonly number[]) => [...unsigned(own.length), ...own];
    known.set(key, types.push([0x60, ...count(params), ...count(results)]) - 1);
    return types.length - 1;
  };
  const run = typeOf({ params: [], results: [I32] });
  const own = imports.map(({ module, name, signature }) => [
    ...[...text(module), ...text(name), 0],
    ...unsigned(typeOf(signature)),
  ]);
  // up to 4 GiB, as the memory of the device says
  own.push([...text("env"), ...text("memory"), 2, shared ? 3 : 1, 0, ...unsigned(65536)]);
  const variables = list(locals.map(([n, type]) => [...unsigned(n), type]));
  const size = variables.length + body.length + 1;
  const prefix = [...unsigned(1), ...unsigned(size), ...variables];
  const code = [10, ...unsigned(prefix.length + body.length + 1), ...prefix];
  const head = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list(own)),
    ...section(3, list([[run]])),
    ...section(7, list([[...text("run"), 0, ...unsigned(imports.length)]])),
    ...code,
  ];
  // the body is long: it is copied once
  const bytes = new Uint8Array(head.length + body.length + 1);
  bytes.set(head);
  bytes.set(body, head.length);
  bytes[bytes.length - 1] = 0x0b;
  return bytes;
}

/** The signatures of what a module exports, by name, read from its own sections. */
export function signaturesOf(module: Uint8Array): Map<string, Signature> {
  const bytes = new Reader(module, 8);
  const limits = (): void => {
    const hasMaximum = (bytes.byte() & 1) === 1;
    bytes.number();
    if (hasMaximum) bytes.number();
  };
  const types: Signature[] = [];
  const functions: number[] = [];
  const found = new Map<string, Signature>();
  bytes.sections({
    1: () => {
      bytes.byte();
      types.push({ params: bytes.list(), results: bytes.list() });
    },
    2: () => {
      bytes.text();
      bytes.text();
      const kind = bytes.byte();
      if (kind === 0) functions.push(bytes.number());
      else if (kind === 3)
        bytes.take(2); // a global: type, mutability
      else if (kind === 2) limits();
    },
    3: () => functions.push(bytes.number()),
    7: () => {
      const own = bytes.text();
      const kind = bytes.byte();
      const index = bytes.number();
      if (kind === 0) found.set(own, types[functions[index] as number] as Signature);
    },
  });
  return found;
}
