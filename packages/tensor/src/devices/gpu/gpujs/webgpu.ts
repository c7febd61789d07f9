/**
 * @file GPU.js in WebGPU mode: blocks are storage buffers; a kernel is compiled and enqueued
 * without waiting.
 */
import { DeviceError } from "../../../base/errors.js";
import { sizeOf } from "../../../base/shape.js";
import type { Backend, Block, Own, Program, Request, Scatter, WgslKernel } from "./backend.js";
import { Batch } from "./batch.js";
import { Faults, gone, type Span } from "./faults.js";
import {
  dividing,
  fixedSettings,
  type GpuInstance,
  type GpuJs,
  helperSettings,
  runsIn,
  UNRUN,
  UNSTARTED,
  type WgpuBuffer,
  type WgpuContext,
  type WgpuKernel,
} from "./library.js";
import { Pool } from "./pool.js";

// The constants of the WebGPU specification. Dawn in Node has no globals for them.
const UNIFORM = 0x40;
const STORAGE = 0x80;
const COPY_SRC = 4;
const COPY_DST = 8;
const MAP_READ = 1;
const COMPUTE = 4;

interface BufferBlock extends Block {
  readonly native: WgpuBuffer;
  /** The work that makes its values. */
  readonly span: Span;
}

/** A block of this backend: it makes no others. */
const ownOf = (block: Block): BufferBlock => block as BufferBlock;
const bufferOf = (block: Block): GPUBuffer => ownOf(block).native.buffer;

/** Options of our own kernels: see GpuOptions. */
export interface OwnOptions {
  readonly sharedMemory?: boolean | undefined;
  readonly scatter?: Scatter | undefined;
}

/** The shared WebGPU device and the kernels on it. */
export class WebGpuBackend implements Backend {
  readonly mode = "webgpu";
  readonly lanes = true;
  readonly maxArrays = 7;
  readonly readSync = null;
  readonly own: Own;
  private readonly lib: GpuJs;
  private readonly context: WgpuContext;
  private readonly gpu: GpuInstance<WgpuKernel>;
  private readonly pool: Pool<GPUBuffer>;
  /** Bytes of the largest buffer. */
  private readonly most: number;
  /** The op that runs now. */
  private op = "gpu";
  private readonly batch: Batch;
  private readonly faults: Faults;
  /** How buffers and kernels were made: an invalid one leaves zeros. */
  private readonly origins = new WeakMap<object, Span>();

