/**
 * @file The GPU device: storages over cells, and how an op runs: as an expression that waits, by
 * its kernels, or on the host.
 */
import { type DType, makeArray, type TypedArray } from "../../base/dtype.js";
import { DeviceError, DTypeError } from "../../base/errors.js";
import {
  broadcastStrides,
  contiguousStrides,
  formatShape,
  type Shape,
  sizeOf,
} from "../../base/shape.js";
import type { DeviceMemory, HomeDevice, Op, Operand, Spec, Storage } from "../../core/contract.js";
import { Storage as StorageBlock } from "../../core/storage.js";
import { Cell } from "./cell.js";
import type { Backend, Block, Mode, Scatter } from "./gpujs/backend.js";
import { gone } from "./gpujs/faults.js";
import type { Counts } from "./gpujs/launcher.js";
import { EXACT } from "./gpujs/source.js";
import { onHost } from "./host.js";
import { Kept } from "./kept.js";
import type { FormulaOf } from "./kernels/elementwise.js";
import { guarded, HOLD } from "./kernels/integers.js";
import type { Kit } from "./kernels/kernel.js";
import { lookUp } from "./kernels/lookup.js";
import { cellOf, cellsOf, kernelOperand, stridesOf } from "./operands.js";
import type { Run } from "./queue.js";
import { fromFloats, toFloats } from "./values.js";
import { Work } from "./work.js";

/** A device over one mode of GPU.js, made by startGpu. */
export class GpuDevice implements HomeDevice {
  readonly dtypes: readonly DType[] = ["bool", "int32", "float32"];
  readonly strided = true;
  private readonly backend: Backend;
  private readonly work: Work;
  private readonly kept: Kept;
  private readonly kit: Kit;
  private readonly blockOf = (cell: Cell): Block => this.work.blockOf(cell);
  private readonly warned = new Set<string>();
  private bytes = 0;
  private stopped = false;
  /** Whether it was lost before it was stopped. */
  private dropped = false;

  /** Kernels count in floats up to `exact` elements: tests give a small number. */
  constructor(backend: Backend, exact?: number) {
    const work = new Work(backend, exact);
    const kept = new Kept(backend, (cell) => work.release(cell));
    this.backend = backend;
    this.work = work;
    this.kept = kept;
    this.kit = {
      launcher: work.launcher,
      launch: (call) => work.launcher.launch(call),
      upload: (values) => backend.upload(values),
      table: (key, make) => kept.table(key, make),
      free: (block) => backend.recycle(block),
    };
  }

  /** Changes when the device stops: its tensors must not meet those of the next device. */
  get name(): string {
    return this.stopped ? "gpu (stopped)" : "gpu";
  }

  /** The mode of GPU.js that it runs. */
  get mode(): Mode {
    return this.backend.mode;
  }

  /** How it sums at places: see GpuOptions. */
  get scatter(): Scatter {
    const { own } = this.backend;
    return own?.language === "wgsl" && own.atomics ? "atomic" : "sorted";
  }

  /** Whether the driver has dropped the device. Its tensors are lost; startGpu starts a new one. */
  get lost(): boolean {
    return this.backend.lost;
  }

  accepts(op: Op): boolean {
    return lookUp(op).strides;
  }

  // The fifth argument, `donated`, is not used: a kernel cannot write to an array that it reads, so
  // each result gets a block from the pool, and blocks of donated inputs return to the pool.
  run(
    op: Op,
    operands: readonly Operand[],
    attrs: unknown,
    specs: readonly Spec[],
  ): readonly Storage[] {
    refuseFloat64(op, specs);
    if (specs.every((s) => sizeOf(s.shape) === 0)) return specs.map((s) => this.empty(s.dtype));
    for (const { shape } of specs) this.fit(op.name, shape);
    const { formula, kernel, check, many, writes, takesEmpty, squared } = lookUp(op);
    const [x, indices] = operands;
    if (writes && x !== undefined && indices?.size === 0) return [x.storage];
    const [spec] = specs;
    const whole = operands.every(({ size }) => size > 0);
    if (formula !== undefined && spec !== undefined && whole) {
      return [this.express(op.name, formula, operands, attrs, spec)];
    }
    const inputs = () => operands.map((x) => kernelOperand(x, this.blockOf));
    if (many !== undefined) {
      const job = { op: op.name, inputs: inputs(), attrs };
      return this.enqueue(operands, specs, () => many(this.kit, job));
    }
    const long = squared === true && isLong(x, attrs, spec);
    if (kernel !== undefined && spec !== undefined && (whole || takesEmpty) && !long) {
      const job = { op: op.name, inputs: inputs(), attrs, spec };
      check?.(job);
      return this.enqueue(operands, specs, () => [kernel(this.kit, job)]);
    }
    const why = long ? "is slow on a GPU along such an axis" : "has no GPU kernel";
    if (long || (formula === undefined && kernel === undefined)) this.warn(op.name, why);
    const call = { op, operands, attrs, specs };
    return this.enqueue(operands, specs, onHost(this.backend, this.blockOf, call));
  }

  materialize(x: Operand): Storage {
    if (x.size === 0) return this.empty(x.dtype);
    this.fit("contiguous", x.shape);
    return this.express("contiguous", () => ({ body: "return x;" }), [x], undefined, x);
  }

