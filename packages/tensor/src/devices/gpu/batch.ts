/**
 * @file Submits WebGPU work in batches: each submit costs more than the small kernel in it. Order
 * is kept; what a task enqueued is on its way when the task ends.
 */

/** So many kernels are not held back any longer: the GPU should have something to do. */
const FULL = 64;

/** Stands between GPU.js's kernels and the queue of their device. */
export class Batch {
  private pending: GPUCommandBuffer[] = [];
  /** Uniforms as they were last written, by buffer. */
  private readonly written = new WeakMap<GPUBuffer, Uint8Array>();
  private readonly submit: GPUQueue["submit"];
  private readonly write: GPUQueue["writeBuffer"];

  constructor(private readonly queue: GPUQueue) {
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

  /** Whether a kernel's uniforms differ from its last launch's; that launch must then go first. */
  private changes(buffer: GPUBuffer, bytes: Uint8Array): boolean {
    const before = this.written.get(buffer);
    if (before !== undefined) {
      if (before.every((value, i) => value === bytes[i])) return false;
      this.flush();
    }
    this.written.set(buffer, bytes.slice());
    return true;
  }

  /** Sends what waits. To be called before anything is read, written from outside, or destroyed. */
  flush(): undefined {
    if (this.pending.length > 0) this.submit(this.pending);
    this.pending = [];
    return undefined;
  }

  /** Gives the queue its own methods back. */
  restore(): void {
    this.flush();
    this.queue.submit = this.submit;
    this.queue.writeBuffer = this.write;
  }
}
