/**
 * @file The GPU device: storages over blocks, ops by kernel, and what happens to those without one.
 */
import { type DType, makeArray, type TypedArray } from "../../dtype.js";
import { DeviceError, DTypeError } from "../../errors.js";
import { retain, Storage } from "../../memory.js";
import type { Op } from "../../op.js";
import { indexAdd } from "../../ops/indexing.js";
import { concat } from "../../ops/movement.js";
import { contiguousStrides, sizeOf } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import type { Device, DeviceMemory, Spec, View } from "../device.js";
import { runReference, runReferenceMany } from "../reference/device.js";
import type { Backend, Block } from "./backend.js";
import { Cell } from "./cell.js";
import type { Mode } from "./gpujs.js";
import type { Kit, Operand } from "./kernels/kernel.js";
import { lookUp } from "./kernels/lookup.js";
import { type Counts, Launcher } from "./launcher.js";
import { EXACT } from "./source.js";

/** Numbers kept on the GPU for scalar operands that come again. */
const SCALARS = 256;

/** A device over one mode of GPU.js. Made by startGpu. */
export class GpuDevice implements Device {
  readonly name = "gpu";
  readonly dtypes: readonly DType[] = ["bool", "int32", "float32"];
  readonly strided = true;
  private readonly launcher: Launcher;
  private readonly kit: Kit;
  /** Uploaded numbers, least recently used first. */
  private readonly scalars = new Map<number, Cell>();
  private readonly warned = new Set<string>();
  private bytes = 0;

  constructor(private readonly backend: Backend) {
    this.launcher = new Launcher(backend);
    this.kit = {
      launcher: this.launcher,
      launch: (call) => this.launcher.launch(call),
      upload: (values) => backend.upload(values),
      free: (block) => backend.recycle(block),
    };
  }

  /** Which mode of GPU.js it runs. */
  get mode(): Mode {
    return this.backend.mode;
  }

  /** Whether the driver took it away; its tensors are gone, and startGpu starts anew. */
  get lost(): boolean {
    return this.backend.lost;
  }

  acceptsStrides(op: Op): boolean {
    return lookUp(op).strides;
  }

  run(op: Op, inputs: readonly Tensor[], attrs: unknown, spec: Spec): Storage {
    const { dtype } = spec;
    if (sizeOf(spec.shape) === 0) return this.empty(dtype);
    const [x, indices] = inputs as readonly [Tensor, Tensor?];
    if (op === indexAdd.op && indices?.size === 0) return retain(x.storage);
    const { kernel } = lookUp(op);
    const whole = inputs.every((x) => x.size > 0);
    if (kernel !== undefined && (whole || op === concat.op)) {
      const job = { op: op.name, inputs: inputs.map(operand), attrs, spec };
      return this.hold(kernel(this.kit, job), dtype);
    }
    const out = blank(spec);
    const views = inputs.map((x) => this.viewOf(op, x));
    runReference(op, views, attrs, out);
    return this.upload(out.data, dtype);
  }

  runMany(op: Op, inputs: readonly Tensor[], attrs: unknown, specs: readonly Spec[]): Storage[] {
    const { many } = lookUp(op);
    const whole = specs.every((s) => sizeOf(s.shape) > 0);
    if (many !== undefined && whole) {
      const blocks = many(this.kit, { op: op.name, inputs: inputs.map(operand), attrs });
      return blocks.map((block, i) => this.hold(block, (specs[i] as Spec).dtype));
    }
    const outs = specs.map(blank);
    runReferenceMany(
      op,
      inputs.map((x) => this.viewOf(op, x)),
      attrs,
      outs,
    );
    return outs.map((out) => this.upload(out.data, out.dtype));
  }

  /** An input read back for the reference, where that is possible. */
  private viewOf(op: Op, x: Tensor): View {
    const spec = { shape: x.shape, dtype: x.dtype, strides: null };
    if (x.size === 0) return { ...spec, data: makeArray(x.dtype, 0) };
    const { readSync } = this.backend;
    if (readSync === null) {
      throw new DeviceError(
        op.name,
        "this op has no GPU kernel, and WebGPU cannot be read at once",
        'move the tensors: await x.to("cpu")',
      );
    }
    if (!this.warned.has(op.name)) {
      this.warned.add(op.name);
      console.warn(
        `isograd: ${op.name} has no GPU kernel: computed on the host, read and uploaded`,
      );
    }
    return { ...spec, data: this.readSync(x.storage, x.size) };
  }

