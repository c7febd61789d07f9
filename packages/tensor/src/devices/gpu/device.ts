/**
 * @file The GPU device: storages over cells, ops by kernel, and what happens to those without one.
 * Elementwise ops wait until someone needs their values.
 */
import { type DType, makeArray, type TypedArray } from "../../base/dtype.js";
import { DeviceError, DTypeError } from "../../base/errors.js";
import { broadcastStrides, contiguousStrides, sizeOf } from "../../base/shape.js";
import type {
  DeviceMemory,
  HomeDevice,
  Op,
  Spec,
  Storage,
  Operand as TensorOperand,
  View,
} from "../../core/contract.js";
import { Storage as Block } from "../../core/storage.js";
import { allOps } from "../../ops/registry.js";
import { concat } from "../../ops/shape/movement.js";

import { runReference } from "../reference/device.js";
import type { Backend, Block as Buffer, Scatter } from "./backend.js";
import { Cell } from "./cell.js";
import { Lazy } from "./fusion/lazy.js";
import type { Mode } from "./gpujs.js";
import { Kept } from "./kept.js";
import type { FormulaOf } from "./kernels/elementwise.js";
import type { Kit, Operand } from "./kernels/kernel.js";
import { lookUp } from "./kernels/lookup.js";
import { type Counts, Launcher } from "./launcher.js";
import { Queue, type Task } from "./queue.js";
import { EXACT } from "./source.js";
import { blank, fromFloats, toFloats } from "./values.js";

/** Ops that give their first operand unchanged when there are no indices. */
const WRITES = ["indexAdd", "setAlongAxis", "maxAlongAxis"];

/** A device over one mode of GPU.js. Made by startGpu. */
export class GpuDevice implements HomeDevice {
  readonly dtypes: readonly DType[] = ["bool", "int32", "float32"];
  readonly strided = true;
  private readonly launcher: Launcher;
  private readonly kit: Kit;
  private readonly kept: Kept;
  private readonly lazy: Lazy;
  private readonly queue: Queue;
  private readonly warned = new Set<string>();
  private bytes = 0;
  private stopped = false;

  constructor(private readonly backend: Backend) {
    const letGo = (cell: Cell) => this.letGo(cell);
    this.launcher = new Launcher(backend);
    this.kept = new Kept(backend, letGo);
    this.lazy = new Lazy(this.launcher, letGo);
    this.queue = new Queue({ letGo, recycle: (block) => backend.recycle(block) });
    this.kit = {
      launcher: this.launcher,
      launch: (call) => this.launcher.launch(call),
      upload: (values) => backend.upload(values),
      table: (key, make) => this.kept.table(key, make),
      free: (block) => backend.recycle(block),
    };
  }

  /** Tensors of a device that was stopped are told from those of the next one. */
  get name(): string {
    return this.stopped ? "gpu (stopped)" : "gpu";
  }

  /** Which mode of GPU.js it runs. */
  get mode(): Mode {
    return this.backend.mode;
  }

  /** How it sums at places; see GpuOptions. */
  get scatter(): Scatter {
    const { own } = this.backend;
    return own?.language === "wgsl" && own.atomics ? "atomic" : "sorted";
  }

  /** Whether the driver took it away; its tensors are gone, and startGpu starts anew. */
  get lost(): boolean {
    return this.backend.lost;
  }

  private check(): void {
    if (this.stopped) {
      const help = 'start again: await init("gpu"); tensors of before are gone';
      throw new DeviceError("gpu", "the device was stopped", help);
    }
    this.backend.check();
  }

  accepts(op: Op): boolean {
    return lookUp(op).strides;
  }

