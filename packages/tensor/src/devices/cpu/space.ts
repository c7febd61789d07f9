/**
 * @file Where blocks come from: size classes, free lists, chunks of small blocks, free spans,
 * and growth of the memory. Knows no tensor and counts nothing.
 */
const PAGE = 65536;
const MAX_PAGES = 65536;
/** Classes up to this size are cut from chunks and never merged again. */
const SMALL = 32768;
const CHUNK = 262144;
/**
 * Kernels read up to 16 bytes behind a block; the last bytes of the memory are never handed out.
 */
const SLACK = 64;

/**
 * Multiples of 64 up to 1024, then eight classes for each doubling: at most an eighth is wasted.
 */
export function classOf(bytes: number): number {
  if (bytes <= 1024) return bytes === 0 ? 1 : (bytes + 63) >>> 6;
  const b = bytes - 1;
  const e = 31 - Math.clz32(b);
  return (e - 10) * 8 + ((b >>> (e - 3)) & 7) + 17;
}

/** Bytes of the blocks of a class. */
export function sizeOfClass(c: number): number {
  if (c <= 16) return c * 64;
  const e = ((c - 17) >>> 3) + 7;
  return (9 + ((c - 17) & 7)) * 2 ** e;
}

/** What blocks need of a WebAssembly memory: published types do not name the DOM's. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

/** Blocks of a memory by size class. */
export interface Space {
  /** The address of a block of class c; 0 when the memory is full. */
  take(c: number): number;
  give(ptr: number, c: number): void;
}

/** The space of `memory` from address `base` on; `grown` is called after the memory grew. */
export function createSpace(memory: Memory, base: number, grown: () => void): Space {
  const lists: number[][] = Array.from({ length: 200 }, () => []);
  const spans = createSpans(memory, base, grown);
  const firstLarge = classOf(SMALL) + 1;
  let chunk = 0;
  let chunkEnd = 0;

  /** Turns the free blocks of the classes from `first` on into spans, merged with neighbours. */
  function merge(first: number): void {
    lists.slice(first).forEach((list, i) => {
      for (const ptr of list) spans.add(ptr, sizeOfClass(first + i));
      list.length = 0;
    });
    spans.settle();
  }

  /** Makes what is left of the chunk a span. */
  function dropChunk(): void {
    if (chunkEnd > chunk) spans.add(chunk, chunkEnd - chunk);
    chunk = chunkEnd = 0;
  }

  function carve(size: number): number {
    let ptr = spans.find(size);
    if (ptr !== 0) return ptr;
    merge(firstLarge);
    ptr = spans.find(size) || spans.findAbove(size);
    if (ptr !== 0) return ptr;
    dropChunk();
    merge(1);
    return spans.find(size) || spans.findAbove(size);
  }

  function carveSmall(size: number): number {
    if (chunk + size > chunkEnd) {
      dropChunk();
      chunk = carve(CHUNK);
      if (chunk === 0) return carve(size); // less than a chunk may be left
      chunkEnd = chunk + CHUNK;
    }
    chunk += size;
    return chunk - size;
  }

  return {
    take(c) {
      const size = sizeOfClass(c);
      return (lists[c] as number[]).pop() ?? (size <= SMALL ? carveSmall(size) : carve(size));
    },
    give: (ptr, c) => void (lists[c] as number[]).push(ptr),
  };
}

/** Grows a memory so that it reaches `end`, by a quarter or 16 MiB where it can; else false. */
function grow(memory: Memory, end: number): boolean {
  const pages = memory.buffer.byteLength / PAGE;
  const needed = Math.ceil(end / PAGE) - pages;
  const wanted = Math.min(Math.max(needed, 256, pages >>> 2), MAX_PAGES - pages);
  for (const step of [wanted, needed]) {
    if (step < needed) continue;
    try {
      memory.grow(step);
      return true;
    } catch {}
  }
  return false;
}

interface Span {
  ptr: number;
  size: number;
}

/** Stretches of free memory that belong to no class, and the memory above all blocks. */
function createSpans(memory: Memory, base: number, grown: () => void) {
  let spans: Span[] = [];
  let top = base;

  /** The start of the smallest span that holds `size`, or 0. */
  function take(size: number): number {
    let best: Span | undefined;
    for (const span of spans) {
      if (span.size >= size && (best === undefined || span.size < best.size)) best = span;
    }
    if (best === undefined) return 0;
    const { ptr } = best;
    best.ptr += size;
    best.size -= size;
    if (best.size === 0) spans = spans.filter((span) => span !== best);
    return ptr;
  }

  /** A span, or memory above all blocks; 0 when neither is left. */
  function find(size: number): number {
    const ptr = take(size);
    if (ptr !== 0 || top + size > memory.buffer.byteLength - SLACK) return ptr;
    top += size;
    return top - size;
  }

  return {
    add: (ptr: number, size: number) => void spans.push({ ptr, size }),
    find,
    /** The same after the memory has grown; 0 when it cannot. */
    findAbove(size: number): number {
      if (!grow(memory, top + size + SLACK)) return 0;
      grown();
      return find(size);
    },
    /** Merges neighbours; a span that ends at the top lowers it. */
    settle(): void {
      spans.sort((a, b) => a.ptr - b.ptr);
      const merged: Span[] = [];
      for (const span of spans) {
        const last = merged.at(-1);
        if (last !== undefined && last.ptr + last.size === span.ptr) last.size += span.size;
        else merged.push(span);
      }
      spans = merged;
      const last = spans.at(-1);
      if (last === undefined || last.ptr + last.size !== top) return;
      spans.pop();
      top = last.ptr;
    },
  };
}
