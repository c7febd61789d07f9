/** @file Runs our own GLSL kernels in the WebGL2 context of GPU.js, over the same textures. */
import { DeviceError } from "../../../base/errors.js";
import type { Block, GlslKernel, Pass, Program } from "./backend.js";
import { type GlTexture, UNRUN } from "./library.js";
import { Pool } from "./pool.js";

const HEAD = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;`;

/** One triangle that covers everything; the scissor limits it to the target. */
const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(corner * 4.0 - 1.0, 0.0, 1.0);
}`;

/** More than any side of a texture. */
const WIDEST = 65536;

/** The sides of a texture as one number: the key of a pool. */
export const keyOf = (width: number, height: number): number => width * WIDEST + height;
export const sidesOf = (key: number) => [Math.floor(key / WIDEST), key % WIDEST] as const;
export const texelsOf = (key: number): number => Math.floor(key / WIDEST) * (key % WIDEST);

/** A block of the WebGL2 backend. */
export interface TextureBlock extends Block {
  readonly native: GlTexture;
  /** The result of `keyOf` for its sides. */
  readonly key: number;
}

/** A block of this backend: it makes no others. */
export const textureOf = (block: Block): TextureBlock => block as TextureBlock;

/** What drawings need from the backend. */
export interface Canvas {
  readonly gl: WebGL2RenderingContext;
  /** The size of the viewport that GPU.js has set and relies on. */
  readonly viewport: { readonly width: number; readonly height: number };
  /** A block for `size` elements. */
  take(size: number): TextureBlock;
  makeTexture(format: number, width: number, height: number): WebGLTexture;
  check(): void;
}

interface Drawing {
  readonly pass: Pass;
  readonly program: WebGLProgram;
}

/** Programs of passes, and the textures between them. */
export class Drawings {
  private readonly canvas: Canvas;
  private readonly pool: Pool<WebGLTexture>;
  /** Framebuffers by number of targets. */
  private readonly framebuffers = new Map<number, WebGLFramebuffer>();
  private vertex: WebGLShader | null = null;

  constructor(canvas: Canvas) {
    this.canvas = canvas;
    const { gl } = canvas;
    this.pool = new Pool({
      make: (key) => canvas.makeTexture(gl.RGBA32F, ...sidesOf(key)),
      destroy: (texture) => gl.deleteTexture(texture),
      bytesOf: (key) => texelsOf(key) * 16,
    });
  }

  /** Bytes of the textures between passes. */
  get reserved(): number {
    return this.pool.reserved;
  }

  compile({ op, size, passes }: GlslKernel): Program {
    const { gl, viewport } = this.canvas;
    const drawings = passes.map((pass) => ({ pass, program: this.link(op, pass) }));
    const launch = (args: readonly (Block | number)[]): Block => {
      this.canvas.check();
      const textures = new Map<string, WebGLTexture>();
      args.forEach((x, i) => {
        if (typeof x !== "number") textures.set(`x${i}`, textureOf(x).native.texture);
      });
      const between: { key: number; texture: WebGLTexture }[] = [];
      const result = this.canvas.take(size);
      drawings.forEach((drawing, i) => {
        const { targets } = drawing.pass;
        if (targets === null) {
          this.draw(drawing, textures, [result.native.texture], result.key);
          return;
        }
        const key = keyOf(targets.width, targets.height);
        const made = Array.from({ length: targets.count }, () => this.pool.take(key));
        this.draw(drawing, textures, made, key);
        made.forEach((texture, j) => {
          textures.set(`t${i}_${j}`, texture);
          between.push({ key, texture });
        });
      });
      for (const { key, texture } of between) this.pool.give(key, texture);
      gl.viewport(0, 0, viewport.width, viewport.height);
      return result;
    };
    return {
      launch,
      destroy: () => drawings.forEach(({ program }) => void gl.deleteProgram(program)),
    };
  }

  private draw(
    { pass, program }: Drawing,
    textures: ReadonlyMap<string, WebGLTexture>,
    targets: readonly WebGLTexture[],
    key: number,
  ): void {
    const { gl } = this.canvas;
    const [width, height] = sidesOf(key);
    gl.useProgram(program);
    pass.reads.forEach((name, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, textures.get(name) ?? null);
    });
    this.bindTargets(targets);
    gl.viewport(0, 0, width, height);
    gl.scissor(0, 0, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  private bindTargets(targets: readonly WebGLTexture[]): void {
    const { gl } = this.canvas;
    const known = this.framebuffers.get(targets.length);
    const framebuffer = known ?? gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    const places = targets.map((texture, i) => {
      const place = gl.COLOR_ATTACHMENT0 + i;
      gl.framebufferTexture2D(gl.FRAMEBUFFER, place, gl.TEXTURE_2D, texture, 0);
      return place;
    });
    if (known !== undefined) return;
    gl.drawBuffers(places);
    this.framebuffers.set(targets.length, framebuffer);
  }

  private link(op: string, { text, reads }: Pass): WebGLProgram {
    const { gl } = this.canvas;
    this.vertex ??= this.shader(gl.VERTEX_SHADER, VERTEX);
    const program = gl.createProgram();
    const fragment = this.shader(gl.FRAGMENT_SHADER, `${HEAD}\n${text}`);
    gl.attachShader(program, this.vertex);
    gl.attachShader(program, fragment);
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      const why = `${gl.getShaderInfoLog(fragment) ?? ""}${gl.getProgramInfoLog(program) ?? ""}`;
      throw new DeviceError(op, `its WebGL2 shader does not compile: ${why}`, UNRUN);
    }
    gl.deleteShader(fragment);
    gl.useProgram(program);
    reads.forEach((name, unit) => {
      gl.uniform1i(gl.getUniformLocation(program, name), unit);
    });
    return program;
  }

  private shader(type: number, text: string): WebGLShader {
    const { gl } = this.canvas;
    const shader = gl.createShader(type) as WebGLShader;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    return shader;
  }

  drain(): void {
    this.pool.drain();
  }
}