  run(
    op: Op,
    operands: readonly TensorOperand[],
    attrs: unknown,
    specs: readonly Spec[],
  ): readonly Storage[] {
    refuse(op, specs);
    if (specs.every((s) => sizeOf(s.shape) === 0)) return specs.map((s) => this.empty(s.dtype));
    const [x, indices] = operands;
    if (x && indices?.size === 0 && WRITES.includes(op.name) && allOps().get(op.name) === op) {
      return [x.storage];
    }
    const { kernel, many, formula, check } = lookUp(op);
    const [spec] = specs as readonly [Spec];
    const whole = operands.every((x) => x.size > 0);
    if (formula !== undefined && whole) {
      return [this.later(op.name, formula, operands, attrs, spec)];
    }
    if (many !== undefined) {
      const job = { op: op.name, inputs: operands.map((x) => this.operand(x)), attrs };
      return this.perform(operands, specs, () => many(this.kit, job));
    }
    if (kernel !== undefined && (whole || op === concat.op)) {
      const job = { op: op.name, inputs: operands.map((x) => this.operand(x)), attrs, spec };
      check?.(job);
      return this.perform(operands, [spec], () => [kernel(this.kit, job)]);
    }
    if (formula === undefined && kernel === undefined) this.warn(op.name);
    return this.onHost(operands, specs, (views, outs) => runReference(op, views, attrs, outs));
  }

  materialize(x: TensorOperand): Storage {
    if (x.size === 0) return this.empty(x.dtype);
    return this.later("contiguous", () => ({ body: "return x;" }), [x], undefined, x);
  }

  /** An elementwise op, which runs when its result is needed. */
  private later(
    op: string,
    formula: FormulaOf,
    inputs: readonly TensorOperand[],
    attrs: unknown,
    { shape, dtype }: Spec,
  ): Storage {
    this.check();
    const dtypes = inputs.map((x) => x.dtype);
    const operands = inputs.map((x) => ({
      cell: cellOf(x) as Cell,
      strides: broadcastStrides(x.shape, shape, stridesOf(x)),
    }));
    const what = { op, formula: formula(attrs, dtypes), shape, operands };
    const { cell, heavy } = this.lazy.express(what);
    for (const part of heavy) {
      this.perform(
        [],
        [],
        () => {
          this.lazy.blockOf(part);
          return [];
        },
        [part],
      );
    }
    return this.store(cell, dtype);
  }

  /** Work that runs when its time has come. */
  private perform(
    inputs: readonly TensorOperand[],
    specs: readonly Spec[],
    run: Task["run"],
    more: readonly Cell[] = [],
  ): Storage[] {
    this.check();
    const outs = specs.map((s) => new Cell(sizeOf(s.shape), null));
    const cells = inputs.flatMap((x) => cellOf(x) ?? []);
    this.queue.add({ inputs: [...cells, ...more], outs, run });
    // sizes that kernels may refuse are tried at once, so that the error names the right line
    if ([...outs, ...cells].some((cell) => cell.size > EXACT) && this.queue.flush()) {
      for (const { failure } of outs) if (failure !== null) throw failure;
    }
    return outs.map((cell, i) => this.store(cell, (specs[i] as Spec).dtype));
  }

  /**
   * The op by its plain TypeScript, which takes operands without elements too: they are read, at
   * once or when they can be.
   */
  private onHost(
    inputs: readonly TensorOperand[],
    specs: readonly Spec[],
    compute: (views: readonly View[], outs: readonly View[]) => void,
  ): Storage[] {
    const operands = inputs.map(({ shape, dtype, size, storage }) => {
      return { view: { shape, dtype, strides: null }, size, cell: storage.data as Cell | null };
    });
    const finish = (read: readonly TypedArray[]): (Buffer | null)[] => {
      const outs = specs.map(blank);
      const views = operands.map(({ view }, i) => ({ ...view, data: read[i] as TypedArray }));
      compute(views, outs);
      const blocks: (Buffer | null)[] = [];
      try {
        for (const { data, dtype } of outs) {
          blocks.push(data.length === 0 ? null : this.backend.upload(toFloats(data, dtype)));
        }
      } catch (error) {
        for (const block of blocks) if (block !== null) this.backend.recycle(block);
        throw error;
      }
      return blocks;
    };
    const none = (dtype: DType) => makeArray(dtype, 0);
    const { readSync } = this.backend;
    if (readSync !== null) {
      return this.perform(inputs, specs, () => {
        const read = operands.map(({ cell, size, view: { dtype } }) =>
          cell === null ? none(dtype) : fromFloats(readSync(this.lazy.blockOf(cell), size), dtype),
        );
        return finish(read);
      });
    }
    return this.perform(inputs, specs, async () => {
      const reading = operands.map(async ({ cell, size, view: { dtype } }) => {
        if (cell === null) return none(dtype);
        return fromFloats(await this.backend.read(this.lazy.blockOf(cell), size), dtype);
      });
      return finish(await Promise.all(reading));
    });
  }

