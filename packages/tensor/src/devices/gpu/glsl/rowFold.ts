/**
 * @file Reductions of consecutive rows in GLSL: texels are found by counting instead of division,
 * four in each turn of the loop. Knows no op.
 */
import type { Block, GlslKernel, Own, Pass } from "../gpujs/backend.js";
import type { Launcher } from "../gpujs/launcher.js";

/** How the elements of a row are combined, as expressions of JavaScript and of GLSL. */
export interface Fold {
  /** The first value of `acc`; `first` is the first element. */
  readonly init: string;
  /** The next `acc`, from `acc` and the element `v`. */
  readonly step: string;
  /** Whether it adds: then long runs are added up in blocks, so that fewer digits are lost. */
  readonly sums?: boolean;
}

/** Terms of a sum that are added up by themselves before they are added to the others. */
export const BLOCK = 64;

/** Statements that change `acc`, or that add to it what they make of 0. */
const apart = ({ sums = false }: Fold, statements: string): string =>
  sums ? `float held = acc;\nacc = 0.0;\n${statements}\nacc = held + acc;` : statements;

/** `groups` rows of `each` elements; `finish` is the result of a row from its `acc`. */
export interface Rows {
  readonly groups: number;
  readonly each: number;
  readonly finish: string;
}

/** From this many elements on, a kernel of our own is faster. */
const WORTH = 2 ** 14;
/** At most about this many parts: enough for a GPU, and each costs as much as a dozen elements. */
const BUSY = 2 ** 14;
/** Rows shorter than this are not cut. */
const SHORT = 256;

const four = [0, 1, 2, 3];

/** A GLSL function that folds `count` elements of `x0`, `width` texels wide, from `from` on. */
function folding(fold: Fold, width: number, height: number): string {
  const { init, step } = fold;
  const read = (away: number) => `texture(x0, vec2((c + ${away}.0) * ${1 / width}, row)).r`;
  return `
uniform sampler2D x0;
float fold(int from, int count) {
  int x = from % ${width};
  int y = from / ${width};
  float first = texelFetch(x0, ivec2(x, y), 0).r;
  float acc = ${init};
  for (int left = count; left > 0;) {
    int n = min(left, ${width} - x);
    float row = (float(y) + 0.5) * ${1 / height};
    float c = float(x) + 0.5;
    for (int turns = n / 4; turns > 0; turns -= ${BLOCK / 4}) {
      ${apart(
        fold,
        `for (int some = min(turns, ${BLOCK / 4}); some > 0; some--) {
          ${four.map((i) => `float v${i} = ${read(i)};`).join("\n")}
          float v = v0;
          acc = ${step};
          ${four
            .slice(1)
            .map((i) => `v = v${i};\nacc = ${step};`)
            .join("\n")}
          c += 4.0;
        }`,
      )}
    }
    for (int rest = n % 4; rest > 0; rest--) {
      float v = ${read(0)};
      acc = ${step};
      c += 1.0;
    }
    left -= n;
    x = 0;
    y++;
  }
  return acc;
}`;
}

const place = (width: number): string =>
  `int i = int(gl_FragCoord.y) * ${width} + int(gl_FragCoord.x);`;

interface Texture {
  readonly width: number;
  readonly height: number;
}

/** One pass over the rows, or a pass over parts of rows and one over their results. */
function passes(
  fold: Fold,
  { groups, each, finish }: Rows,
  parts: number,
  sides: { readonly x: Texture; readonly between: Texture; readonly result: number },
): Pass[] {
  const { x, between, result } = sides;
  const head = folding(fold, x.width, x.height);
  if (parts === 1) {
    const text = `${head}
out vec4 made;
void main() {
  ${place(result)}
  float acc = i < ${groups} ? fold(i * ${each}, ${each}) : 0.0;
  made = vec4(${finish});
}`;
    return [{ text, reads: ["x0"], targets: null }];
  }
  const length = Math.ceil(each / parts);
  const folded = `fold(group * ${each} + start, min(${length}, ${each} - start))`;
  const first = `${head}
out vec4 made;
void main() {
  ${place(between.width)}
  int start = (i % ${parts}) * ${length};
  int group = i / ${parts};
  made = vec4(group < ${groups} ? ${folded} : 0.0);
}`;
  const part = (c: string) => {
    const at = `(i * ${parts} + ${c})`;
    return `texelFetch(t0_0, ivec2(${at} % ${between.width}, ${at} / ${between.width}), 0).r`;
  };
  const second = `
uniform sampler2D t0_0;
out vec4 made;
void main() {
  ${place(result)}
  float first = ${part("0")};
  float acc = ${fold.init};
  for (int b = 0; b < ${parts}; b += ${BLOCK}) {
    ${apart(
      fold,
      `for (int c = b; c < min(b + ${BLOCK}, ${parts}); c++) {
        float v = ${part("c")};
        acc = ${fold.step};
      }`,
    )}
  }
  made = vec4(${finish});
}`;
  return [
    { text: first, reads: ["x0"], targets: { count: 1, ...between } },
    { text: second, reads: ["t0_0"], targets: null },
  ];
}

/** The number of parts of a row: at most about √each, and none of them empty. */
function partsOf({ groups, each }: Rows): number {
  if (each < SHORT || groups >= BUSY / 4) return 1;
  const length = Math.max(Math.sqrt(each), (each * groups) / BUSY);
  return Math.ceil(each / (4 * Math.ceil(length / 4)));
}

/** The reduced rows of `x`; null where GPU.js is as fast. */
export function foldRows(
  launcher: Launcher,
  op: string,
  x: Block,
  fold: Fold,
  rows: Rows,
): Block | null {
  const { own } = launcher.backend;
  const { groups, each } = rows;
  if (own?.language !== "glsl" || groups * each < WORTH) return null;
  const key = `${op} of rows|${groups}|${each}|${x.size}|${fold.step}`;
  return launcher.launchOwn(key, [x], () => own.compile(kernel(op, own, x.size, fold, rows)));
}

function kernel(
  op: string,
  own: Own & { readonly language: "glsl" },
  size: number,
  fold: Fold,
  rows: Rows,
): GlslKernel {
  const texture = (n: number): Texture => {
    const width = own.widthOf(n);
    return { width, height: Math.ceil(n / width) };
  };
  const parts = partsOf(rows);
  const between = texture(rows.groups * parts);
  const sides = { x: texture(size), between, result: own.widthOf(rows.groups) };
  return { op, size: rows.groups, passes: passes(fold, rows, parts, sides) };
}
