/**
 * @file Blocks of one WebAssembly memory: size-class free lists, and coalescing before the memory
 * grows. Knows no tensor.
 */
import { DeviceError } from "../../base/errors.js";

/**
 * One linear memory, whole-memory views of it, and its blocks. The views change when the memory
 * grows.
 */
export interface Heap {
  readonly memory: WebAssembly.Memory;
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
  u8: Uint8Array;
  /** Bytes in blocks handed out, and how many there are. */
  used: number;
  blocks: number;
  /**
   * Address of a block of at least `bytes`, a multiple of 64; 16 bytes behind its end may be read.
   */
  alloc(bytes: number): number;
  /** Takes a block back; `bytes` as it was asked for. */
  free(ptr: number, bytes: number): void;
  /** A block for the device's own use: not counted as used. */
  reserve(bytes: number): number;
  /** Takes back a block that was reserved. */
  unreserve(ptr: number, bytes: number): void;
  /** Opens a piece of work that may fail; gives its mark. */
  begin(): number;
  /** Closes it: the blocks that it took and did not give back are its result. */
  end(mark: number): void;
  /** Closes it after a failure: the blocks that it took go back. */
  undo(mark: number): void;
  /** Lets the blocks of open work go for good: somebody may still write to them. */
  abandon(): void;
}

const PAGE = 65536;
const MAX_PAGES = 65536;
const MAX_BYTES = 0xe0000000;
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

/** A heap over `memory`, using it from address `base`. */
export function createHeap(memory: WebAssembly.Memory, base: number): Heap {
  const lists: number[][] = Array.from({ length: 200 }, () => []);
  const spans = createSpans();
  const firstLarge = classOf(SMALL) + 1;
  let top = base;
  let limit = 0;
  let chunk = 0;
  let chunkEnd = 0;

  function refresh(): void {
    const { buffer } = memory;
    limit = buffer.byteLength - SLACK;
    heap.f32 = new Float32Array(buffer);
    heap.f64 = new Float64Array(buffer);
    heap.i32 = new Int32Array(buffer);
    heap.u8 = new Uint8Array(buffer);
  }

  function grow(bytes: number): boolean {
    const pages = memory.buffer.byteLength / PAGE;
    const needed = Math.ceil((top + bytes + SLACK) / PAGE) - pages;
    const wanted = Math.min(Math.max(needed, 256, pages >>> 2), MAX_PAGES - pages);
    for (const step of [wanted, needed]) {
      if (step < needed) continue;
      try {
        memory.grow(step);
        refresh();
        return true;
      } catch {}
    }
    return false;
  }

  /**
   * Gives the free blocks of the classes from `first` on back as spans, merged with their
   * neighbours.
   */
  function merge(first: number): void {
    for (let c = first; c < lists.length; c++) {
      const list = lists[c] as number[];
      for (const ptr of list) spans.add(ptr, sizeOfClass(c));
      list.length = 0;
    }
    top = spans.settle(top);
  }

  /** Gives what is left of the chunk back. */
  function dropChunk(): void {
    if (chunkEnd > chunk) spans.add(chunk, chunkEnd - chunk);
    chunk = chunkEnd = 0;
  }

  /** The address of a stretch, or 0 where there is none. */
  function carve(size: number): number {
    let ptr = spans.take(size);
    if (ptr === 0 && top + size > limit) {
      merge(firstLarge);
      ptr = spans.take(size);
      if (ptr === 0 && top + size > limit && !grow(size)) {
        dropChunk();
        merge(1);
        ptr = spans.take(size);
        if (ptr === 0 && top + size > limit && !grow(size)) return 0;
      }
    }
    if (ptr !== 0) return ptr;
    ptr = top;
    top += size;
    return ptr;
  }

  function carveSmall(size: number): number {
    if (chunk + size > chunkEnd) {
      dropChunk();
      chunk = carve(CHUNK);
      if (chunk === 0) return carve(size); // less than a chunk may be left
      chunkEnd = chunk + CHUNK;
    }
    const ptr = chunk;
    chunk += size;
    return ptr;
  }

  /**
   * Blocks taken by open work: address and class of each; an address of 0 when it has gone back.
   */
  const log: number[] = [];
  let open = 0;
  let logged = 0;

  function putBack(ptr: number, c: number): void {
    (lists[c] as number[]).push(ptr);
    heap.used -= sizeOfClass(c);
    heap.blocks--;
  }

  const heap: Heap = {
    memory,
    f32: new Float32Array(),
    f64: new Float64Array(),
    i32: new Int32Array(),
    u8: new Uint8Array(),
    used: 0,
    blocks: 0,
    alloc(bytes) {
      if (bytes > MAX_BYTES) throw outOfMemory(heap, bytes); // classes count in 32 bits
      const c = classOf(bytes);
      const size = sizeOfClass(c);
      const ptr = (lists[c] as number[]).pop() ?? (size <= SMALL ? carveSmall(size) : carve(size));
      if (ptr === 0) throw outOfMemory(heap, size);
      heap.used += size;
      heap.blocks++;
      if (open > 0) {
        log[logged++] = ptr;
        log[logged++] = c;
      }
      return ptr;
    },
    free(ptr, bytes) {
      putBack(ptr, classOf(bytes));
      for (let i = 0; i < logged; i += 2) if (log[i] === ptr) log[i] = 0;
    },
    reserve(bytes) {
      const ptr = heap.alloc(bytes);
      heap.used -= sizeOfClass(classOf(bytes));
      heap.blocks--;
      if (open > 0) logged -= 2;
      return ptr;
    },
    unreserve(ptr, bytes) {
      (lists[classOf(bytes)] as number[]).push(ptr);
    },
    begin() {
      open++;
      return logged;
    },
    end(mark) {
      open--;
      logged = mark;
    },
    undo(mark) {
      for (let i = mark; i < logged; i += 2) {
        if (log[i] !== 0) putBack(log[i] as number, log[i + 1] as number);
      }
      heap.end(mark);
    },
    abandon() {
      log.fill(0);
    },
  };
  refresh();
  return heap;
}

