/**
 * @file How calls of kernels are cut into calls that write apart from each other, by the way a
 * kernel goes through memory. Results keep their bits. Knows no kernel by name.
 */

/** Arguments of one call. */
export type Args = readonly number[];

/** Where lists of axes are: the memory as int32, and room for the lists of the pieces. */
export interface Board {
  readonly i32: Int32Array;
  readonly room: number;
}

/**
 * Cuts a call of a kernel with arguments A into about `pieces`; null when it is too little work, or
 * cannot be cut.
 */
export type Cut<A extends number[] = number[]> = {
  cut(args: A, pieces: number, board: Board): number[][] | null;
}["cut"] & {
  /** Which argument is the address of a workspace, where the kernel needs one for each thread. */
  readonly workAt?: number;
  /** How a call goes on in equal steps; null, or absent, where it does not. */
  readonly along?: (args: Args, list: Int32Array | null) => Along | null;
};

/** Steps of a call that may run one after the other, or other work between them. */
export interface Along {
  /** Which argument is their number; −1: it is the first length of the list of axes. */
  readonly at: number;
  readonly count: number;
  /** Elements that a step works on. */
  readonly unit: number;
  /** Steps that stay together, so that no number is summed on another path. */
  readonly grain: number;
  /** How far addresses move with a step, as argument, bytes, argument, bytes … */
  readonly moves: Args;
}

/** Bytes of room for the list of axes of one piece: more axes than tensors have. */
export const ROOM = 1024;

// Work, in elements or multiply-adds, from which waking another thread pays.
export const LIGHT = 131_072;
export const HEAVY = 32_768;
const PRODUCT = 2 ** 21;
const GEMV = 2 ** 19;

type Span = [from: number, to: number];

/** [from, to) of about equal lengths, at least `least` long, ending on multiples of `grain`. */
export function spans(n: number, pieces: number, grain: number, least = grain): Span[] {
  const count = Math.min(pieces, Math.floor(n / least));
  const step = Math.ceil(n / Math.max(count, 1) / grain) * grain;
  const found: Span[] = [];
  for (let from = 0; from < n; from += step) found.push([from, Math.min(from + step, n)]);
  // a last piece that came out short joins the one before
  const [before, last] = found.slice(-2);
  if (before !== undefined && last !== undefined && n - last[0] < least) {
    found.pop();
    before[1] = n;
  }
  return found;
}

/** One piece: argument `which` becomes the length of the span, and pointers move with its start. */
function piece(args: Args, which: number, [from, to]: Span, moves: Args): number[] {
  const own = [...args];
  own[which] = to - from;
  for (let i = 0; i < moves.length; i += 2) {
    const at = moves[i] as number;
    (own[at] as number) += from * (moves[i + 1] as number);
  }
  return own;
}

function cutAlong(args: Args, which: number, parts: readonly Span[], moves: Args) {
  return parts.length < 2 ? null : parts.map((span) => piece(args, which, span, moves));
}

/** Kernels over n elements. `moves`: argument, bytes an element, and so on. */
export function flat<A extends [n: number, ...number[]]>(
  least: number,
  ...moves: number[]
): Cut<A> {
  const cut: Cut<A> = (args, pieces) =>
    args[0] < least ? null : cutAlong(args, 0, spans(args[0], pieces, 64), moves);
  const along = ([count = 0]: Args): Along => ({ at: 0, count, unit: 1, grain: 1, moves });
  return Object.assign(cut, { along });
}

/**
 * Kernels over rows of n float32 numbers. `whole`: arguments that hold rows; `single`: those that
 * hold one number a row.
 */
export function rowwise<A extends [rows: number, n: number, ...number[]]>(
  whole: Args,
  single: Args = [],
): Cut<A> {
  const movesOf = (n: number) => [
    ...whole.flatMap((at) => [at, n * 4]),
    ...single.flatMap((at) => [at, 4]),
  ];
  const cut: Cut<A> = (args, pieces) => {
    const [rows, n] = args;
    return rows * n < HEAVY ? null : cutAlong(args, 0, spans(rows, pieces, 1), movesOf(n));
  };
  const along = ([count = 0, unit = 0]: Args): Along => {
    return { at: 0, count, unit, grain: 1, moves: movesOf(unit) };
  };
  return Object.assign(cut, { along });
}

