/** @file Free lists of GPU memory by size: a training step reuses the buffers of the last one. */

/** How to make and destroy the items of a pool. */
export interface Maker<T> {
  make(key: number): T;
  destroy(item: T): void;
  bytesOf(key: number): number;
}

/** Items by key; at most `limit` bytes are kept idle, and the rest is destroyed. */
export class Pool<T> {
  private readonly maker: Maker<T>;
  private readonly limit: number;
  private readonly free = new Map<number, T[]>();
  private idle = 0;
  private used = 0;

  constructor(maker: Maker<T>, limit = 2 ** 28) {
    this.maker = maker;
    this.limit = limit;
  }

  /** Bytes taken from the system, in use or idle. */
  get reserved(): number {
    return this.idle + this.used;
  }

  take(key: number): T {
    const bytes = this.maker.bytesOf(key);
    const found = this.free.get(key)?.pop();
    if (found !== undefined) this.idle -= bytes;
    const item = found ?? this.maker.make(key);
    this.used += bytes;
    return item;
  }

  /** Takes an item back; what is not sound is destroyed. */
  give(key: number, item: T, sound = true): void {
    const bytes = this.maker.bytesOf(key);
    this.used -= bytes;
    if (sound && this.idle + bytes > this.limit) this.trim(bytes);
    if (!sound || bytes > this.limit) {
      this.maker.destroy(item);
      return;
    }
    this.idle += bytes;
    const list = this.free.get(key);
    if (list === undefined) this.free.set(key, [item]);
    else list.push(item);
  }

  /** Destroys idle items, oldest sizes first, until `bytes` more fit. */
  private trim(bytes: number): void {
    for (const [key, list] of this.free) {
      while (list.length > 0 && this.idle + bytes > this.limit) {
        for (const item of list.splice(-1)) this.maker.destroy(item);
        this.idle -= this.maker.bytesOf(key);
      }
      if (list.length === 0) this.free.delete(key);
    }
  }

  /** Destroys all idle items. */
  drain(): void {
    for (const list of this.free.values()) for (const item of list) this.maker.destroy(item);
    this.free.clear();
    this.idle = 0;
  }
}
