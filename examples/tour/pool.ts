/** @file A few threads for independent tasks. */
import { Worker } from "node:worker_threads";
import type { AdaptResult, AdaptTask, FlatResult, FlatTask, Task, TaskData } from "./tasks.js";
import { type Batch, eachField, type Field } from "./world.js";

/** A tensor and a batch as another thread receives them. */
export interface SentTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
export type Sent = Readonly<Record<Field, SentTensor>>;

export interface Message {
  readonly task: Task;
  readonly data: { readonly train: Sent; readonly test: Sent };
}

type Result = FlatResult | AdaptResult;

/** What a thread answers. */
export type Reply = { readonly result: Result } | { readonly error: string };

interface Job {
  readonly message: Message;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/** Threads that take tasks in the order of their arrival. */
export class Pool {
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #waiting: Job[] = [];
  readonly #running = new Map<Worker, Job>();

  constructor(threads: number) {
    for (let i = 0; i < threads; i++) this.#start();
  }

  /** Runs a task when a thread is free. */
  run(task: FlatTask, data: TaskData): Promise<FlatResult>;
  run(task: AdaptTask, data: TaskData): Promise<AdaptResult>;
  run(task: Task, data: TaskData): Promise<Result> {
    const message = { task, data: { train: send(data.train), test: send(data.test) } };
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject });
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
      if ("result" in reply) job?.resolve(reply.result);
      else job?.reject(new Error(`a thread of the tour failed: ${reply.error}`));
      this.#next();
    };
    worker.on("message", end);
    worker.on("error", (error) => end({ error: String(error) }));
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
  return eachField((name) => {
    const x = batch[name];
    return { shape: x.shape, values: Float32Array.from(x.dataSync()) };
  });
}
