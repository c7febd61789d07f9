import { describe, expect, it } from "vitest";
import { createHeap } from "../../src/devices/cpu/heap.js";
import { classOf, sizeOfClass } from "../../src/devices/cpu/space.js";

const MIB = 2 ** 20;

describe("size classes", () => {
  it("hold what they are asked to, and waste at most an eighth above 1 kB", () => {
    for (const bytes of [
      0,
      1,
      63,
      64,
      65,
      1023,
      1024,
      1025,
      4097,
      65536,
      1e6,
      2 ** 28 + 1,
      2 ** 31 + 5,
      3.9e9,
    ]) {
      const size = sizeOfClass(classOf(bytes));
      expect(size).toBeGreaterThanOrEqual(Math.max(bytes, 1));
      expect(size % 64).toBe(0);
      if (bytes > 1024) expect(size / bytes).toBeLessThan(1.126);
      expect(classOf(size)).toBe(classOf(bytes));
    }
  });
});

describe("the heap", () => {
  const make = (pages = 16, maximum = 65536) =>
    createHeap(new WebAssembly.Memory({ initial: pages, maximum }), 65536);

  it("hands out aligned blocks that do not overlap, over random histories", () => {
    const heap = make();
    const live: { ptr: number; bytes: number }[] = [];
    let seed = 7;
    const random = (n: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed % n;
    };
    for (let i = 0; i < 4000; i++) {
      if (live.length > 0 && random(100) < 48) {
        const [block] = live.splice(random(live.length), 1) as [{ ptr: number; bytes: number }];
        heap.free(block.ptr, block.bytes);
      } else {
        const bytes = random(10) < 7 ? random(3000) : random(300_000);
        live.push({ ptr: heap.alloc(bytes), bytes });
      }
    }
    live.sort((a, b) => a.ptr - b.ptr);
    live.forEach(({ ptr, bytes }, i) => {
      expect(ptr % 64).toBe(0);
      expect(ptr + bytes).toBeLessThanOrEqual(live[i + 1]?.ptr ?? heap.u8.length - 16);
    });
    expect(heap.blocks).toBe(live.length);
    for (const { ptr, bytes } of live) heap.free(ptr, bytes);
    expect([heap.used, heap.blocks]).toEqual([0, 0]);
  });

  it("reuses what was freed, so that a loop does not grow the memory", () => {
    const heap = make();
    const step = () => {
      const ptrs = [100, 5000, 90_000, 2 * MIB].map((bytes) => [heap.alloc(bytes), bytes] as const);
      for (const [ptr, bytes] of ptrs) heap.free(ptr, bytes);
    };
    step();
    const before = heap.u8.length;
    for (let i = 0; i < 1000; i++) step();
    expect(heap.u8.length).toBe(before);
  });

  it("merges free neighbours before it grows", () => {
    const heap = make(16 * 20);
    const parts = Array.from({ length: 15 }, () => heap.alloc(MIB));
    for (const ptr of parts) heap.free(ptr, MIB);
    const before = heap.u8.length;
    heap.free(heap.alloc(14 * MIB), 14 * MIB);
    expect(heap.u8.length).toBe(before);
  });

  it("says what was asked and what is live when the memory ends", () => {
    const heap = make(16, 64);
    const kept = heap.alloc(MIB);
    expect(() => heap.alloc(8 * MIB)).toThrow(
      /out of memory: 8.0 MiB asked for, 1.0 MiB in 1 blocks live/,
    );
    heap.free(kept, MIB);
    expect(heap.alloc(2 * MIB)).toBeGreaterThan(0);
  });

  it("loses nothing by requests that fail", () => {
    const heap = make(16, 64); // 4 MiB, of which 64 kB lie below
    const largest = 3.5 * MIB;
    heap.free(heap.alloc(largest), largest);
    for (let i = 0; i < 40; i++) {
      const bytes = 64 + 64 * (i % 2); // never one that is free: the first of a chunk of 256 kB
      const small = heap.alloc(bytes);
      expect(() => heap.alloc(8 * MIB)).toThrow(/out of memory/);
      heap.free(small, bytes);
    }
    heap.free(heap.alloc(largest), largest);
    expect([heap.used, heap.blocks]).toEqual([0, 0]);
  });

  it("finds room for a small block where there is none for a chunk", () => {
    const heap = make(16, 64);
    const size = sizeOfClass(classOf(3.75 * MIB)); // leaves less than 256 kB
    heap.alloc(size);
    const ptrs = Array.from({ length: 100 }, () => heap.alloc(1024));
    expect(new Set(ptrs).size).toBe(100);
    expect(Math.max(...ptrs) + 1024).toBeLessThanOrEqual(heap.u8.length);
  });

  it("takes back what work that failed took, and leaves what it gave back or reserved", () => {
    const heap = make();
    const before = heap.alloc(100);
    const outer = heap.begin();
    heap.alloc(200);
    const inner = heap.begin();
    heap.free(heap.alloc(300), 300);
    heap.end(inner);
    const kept = heap.begin();
    const result = heap.alloc(400);
    heap.end(kept); // the result of work inside belongs to whoever called it
    const own = heap.reserve(500);
    heap.alloc(5e5);
    heap.undo(outer);
    expect([heap.used, heap.blocks]).toEqual([128 + 448, 2]);
    expect(heap.alloc(200)).not.toBe(before);
    expect([heap.alloc(400), heap.alloc(500)]).not.toContain(result);
    expect(heap.alloc(500)).not.toBe(own);
  });

  it("refuses what 32 bits cannot count, and is whole afterwards", () => {
    const heap = make(16);
    for (const bytes of [2 ** 32, 6.4e9, 2 ** 53]) {
      expect(() => heap.alloc(bytes)).toThrow(/out of memory/);
    }
    expect([heap.used, heap.blocks]).toEqual([0, 0]);
    expect(heap.alloc(64)).toBeGreaterThan(0);
  });
});