export type FoldArgs = [outer: number, n: number, inner: number, x: number, out: number];

/** Kernels over [outer, n, inner] with operand and result at arguments 3 and 4. */
export function folding<A extends [...FoldArgs, ...number[]]>(
  bytes: number,
  bytesOut: number,
  keepsAxis = false,
): Cut<A> {
  const movesOf = (n: number, inner: number) => {
    return [3, n * inner * bytes, 4, (keepsAxis ? n : 1) * inner * bytesOut];
  };
  const cut: Cut<A> = (args, pieces) => {
    const [outer, n, inner] = args;
    if (outer * n * inner < LIGHT) return null;
    return cutAlong(args, 0, spans(outer, pieces, inner === 1 ? 4 : 1), movesOf(n, inner));
  };
  const along = ([count = 0, n = 0, inner = 0]: Args): Along => {
    return { at: 0, count, unit: n * inner, grain: inner === 1 ? 4 : 1, moves: movesOf(n, inner) };
  };
  return Object.assign(cut, { along });
}

/** Kernels over [outer, n, inner] at `count` indices. */
type IndexedArgs = [
  ...[outer: number, n: number, inner: number, count: number],
  ...[indices: number, x: number, out: number],
];

/** The kernel that reads at `count` indices for each outer and inner. */
export const takeAlong: Cut<IndexedArgs> = (args, pieces) => {
  const [outer, n, inner, count] = args;
  if (outer * inner * Math.max(n, count) < LIGHT) return null;
  const row = count * inner * 4;
  return cutAlong(args, 0, spans(outer, pieces, 1), [4, row, 5, n * inner * 4, 6, row]);
};

/** The kernel that adds at `count` indices for each outer and inner. */
export const addAlong: Cut<IndexedArgs> = (args, pieces) => {
  const [outer, n, inner, count] = args;
  if (outer * inner * Math.max(n, count) < LIGHT) return null;
  const row = count * inner * 4;
  return cutAlong(args, 0, spans(outer, pieces, 1), [4, row, 5, row, 6, n * inner * 4]);
};

/** Kernels that add at the same indices for each outer. */
export function adding(bytes: number): Cut<IndexedArgs> {
  return (args, pieces) => {
    const [outer, n, inner, count] = args;
    if (outer * inner * count < LIGHT) return null;
    const moves = [5, count * inner * bytes, 6, n * inner * bytes];
    return cutAlong(args, 0, spans(outer, pieces, 1), moves);
  };
}

export const take: Cut<[...IndexedArgs, bytes: number]> = (args, pieces) => {
  const [outer, n, inner, count, , , , bytes] = args;
  if (outer * inner * count < LIGHT) return null;
  if (outer > 1) {
    const moves = [5, n * inner * bytes, 6, count * inner * bytes];
    return cutAlong(args, 0, spans(outer, pieces, 1), moves);
  }
  return cutAlong(args, 3, spans(count, pieces, 16), [4, 4, 6, inner * bytes]);
};

type SpreadArgs = [count: number, groups: number, table: number, base: number, out: number];

/** Kernels over `count` weights by group numbers of some bytes; a base of 0 is none. */
export function spread(bytes: number): Cut<SpreadArgs> {
  return (args, pieces) => {
    const [count, , , base] = args;
    if (count < LIGHT) return null;
    const moves = [1, bytes, ...(base === 0 ? [] : [3, 4]), 4, 4];
    return cutAlong(args, 0, spans(count, pieces, 64), moves);
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
export function walking<A extends number[]>(
  rankAt: number,
  operands: number,
  pointers: Args,
  { result, bytes = 0 }: Walked = {},
): Cut<A> {
  const words = operands + 2;
  const along = (args: Args, list: Int32Array | null): Along | null => {
    if (list === null || result === undefined) return null;
    let unit = 1;
    for (let d = 1; d < (args[rankAt] as number); d++) unit *= list[d * words] as number;
    const moves = pointers.flatMap((at, i) => [at, list[1 + i] as number]);
    moves.push(result.at, unit * result.bytes(args));
    return { at: -1, count: list[0] as number, unit, grain: 1, moves };
  };
  const cut: Cut<A> = (args, pieces, { i32, room }) => {
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
      i32[to] = span[1] - span[0];
      return own;
    });
  };
  return Object.assign(cut, { along });
}

