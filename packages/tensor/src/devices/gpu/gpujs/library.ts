/**
 * @file GPU.js 2.24.1 behind types of our own: the only file that loads it and names its internals.
 */
import { DeviceError } from "../../../base/errors.js";
import type { HelperSource, Mode } from "./backend.js";

/** Settings of one kernel, the same for both backends. */
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
  readonly returnType: "Number" | "Integer";
}

/** Helpers in the form that GPU.js takes. */
export function helperSettings(functions: readonly HelperSource[]): HelperSettings[] {
  return functions.map(({ name, source, parameters, takes, gives }) => ({
    name,
    source: source.replace("Math.floor(dividend / divisor)", "dividend - divisor"),
    argumentTypes: parameters.map(() => takes ?? "Number"),
    returnType: gives ?? "Number",
  }));
}

/**
 * The text of a shader in which the stand-in of `helperSettings` is a division again: GPU.js would
 * divide whole numbers as floats.
 */
export const dividing = (text: string): string =>
  text.replaceAll("user_dividend-user_divisor", "user_dividend/user_divisor");

/** Settings of every kernel: exact floats, full loops, and results that stay on the device. */
export const fixedSettings = {
  precision: "single",
  pipeline: true,
  immutable: true,
  tactic: "precision",
  loopMaxIterations: 2 ** 30,
} as const;

/** A kernel without its shortcut function: the backends call it directly, without promises. */
export interface RawKernel {
  built: boolean;
  fallbackReason?: string | null;
  /** Set when the arguments do not fit the compiled kernel. */
  switchingKernels?: unknown;
  run(...args: unknown[]): unknown;
  build(...args: unknown[]): unknown;
  destroy(): void;
}

/** A WebGL2 kernel, with the methods by which it manages textures. */
export interface GlKernel extends RawKernel {
  texture: GlTexture | null;
  texSize: Int32Array;
  _setupOutputTexture(): void;
  _replaceOutputTexture(): void;
  updateTextureArgumentRefs(): void;
  getFragmentShader(args: unknown): string;
}

/** A texture in the form that kernels take. */
export interface GlTexture {
  readonly texture: WebGLTexture;
}

/** A WebGPU kernel, with the methods that build it and make its output buffer. */
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

/** The WebGPU device that all kernels share. */
export interface WgpuContext {
  readonly adapter: GPUAdapter;
  readonly device: GPUDevice;
  isLost: boolean;
}

/** A buffer in the form that kernels take. */
export interface WgpuBuffer {
  readonly buffer: GPUBuffer;
}

/** One instance of GPU.js, whose kernels are of one mode. */
export interface GpuInstance<K extends RawKernel> {
  createKernel(source: string, settings: KernelSettings): { readonly kernel: K };
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
  readonly GPU: new <M extends Mode>(settings: {
    readonly mode: M;
    readonly context?: WebGL2RenderingContext;
    readonly canvas?: object;
  }) => GpuInstance<M extends "webgl2" ? GlKernel : WgpuKernel>;
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

/** What to do where a kernel does not run. */
export const UNRUN = 'move its tensors: await x.to("cpu"); newer drivers or GPU.js may run it';
/** What to do where a mode does not start. */
export const UNSTARTED = "choose another mode; the device cpu runs everywhere";

/**
 * Loads GPU.js. Called when a device starts, so that programs without a GPU never load it. The
 * import is awaited inside `try`: so webpack and Turbopack build without the package too.
 */
export async function loadGpuJs(): Promise<GpuJs> {
  let loaded: unknown;
  try {
    loaded = await import("gpu.js");
  } catch (error) {
    throw new DeviceError(
      "startGpu",
      `GPU.js cannot be loaded: ${(error as Error).message}`,
      "install it beside this package: npm install gpu.js@2.24.1",
    );
  }
  // bundlers and Node give the module itself, or an object with the module as its default
  const lib = loaded as Partial<GpuJs> & { readonly default: GpuJs };
  return isComplete(lib) ? lib : lib.default;
}

function isComplete(lib: Partial<GpuJs>): lib is GpuJs {
  return lib.GPU !== undefined;
}

/** Whether a kernel runs in this mode: GPU.js silently replaces kernels by those of others. */
export function runsIn(lib: GpuJs, kernel: RawKernel, mode: Mode): boolean {
  return kernel instanceof (mode === "webgl2" ? lib.WebGL2Kernel : lib.WebGPUKernel);
}
