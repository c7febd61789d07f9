/**
 * @file Records what kernels of the CPU do for a program: each instruction's own kernel runs once,
 * over addresses that stand for blocks, and its calls are noted instead of made.
 */
import type { Shape } from "@isograd/tensor";
import {
  type CpuKernelMany,
  CUTS,
  type Heap,
  kernelsByOp,
  LARGE,
  materialize,
  type OpKernel,
  ROW_KERNELS,
  type Runtime,
  runtime,
} from "@isograd/tensor/cpu";
import {
  bytesOf,
  FALLBACK,
  neededStrides,
  type Op,
  type Operand,
  type Spec,
  Storage,
  shapesEqual,
  sizeOf,
} from "@isograd/tensor/engine";
import { I32 } from "./encode.js";
import type { Instruction, Program, Use, Value } from "./program.js";
import { signatureOf } from "./signatures.js";
import type { Arg, Block, Call, Place, Step } from "./steps.js";
import { homeDevice } from "./trace.js";

/** Where the numbers of a use lie. */
interface Located {
  readonly block: Block;
  /** In elements, with the shape that they belong to; null when contiguous. */
  readonly strides: Shape | null;
  readonly shape: Shape | null;
  /** The memory as kernels see it: remembers which indices were checked. */
  readonly storage: Storage;
}

/** What recording gives. */
export interface Recording {
  readonly steps: readonly Step[];
  readonly blocks: readonly Block[];
  /** Where each value that an output or a write needs is, without strides. */
  locate(use: Use): Block;
}

/** Addresses of blocks, far above those of memory and all lengths. */
const SPACING = 2 ** 33;
/** The address of the lists of axes: kernels write them through `>>> 2`, which gives place 0. */
const AXES = 2 ** 52;
const LIST = 256;

/** A kernel reads or writes memory by itself: only the host can run it. */
class Unrecordable extends Error {}

function forbidden(): never {
  throw new Unrecordable();
}

const NO_MEMORY = new Proxy([], { get: forbidden, set: forbidden });
const known = { kernels: null as ReturnType<typeof kernelsByOp> | null };

function kernelsOf(op: Op): OpKernel {
  known.kernels ??= kernelsByOp();
  const own = known.kernels.get(op);
  if (own !== undefined) return own;
  const { cpu, cpuMany } = op.kernels ?? {};
  return { ...(cpu && { one: cpu }), ...(cpuMany && { many: cpuMany }) };
}

/** What makes a constant contiguous that is returned as it is, before any instruction. */
const COPY: Instruction = {
  op: { name: "copy", infer: forbidden },
  attrs: { now: undefined },
  operands: [],
  results: [],
  changing: false,
};

/** Runs the kernels of a program against blocks, and notes their calls. */
export class Recorder implements Recording {
  readonly steps: Step[] = [];
  readonly blocks: Block[] = [];
  readonly #located = new Map<Value, Located>();
  readonly #copies = new Map<Value, Located>();
  readonly #rt: Runtime;
  readonly #lists = new Int32Array(LIST);
  #instruction = COPY;
  #large = false;
  /** Whether an operand is made contiguous. */
  #copying = false;

  constructor() {
    this.#rt = this.#runtime();
  }

  #runtime(): Runtime {
    const { heap: real, core, math, work } = runtime();
    const memory = NO_MEMORY as unknown as Heap["f32"] & Heap["f64"] & Heap["u8"]; // its reads throw
    const heap: Heap = {
      ...real,
      f32: memory,
      f64: memory,
      u8: memory,
      i32: this.#lists,
      alloc: (bytes) => this.#block(bytes, null).id * SPACING,
      free: () => {},
      reserve: forbidden,
      unreserve: forbidden,
    };
    const noted = this.#noting("core", core);
    const rows = ROW_KERNELS.map((name) => noted[name]);
    return { heap, core: noted, math: this.#noting("math", math), rows, axes: AXES, work };
  }

