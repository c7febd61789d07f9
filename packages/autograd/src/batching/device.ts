/**
 * @file A batch as a device: a tensor under vmap has the shape of one sample, and its memory is the
 * tensor of all samples. Ops on it run on that tensor, by their batching rules.
 */
import {
  broadcastTo,
  DeviceError,
  type DType,
  dispose,
  expandDims,
  keep,
  moveAxis,
  reshape,
  Tensor,
  type TypedArray,
  UsageError,
} from "@isograd/tensor";
import {
  closeScope,
  type Device,
  deviceOf,
  fromStorage,
  type Layer,
  type LayeredDevice,
  type Op,
  openScope,
  type Spec,
  type Storage,
  shapesEqual,
} from "@isograd/tensor/engine";
import type { Lane, OnSamples, Samples } from "./batching.js";
import { batchingOf } from "./index.js";
import { memoryOf, samplesBehind } from "./sample.js";

/** Levels are never used twice: a checkpoint may meet an old one again in its second run. */
const state = { level: 0 };

/** The samples of one call of vmap. All samples share tensors of other devices. */
export class Batch implements LayeredDevice, Samples {
  sealed = false;
  readonly size: number;
  readonly over: Layer;
  readonly #below: Device;

  constructor(size: number, below: Device) {
    this.size = size;
    this.#below = below;
    this.over = {
      home: below.over?.home ?? below,
      level: ++state.level,
      sample: (all) => this.enter(all, 0),
      run: (op, inputs, attrs, specs) => this.#run(op, inputs, attrs, specs),
    };
  }

  get name(): string {
    return this.#below.name;
  }

  get dtypes(): readonly DType[] {
    return this.#below.dtypes;
  }

  /** One sample that stands for all samples along `axis` of x. */
  enter(x: Tensor, axis: number): Tensor {
    const all = moveAxis(x, axis, 0);
    const sample = fromStorage(
      { shape: all.shape.slice(1), dtype: x.dtype },
      memoryOf(this, all.alias()),
      "view",
    );
    dispose(all);
    return sample;
  }

  /** All samples of a result, along `axis`. */
  leave(x: Tensor, axis: number): Tensor {
    const { batched, x: own } = this.lane(x);
    const all = batched ? own : broadcastTo(expandDims(x, 0), [this.size, ...x.shape]);
    return axis === 0 ? all.alias(true) : moveAxis(all, 0, axis);
  }

  lane(x: Tensor): Lane {
    const { shape } = x;
    const device = deviceOf(x);
    const all = device === this ? samplesBehind(x) : null;
    if (all === null) {
      if (device instanceof Batch && device.sealed) throw hidden("vmap");
      return { x, batched: false, shape };
    }
    // A reshape shares its input's memory, so `all` may have another shape.
    const wanted = [this.size, ...shape];
    return { x: shapesEqual(all.shape, wanted) ? all : reshape(all, wanted), batched: true, shape };
  }

  #run(op: Op, inputs: readonly Tensor[], attrs: unknown, specs: readonly Spec[]): Storage[] {
    if (this.sealed) throw hidden(op.name);
    const mark = openScope();
    try {
      const lanes = inputs.map((x) => this.lane(x));
      const { shape } = specs[0] as Spec;
      const outs = batchingOf(op)({ op, lanes, attrs, size: this.size, shape, batch: this });
      return (outs instanceof Tensor ? [outs] : outs).map((all) => memoryOf(this, all.alias()));
    } finally {
      closeScope(mark);
    }
  }

  mapped(xs: readonly Tensor[], flags: readonly boolean[], fn: OnSamples): Tensor {
    const { sealed } = this;
    this.sealed = true;
    const mark = openScope();
    try {
      const inner = new Batch(this.size, deepest(xs));
      const samples = xs.map((x, i) => (flags[i] ? inner.enter(x, 0) : x));
      return keep(inner.leave(fn(samples), 0));
    } finally {
      closeScope(mark);
      this.sealed = sealed;
    }
  }

  upload(data: TypedArray, dtype: DType): Storage {
    return this.#below.upload(data, dtype);
  }

  release(storage: Storage): void {
    dispose(storage.data as Tensor);
  }

  read(): Promise<TypedArray> {
    return Promise.reject(unreadable());
  }

  readSync(): TypedArray {
    throw unreadable();
  }

  memory() {
    return { bytes: 0, reserved: 0 };
  }
}

function hidden(op: string): UsageError {
  return new UsageError(
    op,
    "a function with a derivative of its own reads a sample of vmap that is no argument of its own",
    "pass it as an argument",
  );
}

function unreadable(): DeviceError {
  return new DeviceError(
    "vmap",
    "values cannot be read inside of vmap: a tensor there stands for all samples",
    "return it, or choose with where() instead of if",
  );
}

/** The device of the innermost batch that one of the tensors belongs to. */
export function deepest(xs: readonly Tensor[]): Device {
  let found = deviceOf(xs[0] as Tensor);
  for (const x of xs) {
    const device = deviceOf(x);
    if ((device.over?.level ?? 0) > (found.over?.level ?? 0)) found = device;
  }
  return found;
}
