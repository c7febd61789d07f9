/**
 * @file Submits WebGPU work in batches, because a submit costs more than a small kernel. Keeps the
 * order, and submits everything at the latest in the next microtask.
 */

/** A batch of this many kernels is submitted at once, so that the GPU is not idle. */
const FULL = 64;

/** Replaces the methods of a WebGPU queue by those that collect commands. */
export class Batch {
  private readonly queue: GPUQueue;
  private pending: GPUCommandBuffer[] = [];
  /** The last bytes written to each buffer of uniforms. */
  private readonly written = new WeakMap<GPUBuffer, Uint8Array>();
  private readonly submit: GPUQueue["submit"];
  private readonly write: GPUQueue["writeBuffer"];

  constructor(queue: GPUQueue) {
    this.queue = queue;
    this.submit = queue.submit.bind(queue);
    this.write = queue.writeBuffer.bind(queue);
    queue.submit = (commands) => this.add(commands);
    queue.writeBuffer = (buffer, offset, data, ...rest) => {
      if (offset !== 0 || !(data instanceof ArrayBuffer)) {
        this.flush();
        this.write(buffer, offset, data, ...rest);
      } else if (this.changes(buffer, new Uint8Array(data))) {
        this.write(buffer, 0, data);
      }
    };
  }

  private add(commands: Iterable<GPUCommandBuffer>): undefined {
    if (this.pending.length === 0) queueMicrotask(() => this.flush());
    this.pending.push(...commands);
    if (this.pending.length >= FULL) this.flush();
    return undefined;
  }

  /** Whether uniforms differ from those of the last launch, which is then submitted first. */
  private changes(buffer: GPUBuffer, bytes: Uint8Array): boolean {
    const before = this.written.get(buffer);
    if (before !== undefined) {
      if (before.every((value, i) => value === bytes[i])) return false;
      this.flush();
    }
    this.written.set(buffer, bytes.slice());
    return true;
  }

  /** Submits all commands. Call it before a buffer is read, written from outside, or destroyed. */
  flush(): undefined {
    if (this.pending.length > 0) this.submit(this.pending);
    this.pending = [];
    return undefined;
  }

  /** Restores the queue's own methods. */
  restore(): void {
    this.flush();
    this.queue.submit = this.submit;
    this.queue.writeBuffer = this.write;
  }
}
