/** @file A few threads for tasks that do not depend on each other. */
import { Worker } from "node:worker_threads";
import type { AdaptResult, FlatResult, Task, TaskData } from "./tasks.js";
import type { Batch } from "./world.js";

/** A batch on its way to another thread. */
export type Sent = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>
>;

export interface Message {
  readonly id: number;
  readonly task: Task;
  readonly data: { readonly train: Sent; readonly test: Sent };
}

interface Reply {
  readonly id: number;
  readonly result?: FlatResult | AdaptResult;
  readonly error?: string;
}

interface Job {
  readonly message: Message;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Threads that take tasks in the order in which they come. */
export class Pool {
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #waiting: Job[] = [];
  readonly #running = new Map<Worker, Job>();
  #count = 0;

  constructor(threads: number) {
    for (let i = 0; i < threads; i++) this.#start();
  }

  /** Runs a task when a thread is free. */
  run<R extends FlatResult | AdaptResult>(task: Task, data: TaskData): Promise<R> {
    const message = {
      id: this.#count++,
      task,
      data: { train: send(data.train), test: send(data.test) },
    };
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ message, resolve: resolve as Job["resolve"], reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #start(): void {
    const worker = new Worker(new URL("./worker.js", import.meta.url));
    const end = (reply: Reply): void => {
      const job = this.#running.get(worker);
      this.#running.delete(worker);
      this.#idle.push(worker);
      if (reply.error === undefined) job?.resolve(reply.result as never);
      else job?.reject(new Error(`a thread of the tour failed: ${reply.error}`));
      this.#next();
    };
    worker.on("message", end);
    worker.on("error", (error) => end({ id: -1, error: String(error) }));
    this.#all.push(worker);
    this.#idle.push(worker);
  }

  #next(): void {
    const worker = this.#idle.pop();
    if (worker === undefined) return;
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#idle.push(worker);
      return;
    }
    this.#running.set(worker, job);
    worker.postMessage(job.message);
  }
}

function send(batch: Batch): Sent {
  const entries = Object.entries(batch).map(([name, x]) => [
    name,
    { shape: x.shape, values: x.dataSync() as Float32Array },
  ]);
  return Object.fromEntries(entries) as Sent;
}
