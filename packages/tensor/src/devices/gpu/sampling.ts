/**
 * @file Makes GPU.js's WebGL2 kernels find their texels by multiplication, where it divides whole
 * numbers. Pure text.
 */
import { EXACT } from "./source.js";

/** An array of a kernel and its texture's width and height. */
export interface Sampled {
  readonly name: string;
  readonly size: ArrayLike<number>;
}

/**
 * The texel of element x of a flat array; `size` is the width, its reciprocal and the height's. The
 * row may be off by one and is mended: exact for whole numbers below 2²⁴.
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

/**
 * The text of a shader with another reader; unchanged where arrays are larger than floats can
 * count.
 */
export function sampling(text: string, arrays: readonly Sampled[]): string {
  const sizes = arrays.map(({ name, size }) => {
    const [width, height] = size as unknown as [number, number];
    return { name, width, height };
  });
  if (sizes.some(({ width, height }) => width * height > EXACT)) return text;
  let made = text.replace(DEFINITION, `${READER}${DEFINITION}`);
  for (const { name, width, height } of sizes) {
    const call = `getFloatFromSampler2D(user_${name}, user_${name}Size, user_${name}Dim, `;
    const size = `vec3(${width}, ${1 / width}, ${1 / height})`;
    made = made.replaceAll(call, `texelOf(user_${name}, ${size}, `);
  }
  return made;
}