/** C = A·B (+ D): lengths, then each matrix with the strides of its rows and columns. */
type ProductArgs = [
  ...[m: number, n: number, k: number],
  ...[a: number, rsa: number, csa: number, b: number, rsb: number, csb: number],
  ...[c: number, ldc: number],
];
type GemmArgs = [...ProductArgs, d: number, ldd: number, work: number];

/** Cut along the longer side of C, so that less of the operands is packed twice. */
export const gemm: Cut<GemmArgs> = Object.assign(cutGemm, { workAt: 13, along: gemmRows });

/** The rows of C, in whole groups of the kernels; vectors have none. */
function gemmRows(args: Args): Along | null {
  const [m = 0, n = 0, , , rsa = 0, , , , , , ldc = 0, d, ldd = 0] = args;
  if (m < 48 || n < 2) return null;
  const moves = [3, rsa, 9, ldc, ...(d !== 0 ? [11, ldd] : [])];
  return { at: 0, count: m, unit: n, grain: 24, moves };
}

function cutGemm(args: GemmArgs, pieces: number): number[][] | null {
  const [m, n, k, , rsa, , , , csb, , ldc, d, ldd] = args;
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
}

type GemmBatchArgs = [
  ...[count: number, sa: number, sb: number, sc: number, sd: number],
  ...GemmArgs,
];

export const gemmBatch: Cut<GemmBatchArgs> = Object.assign(cutBatch, { workAt: 18 });

function cutBatch(args: GemmBatchArgs, pieces: number): number[][] | null {
  const [count, sa, sb, sc, sd, m, n, k] = args;
  if (count * m * n * k < PRODUCT) return null;
  const moves = [8, sa, 11, sb, 14, sc, ...(args[16] !== 0 ? [16, sd] : [])];
  return cutAlong(args, 0, spans(count, pieces, 1), moves);
}

export const gemmF64: Cut<ProductArgs> = (args, pieces) => {
  const [m, n, k, , rsa, , , , csb, , ldc] = args;
  if (m * n * k < PRODUCT / 8) return null;
  return n > m
    ? cutAlong(args, 1, spans(n, pieces, 8), [6, csb, 9, 8])
    : cutAlong(args, 0, spans(m, pieces, 4), [3, rsa, 9, ldc]);
};

type WindowArgs = [
  ...[planes: number, kh: number, kw: number, rows: number, columns: number, plane: number],
  /** Steps in bytes from one place of a window to the next, then from one window to the next. */
  ...[ki: number, kj: number, sr: number, sc: number],
  ...[x: number, out: number],
];

/**
 * fold: planes that do not touch. Places and windows of a plane are side by side in the operand.
 */
export function planes(bytes: number): Cut<WindowArgs> {
  return (args, pieces) => {
    const [count, kh, kw, rows, columns, plane] = args;
    const each = kh * kw * rows * columns;
    if (count * each < LIGHT) return null;
    return cutAlong(args, 0, spans(count, pieces, 1), [10, each * bytes, 11, plane]);
  };
}

type RowArgs = [n: number, a: number, sa: number, b: number, sb: number, out: number];

/** Kernels of two operands, each with one stride, and a result of some bytes an element. */
export function row(bytes: number): Cut<RowArgs> {
  const moves = ([, , sa, , sb]: Args) => [1, sa as number, 3, sb as number, 5, bytes];
  const cut: Cut<RowArgs> = (args, pieces) =>
    args[0] < LIGHT ? null : cutAlong(args, 0, spans(args[0], pieces, 64), moves(args));
  const along = (args: Args): Along => {
    return { at: 0, count: args[0] as number, unit: 1, grain: 1, moves: moves(args) };
  };
  return Object.assign(cut, { along });
}
