/**
 * @file The kernels of the peaks in GLSL: a fragment is a thread and makes a texel of four lanes.
 */
import { CHAINS, COPIED, type Kernels, THREADS, TURNS, total, turn } from "./measure.js";

const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(corner * 4.0 - 1.0, 0.0, 1.0);
}`;

const HEAD = `#version 300 es
precision highp float;
precision highp int;
uniform sampler2D from;
out vec4 to;
`;

const COPY = `${HEAD}
void main() { to = texelFetch(from, ivec2(gl_FragCoord.xy), 0); }`;

const MULTIPLY = `${HEAD}
void main() {
  vec4 x = texelFetch(from, ivec2(gl_FragCoord.xy), 0);
  vec4 m = x * 0.5 + 0.25;
  ${Array.from({ length: CHAINS }, (_, i) => `vec4 s${i} = x + ${i}.0;`).join("\n")}
  for (int i = 0; i < ${TURNS}; i++) {
    ${turn((s) => `${s} * m + x`)}
  }
  to = ${total};
}`;

function programOf(gl: WebGL2RenderingContext, fragment: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type);
    if (shader === null) throw new Error("WebGL2 has lost its context");
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS)) return program;
  throw new Error(`a shader of the peaks does not link: ${gl.getProgramInfoLog(program)}`);
}

function targetOf(gl: WebGL2RenderingContext, side: number): WebGLFramebuffer {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, side, side);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  return framebuffer;
}

export function webGlKernels(): Kernels {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (gl === null) throw new Error("there is no WebGL2");
  gl.getExtension("EXT_color_buffer_float");
  const side = Math.sqrt(COPIED / 4);
  targetOf(gl, side); // all zeros; stays bound as the texture to read
  const from: WebGLTexture = gl.getParameter(gl.TEXTURE_BINDING_2D);
  const to = targetOf(gl, side);
  gl.bindTexture(gl.TEXTURE_2D, from);
  const draw = (fragment: string, width: number, height: number) => {
    const program = programOf(gl, fragment);
    return () => {
      gl.useProgram(program);
      gl.bindFramebuffer(gl.FRAMEBUFFER, to);
      gl.viewport(0, 0, width, height);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    };
  };
  const pixel = new Float32Array(4);
  return {
    copy: draw(COPY, side, side),
    multiply: draw(MULTIPLY, Math.sqrt(THREADS), Math.sqrt(THREADS)),
    async finish() {
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, pixel);
    },
  };
}