  /** The kernels of a module, each of which notes that it was called. */
  #noting<K extends object>(module: "core" | "math", kernels: K): K {
    const names = Object.keys(kernels);
    const note = (name: string) => {
      if (name === "checkIndices") return (...args: number[]) => this.#check(args);
      return (...args: number[]) => this.#call(module, name, args);
    };
    return Object.fromEntries(names.map((name) => [name, note(name)])) as K; // as many names
  }

  #call(module: "core" | "math", name: string, args: readonly number[]): void {
    const instruction = this.#instruction;
    const large = this.#large && name in CUTS;
    const { params } = signatureOf({ module, name });
    const own = args.map((x, i) => (params[i] === I32 ? this.#arg(x) : x)); // addresses are whole
    const changing = instruction.changing && !this.#copying;
    this.steps.push({ kind: "call", module, name, args: own, instruction, large, changing });
  }

  #check(args: readonly number[]): number {
    const instruction = this.#instruction;
    this.steps.push({ kind: "check", args: args.map((x) => this.#arg(x)), instruction });
    return -1;
  }

  #arg(x: number | boolean): Arg {
    if (typeof x !== "number") return Number(x);
    if (x === AXES) return this.#lists.slice();
    return x < SPACING ? x : this.#place(x);
  }

  #place(address: number): Place {
    const id = Math.floor(address / SPACING);
    return { block: this.blocks[id - 1] as Block, offset: address - id * SPACING };
  }

  #block(bytes: number, value: Value | null): Block {
    const block = { id: this.blocks.length + 1, bytes, value };
    this.blocks.push(block);
    return block;
  }

  /** The calls of one instruction with the numbers of now; the addresses of results mean nothing. */
  again(instruction: Instruction): readonly Call[] {
    const before = [this.steps.length, this.blocks.length] as const;
    this.#instruction = instruction;
    const { operands, specs, kernels } = this.#prepared(instruction);
    this.#compute(instruction, kernels, operands, specs);
    const made = this.steps.slice(before[0]);
    [this.steps.length, this.blocks.length] = before;
    return made.filter((step): step is Call => step.kind === "call");
  }

  /** A block for one strip of what a group of calls makes. */
  strip(bytes: number): Block {
    return this.#block(bytes, null);
  }

  /** Notes all calls of a program. */
  record({ instructions }: Program): void {
    for (const instruction of instructions) this.#one(instruction);
  }

  locate({ value }: Use): Block {
    const found = this.#where(value);
    return found.strides === null ? found.block : this.#contiguous(value).block;
  }

  /** The block of a value; null where nothing needed one. */
  blockOf(value: Value): Block | null {
    return this.#located.get(value)?.block ?? null;
  }

  #where(value: Value): Located {
    const known = this.#located.get(value);
    if (known !== undefined) return known;
    const block = this.#block(value.size * bytesOf(value.dtype), value);
    const { origin } = value;
    if (origin.kind !== "constant" || origin.walk === null) return this.#put(value, block);
    return this.#put(value, block, origin.walk.strides, origin.walk.shape);
  }

  /** Says where a value is. */
  #put(
    value: Value,
    block: Block,
    strides: Shape | null = null,
    shape: Shape | null = null,
  ): Located {
    const found = { block, strides, shape, storage: storageAt(value, block) };
    this.#located.set(value, found);
    return found;
  }

  /** A use as kernels see operands. A reshape of a strided value is a copy, as everywhere. */
  #operand({ value, shape }: Use, walks = true): Operand {
    const found = this.#where(value);
    const { strides } = found;
    const asIs = strides === null || (walks && shapesEqual(found.shape as Shape, shape));
    const { storage } = asIs ? found : this.#contiguous(value);
    const own = asIs ? strides : null;
    return { shape, dtype: value.dtype, size: sizeOf(shape), strides: own, storage };
  }

  /** The elements of a strided value in a block of their own, made once. */
  #contiguous(value: Value): Located {
    const before = this.#copies.get(value);
    if (before !== undefined) return before;
    const { strides, shape, storage } = this.#where(value);
    const size = sizeOf(shape as Shape);
    const x = { shape: shape as Shape, dtype: value.dtype, size, strides, storage };
    this.#large = size >= LARGE;
    this.#copying = true;
    const { block } = this.#place(materialize(this.#rt, x));
    this.#copying = false;
    const made = { block, strides: null, shape: null, storage: storageAt(value, block) };
    this.#copies.set(value, made);
    return made;
  }

  #one(instruction: Instruction): void {
    const { op, results } = instruction;
    this.#instruction = instruction;
    if (op.view !== undefined) {
      this.#view(instruction);
      return;
    }
    const { operands, specs, kernels } = this.#prepared(instruction);
    const ptrs = this.#compute(instruction, kernels, operands, specs);
    for (const [i, { value }] of results.entries()) {
      const { block } = this.#place(ptrs[i] as number);
      if (block.value === null) Object.assign(block, { value });
      this.#put(value, block);
    }
  }

  /** A view is no work: it says how another value is walked. */
  #view({ op, attrs, operands: uses, results }: Instruction): void {
    const [x] = uses as [Use];
    const [{ value, shape }] = results as [Use];
    const operands = uses.map((use) => this.#operand(use));
    const strides = op.view?.(operands, attrs.now, { shape, dtype: value.dtype }) ?? null;
    if (strides === null) this.#put(value, this.locate(x));
    else {
      const { block } = this.#place((operands[0] as Operand).storage.ptr);
      this.#put(value, block, neededStrides(shape, strides), shape);
    }
  }

  /** What the kernel of an instruction is called with: operands as it accepts them. */
  #prepared({ op, operands: uses, results }: Instruction) {
    const kernels = kernelsOf(op);
    const operands = uses.map((use) => this.#operand(use));
    const specs = results.map(({ value, shape }) => ({ shape, dtype: value.dtype }));
    for (let i = 0; i < operands.length; i++) {
      if ((operands[i] as Operand).strides === null) continue;
      if (kernels.accepts?.(operands, i) !== true) {
        operands[i] = this.#operand(uses[i] as Use, false);
      }
    }
    return { kernels, operands, specs };
  }

  #compute(
    instruction: Instruction,
    kernels: OpKernel,
    operands: readonly Operand[],
    specs: readonly Spec[],
  ): readonly number[] {
    const sizes = specs.map(({ shape }) => sizeOf(shape));
    const empty = operands.some(({ size }) => size === 0);
    const many = instruction.op.inferMany !== undefined;
    this.#large = Math.max(...sizes, ...operands.map(({ size }) => size)) >= LARGE;
    const before = [this.steps.length, this.blocks.length] as const;
    if (!empty && (many || (sizes[0] as number) > 0)) {
      try {
        const ptrs = called(this.#rt, kernels, many, operands, instruction.attrs.now, specs);
        if (ptrs !== null) return ptrs;
      } catch (error) {
        if (!(error instanceof Unrecordable)) throw error;
      }
      [this.steps.length, this.blocks.length] = before;
    }
    return this.#host(instruction, operands, specs);
  }

  /** An instruction that the host computes: by the op's plain TypeScript, or its whole kernel. */
  #host(
    instruction: Instruction,
    operands: readonly Operand[],
    specs: readonly Spec[],
  ): readonly number[] {
    const blocks = specs.map(({ shape, dtype }) =>
      this.#block(sizeOf(shape) * bytesOf(dtype), null),
    );
    this.steps.push({
      kind: "host",
      instruction,
      operands: operands.map(({ shape, dtype, strides, storage }) => {
        return { ...this.#place(storage.ptr), shape, dtype, strides };
      }),
      results: blocks.map((block, i) => ({ block, offset: 0, spec: specs[i] as Spec })),
    });
    return blocks.map(({ id }) => id * SPACING);
  }
}

/** The addresses of the results, or null where there is no kernel for them. */
function called(
  rt: Runtime,
  { one, many }: OpKernel,
  several: boolean,
  operands: readonly Operand[],
  attrs: unknown,
  specs: readonly Spec[],
): readonly number[] | null {
  if (several)
    return (many as CpuKernelMany | undefined)?.(rt, operands, attrs, specs, null) ?? null;
  const ptr = one?.(rt, operands, attrs, specs[0] as Spec, null) ?? FALLBACK;
  return ptr === FALLBACK ? null : [ptr];
}

function storageAt({ dtype, size, origin }: Value, { id }: Block): Storage {
  const storage = new Storage(homeDevice(), dtype, size, id * SPACING, null);
  if (origin.kind === "constant") storage.bound = origin.storage.bound;
  return storage;
}
