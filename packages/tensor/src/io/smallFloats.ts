/**
 * @file Floats below 32 bits, widened to float32: every one of their values is a float32, so
 * nothing is lost.
 */

interface SmallFloat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /**
   * What the highest exponent means: ∞ and NaN as in IEEE 754; `fn`: all ones is NaN; `fnuz`: −0
   * is NaN.
   */
  readonly special: "ieee" | "fn" | "fnuz";
}

const LAYOUTS = {
  float16: { exponentBits: 5, mantissaBits: 10, bias: 15, special: "ieee" },
  float8_e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, special: "ieee" },
  float8_e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, special: "fnuz" },
  float8_e4m3fn: { exponentBits: 4, mantissaBits: 3, bias: 7, special: "fn" },
  float8_e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, special: "fnuz" },
} satisfies Record<string, SmallFloat>;

/** Float types that `widenFloats` knows. */
export type SmallFloatName = keyof typeof LAYOUTS | "bfloat16" | "float8_e8m0fnu";

const tables = new Map<string, Float32Array>();

/** The float32 values of an array of float bits. */
export function widenFloats(name: SmallFloatName, bits: Uint8Array | Uint16Array): Float32Array {
  if (name === "bfloat16") {
    const words = new Uint32Array(bits.length);
    // The upper half of a float32.
    for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
    return new Float32Array(words.buffer);
  }
  const table = tableOf(name);
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = table[bits[i]!]!;
  return values;
}

/** All values of a type, indexed by their bits; made once. */
function tableOf(name: Exclude<SmallFloatName, "bfloat16">): Float32Array {
  let table = tables.get(name);
  if (table === undefined) {
    if (name === "float8_e8m0fnu") {
      // A power of two, 2^(e − 127); all ones is NaN.
      table = Float32Array.from({ length: 256 }, (_, e) =>
        e === 255 ? Number.NaN : 2 ** (e - 127),
      );
    } else {
      const layout = LAYOUTS[name];
      const length = 2 ** (1 + layout.exponentBits + layout.mantissaBits);
      table = Float32Array.from({ length }, (_, bits) => decode(bits, layout));
    }
    tables.set(name, table);
  }
  return table;
}

/** (−1)^sign · 2^(e − bias) · 1.m, and 2^(1 − bias) · 0.m for e = 0. */
function decode(bits: number, { exponentBits, mantissaBits, bias, special }: SmallFloat): number {
  const steps = 2 ** mantissaBits;
  const mantissa = bits % steps;
  const exponent = Math.floor(bits / steps) % 2 ** exponentBits;
  const sign = bits >= steps * 2 ** exponentBits ? -1 : 1;
  const highest = exponent === 2 ** exponentBits - 1;
  if (special === "fnuz" && sign === -1 && exponent === 0 && mantissa === 0) return Number.NaN;
  if (special === "ieee" && highest) return mantissa === 0 ? sign * Infinity : Number.NaN;
  if (special === "fn" && highest && mantissa === steps - 1) return Number.NaN;
  if (exponent === 0) return (sign * 2 ** (1 - bias) * mantissa) / steps;
  return sign * 2 ** (exponent - bias) * (1 + mantissa / steps);
}