  private warn(op: string): void {
    if (this.warned.has(op)) return;
    this.warned.add(op);
    console.warn(`isograd: ${op} has no GPU kernel: read, computed on the host, uploaded`);
  }

  private operand(x: TensorOperand): Operand {
    const cell = cellOf(x);
    const { lazy } = this;
    return {
      shape: x.shape,
      dtype: x.dtype,
      size: x.size,
      cell: cell ?? NOTHING,
      get block() {
        return cell === null ? (NOTHING.block as Buffer) : lazy.blockOf(cell);
      },
      strides: stridesOf(x),
    };
  }

  private store(cell: Cell, dtype: DType): Storage {
    if (cell.size === 0) return this.empty(dtype);
    this.bytes += cell.size * 4;
    return new Block(this, dtype, cell.size, 0, cell);
  }

  private empty(dtype: DType): Storage {
    return new Block(this, dtype, 0, 0, null);
  }

  upload(data: TypedArray, dtype: DType): Storage {
    if (data.length === 0) return this.empty(dtype);
    this.check();
    const values = toFloats(data, dtype);
    if (values.length === 1 && dtype !== "int32" && !Object.is(values[0], -0)) {
      return this.store(this.kept.scalar(values[0] as number), dtype);
    }
    const integers = dtype === "int32" ? Int32Array.from(data) : null;
    return this.store(new Cell(values.length, this.backend.upload(values), integers), dtype);
  }

  release(storage: Storage): void {
    const cell = storage.data as Cell | null;
    if (cell === null) return;
    this.bytes -= cell.size * 4;
    this.letGo(cell);
  }

  private letGo(cell: Cell): void {
    if (--cell.holders > 0) return;
    if (cell.block !== null) this.backend.recycle(cell.block);
    this.lazy.forget(cell);
    for (const { order, starts } of cell.segments.values()) {
      this.backend.recycle(order);
      this.backend.recycle(starts);
    }
    cell.segments.clear();
  }

  async read(storage: Storage, size: number): Promise<TypedArray> {
    if (size === 0) return makeArray(storage.dtype, 0);
    this.check();
    const cell = storage.data as Cell;
    cell.holders++;
    try {
      if (!this.queue.flush() && cell.block === null) await this.queue.settled();
      return fromFloats(await this.backend.read(this.lazy.blockOf(cell), size), storage.dtype);
    } finally {
      this.letGo(cell);
    }
  }

  readSync(storage: Storage, size: number): TypedArray {
    if (size === 0) return makeArray(storage.dtype, 0);
    this.check();
    const { integers } = storage.data as Cell;
    if (integers !== null) return integers.slice(0, size);
    const { readSync } = this.backend;
    if (readSync === null) {
      throw new DeviceError(
        "dataSync",
        "a WebGPU tensor cannot be read at once",
        'wait for it: await x.data(), or move it: await x.to("cpu")',
      );
    }
    this.queue.flush();
    const block = this.lazy.blockOf(storage.data as Cell);
    return fromFloats(readSync(block, size), storage.dtype);
  }

  memory(): DeviceMemory {
    return { bytes: this.bytes, reserved: this.backend.reserved() };
  }

  /** Kernels alive and compiled, and launches, since the start. */
  counts(): Counts {
    return this.launcher.counts();
  }

  /** Frees everything; called by stopGpu. */
  async stop(): Promise<void> {
    await this.queue.settled();
    this.stopped = true;
    this.kept.drop();
    this.launcher.destroy();
    await this.backend.stop();
  }
}

const NOTHING = new Cell(0, { native: {}, size: 0 });

const cellOf = (x: TensorOperand): Cell | null => x.storage.data as Cell | null;
const stridesOf = (x: TensorOperand) => x.strides ?? contiguousStrides(x.shape);

function refuse(op: Op, specs: readonly Spec[]): void {
  if (specs.every((s) => s.dtype !== "float64")) return;
  throw new DTypeError(
    op.name,
    "the device gpu does not hold float64",
    'use float32, or move the tensor: await x.to("cpu")',
  );
}