/** Free stretches of memory that belong to no class. */
function createSpans() {
  let spans: { ptr: number; size: number }[] = [];
  return {
    add(ptr: number, size: number): void {
      spans.push({ ptr, size });
    },
    /** The start of the smallest span that holds `size`, or 0. */
    take(size: number): number {
      let best = -1;
      for (let i = 0; i < spans.length; i++) {
        const s = spans[i] as { size: number };
        if (s.size >= size && (best < 0 || s.size < (spans[best] as { size: number }).size))
          best = i;
      }
      if (best < 0) return 0;
      const span = spans[best] as { ptr: number; size: number };
      const { ptr } = span;
      span.ptr += size;
      span.size -= size;
      if (span.size === 0) {
        spans[best] = spans[spans.length - 1] as { ptr: number; size: number };
        spans.pop();
      }
      return ptr;
    },
    /** Merges neighbours; a span that ends at `top` lowers it. Returns the new top. */
    settle(top: number): number {
      spans.sort((a, b) => a.ptr - b.ptr);
      const merged: typeof spans = [];
      for (const span of spans) {
        const last = merged[merged.length - 1];
        if (last !== undefined && last.ptr + last.size === span.ptr) last.size += span.size;
        else merged.push(span);
      }
      spans = merged;
      const last = spans[spans.length - 1];
      if (last === undefined || last.ptr + last.size !== top) return top;
      spans.pop();
      return last.ptr;
    },
  };
}

function outOfMemory(heap: Heap, bytes: number): DeviceError {
  const mega = (n: number) => `${(n / 2 ** 20).toFixed(1)} MiB`;
  const total = heap.memory.buffer.byteLength;
  return new DeviceError(
    "cpu",
    `out of memory: ${mega(bytes)} asked for, ${mega(heap.used)} in ${heap.blocks} blocks live, ${mega(total)} reserved`,
    "WebAssembly memory ends at 4 GiB: free tensors with scope() or dispose(), or use smaller batches",
  );
}
