/**
 * @file Kernels that ops bring along as text over flat arrays: adds the places of the thread and
 * exact functions in place of the drivers' own.
 */
import { type Shape, sizeOf } from "../../../base/shape.js";
import type { GpuKernelMaker } from "../../../core/contract.js";
import type { Block } from "../gpujs/backend.js";
import { checkExact, divide } from "../gpujs/source.js";
import type { Helper } from "../gpujs/whole.js";
import { formulas } from "./formulas.js";
import type { Kernel } from "./kernel.js";

/** Statements that find the thread's place in the result: `thread_x`, `thread_y`, `thread_z`. */
function placesIn(shape: Shape): string {
  const [nx = 1, ny = 1] = [...shape].reverse();
  const row = divide("thread_k", nx, "thread_q", "thread_x");
  return `whole thread_k = this.thread.x;\n${row}${divide("thread_q", ny, "thread_z", "thread_y")}`;
}

/** Functions of `Math` whose op has another name. */
const NAMES: Readonly<Record<string, string>> = { max: "maximum", min: "minimum" };
/** Functions that differ from the op of their name: `Math.round` rounds halves up. */
const OTHER = ["round"];

/**
 * The text with the library's own functions in place of those where drivers are wrong; adds them to
 * `helpers`.
 */
function withFunctions(text: string, helpers: Map<string, Helper>): string {
  const call = /\bMath\.(\w+)\s*\(/.exec(text);
  if (call === null) return text;
  const { 0: opening, 1: key = "", index } = call;
  const from = index + opening.length;
  const [given, rest] = argumentsAt(text, from);
  const values = given.map((value) => withFunctions(value, helpers));
  const after = withFunctions(rest, helpers);
  const formula = OTHER.includes(key) ? undefined : formulas[NAMES[key] ?? key];
  if (formula === undefined) return `${text.slice(0, from)}${values.join(",")})${after}`;
  const name = `math_${key}`;
  const parameters = /\by\b/.test(formula) ? ["x", "y"] : ["x"];
  helpers.set(key, { name, parameters, body: formula });
  // more numbers than two: Math.max(a, b, c) = Math.max(Math.max(a, b), c)
  const all = parameters.length === 1 ? [values.join(",")] : values;
  const first = parameters.length === 1 ? `${name}(${all[0]})` : (all[0] as string);
  const made = all.slice(1).reduce((sum, value) => `${name}(${sum}, ${value})`, first);
  return `${text.slice(0, index)}(${made})${after}`;
}

/** The arguments of a call whose bracket opens before `from`, and the text after the call. */
function argumentsAt(text: string, from: number): [string[], string] {
  const given = [""];
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const c = text[i] as string;
    if (depth === 0 && c === ")") return [given, text.slice(i + 1)];
    if ("([".includes(c)) depth++;
    if (")]".includes(c)) depth--;
    if (depth === 0 && c === ",") given.push("");
    else given[given.length - 1] += c;
  }
  return [given, ""];
}

/** The kernel of an op that brings its text. */
export function written(make: GpuKernelMaker): Kernel {
  return (kit, { op, inputs, attrs, spec }) => {
    // the text computes its indices in floats, so nothing larger than they count may pass
    const sizes = [sizeOf(spec.shape), ...inputs.map((x) => x.size)];
    checkExact(op, Math.max(...sizes));
    const { parameters, body } = make(inputs, attrs, spec);
    const places = /\bthis\.thread\b/.test(body) ? placesIn(spec.shape) : "";
    const helpers = new Map<string, Helper>();
    const text = withFunctions(
      body
        .replace(/\bthis\.thread\.([xyz])\b/g, "thread_$1")
        // counters are floats on WebGPU, and floats have no ++
        .replace(/([A-Za-z_$][\w$]*)\s*(\+|-)\2|(\+|-)\3([A-Za-z_$][\w$]*)/g, "$1$4 $2$3= 1"),
      helpers,
    );
    const arrays: Record<string, Block> = {};
    inputs.forEach((x, i) => {
      arrays[parameters[i] as string] = x.block;
    });
    const output = sizeOf(spec.shape);
    return kit.launch({ op, body: places + text, output, arrays, helpers: [...helpers.values()] });
  };
}
