/**
 * @file Unpacks what scripts/pack.mjs packed: literals and matches, each bit of them coded by the
 * chance that the bits before it give. Both files hold the same model; knows nothing of modules.
 */

const SLOTS = 2 ** 18;
/** Observations after which a chance moves no slower. */
const MEMORY = 20;

/** Where the chance of a bit is kept: after a kind of thing, a value, and the bits before it. */
function slot(kind: number, value: number, node: number): number {
  return Math.imul(Math.imul(16 * value + kind, 0x9e3779b1) + node, 0x85ebca6b) >>> 14;
}

/**
 * Arithmetic decoding: each call gives a bit. Its chance to be one is what the slots say, weighed
 * by how sure they are; then they learn. Sums, products and quotients alone: the same on every
 * machine.
 */
function decoder(packed: Uint8Array): (...slots: number[]) => number {
  const chances = new Float32Array(SLOTS).fill(0.5);
  const seen = new Uint8Array(SLOTS);
  let [low, high, code, next] = [0, 2 ** 32 - 1, 0, 0];
  const shift = (): void => {
    low = (low << 8) >>> 0;
    high = ((high << 8) | 255) >>> 0;
    code = ((code << 8) | (packed[next++] as number)) >>> 0;
  };
  for (let i = 0; i < 4; i++) shift();
  low = 0;
  high = 2 ** 32 - 1;
  return (...slots) => {
    let [sum, weights] = [0, 0];
    for (const at of slots) {
      const chance = chances[at] as number;
      const weight = 1 / (chance * (1 - chance) + 0.003);
      sum += weight * chance;
      weights += weight;
    }
    const middle = low + Math.floor((high - low) * (sum / weights));
    const bit = code <= middle ? 1 : 0;
    if (bit === 1) high = middle;
    else low = middle + 1;
    while ((low ^ high) >>> 24 === 0) shift();
    for (const at of slots) {
      const [chance, count] = [chances[at] as number, seen[at] as number];
      chances[at] = chance + (bit - chance) / (count + 1.5);
      if (count < MEMORY) seen[at] = count + 1;
    }
    return bit;
  };
}

/** `size` bytes. */
export function unpack(packed: Uint8Array, size: number): Uint8Array {
  const bit = decoder(packed);
  const bytes = new Uint8Array(size);
  const number = (kind: number, after: number): number => {
    let digits = 1;
    while (digits < 16)
      digits = 2 * digits + bit(slot(kind, 0, digits), slot(kind, 99 + after, digits));
    digits -= 16;
    let value = 1;
    for (let i = digits; i > 0; i--) {
      value = 2 * value + bit(slot(kind, digits + 1, value), slot(kind + 1, digits + 1, i));
    }
    return value;
  };
  let [offset, after] = [0, 0];
  for (let at = 0; at < size; ) {
    const [one = 0, two = 0] = [bytes[at - 1], bytes[at - 2]];
    const near = 2 * one + after;
    if (bit(slot(5, after, 0), slot(6, near, 0), slot(7, near + 512 * two, 0)) === 1) {
      const repeat = after === 0 ? bit(slot(8, 0, 0)) : 0;
      if (repeat === 0) offset = number(11, 0);
      const end = at + number(9, repeat) + 1 - repeat;
      for (; at < end; at++) bytes[at] = bytes[at - offset] as number;
      after = 1;
    } else {
      const again = bytes[at - offset] as number; // 0 before the first match: not written yet
      let node = 1;
      while (node < 256) {
        const far = slot(3, one + 256 * two, node);
        node = 2 * node + bit(slot(1, 0, node), slot(2, one, node), far, slot(4, again, node));
      }
      bytes[at++] = node;
      after = 0;
    }
  }
  return bytes;
}
