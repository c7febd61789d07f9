/**
 * @file Changes the text of GPU.js's WebGL2 kernels: they find texels by multiplication in floats
 * instead of division of whole numbers. Pure text.
 */
import { EXACT } from "./source.js";

/** An array of a kernel and the sides of its texture. */
export interface Sampled {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/**
 * The texel of element x of a flat array; `size` is the width, 1/width and 1/height. The row may be
 * off by one and is corrected: exact for whole numbers below 2²⁴.
 */
const READER = `
float texelOf(sampler2D tex, vec3 size, int z, int y, int x) {
  float at = float(x);
  float row = floor(at * size.y);
  float column = at - row * size.x;
  float off = step(size.x, column) - step(column, -0.5);
  return texture(tex, vec2((column - off * size.x + 0.5) * size.y, (row + off + 0.5) * size.z)).r;
}
`;

const DEFINITION = "float getFloatFromSampler2D(";

/** The text of a shader with this reader; unchanged where an array is larger than floats count. */
export function sampling(text: string, arrays: readonly Sampled[]): string {
  if (arrays.some(({ width, height }) => width * height > EXACT)) return text;
  let made = text.replace(DEFINITION, `${READER}${DEFINITION}`);
  for (const { name, width, height } of arrays) {
    const call = `getFloatFromSampler2D(user_${name}, user_${name}Size, user_${name}Dim, `;
    const size = `vec3(${width}, ${1 / width}, ${1 / height})`;
    made = made.replaceAll(call, `texelOf(user_${name}, ${size}, `);
  }
  return made;
}
