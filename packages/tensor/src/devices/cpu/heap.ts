/**
 * @file Blocks of one WebAssembly memory: what is in use, and what goes back when work fails. Knows
 * no tensor.
 */
import { DeviceError } from "../../base/errors.js";
import { classOf, createSpace, type Memory, sizeOfClass } from "./space.js";

/**
 * One linear memory, whole-memory views of it, and its blocks. The views change when the memory
 * grows.
 */
export interface Heap {
  readonly memory: Memory;
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
  u8: Uint8Array;
  /** Bytes in blocks handed out, and how many there are. */
  used: number;
  blocks: number;
  /**
   * Address of a block of at least `bytes`, a multiple of 64; 16 bytes after its end may be read.
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
  /** Gives up the blocks of open work for good: a thread may still write to them. */
  abandon(): void;
}

/** Bytes of a block at most. */
export const MAX_BYTES = 0xe0000000;

/** A heap over `memory`, using it from address `base`. */
export function createHeap(memory: Memory, base: number): Heap {
  const space = createSpace(memory, base, () => Object.assign(heap, viewsOf(memory)));
  /** Blocks taken by open work: address and class of each; an address of 0 for one given back. */
  const log: number[] = [];
  let open = 0;
  let logged = 0;

  function putBack(ptr: number, c: number): void {
    space.give(ptr, c);
    heap.used -= sizeOfClass(c);
    heap.blocks--;
  }
  const heap: Heap = {
    memory,
    ...viewsOf(memory),
    used: 0,
    blocks: 0,
    alloc(bytes) {
      if (bytes > MAX_BYTES) throw outOfMemory(heap, bytes); // classes count in 32 bits
      const c = classOf(bytes);
      const ptr = space.take(c);
      if (ptr === 0) throw outOfMemory(heap, sizeOfClass(c));
      heap.used += sizeOfClass(c);
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
    unreserve: (ptr, bytes) => space.give(ptr, classOf(bytes)),
    begin() {
      open++;
      return logged;
    },
    end(mark) {
      open--;
      logged = mark;
    },
    undo(mark) {
      for (let i = mark; i < logged; i += 2)
        if (log[i] !== 0) putBack(log[i] as number, log[i + 1] as number);
      heap.end(mark);
    },
    abandon: () => void log.fill(0),
  };
  return heap;
}

function viewsOf({ buffer }: Memory): Pick<Heap, "f32" | "f64" | "i32" | "u8"> {
  return {
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
    i32: new Int32Array(buffer),
    u8: new Uint8Array(buffer),
  };
}

function outOfMemory(heap: Heap, bytes: number): DeviceError {
  const mega = (n: number) => `${(n / 2 ** 20).toFixed(1)} MiB`;
  const total = heap.memory.buffer.byteLength;
  return new DeviceError(
    "cpu",
    `out of memory: ${mega(bytes)} asked for, ${mega(heap.used)} in ${heap.blocks} blocks live, ` +
      `${mega(total)} reserved`,
    "free tensors with scope() or dispose(), or use smaller batches",
  );
}
