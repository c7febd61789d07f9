/** @file GPU.js in WebGL2 mode: blocks are nearly square R32F textures, which kernels draw. */
import { DeviceError } from "../../../base/errors.js";
import { sizeOf } from "../../../base/shape.js";
import type { Backend, Block, Own, Program, Request } from "./backend.js";
import { Drawings, keyOf, sidesOf, type TextureBlock, texelsOf, textureOf } from "./drawing.js";
import { gone, MEMORY } from "./faults.js";
import {
  dividing,
  fixedSettings,
  type GlKernel,
  type GpuInstance,
  type GpuJs,
  helperSettings,
  runsIn,
  UNRUN,
  UNSTARTED,
} from "./library.js";
import { Pool } from "./pool.js";
import { sampling } from "./sampling.js";

/** The sides of the texture of `size` floats, by the rule that the kernels of GPU.js rely on. */
function sidesFor(size: number): { readonly width: number; readonly height: number } {
  const root = Math.sqrt(size);
  let high = Math.ceil(root);
  let low = Math.floor(root);
  while (high * low < size) {
    high--;
    low = Math.ceil(size / high);
  }
  return { width: low, height: Math.ceil(size / low) };
}

/** From this many texels on, the driver is asked whether it has the memory: asking takes time. */
const ASKED = 2 ** 22;

/** A WebGL2 context and the kernels that draw in it. */
export class WebGlBackend implements Backend {
  readonly mode = "webgl2";
  readonly lanes = false;
  readonly maxArrays = 12;
  readonly own: Own;
  private readonly lib: GpuJs;
  private readonly gl: WebGL2RenderingContext;
  private readonly gpu: GpuInstance<GlKernel>;
  private readonly drawings: Drawings;
  private readonly pool: Pool<WebGLTexture>;
  private readonly framebuffer: WebGLFramebuffer;
  /** Whether the driver reads one float a texel instead of four; null until the first read. */
  private readsRed: boolean | null = null;

  constructor(
    lib: GpuJs,
    gl: WebGL2RenderingContext,
    gpu: GpuInstance<GlKernel>,
    viewport: { readonly width: number; readonly height: number },
  ) {
    this.lib = lib;
    this.gl = gl;
    this.gpu = gpu;
    this.framebuffer = gl.createFramebuffer();
    this.pool = new Pool({
      make: (key) => this.makeTexture(gl.R32F, ...sidesOf(key)),
      destroy: (texture) => gl.deleteTexture(texture),
      bytesOf: (key) => texelsOf(key) * 4,
    });
    this.drawings = new Drawings({
      gl,
      viewport,
      take: (size) => this.take(size),
      makeTexture: (format, width, height) => this.makeTexture(format, width, height),
      check: () => this.check(),
    });
    this.own = {
      language: "glsl",
      side: gl.getParameter(gl.MAX_TEXTURE_SIZE) as number,
      widthOf: (size) => sidesFor(size).width,
      compile: (kernel) => this.drawings.compile(kernel),
    };
  }

  get lost(): boolean {
    return this.gl.isContextLost();
  }

  private makeTexture(format: number, width: number, height: number): WebGLTexture {
    const { gl } = this;
    const most = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    if (width > most || height > most) {
      throw new DeviceError(
        "gpu",
        `${width} × ${height} floats exceed this driver's ${most} × ${most}`,
        'split the tensor along an axis, or keep it on the host: device "cpu"',
      );
    }
    const texture = gl.createTexture();
    this.bind(texture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    const big = width * height >= ASKED;
    // forgets older errors, so that the next one is of this texture
    if (big) gl.getError();
    gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
    if (big && gl.getError() === gl.OUT_OF_MEMORY) {
      gl.deleteTexture(texture);
      throw new DeviceError("gpu", `no memory for ${width} × ${height} floats`, MEMORY);
    }
    return texture;
  }

  /** Binds to a unit that no kernel uses. */
  private bind(texture: WebGLTexture): void {
    this.gl.activeTexture(this.gl.TEXTURE15);
    this.gl.bindTexture(this.gl.TEXTURE_2D, texture);
  }

  limit(size: number): string | null {
    const { width, height } = sidesFor(size);
    const most = this.own.language === "glsl" ? this.own.side : 0;
    return Math.max(width, height) <= most ? null : `one texture of ${most} × ${most} floats`;
  }

  private take(size: number): TextureBlock {
    this.check();
    const { width, height } = sidesFor(size);
    const key = keyOf(width, height);
    const native = new this.lib.Texture({
      texture: this.pool.take(key),
      size: Int32Array.of(width, height),
      dimensions: [size, 1, 1],
      output: [size],
      context: this.gl,
      type: "ArrayTexture(1)",
      kernel: this,
    });
    return { native, size, key };
  }

  check(): void {
    if (this.lost) throw lost();
  }

  compile({ op, source, parameters, output, functions }: Request): Program {
    const size = sizeOf(output);
    const argumentTypes = Object.fromEntries(
      parameters.map((p) => [p.name, p.size === "number" ? "Float" : "ArrayTexture(1)"]),
    );
    const helpers = helperSettings(functions);
    const settings = { ...fixedSettings, output, argumentTypes, functions: helpers };
    const { kernel } = this.gpu.createKernel(source, settings);
    const state: { block: TextureBlock | null } = { block: null };
    this.takeOver(kernel, size, state);
    const sizes = parameters.flatMap((p) =>
      p.size === "number" ? [] : [{ name: p.name, ...sidesFor(p.size) }],
    );
    const write = kernel.getFragmentShader.bind(kernel);
    kernel.getFragmentShader = (given) => dividing(sampling(write(given), sizes));
    const launch = (args: readonly (Block | number)[]): Block => {
      this.check();
      const values = args.map((a) => (typeof a === "number" ? a : a.native));
      if (!kernel.built) this.build(op, kernel, values);
      kernel.run(...values);
      const made = state.block;
      state.block = null;
      kernel.texture = null;
      if (made === null || kernel.switchingKernels) {
        throw new DeviceError(
          op,
          "GPU.js refused the arguments of a kernel it had compiled",
          UNRUN,
        );
      }
      return made;
    };
    return { launch, destroy: () => kernel.destroy() };
  }

  /** Makes the kernel draw into textures of the pool instead of textures of its own. */
  private takeOver(kernel: GlKernel, size: number, state: { block: TextureBlock | null }): void {
    const { gl } = this;
    kernel._setupOutputTexture = () => undefined;
    kernel.updateTextureArgumentRefs = () => undefined;
    kernel._replaceOutputTexture = () => {
      const block = this.take(size);
      state.block = block;
      kernel.texture = block.native;
      const target = block.native.texture;
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, target, 0);
    };
  }