  private hold(block: Block, dtype: DType): Storage {
    return this.store(new Cell(block), dtype);
  }

  private store(cell: Cell, dtype: DType): Storage {
    this.bytes += cell.block.size * 4;
    return new Storage(this, dtype, cell.block.size, 0, cell);
  }

  private empty(dtype: DType): Storage {
    return new Storage(this, dtype, 0, 0, null);
  }

  upload(data: TypedArray, dtype: DType): Storage {
    if (data.length === 0) return this.empty(dtype);
    if (data.length === 1 && !Object.is(data[0], -0)) {
      return this.store(this.scalar(checked(data, dtype)[0] as number, dtype), dtype);
    }
    const integers = dtype === "int32" ? Int32Array.from(data) : null;
    const values = checked(data, dtype);
    return this.store(new Cell(this.backend.upload(values), integers), dtype);
  }

  /** The cell of one number: shared by all who ask for it. */
  private scalar(value: number, dtype: DType): Cell {
    if (dtype === "int32") {
      return new Cell(this.backend.upload(Float32Array.of(value)), Int32Array.of(value));
    }
    const known = this.scalars.get(value);
    const cell = known ?? new Cell(this.backend.upload(Float32Array.of(value)));
    if (known !== undefined) this.scalars.delete(value);
    this.scalars.set(value, cell);
    cell.holders++;
    if (this.scalars.size > SCALARS) {
      const [oldest, dropped] = this.scalars.entries().next().value as [number, Cell];
      this.scalars.delete(oldest);
      this.letGo(dropped);
    }
    return cell;
  }

  release(storage: Storage): void {
    const cell = storage.data as Cell | null;
    if (cell === null) return;
    this.bytes -= cell.block.size * 4;
    this.letGo(cell);
  }

  private letGo(cell: Cell): void {
    if (--cell.holders > 0) return;
    this.backend.recycle(cell.block);
    for (const { order, starts } of cell.segments.values()) {
      this.backend.recycle(order);
      this.backend.recycle(starts);
    }
    cell.segments.clear();
  }

  async read(storage: Storage, size: number): Promise<TypedArray> {
    if (size === 0) return makeArray(storage.dtype, 0);
    const values = await this.backend.read((storage.data as Cell).block, size);
    return fromFloats(values, storage.dtype);
  }

  readSync(storage: Storage, size: number): TypedArray {
    if (size === 0) return makeArray(storage.dtype, 0);
    const { readSync } = this.backend;
    if (readSync === null) {
      throw new DeviceError(
        "dataSync",
        "a WebGPU tensor cannot be read at once",
        'wait for it: await x.data(), or move it: await x.to("cpu")',
      );
    }
    return fromFloats(readSync((storage.data as Cell).block, size), storage.dtype);
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
    for (const cell of this.scalars.values()) this.letGo(cell);
    this.scalars.clear();
    this.launcher.destroy();
    await this.backend.stop();
  }
}

function operand(x: Tensor): Operand {
  const cell = x.storage.data as Cell;
  return {
    shape: x.shape,
    dtype: x.dtype,
    size: x.size,
    cell,
    block: x.size === 0 ? NOTHING : cell.block,
    strides: x.strides ?? contiguousStrides(x.shape),
  };
}

const NOTHING: Block = { native: {}, size: 0 };

function blank(spec: Spec): View {
  const data = makeArray(spec.dtype, sizeOf(spec.shape));
  return { shape: spec.shape, dtype: spec.dtype, strides: null, data };
}

/** Values as floats; integers that floats cannot tell apart are refused. */
function checked(data: TypedArray, dtype: DType): Float32Array {
  if (dtype === "int32") {
    const at = (data as Int32Array).findIndex((v) => Math.abs(v) > EXACT);
    if (at >= 0) {
      throw new DTypeError(
        "gpu",
        `the int32 ${data[at]} (number ${at}) is not exact on the GPU, which stores floats`,
        "keep integers within ±2^24 there, or the tensor on cpu",
      );
    }
  }
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

function fromFloats(values: Float32Array, dtype: DType): TypedArray {
  if (dtype === "float32") return values;
  if (dtype === "bool") return Uint8Array.from(values, (v) => (v === 0 ? 0 : 1));
  return Int32Array.from(values);
}
