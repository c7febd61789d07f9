/**
 * @file Packs bytes for src/devices/cpu/unpack.ts: literals and matches, each bit of them coded by
 * the chance that the bits before it give. Both files hold the same model and agree to the last bit.
 */

const SLOTS = 2 ** 18;
/** Observations after which a chance moves no slower. */
const MEMORY = 20;
/** Matches tried at a place, and the ways to a place that are kept. */
const [TRIES, WAYS, PASSES] = [300, 4, 5];
/** Of a match, all lengths up to this one are tried, then its full length. */
const SHORT = 32;
/** The first offset that has too many digits. */
const FAR = 65536;

/** Where the chance of a bit is kept: after a kind of thing, a value, and the bits before it. */
function slot(kind, value, node) {
  return Math.imul(Math.imul(16 * value + kind, 0x9e3779b1) + node, 0x85ebca6b) >>> 14;
}

/** The chance of a one: what the slots say, weighed by how sure they are. */
function mixed(chances, slots) {
  let [sum, weights] = [0, 0];
  for (const at of slots) {
    const chance = chances[at];
    const weight = 1 / (chance * (1 - chance) + 0.003);
    sum += weight * chance;
    weights += weight;
  }
  return sum / weights;
}

// What is written. `bit(value, ...slots)` gets the bits one by one.

function writeLiteral(bit, bytes, at, offset) {
  const [one = 0, two = 0] = [bytes[at - 1], bytes[at - 2]];
  const again = offset > 0 ? bytes[at - offset] : 0;
  let node = 1;
  for (let i = 7; i >= 0; i--) {
    const value = (bytes[at] >> i) & 1;
    const far = slot(3, one + 256 * two, node);
    bit(value, slot(1, 0, node), slot(2, one, node), far, slot(4, again, node));
    node = 2 * node + value;
  }
}

function writeNumber(bit, kind, after, number) {
  const digits = 31 - Math.clz32(number);
  let node = 1;
  for (let i = 3; i >= 0; i--) {
    const value = (digits >> i) & 1;
    bit(value, slot(kind, 0, node), slot(kind, 99 + after, node));
    node = 2 * node + value;
  }
  for (let i = digits; i > 0; i--) {
    const value = (number >> (i - 1)) & 1;
    bit(value, slot(kind, digits + 1, number >> i), slot(kind + 1, digits + 1, i));
  }
}

/** Whether a match follows; `after`: whether one went before. */
function writeFlag(bit, bytes, at, after, value) {
  const [one = 0, two = 0] = [bytes[at - 1], bytes[at - 2]];
  const near = 2 * one + after;
  bit(value, slot(5, after, 0), slot(6, near, 0), slot(7, near + 512 * two, 0));
}

const writeRepeat = (bit, value) => bit(value, slot(8, 0, 0));
/** Lengths of matches: 1 or more at the offset of the match before, else 2 or more. */
const writeLength = (bit, repeat, length) => writeNumber(bit, 9, repeat, length - 1 + repeat);
const writeOffset = (bit, offset) => writeNumber(bit, 11, 0, offset);

/** Writes all of a parse; a step is a length, 0 for a literal, and an offset. */
function write(bit, bytes, steps) {
  let [at, offset, after] = [0, 0, 0];
  for (const step of steps) {
    writeFlag(bit, bytes, at, after, step.length > 0 ? 1 : 0);
    if (step.length > 0) {
      const repeat = step.offset === offset ? 1 : 0;
      if (after === 0) writeRepeat(bit, repeat);
      if (repeat === 0) writeOffset(bit, step.offset);
      writeLength(bit, repeat, step.length);
      offset = step.offset;
    } else writeLiteral(bit, bytes, at, offset);
    after = step.length > 0 ? 1 : 0;
    at += step.length || 1;
  }
}

/** Arithmetic coding with chances that adapt; counts what each slot saw. */
function encoder() {
  const chances = new Float32Array(SLOTS).fill(0.5);
  const seen = new Uint8Array(SLOTS);
  const counts = [new Float64Array(SLOTS), new Float64Array(SLOTS)];
  const packed = [];
  let [low, high] = [0, 2 ** 32 - 1];
  const bit = (value, ...slots) => {
    const middle = low + Math.floor((high - low) * mixed(chances, slots));
    if (value === 1) high = middle;
    else low = middle + 1;
    while ((low ^ high) >>> 24 === 0) {
      packed.push(high >>> 24);
      low = (low << 8) >>> 0;
      high = ((high << 8) | 255) >>> 0;
    }
    for (const at of slots) {
      chances[at] += (value - chances[at]) / (seen[at] + 1.5);
      if (seen[at] < MEMORY) seen[at]++;
      counts[value][at]++;
    }
  };
  const end = () => Uint8Array.from([...packed, high >>> 24]);
  return { bit, end, counts };
}

