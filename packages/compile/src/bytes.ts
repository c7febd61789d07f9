/** @file Reads the bytes of WebAssembly modules: numbers, names, sections. */

/** Goes through some bytes once. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  byte(): number {
    return this.#bytes[this.#at++] as number;
  }

  take(count: number): Uint8Array {
    this.#at += count;
    return this.#bytes.slice(this.#at - count, this.#at);
  }

  /** An unsigned number in LEB128. */
  number(): number {
    let [value, shift] = [0, 0];
    for (;;) {
      const next = this.byte();
      value |= (next & 127) << shift;
      if (next < 128) return value >>> 0;
      shift += 7;
    }
  }

  /** A 32-bit integer in signed LEB128. */
  signed(): number {
    let [value, shift] = [0, 0];
    for (;;) {
      const next = this.byte();
      value |= (next & 127) << shift;
      shift += 7;
      if (next < 128) return shift < 32 && (next & 64) !== 0 ? value | (-1 << shift) : value;
    }
  }

  /** Bytes, after their number. */
  list(): number[] {
    return [...this.take(this.number())];
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.number()));
  }

  /** Calls `read[id]` for each item of each section; others are left out. */
  sections(read: Readonly<Record<number, () => void>>): void {
    while (this.#at < this.#bytes.length) {
      const id = this.byte();
      const size = this.number();
      const end = this.#at + size;
      const one = read[id];
      if (one !== undefined) for (let n = this.number(); n > 0; n--) one();
      this.#at = end;
    }
  }
}
