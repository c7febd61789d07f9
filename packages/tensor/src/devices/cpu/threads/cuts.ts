/**
 * @file How a call of each kernel is cut into calls that write apart from each other. Results keep
 * their bits.
 */
import type { CoreFold, CoreMap, MathMap } from "../kernels.js";
import { ROW_KERNELS } from "../kernels.js";

/** Arguments of one call. */
export type Args = readonly number[];

/** Where lists of axes lie: the memory as int32, and room for the lists of the pieces. */
export interface Board {
  readonly i32: Int32Array;
  readonly room: number;
}

/** Cuts a call into about `pieces`; null when it is too little work, or cannot be cut. */
export type Cut = (args: Args, pieces: number, board: Board) => number[][] | null;

/** Bytes of room for the list of axes of one piece: more axes than tensors have. */
export const ROOM = 1024;

// Work, in elements or multiply-adds, from which waking another thread pays.
const LIGHT = 131_072;
const HEAVY = 32_768;
const PRODUCT = 2 ** 21;
const GEMV = 2 ** 19;

/** [from, to) of about equal lengths, at least `least` long, ending on multiples of `grain`. */
export function spans(n: number, pieces: number, grain: number, least = grain): number[][] {
  const count = Math.min(pieces, Math.floor(n / least));
  const step = Math.ceil(n / Math.max(count, 1) / grain) * grain;
  const found: number[][] = [];
  for (let from = 0; from < n; from += step) found.push([from, Math.min(from + step, n)]);
  // a last piece that came out short joins the one before
  const last = found[found.length - 1] as number[];
  if (found.length > 1 && n - (last[0] as number) < least) {
    found.pop();
    (found[found.length - 1] as number[])[1] = n;
  }
  return found;
}

/** One piece: argument `which` becomes the length of the span, and pointers move with its start. */
function piece(args: Args, which: number, span: readonly number[], moves: Args): number[] {
  const [from, to] = span as [number, number];
  const own = [...args];
  own[which] = to - from;
  for (let i = 0; i < moves.length; i += 2) {
    const at = moves[i] as number;
    (own[at] as number) += from * (moves[i + 1] as number);
  }
  return own;
}

function cutAlong(args: Args, which: number, parts: readonly number[][], moves: Args) {
  return parts.length < 2 ? null : parts.map((span) => piece(args, which, span, moves));
}

/** Kernels over n elements. `moves`: argument, bytes an element, and so on. */
function flat(least: number, ...moves: number[]): Cut {
  return (args, pieces) => {
    const n = args[0] as number;
    return n < least ? null : cutAlong(args, 0, spans(n, pieces, 64), moves);
  };
}

/**
 * Kernels over rows of n float32 numbers. `whole`: arguments that hold rows; `single`: those that
 * hold one number a row.
 */
function rowwise(whole: Args, single: Args = []): Cut {
  return (args, pieces) => {
    const [rows, n] = args as [number, number];
    const moves = [...whole.flatMap((at) => [at, n * 4]), ...single.flatMap((at) => [at, 4])];
    return rows * n < HEAVY ? null : cutAlong(args, 0, spans(rows, pieces, 1), moves);
  };
}

/** Kernels over [outer, n, inner] with operand and result at arguments 3 and 4. */
function folding(bytes: number, bytesOut: number, keepsAxis = false): Cut {
  return (args, pieces) => {
    const [outer, n, inner] = args as [number, number, number];
    if (outer * n * inner < LIGHT) return null;
    const moves = [3, n * inner * bytes, 4, (keepsAxis ? n : 1) * inner * bytesOut];
    return cutAlong(args, 0, spans(outer, pieces, inner === 1 ? 4 : 1), moves);
  };
}

/**
 * Kernels over [outer, n, inner] at `count` indices an outer: those that read by them, and those
 * that add.
 */
const along: Cut = (args, pieces) => {
  const [outer, n, inner, count] = args as [number, number, number, number];
  if (outer * inner * Math.max(n, count) < LIGHT) return null;
  const row = count * inner * 4;
  return cutAlong(args, 0, spans(outer, pieces, 1), [4, row, 5, n * inner * 4, 6, row]);
};
const addingAlong: Cut = (args, pieces) => {
  const [outer, n, inner, count] = args as [number, number, number, number];
  if (outer * inner * Math.max(n, count) < LIGHT) return null;
  const row = count * inner * 4;
  return cutAlong(args, 0, spans(outer, pieces, 1), [4, row, 5, row, 6, n * inner * 4]);
};
function adding(bytes: number): Cut {
  return (args, pieces) => {
    const [outer, n, inner, count] = args as [number, number, number, number];
    if (outer * inner * count < LIGHT) return null;
    const moves = [5, count * inner * bytes, 6, n * inner * bytes];
    return cutAlong(args, 0, spans(outer, pieces, 1), moves);
  };
}