  constructor(lib: GpuJs, context: WgpuContext, gpu: GpuInstance<WgpuKernel>, options: OwnOptions) {
    this.lib = lib;
    this.context = context;
    this.gpu = gpu;
    const { device } = context;
    this.batch = new Batch(device.queue);
    this.faults = new Faults(device);
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    // shaders count elements in int32
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize, 4 * (2 ** 31 - 1));
    this.most = most;
    this.pool = new Pool({
      make: (bytes) => this.makeBuffer(bytes),
      destroy: (buffer) => {
        this.batch.flush();
        buffer.destroy();
      },
      bytesOf: (bytes) => bytes,
    });
    this.own = {
      language: "wgsl",
      shared: options.sharedMemory ?? !inSoftware(context.adapter),
      atomics: options.scatter === "atomic",
      compile: (kernel) => this.compileWgsl(kernel),
    };
  }

  get lost(): boolean {
    return this.context.isLost;
  }

  limit(size: number): string | null {
    return size * 4 <= this.most ? null : `one buffer of ${this.most} bytes`;
  }

  private wrap(buffer: GPUBuffer, size: number, span: Span): BufferBlock {
    const { context } = this;
    const settings = { buffer, output: [size], componentCount: 1, context, kernel: null };
    return { native: new this.lib.WebGPUBufferResult(settings), size, span };
  }

  private makeBuffer(bytes: number): GPUBuffer {
    const { op } = this;
    if (bytes > this.most) {
      throw new DeviceError(
        op,
        `a tensor of ${bytes} bytes exceeds this GPU's ${this.most} a buffer`,
        'split it along an axis, or keep it on the host: device "cpu"',
      );
    }
    return this.faults.within(op, `${bytes} bytes`, (span) => {
      const usage = STORAGE | COPY_SRC | COPY_DST;
      const buffer = this.context.device.createBuffer({ size: bytes, usage });
      this.origins.set(buffer, span);
      void span.settled.then(() => {
        if (span.fault !== null) this.pool.drain(); // others have more room, and it is not reused
      });
      return buffer;
    });
  }

  /** A buffer of the pool, for the current work. */
  private take(bytes: number): GPUBuffer {
    const buffer = this.pool.take(bytes);
    this.faults.build(this.origins.get(buffer));
    return buffer;
  }

  /**
   * A launch. The first ones of a kernel, until the driver has found it valid, are submitted alone:
   * one invalid command makes all of its submit fail.
   */
  private enqueue(
    op: string,
    kernel: object,
    args: readonly (Block | number)[],
    run: () => GPUBuffer,
  ): Block {
    this.check();
    this.op = op;
    const work = (span: Span): Block => {
      for (const x of args) if (typeof x !== "number") this.faults.build(ownOf(x).span);
      this.faults.build(this.origins.get(kernel));
      const buffer = run();
      return this.wrap(buffer, buffer.size / 4, span);
    };
    const origin = this.origins.get(kernel);
    if (origin?.done && origin.fault === null) return work(this.faults.current);
    this.batch.flush();
    return this.faults.alone(op, "kernel", (span) => {
      const made = work(span);
      this.batch.flush();
      return made;
    });
  }

  check(): void {
    if (this.lost) throw lost();
  }

  compile({ op, source, parameters, output, functions }: Request): Program {
    const argumentTypes = Object.fromEntries(
      parameters.map((p) => [p.name, p.size === "number" ? "Float" : "Input"]),
    );
    const helpers = helperSettings(functions);
    const settings = { ...fixedSettings, output, argumentTypes, functions: helpers };
    const { kernel } = this.gpu.createKernel(source, settings);
    if (!runsIn(this.lib, kernel, this.mode))
      throw new DeviceError(op, "GPU.js left WebGPU mode", UNRUN);
    kernel._buildAsync = () => this.build(op, kernel);
    kernel._ensureOutputBuffer = () => {
      kernel.outputBuffer = this.take(sizeOf(kernel.threadDim) * kernel.componentCount * 4);
      kernel.bindGroupDirty = true;
    };
    const run = (args: readonly (Block | number)[]): GPUBuffer => {
      const values = args.map((a) => (typeof a === "number" ? a : a.native));
      try {
        kernel.run(...values);
      } catch (error) {
        if (error instanceof DeviceError) throw error;
        throw new DeviceError(op, `its WebGPU kernel fails: ${(error as Error).message}`, UNRUN);
      }
      const buffer = kernel.outputBuffer;
      kernel.outputBuffer = null;
      if (buffer === null) throw new DeviceError(op, "GPU.js made no result", UNRUN);
      return buffer;
    };
    const launch = (args: readonly (Block | number)[]): Block =>
      this.enqueue(op, kernel, args, () => run(args));
    const destroy = () => {
      this.batch.flush();
      kernel.destroy();
    };
    return { launch, destroy };
  }

  /** What GPU.js does in `_buildAsync`, but without waiting for the compiler's messages. */
  private build(op: string, kernel: WgpuKernel): Promise<void> {
    const { device } = this.context;
    const { arrayArgs, byteLength } = kernel.paramsLayout;
    const entries = [entry(0, "uniform"), ...entriesFor(arrayArgs.length, 1)];
    this.faults.within(op, "kernel", (span) => {
      this.origins.set(kernel, span);
      const module = device.createShaderModule({ code: dividing(kernel.compiledSource) });
      kernel.bindGroupLayout = device.createBindGroupLayout({ entries });
      kernel.computePipeline = device.createComputePipeline({
        layout: device.createPipelineLayout({ bindGroupLayouts: [kernel.bindGroupLayout] }),
        compute: { module, entryPoint: "main" },
      });
      kernel.paramsBuffer = device.createBuffer({ size: byteLength, usage: UNIFORM | COPY_DST });
    });
    this.faults.build(this.origins.get(kernel));
    kernel.context = this.context;
    kernel._device = device;
    kernel.paramsMirror = new ArrayBuffer(byteLength);
    kernel.paramsU32 = new Uint32Array(kernel.paramsMirror);
    kernel.paramsI32 = new Int32Array(kernel.paramsMirror);
    kernel.paramsF32 = new Float32Array(kernel.paramsMirror);
    kernel.constantBuffers = [];
    kernel.bindGroupDirty = true;
    kernel.built = true;
    return Promise.resolve();
  }

  /** A kernel of our own, with buffers of the same pool and commands in the same queue. */
  private compileWgsl({ op, code, arrays, size, groups, start }: WgslKernel): Program {
    const { device } = this.context;
    const { layout, pipeline } = this.faults.within(op, "kernel", (span) => {
      const layout = device.createBindGroupLayout({ entries: entriesFor(arrays, 0) });
      const pipeline = device.createComputePipeline({
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
      });
      this.origins.set(pipeline, span);
      return { layout, pipeline };
    });
    const run = (args: readonly (Block | number)[]): GPUBuffer => {
      const result = this.take(size * 4);
      const inputs = args.flatMap((x) => (typeof x === "number" ? [] : [bufferOf(x)]));
      const entries = [...inputs, result].map((buffer, binding) => ({
        binding,
        resource: { buffer },
      }));
      const encoder = device.createCommandEncoder();
      if (start === "zeros") encoder.clearBuffer(result);
      const before = typeof start === "number" ? inputs[start] : undefined;
      if (before !== undefined) encoder.copyBufferToBuffer(before, 0, result, 0, size * 4);
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
      pass.dispatchWorkgroups(...groups);
      pass.end();
      device.queue.submit([encoder.finish()]);
      return result;
    };
    const launch = (args: readonly (Block | number)[]): Block =>
      this.enqueue(op, pipeline, args, () => run(args));
    return { launch, destroy: () => undefined };
  }

  upload(values: Float32Array): Block {
    this.check();
    this.batch.flush();
    this.op = "gpu";
    return this.faults.within("gpu", "upload", (span) => {
      const buffer = this.take(values.byteLength);
      this.context.device.queue.writeBuffer(buffer, 0, values as Float32Array<ArrayBuffer>);
      return this.wrap(buffer, values.length, span);
    });
  }

  recycle(block: Block): void {
    const buffer = bufferOf(block);
    const sound = (this.origins.get(buffer)?.fault ?? null) === null;
    this.pool.give(buffer.size, buffer, sound);
  }

  async read(block: Block, size: number): Promise<Float32Array> {
    this.check();
    const { span } = ownOf(block);
    if (span.fault !== null) throw span.fault;
    const { device } = this.context;
    const bytes = size * 4;
    this.batch.flush();
    const { copied, staging, mapped } = this.faults.within("data", "copy", (copied) => {
      const staging = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(bufferOf(block), 0, staging, 0, bytes);
      device.queue.submit([encoder.finish()]);
      this.batch.flush();
      const mapped = staging.mapAsync(MAP_READ).then(
        () => true,
        () => false,
      );
      return { copied, staging, mapped };
    });
    this.faults.next();
    try {
      const [there] = await Promise.all([mapped, span.settled, copied.settled]);
      const fault = span.fault ?? copied.fault;
      if (fault !== null) throw fault;
      if (!there) throw lost(); // the device was destroyed during the read
      return new Float32Array(staging.getMappedRange().slice(0));
    } finally {
      staging.destroy();
    }
  }

  reserved(): number {
    return this.pool.reserved;
  }

  async stop(): Promise<void> {
    this.batch.restore();
    this.pool.drain();
    await this.gpu.destroy();
    await this.lib.WebGPUContext.destroy();
  }
}

const entry = (binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry => ({
  binding,
  visibility: COMPUTE,
  buffer: { type },
});

/** Bindings of the arrays, from `first` on, and of the result. */
const entriesFor = (arrays: number, first: number): GPUBindGroupLayoutEntry[] => [
  ...Array.from({ length: arrays }, (_, i) => entry(first + i, "read-only-storage")),
  entry(first + arrays, "storage"),
];

/** Whether the adapter is a software renderer. */
function inSoftware({ info }: GPUAdapter): boolean {
  return (
    info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(Object.values(info).join())
  );
}

const lost = (): DeviceError => gone("the WebGPU device was lost");

/** Starts WebGPU mode. @throws DeviceError that says why it cannot start. */
export async function startWebGpu(lib: GpuJs, options: OwnOptions = {}): Promise<WebGpuBackend> {
  if (!lib.WebGPUContext.isSupported)
    throw new DeviceError("startGpu", "there is no WebGPU here", UNSTARTED);
  const context = await lib.WebGPUContext.acquire().catch((error: Error) => {
    throw new DeviceError("startGpu", `there is no WebGPU adapter: ${error.message}`, UNSTARTED);
  });
  return new WebGpuBackend(lib, context, new lib.GPU({ mode: "webgpu" }), options);
}
