/**
 * @file GPU.js in WebGL2 mode: blocks are R32F textures folded to near squares, drawn into by its
 * kernels.
 */
import { DeviceError } from "../../base/errors.js";
import type { Backend, Block, Own, Program, Request } from "./backend.js";
import { Drawings, keyOf, sidesOf, type TextureBlock, texelsOf } from "./drawing.js";
import {
  fixedSettings,
  type GlKernel,
  type GpuInstance,
  type GpuJs,
  helperSettings,
  runsIn,
} from "./gpujs.js";
import { Pool } from "./pool.js";
import { sampling } from "./sampling.js";

/**
 * Width and height of the texture for `size` floats: GPU.js's own rule, which its kernels count on.
 */
function textureSize(size: number): Int32Array {
  const root = Math.sqrt(size);
  let high = Math.ceil(root);
  let low = Math.floor(root);
  while (high * low < size) {
    high--;
    low = Math.ceil(size / high);
  }
  return new Int32Array([low, Math.ceil(size / low)]);
}

/** A WebGL2 context and the kernels that draw in it. */
export class WebGlBackend implements Backend {
  readonly mode = "webgl2";
  readonly lanes = false;
  readonly maxArrays = 12;
  readonly own: Own;
  private readonly drawings: Drawings;
  private readonly pool: Pool<WebGLTexture>;
  private readonly framebuffer: WebGLFramebuffer;
  private readonly tight: { checked: boolean; red: boolean } = { checked: false, red: false };

  constructor(
    private readonly lib: GpuJs,
    private readonly gl: WebGL2RenderingContext,
    private readonly gpu: GpuInstance,
    viewport: { readonly width: number; readonly height: number },
  ) {
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
      widthOf: (size) => textureSize(size)[0] as number,
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
    gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
    return texture;
  }

  /** Binds to a unit that no kernel uses. */
  private bind(texture: WebGLTexture): void {
    this.gl.activeTexture(this.gl.TEXTURE15);
    this.gl.bindTexture(this.gl.TEXTURE_2D, texture);
  }

  private take(size: number): TextureBlock {
    this.check();
    const shape = textureSize(size);
    const [width, height] = shape as unknown as [number, number];
    const key = keyOf(width, height);
    const native = new this.lib.Texture({
      texture: this.pool.take(key),
      size: shape,
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
    const [x, y = 1, z = 1] = output as [number, number?, number?];
    const size = x * y * z;
    const argumentTypes = Object.fromEntries(
      parameters.map((p) => [p.name, p.size === "number" ? "Float" : "ArrayTexture(1)"]),
    );
    const helpers = helperSettings(functions);
    const settings = { ...fixedSettings, output, argumentTypes, functions: helpers };
    const { kernel } = this.gpu.createKernel(source, settings);
    const drawing = kernel as GlKernel;
    const state: { block: TextureBlock | null } = { block: null };
    this.takeOver(drawing, size, state);
    const sizes = parameters.flatMap((p) =>
      p.size === "number" ? [] : [{ name: p.name, size: textureSize(p.size) }],
    );
    const write = drawing.getFragmentShader.bind(drawing);
    drawing.getFragmentShader = (given) => sampling(write(given), sizes);
    const launch = (args: readonly (Block | number)[]): Block => {
      this.check();
      const values = args.map((a) => (typeof a === "number" ? a : a.native));
      if (!drawing.built) this.build(op, drawing, values);
      drawing.run(...values);
      const made = state.block;
      state.block = null;
      drawing.texture = null;
      if (made === null || drawing.switchingKernels) {
        throw new DeviceError(op, "GPU.js refused the arguments of a kernel it had compiled");
      }
      return made;
    };
    return { launch, destroy: () => drawing.destroy() };
  }

  /**
   * Lets the kernel draw into textures of the pool, which it would otherwise make and keep itself.
   */
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
      throw new DeviceError(op, `its WebGL2 kernel does not compile: ${(error as Error).message}`);
    }
    if (!kernel.built || !runsIn(this.lib, kernel, this.mode)) {
      throw new DeviceError(
        op,
        `GPU.js gave up on WebGL2: ${kernel.fallbackReason ?? "no reason"}`,
      );
    }
  }

  upload(values: Float32Array): Block {
    const { gl } = this;
    const [width, height] = textureSize(values.length) as unknown as [number, number];
    const padded = new Float32Array(width * height);
    padded.set(values);
    const block = this.take(values.length);
    this.bind(block.native.texture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RED, gl.FLOAT, padded);
    return block;
  }

  recycle(block: Block): void {
    const { key, native } = block as TextureBlock;
    this.pool.give(key, native.texture);
  }

  readonly readSync = (block: Block, size: number): Float32Array => {
    const { gl, tight } = this;
    this.check();
    const [width, height] = textureSize(block.size) as unknown as [number, number];
    const { texture } = (block as TextureBlock).native;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    if (!tight.checked) {
      tight.red = gl.getParameter(gl.IMPLEMENTATION_COLOR_READ_FORMAT) === gl.RED;
      tight.checked = true;
    }
    const lanes = tight.red ? 1 : 4;
    const pixels = new Float32Array(width * height * lanes);
    gl.readPixels(0, 0, width, height, tight.red ? gl.RED : gl.RGBA, gl.FLOAT, pixels);
    this.check(); // a context lost meanwhile reads as zeros
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

function lost(): DeviceError {
  return new DeviceError("gpu", "the WebGL2 context was lost", 'start again: await init("gpu")');
}

/** Starts WebGL2 mode, or says why it cannot be had. */
export function startWebGl(lib: GpuJs): WebGlBackend {
  const gl = newContext();
  if (gl === null) throw new DeviceError("startGpu", "there is no WebGL2 here");
  if (gl.getExtension("EXT_color_buffer_float") === null) {
    throw new DeviceError("startGpu", "this WebGL2 cannot draw into float textures");
  }
  // Everything is drawn into textures: a stand-in spares resizing a canvas with each new kernel.
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
