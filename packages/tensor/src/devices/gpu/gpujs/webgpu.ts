/**
 * @file GPU.js in WebGPU mode: blocks are storage buffers; a kernel is compiled and enqueued
 * without waiting.
 */
import { DeviceError } from "../../../base/errors.js";
import { sizeOf } from "../../../base/shape.js";
import type { Backend, Block, Own, Program, Request, Scatter, WgslKernel } from "./backend.js";
import { Batch } from "./batch.js";
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
/** Errors that the driver tells late. */
const SCOPES = ["out-of-memory", "validation", "internal"] as const;
const COMPUTE = 4;

interface BufferBlock extends Block {
  readonly native: WgpuBuffer;
}

/** A block of this backend: it makes no others. */
const bufferOf = (block: Block): GPUBuffer => (block as BufferBlock).native.buffer;

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
  /** Validations of pipelines. Reads wait for them: an invalid pipeline leaves zeros. */
  private checks: Promise<void>[] = [];
  private fault: DeviceError | null = null;
  /** Kernels still being validated: one invalid command makes its whole submit fail. */
  private readonly unproven = new WeakSet<object>();
  private readonly batch: Batch;
  private readonly broken = new WeakMap<object, DeviceError>();

  constructor(lib: GpuJs, context: WgpuContext, gpu: GpuInstance<WgpuKernel>, options: OwnOptions) {
    this.lib = lib;
    this.context = context;
    this.gpu = gpu;
    const { device } = context;
    this.batch = new Batch(device.queue);
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    // shaders count elements in int32
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize, 4 * (2 ** 31 - 1));
    this.most = most;
    this.listen();
    this.pool = new Pool({
      make(bytes) {
        if (bytes > most) {
          throw new DeviceError(
            "gpu",
            `a tensor of ${bytes} bytes exceeds this GPU's ${most} a buffer`,
            'split it along an axis, or keep it on the host: device "cpu"',
          );
        }
        return device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC | COPY_DST });
      },
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

  private wrap(buffer: GPUBuffer, size: number): BufferBlock {
    const { context } = this;
    const settings = { buffer, output: [size], componentCount: 1, context, kernel: null };
    return { native: new this.lib.WebGPUBufferResult(settings), size };
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
      kernel.outputBuffer = this.pool.take(sizeOf(kernel.threadDim) * kernel.componentCount * 4);
      kernel.bindGroupDirty = true;
    };
    const launch = (args: readonly (Block | number)[]): Block => {
      this.check();
      const invalid = this.broken.get(kernel);
      if (invalid !== undefined) throw invalid;
      const values = args.map((a) => (typeof a === "number" ? a : a.native));
      try {
        kernel.run(...values);
        if (this.unproven.has(kernel)) this.batch.flush();
      } catch (error) {
        if (error instanceof DeviceError) throw error;
        throw new DeviceError(op, `its WebGPU kernel fails: ${(error as Error).message}`, UNRUN);
      }
      const buffer = kernel.outputBuffer;
      kernel.outputBuffer = null;
      if (buffer === null) throw new DeviceError(op, "GPU.js made no result", UNRUN);
      return this.wrap(buffer, buffer.size / 4);
    };
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
    this.batch.flush();
    this.unproven.add(kernel);
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code: dividing(kernel.compiledSource) });
    kernel.bindGroupLayout = device.createBindGroupLayout({ entries });
    kernel.computePipeline = device.createComputePipeline({
      layout: device.createPipelineLayout({ bindGroupLayouts: [kernel.bindGroupLayout] }),
      compute: { module, entryPoint: "main" },
    });
    this.watch(op, kernel, device.popErrorScope());
    kernel.context = this.context;
    kernel._device = device;
    kernel.paramsBuffer = device.createBuffer({ size: byteLength, usage: UNIFORM | COPY_DST });
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
    const key = {};
    this.batch.flush();
    this.unproven.add(key);
    device.pushErrorScope("validation");
    const layout = device.createBindGroupLayout({ entries: entriesFor(arrays, 0) });
    const pipeline = device.createComputePipeline({
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
    });
    this.watch(op, key, device.popErrorScope());
    const launch = (args: readonly (Block | number)[]): Block => {
      this.check();
      const invalid = this.broken.get(key);
      if (invalid !== undefined) throw invalid;
      const result = this.pool.take(size * 4);
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
      if (this.unproven.has(key)) this.batch.flush();
      return this.wrap(result, size);
    };
    return { launch, destroy: () => undefined };
  }

  private watch(op: string, kernel: object, scope: Promise<GPUError | null>): void {
    const check = scope.then((error) => {
      if (error === null) {
        this.unproven.delete(kernel);
        return;
      }
      const fault = new DeviceError(op, `its WebGPU kernel is not valid: ${error.message}`, UNRUN);
      this.broken.set(kernel, fault);
      this.fault ??= fault;
    });
    this.checks.push(check.catch(() => undefined));
  }

  /** Collects errors of what is enqueued until `heard`: memory that is missing, wrong launches. */
  private listen(): void {
    for (const filter of SCOPES) this.context.device.pushErrorScope(filter);
  }

  /** The first error since `listen`, whose work left zeros; then listens again. */
  private async heard(): Promise<void> {
    const { device } = this.context;
    const scopes = SCOPES.map(() => device.popErrorScope().catch(() => null));
    this.listen();
    for (const error of await Promise.all(scopes)) {
      if (error === null) continue;
      const help = "dispose tensors that are no longer in use, or split the work along an axis";
      this.fault ??= new DeviceError("gpu", error.message || "the GPU has no memory left", help);
    }
  }

  upload(values: Float32Array): Block {
    this.check();
    const buffer = this.pool.take(values.byteLength);
    this.context.device.queue.writeBuffer(buffer, 0, values as Float32Array<ArrayBuffer>);
    return this.wrap(buffer, values.length);
  }

  recycle(block: Block): void {
    const buffer = bufferOf(block);
    this.pool.give(buffer.size, buffer);
  }

  async read(block: Block, size: number): Promise<Float32Array> {
    this.check();
    const { device } = this.context;
    const bytes = size * 4;
    const staging = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
    try {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(bufferOf(block), 0, staging, 0, bytes);
      device.queue.submit([encoder.finish()]);
      this.batch.flush();
      const checks = [...this.checks, this.heard()];
      this.checks = [];
      const mapped = staging.mapAsync(MAP_READ).catch(() => {
        throw lost(); // the device was destroyed during the read
      });
      await Promise.all([...checks, mapped]);
      const { fault } = this;
      this.fault = null;
      if (fault !== null) throw fault;
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

function lost(): DeviceError {
  return new DeviceError("gpu", "the WebGPU device was lost", 'start again: await init("gpu")');
}

/** Starts WebGPU mode. @throws DeviceError that says why it cannot start. */
export async function startWebGpu(lib: GpuJs, options: OwnOptions = {}): Promise<WebGpuBackend> {
  if (!lib.WebGPUContext.isSupported)
    throw new DeviceError("startGpu", "there is no WebGPU here", UNSTARTED);
  const context = await lib.WebGPUContext.acquire().catch((error: Error) => {
    throw new DeviceError("startGpu", `there is no WebGPU adapter: ${error.message}`, UNSTARTED);
  });
  return new WebGpuBackend(lib, context, new lib.GPU({ mode: "webgpu" }), options);
}