const take: Cut = (args, pieces) => {
  const [outer, n, inner, count, , , , bytes] = args as number[] as [
    ...[number, number, number, number, number, number, number, number],
  ];
  if (outer * inner * count < LIGHT) return null;
  if (outer > 1) {
    const moves = [5, n * inner * bytes, 6, count * inner * bytes];
    return cutAlong(args, 0, spans(outer, pieces, 1), moves);
  }
  return cutAlong(args, 3, spans(count, pieces, 16), [4, 4, 6, inner * bytes]);
};

/** Kernels over `count` weights by group numbers of some bytes; there may be no base. */
function spread(bytes: number): Cut {
  return (args, pieces) => {
    if ((args[0] as number) < LIGHT) return null;
    const base = args[3] === 0 ? [] : [3, 4];
    return cutAlong(args, 0, spans(args[0] as number, pieces, 64), [1, bytes, ...base, 4, 4]);
  };
}

interface Walked {
  /** A contiguous result: its argument, and the bytes of its elements. */
  readonly result?: { readonly at: number; readonly bytes: (args: Args) => number };
  /**
   * Bytes of an element, for copies: those that jump in their source gain nothing from a second
   * reader.
   */
  readonly bytes?: number;
}

/** Kernels that walk a list of axes: cut along the outermost, each piece with a list of its own. */
function walking(
  rankAt: number,
  operands: number,
  pointers: Args,
  { result, bytes = 0 }: Walked = {},
): Cut {
  const words = operands + 2;
  return (args, pieces, { i32, room }) => {
    const rank = args[rankAt] as number;
    const list = (args[rankAt + 1] as number) >>> 2;
    const length = i32[list] as number;
    let rest = 1;
    for (let d = 1; d < rank; d++) rest *= i32[list + d * words] as number;
    if (length * rest < LIGHT || rank * words * 4 > ROOM) return null;
    if (bytes > 0 && i32[list + (rank - 1) * words + 1] !== bytes) return null;
    const moves = pointers.flatMap((at, i) => [at, i32[list + 1 + i] as number]);
    if (result !== undefined) moves.push(result.at, rest * result.bytes(args));
    const parts = spans(length, pieces, length >= 64 ? 16 : 1);
    if (parts.length < 2) return null;
    return parts.map((span, i) => {
      const own = piece(args, rankAt, span, moves);
      own[rankAt] = rank;
      own[rankAt + 1] = room + i * ROOM;
      const to = (room + i * ROOM) >>> 2;
      i32.copyWithin(to, list, list + rank * words);
      i32[to] = (span[1] as number) - (span[0] as number);
      return own;
    });
  };
}

/** C = A·B: along the longer side of C, so that less of the operands is packed twice. */
const gemm: Cut = (args, pieces) => {
  const [m, n, k, , rsa, , , , csb, , ldc, d, ldd] = args as number[] as [
    ...[number, number, number, number, number, number, number],
    ...[number, number, number, number, number, number],
  ];
  const single = m === 1 || n === 1;
  if (m * n * k < (single ? GEMV : PRODUCT)) return null;
  // whole groups of the kernels for vectors, so that no number is summed by another path than in
  // one piece
  const [grain, least] = single ? [32, 64] : [24, 24];
  if (n >= m) {
    const moves = [6, csb, 9, 4, ...(d !== 0 ? [11, 4] : [])];
    return cutAlong(args, 1, spans(n, pieces, grain, least), moves);
  }
  const moves = [3, rsa, 9, ldc, ...(d !== 0 ? [11, ldd] : [])];
  return cutAlong(args, 0, spans(m, pieces, grain, least), moves);
};

const gemmBatch: Cut = (args, pieces) => {
  const [count, sa, sb, sc, sd, m, n, k] = args as number[] as [
    ...[number, number, number, number, number, number, number, number],
  ];
  if (count * m * n * k < PRODUCT) return null;
  const moves = [8, sa, 11, sb, 14, sc, ...(args[16] !== 0 ? [16, sd] : [])];
  return cutAlong(args, 0, spans(count, pieces, 1), moves);
};

const gemmF64: Cut = (args, pieces) => {
  const [m, n, k, , rsa, , , , csb, , ldc] = args as number[] as [
    ...[number, number, number, number, number, number],
    ...[number, number, number, number, number],
  ];
  if (m * n * k < PRODUCT / 8) return null;
  return n > m
    ? cutAlong(args, 1, spans(n, pieces, 8), [6, csb, 9, 8])
    : cutAlong(args, 0, spans(m, pieces, 4), [3, rsa, 9, ldc]);
};