/** The cost in bits of what a function writes, by the counts of an encoding. */
function costs([zeros, ones]) {
  const chances = zeros.map((count, i) => (ones[i] + 0.7) / (count + ones[i] + 1.4));
  let sum = 0;
  const bit = (value, ...slots) => {
    const chance = mixed(chances, slots);
    sum -= Math.log2(value === 1 ? chance : 1 - chance);
  };
  return (writes) => {
    sum = 0;
    writes(bit);
    return sum;
  };
}

function remembered(compute) {
  const known = new Map();
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key));
    return known.get(key);
  };
}

/** For each place in turn: the nearest matches of growing length. */
function matcher(bytes) {
  const [last, before] = [new Int32Array(65536).fill(-1), new Int32Array(bytes.length)];
  const lengthAt = (at, offset) => {
    let length = 0;
    while (at + length < bytes.length && bytes[at + length] === bytes[at + length - offset]) {
      length++;
    }
    return length;
  };
  const matchesAt = (at) => {
    const found = [];
    const key = 256 * bytes[at] + (bytes[at + 1] ?? 0);
    let [best, tries] = [1, TRIES];
    const least = Math.max(0, at - FAR + 1);
    for (let from = last[key]; from >= least && tries > 0; from = before[from], tries--) {
      const length = lengthAt(at, at - from);
      if (length <= best) continue;
      best = length;
      found.push({ length, offset: at - from });
    }
    before[at] = last[key];
    last[key] = at;
    return found;
  };
  return { lengthAt, matchesAt };
}

/** Keeps the cheapest ways to a place, one for each offset and kind of last step. */
function keep(ways, way) {
  const same = ways.findIndex(({ offset, after }) => offset === way.offset && after === way.after);
  if (same >= 0 && ways[same].cost <= way.cost) return;
  if (same >= 0) ways.splice(same, 1);
  const place = ways.findIndex(({ cost }) => cost > way.cost);
  ways.splice(place < 0 ? ways.length : place, 0, way);
  if (ways.length > WAYS) ways.pop();
}

/** The steps that cost least. */
function parse(bytes, cost) {
  const ways = Array.from({ length: bytes.length + 1 }, () => []);
  const { lengthAt, matchesAt } = matcher(bytes);
  const offsetCost = remembered((offset) => cost((bit) => writeOffset(bit, offset)));
  const lengthCosts = [0, 1].map((repeat) =>
    remembered((length) => cost((bit) => writeLength(bit, repeat, length))),
  );
  const repeatCosts = [0, 1].map((value) => cost((bit) => writeRepeat(bit, value)));
  ways[0].push({ cost: 0, offset: 0, after: 0, length: 0, from: null });
  for (let at = 0; at < bytes.length; at++) {
    const matches = matchesAt(at);
    for (const from of ways[at]) {
      const { offset, after } = from;
      const flags = [0, 1].map((value) => cost((bit) => writeFlag(bit, bytes, at, after, value)));
      const literal = cost((bit) => writeLiteral(bit, bytes, at, offset));
      const step = { cost: from.cost + flags[0] + literal, offset, after: 0, length: 0, from };
      keep(ways[at + 1], step);
      const copies = (repeat, by, least, most) => {
        const first = after === 0 ? repeatCosts[repeat] : 0;
        const start = from.cost + flags[1] + first + (repeat === 1 ? 0 : offsetCost(by));
        for (let length = least; length <= most; length++) {
          if (length > least + SHORT) length = most;
          const total = start + lengthCosts[repeat](length);
          keep(ways[at + length], { cost: total, offset: by, after: 1, length, from });
        }
      };
      if (offset > 0 && after === 0) copies(1, offset, 1, lengthAt(at, offset));
      let least = 2;
      for (const match of matches) {
        if (match.offset !== offset) copies(0, match.offset, least, match.length);
        least = match.length;
      }
    }
  }
  const steps = [];
  for (let way = ways[bytes.length][0]; way.from !== null; way = way.from) steps.push(way);
  return steps.reverse();
}

/** The shortest that some passes find: each parses by the costs of the one before. */
export function pack(bytes) {
  let best = null;
  let cost = costs([new Float64Array(SLOTS), new Float64Array(SLOTS)]);
  for (let pass = 0; pass < PASSES; pass++) {
    const { bit, end, counts } = encoder();
    write(bit, bytes, parse(bytes, cost));
    const packed = end();
    if (best === null || packed.length < best.length) best = packed;
    cost = costs(counts);
  }
  return best;
}