  /** Throws at the call what has more elements than the GPU can keep together. */
  private fit(op: string, shape: Shape): void {
    const size = sizeOf(shape);
    const limit = size === 0 ? null : this.backend.limit(size);
    if (limit === null) return;
    throw new DeviceError(
      op,
      `${formatShape(shape)} of ${size} elements exceeds ${limit} on this GPU`,
      'split it along an axis, or keep it on the host: await x.to("cpu")',
    );
  }

  /** An elementwise op, which runs when its result is needed. */
  private express(
    op: string,
    formula: FormulaOf,
    operands: readonly Operand[],
    attrs: unknown,
    { shape, dtype }: Spec,
  ): Storage {
    this.check();
    const walked = operands.flatMap((x) => {
      const cell = cellOf(x.storage);
      return cell === null
        ? []
        : [{ cell, strides: broadcastStrides(x.shape, shape, stridesOf(x)) }];
    });
    const dtypes = operands.map((x) => x.dtype);
    const own = guarded(op, formula(attrs, dtypes), dtypes, dtype);
    const cell = this.work.express({ op, formula: own.formula, shape, operands: walked });
    if (!own.grows) return this.store(cell, dtype);
    const operand = { cell, strides: contiguousStrides(shape) };
    const held = this.work.express({ op, formula: HOLD, shape, operands: [operand] });
    this.work.release(cell);
    return this.store(held, dtype);
  }

  /** A task that runs when the queue comes to it. */
  private enqueue(operands: readonly Operand[], specs: readonly Spec[], run: Run): Storage[] {
    this.check();
    const sizes = specs.map((s) => sizeOf(s.shape));
    const cells = this.work.enqueue(cellsOf(operands), sizes, run);
    return specs.map(({ dtype }, i) => this.store(cells[i] as Cell, dtype));
  }

  /** Throws when the device was stopped or lost. */
  private check(): void {
    if (this.stopped) throw gone(`the device was ${this.dropped ? "lost" : "stopped"}`);
    this.backend.check();
  }

  private warn(op: string, why: string): void {
    if (this.warned.has(op)) return;
    this.warned.add(op);
    console.warn(`isograd: ${op} ${why}: read, computed on the host, uploaded`);
  }

  private store(cell: Cell, dtype: DType): Storage {
    if (cell.size === 0) return this.empty(dtype);
    this.bytes += cell.size * 4;
    return new StorageBlock(this, dtype, cell.size, 0, cell);
  }

  private empty(dtype: DType): Storage {
    return new StorageBlock(this, dtype, 0, 0, null);
  }

  upload(data: TypedArray, dtype: DType): Storage {
    if (data.length === 0) return this.empty(dtype);
    this.check();
    this.fit("gpu", [data.length]);
    const values = toFloats(data, dtype);
    const [value] = values;
    if (values.length === 1 && value !== undefined && dtype !== "int32" && !Object.is(value, -0)) {
      return this.store(this.kept.scalar(value), dtype);
    }
    const integers = dtype === "int32" ? Int32Array.from(data) : null;
    return this.store(new Cell(values.length, this.backend.upload(values), integers), dtype);
  }

  release(storage: Storage): void {
    const cell = cellOf(storage);
    if (cell === null) return;
    this.bytes -= cell.size * 4;
    this.work.release(cell);
  }

  async read(storage: Storage, size: number): Promise<TypedArray> {
    const cell = cellOf(storage);
    if (size === 0 || cell === null) return makeArray(storage.dtype, 0);
    this.check();
    cell.holders++;
    try {
      if (!this.work.flush() && cell.block === null) await this.work.settled();
      return fromFloats(await this.backend.read(this.blockOf(cell), size), storage.dtype);
    } finally {
      this.work.release(cell);
    }
  }

  readSync(storage: Storage, size: number): TypedArray {
    const cell = cellOf(storage);
    if (size === 0 || cell === null) return makeArray(storage.dtype, 0);
    this.check();
    if (cell.integers !== null) return cell.integers.slice(0, size);
    const { readSync } = this.backend;
    if (readSync === null) {
      throw new DeviceError(
        "dataSync",
        "a WebGPU tensor cannot be read at once",
        'wait for it: await x.data(), or move it: await x.to("cpu")',
      );
    }
    this.work.flush();
    return fromFloats(readSync(this.blockOf(cell), size), storage.dtype);
  }

  memory(): DeviceMemory {
    return { bytes: this.bytes, reserved: this.backend.reserved() };
  }

  /** Numbers of kernels and launches since the start. */
  counts(): Counts {
    return this.work.launcher.counts();
  }

  /** Frees everything; called by stopGpu. */
  async stop(): Promise<void> {
    await this.work.settled();
    this.dropped = this.lost;
    this.stopped = true;
    this.kept.drop();
    this.work.launcher.destroy();
    await this.backend.stop();
  }
}

/** From this length on, the host is faster than a kernel that takes n² steps for a row. */
const LONG = 2 ** 15;

/** Whether such a kernel would walk a long axis; it refuses results whose places exceed 2²⁴. */
function isLong(x: Operand | undefined, attrs: unknown, spec: Spec | undefined): boolean {
  const { axis } = attrs as { readonly axis: number };
  const n = x?.shape[axis] ?? 0;
  return n > LONG && (spec?.dtype !== "int32" || n <= EXACT);
}

function refuseFloat64(op: Op, specs: readonly Spec[]): void {
  if (specs.every((s) => s.dtype !== "float64")) return;
  throw new DTypeError(
    op.name,
    "the device gpu does not hold float64",
    'use float32, or move the tensor: await x.to("cpu")',
  );
}