/**
 * fold: planes that do not touch. Places and windows of a plane lie side by side in the operand.
 */
function planes(bytes: number): Cut {
  return (args, pieces) => {
    const [count, kh, kw, rows, columns, plane] = args as number[] as [
      ...[number, number, number, number, number, number],
    ];
    const each = kh * kw * rows * columns;
    if (count * each < LIGHT) return null;
    return cutAlong(args, 0, spans(count, pieces, 1), [10, each * bytes, 11, plane]);
  };
}

/** Bytes of an element of the result of a row kernel, and of its operands. */
function rowKernel(name: string): Cut {
  const compares = /^(equal|notEqual|less|greater|logical)/.test(name);
  const bytes = name.endsWith("F64") ? 8 : name.endsWith("Bool") ? 1 : 4;
  return (args, pieces) => {
    const [n, , sa, , sb] = args as number[] as [number, number, number, number, number];
    if (n < LIGHT) return null;
    return cutAlong(args, 0, spans(n, pieces, 64), [1, sa, 3, sb, 5, compares ? 1 : bytes]);
  };
}

const lightMaps: readonly CoreMap[] = [
  ...(["neg", "abs", "sign", "square", "reciprocal", "sqrt", "rsqrt", "relu"] as const),
  ...(["floor", "ceil", "round", "trunc", "castF32I32", "castI32F32"] as const),
];
const heavyMaps: readonly MathMap[] = [
  ...(["exp", "expm1", "log", "log1p", "log2", "sin", "cos", "tan", "sinh", "cosh"] as const),
  ...(["tanh", "sigmoid", "silu", "softplus", "erf", "gelu", "geluTanh"] as const),
];
const folds: readonly CoreFold[] = ["foldMax", "foldMin", "foldProd", "argmax", "argmin"];

function each(names: readonly string[], cut: (name: string) => Cut): Record<string, Cut> {
  return Object.fromEntries(names.map((name) => [name, cut(name)]));
}

/** The cut of a kernel by its name. Kernels without one run whole. */
export const CUTS: Readonly<Record<string, Cut>> = {
  ...each(lightMaps, () => flat(LIGHT, 1, 4, 2, 4)),
  ...each(heavyMaps, () => flat(HEAVY, 1, 4, 2, 4)),
  reluGrad: flat(LIGHT, 1, 4, 2, 4, 3, 4),
  ...each(["geluGrad", "geluTanhGrad", "siluGrad"], () => flat(HEAVY, 1, 4, 2, 4, 3, 4)),
  ...each(["tanhGrad", "sigmoidGrad"], () => flat(HEAVY, 1, 4, 2, 4, 3, 4)),
  castBoolF32: flat(LIGHT, 1, 1, 2, 4),
  castF32Bool: flat(LIGHT, 1, 4, 2, 1),
  clip: flat(LIGHT, 1, 4, 4, 4),
  adam: flat(LIGHT, 1, 4, 2, 4, 3, 4, 4, 4, 5, 4, 6, 4, 7, 4),
  momentum: flat(LIGHT, 1, 4, 2, 4, 3, 4, 4, 4, 5, 4),
  lerp: flat(LIGHT, 2, 4, 3, 4, 4, 4),
  ...each(ROW_KERNELS, rowKernel),
  ...each(["softmax", "logSoftmax"], () => rowwise([2, 3])),
  ...each(["softmaxGrad", "logSoftmaxGrad"], () => rowwise([2, 3, 4])),
  logSumExp: rowwise([2], [3]),
  standardize: rowwise([2, 5]),
  standardizeGrad: rowwise([2, 3, 6]),
  layerNorm: rowwise([2, 6]),
  ...each([...folds, "sum", "variance", "sumI32"], () => folding(4, 4)),
  sumF64: folding(8, 8),
  sumBool: folding(1, 4),
  cumulativeSum: folding(4, 4, true),
  take,
  takeAlong: along,
  spreadNarrow: spread(2),
  spreadWide: spread(4),
  feistel: flat(8192, 1, 1, 6, 4),
  addAlong: addingAlong,
  addAt: adding(4),
  addAtF64: adding(8),
  copy1: walking(0, 2, [2, 3], { bytes: 1 }),
  copy4: walking(0, 2, [2, 3], { bytes: 4 }),
  copy8: walking(0, 2, [2, 3], { bytes: 8 }),
  broadcast: walking(1, 2, [3, 4], { result: { at: 5, bytes: (args) => args[6] as number } }),
  where: walking(0, 3, [2, 3, 4], { result: { at: 5, bytes: () => 4 } }),
  foldF32: planes(4),
  foldF64: planes(8),
  gemm,
  gemmBatch,
  gemmF64,
};
