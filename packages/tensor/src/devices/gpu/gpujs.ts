/**
 * @file GPU.js 2.24.1 behind types of our own: the only file that sees its typings and names its
 * internals.
 */
import { DeviceError } from "../../base/errors.js";
import type { HelperSource } from "./backend.js";

/** The two modes in use. GPU.js is never left to choose: its automatic order ends on the CPU. */
export type Mode = "webgl2" | "webgpu";

/** Settings of one kernel, as both backends use them. */
export interface KernelSettings {
  readonly output: readonly number[];
  readonly argumentTypes: Readonly<Record<string, string>>;
  readonly precision: "single";
  readonly pipeline: true;
  readonly immutable: true;
  readonly tactic: "precision";
  readonly loopMaxIterations: number;
  readonly functions: readonly HelperSettings[];
}

/** A function of numbers that a kernel calls. */
export interface HelperSettings {
  readonly name: string;
  readonly source: string;
  readonly argumentTypes: readonly string[];
  readonly returnType: "Number";
}

/** Helpers as GPU.js takes them. */
export function helperSettings(functions: readonly HelperSource[]): HelperSettings[] {
  return functions.map(({ name, source, parameters }) => ({
    name,
    source,
    argumentTypes: parameters.map(() => "Number"),
    returnType: "Number",
  }));
}

/**
 * Reads and writes of every kernel: exact floats, loops never cut short, results left on the
 * device.
 */
export const fixedSettings = {
  precision: "single",
  pipeline: true,
  immutable: true,
  tactic: "precision",
  loopMaxIterations: 2 ** 30,
} as const;

/**
 * A kernel behind its shortcut function: what the backends drive directly, without promises or
 * wrapping.
 */
export interface RawKernel {
  built: boolean;
  fallbackReason?: string | null;
  /** Set when the arguments do not fit what was compiled. */
  switchingKernels?: unknown;
  run(...args: unknown[]): unknown;
  build(...args: unknown[]): unknown;
  destroy(): void;
}

/** A WebGL2 kernel, with the places where it manages textures. */
export interface GlKernel extends RawKernel {
  texture: GlTexture | null;
  texSize: Int32Array;
  _setupOutputTexture(): void;
  _replaceOutputTexture(): void;
  updateTextureArgumentRefs(): void;
  getFragmentShader(args: unknown): string;
}

/** A texture as kernels take it. */
export interface GlTexture {
  readonly texture: WebGLTexture;
}

/** A WebGPU kernel, with the places where it builds itself and takes its output buffer. */
export interface WgpuKernel extends RawKernel {
  context: WgpuContext;
  _device: GPUDevice;
  compiledSource: string;
  componentCount: number;
  threadDim: number[];
  paramsLayout: {
    readonly byteLength: number;
    readonly arrayArgs: readonly unknown[];
  };
  bindGroupLayout: GPUBindGroupLayout;
  computePipeline: GPUComputePipeline;
  paramsBuffer: GPUBuffer;
  paramsMirror: ArrayBuffer;
  paramsU32: Uint32Array;
  paramsI32: Int32Array;
  paramsF32: Float32Array;
  constantBuffers: GPUBuffer[];
  outputBuffer: GPUBuffer | null;
  bindGroupDirty: boolean;
  _buildAsync(): Promise<void>;
  _ensureOutputBuffer(): void;
}

/** The device that all WebGPU kernels share. */
export interface WgpuContext {
  readonly adapter: GPUAdapter;
  readonly device: GPUDevice;
  isLost: boolean;
}

/** A buffer as kernels take it. */
export interface WgpuBuffer {
  readonly buffer: GPUBuffer;
}

/** One instance of GPU.js. */
export interface GpuInstance {
  createKernel(source: string, settings: KernelSettings): { readonly kernel: RawKernel };
  destroy(): Promise<void>;
}

interface TextureSettings {
  readonly texture: WebGLTexture;
  readonly size: Int32Array;
  readonly dimensions: readonly number[];
  readonly output: readonly number[];
  readonly context: WebGL2RenderingContext;
  readonly type: string;
  readonly kernel: object;
}

interface BufferSettings {
  readonly buffer: GPUBuffer;
  readonly output: readonly number[];
  readonly componentCount: number;
  readonly context: WgpuContext;
  readonly kernel: null;
}

/** The parts of GPU.js in use. */
export interface GpuJs {
  readonly GPU: new (settings: {
    readonly mode: Mode;
    readonly context?: WebGL2RenderingContext;
    readonly canvas?: object;
  }) => GpuInstance;
  readonly Texture: new (settings: TextureSettings) => GlTexture;
  readonly WebGPUBufferResult: new (settings: BufferSettings) => WgpuBuffer;
  readonly WebGL2Kernel: new () => RawKernel;
  readonly WebGPUKernel: new () => RawKernel;
  readonly WebGPUContext: {
    readonly isSupported: boolean;
    acquire(): Promise<WgpuContext>;
    destroy(): Promise<void>;
  };
}

/** Loads GPU.js, when a device is first started and not before. */
export async function loadGpuJs(): Promise<GpuJs> {
  const loaded = await import("gpu.js").catch((error: Error) => {
    const problem = `GPU.js cannot be loaded: ${error.message}`;
    throw new DeviceError(
      "startGpu",
      problem,
      "install it beside this package: npm install gpu.js@2.24.1",
    );
  });
  const lib = loaded as unknown as GpuJs & { readonly default?: GpuJs };
  return lib.GPU === undefined ? (lib.default as GpuJs) : lib;
}

/** Whether a kernel really runs in this mode: GPU.js puts others in its place without a word. */
export function runsIn(lib: GpuJs, kernel: RawKernel, mode: Mode): boolean {
  return kernel instanceof (mode === "webgl2" ? lib.WebGL2Kernel : lib.WebGPUKernel);
}