  private build(op: string, kernel: GlKernel, values: readonly unknown[]): void {
    try {
      kernel.build(...values);
    } catch (error) {
      const problem = `its WebGL2 kernel does not compile: ${(error as Error).message}`;
      throw new DeviceError(op, problem, UNRUN);
    }
    if (!kernel.built || !runsIn(this.lib, kernel, this.mode)) {
      throw new DeviceError(
        op,
        `GPU.js gave up on WebGL2: ${kernel.fallbackReason ?? "no reason"}`,
        UNRUN,
      );
    }
  }

  upload(values: Float32Array): Block {
    const { gl } = this;
    const { width, height } = sidesFor(values.length);
    const padded = new Float32Array(width * height);
    padded.set(values);
    const block = this.take(values.length);
    this.bind(block.native.texture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RED, gl.FLOAT, padded);
    return block;
  }

  recycle(block: Block): void {
    const { key, native } = textureOf(block);
    this.pool.give(key, native.texture);
  }

  readonly readSync = (block: Block, size: number): Float32Array => {
    const { gl } = this;
    this.check();
    const { width, height } = sidesFor(block.size);
    const { texture } = textureOf(block).native;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    this.readsRed ??= gl.getParameter(gl.IMPLEMENTATION_COLOR_READ_FORMAT) === gl.RED;
    const lanes = this.readsRed ? 1 : 4;
    const pixels = new Float32Array(width * height * lanes);
    gl.readPixels(0, 0, width, height, this.readsRed ? gl.RED : gl.RGBA, gl.FLOAT, pixels);
    this.check(); // if the context was lost during the read, all values are zero
    if (lanes === 1) return pixels.slice(0, size);
    return Float32Array.from({ length: size }, (_, i) => pixels[i * lanes] as number);
  };

  async read(block: Block, size: number): Promise<Float32Array> {
    return this.readSync(block, size);
  }

  reserved(): number {
    return this.pool.reserved + this.drawings.reserved;
  }

  async stop(): Promise<void> {
    this.pool.drain();
    this.drawings.drain();
    await this.gpu.destroy();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

const lost = (): DeviceError => gone("the WebGL2 context was lost");

/** Starts WebGL2 mode. @throws DeviceError that says why it cannot start. */
export function startWebGl(lib: GpuJs): WebGlBackend {
  const gl = newContext();
  if (gl === null) throw new DeviceError("startGpu", "there is no WebGL2 here", UNSTARTED);
  if (gl.getExtension("EXT_color_buffer_float") === null) {
    throw new DeviceError("startGpu", "this WebGL2 cannot draw into float textures", UNSTARTED);
  }
  // all drawings go to textures, so an object in place of a canvas saves a resize for each kernel
  const canvas = { width: 1, height: 1 };
  const gpu = new lib.GPU({ mode: "webgl2", context: gl, canvas });
  return new WebGlBackend(lib, gl, gpu, canvas);
}

function newContext(): WebGL2RenderingContext | null {
  const settings = { alpha: false, depth: false, antialias: false };
  if (typeof OffscreenCanvas !== "undefined") {
    return new OffscreenCanvas(1, 1).getContext("webgl2", settings);
  }
  if (typeof document === "undefined") return null;
  const canvas = document.createElement("canvas");
  return canvas.getContext("webgl2", settings) as WebGL2RenderingContext | null;
}
