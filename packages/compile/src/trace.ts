/**
 * @file The trace: a device above the CPU whose tensors hold no numbers. What runs on them is
 * written down.
 */
import { type DType, dispose, type Tensor, type TypedArray, UsageError } from "@isograd/tensor";
import {
  closeScope,
  deviceOf,
  fromStorage,
  getDevice,
  type HomeDevice,
  handleOf,
  type Inputs,
  type Layer,
  type LayeredDevice,
  type Op,
  opened,
  openScope,
  type Remembered,
  realize,
  release,
  retain,
  type Spec,
  Storage,
  setRecorder,
  setTracer,
  shapesEqual,
  sizeOf,
  type Tracer,
} from "@isograd/tensor/engine";
import type { Instruction, Origin, Use, Value, Walk } from "./program.js";

/** What a function draws from a generator, before each replay. */
export interface Draw {
  readonly value: Value;
  /** The numbers of the trace itself, for the first run of the program. */
  readonly first: TypedArray;
  readonly generator: object;
  readonly state: string;
  readonly draw: () => TypedArray;
}

/** Instructions with numbers that change from call to call, and how they come again. */
interface Region {
  readonly inputs: readonly Tensor[];
  readonly run: (inputs: Inputs) => Tensor[];
  readonly instructions: readonly Instruction[];
}

/** A region that runs once more, and how far it is. */
interface Again {
  readonly region: Region;
  readonly move: Move;
  at: number;
}

/** The memory of a tensor of a trace: a value, and no numbers. */
type Block = Storage & { readonly data: Value };

/** Runs a function once on tensors without numbers, and keeps what it does. */
export class Trace implements LayeredDevice, Tracer {
  readonly home: HomeDevice;
  readonly over: Layer;
  readonly instructions: Instruction[] = [];
  readonly constants = new Map<Storage, readonly Value[]>();
  readonly draws: Draw[] = [];
  readonly afters: (() => void)[] = [];
  /** What the host read of the state, such as a grid that says how to arrange: it must stay. */
  readonly seen = new Map<number, TypedArray>();
  /** Flags that the function read, such as the mode of a module, with their values. */
  readonly flags = new Map<Remembered<unknown>, unknown>();
  readonly #homes: Storage[] = [];
  readonly #regions: Region[] = [];
  readonly #blocks: Block[] = [];
  readonly #foreign: (x: Tensor) => void;
  /** The instructions of the region that is written down now. */
  #region: Instruction[] | null = null;
  /** The region that runs once more, before a replay. */
  #again: Again | null = null;

  /** `foreign` is called with state that the function reads and the program does not know. */
  constructor(home: HomeDevice, foreign: (x: Tensor) => void) {
    this.home = home;
    this.#foreign = foreign;
    const run: Layer["run"] = (op, inputs, attrs, specs) => this.#run(op, inputs, attrs, specs);
    // below every batch: those begin at level 1
    this.over = { home, level: 0.5, run };
  }

  get name(): string {
    return this.home.name;
  }

  get dtypes(): readonly DType[] {
    return this.home.dtypes;
  }

  get maxBytes(): number {
    return this.home.maxBytes ?? Number.POSITIVE_INFINITY;
  }

  /** A tensor that stands for a value. */
  tensor(spec: Spec, origin: Origin): Tensor {
    return fromStorage(spec, this.#block(spec, origin), "create");
  }

  /** The memory of a new value. */
  #block({ dtype, shape }: Spec, origin: Origin): Block {
    const size = sizeOf(shape);
    const value: Value = { id: this.#blocks.length, dtype, size, origin };
    const block = new Storage(this, dtype, size, 0, value) as Block;
    this.#blocks.push(block);
    return block;
  }

  /** The memory of a value that a state tensor has at the beginning; `home`: its numbers. */
  state(spec: Spec, at: number, home: Storage): Storage {
    this.#homes[at] = home;
    return this.#block(spec, { kind: "state", at });
  }

  /** A gradient that `backward()` collected before, as state at a place. */
  collected(grad: Tensor, at: number): Tensor {
    const { storage } = realize("compile", grad);
    return fromStorage(grad, this.state(grad, at, storage), "create");
  }

  /** The value behind a tensor, of this trace or a constant of its home. */
  use(x: Tensor): Use {
    const { storage, strides, shape } = handleOf(x).operand;
    if (storage.device === this) return { value: storage.data as Value, shape };
    const walk = strides === null ? null : { shape, strides };
    return { value: this.#constant(storage, walk), shape };
  }

  #constant(storage: Storage, walk: Walk | null): Value {
    const known = this.constants.get(storage) ?? [];
    const found = known.find(({ origin }) => {
      return origin.kind === "constant" && sameWalk(origin.walk, walk);
    });
    if (found !== undefined) return found;
    if (known.length === 0) retain(storage);
    const { dtype, size } = storage;
    const origin: Origin = { kind: "constant", storage, walk };
    const value: Value = { id: this.#blocks.length, dtype, size, origin };
    this.#blocks.push(new Storage(this, dtype, size, 0, value) as Block);
    this.constants.set(storage, [...known, value]);
    return value;
  }

  #run(op: Op, inputs: Inputs, attrs: unknown, specs: readonly Spec[]): Storage[] {
    if (op.compose !== undefined) return [opened(op, inputs, attrs, specs[0] as Spec)];
    if (this.#again !== null) return this.#runAgain(this.#again, op, inputs, attrs);
    const operands = inputs.map((x) => this.use(x));
    const blocks = specs.map((spec) => this.#block(spec, { kind: "made" }));
    const results = blocks.map(({ data }, i) => ({
      value: data,
      shape: (specs[i] as Spec).shape,
    }));
    const changing = this.#region !== null;
    const instruction = { op, attrs: { now: attrs }, operands, results, changing };
    this.instructions.push(instruction);
    this.#region?.push(instruction);
    return blocks;
  }

  changing(inputs: Inputs, run: (inputs: Inputs) => Tensor[]): Tensor[] {
    if (this.#region !== null) return run(inputs);
    const instructions: Instruction[] = [];
    this.#region = instructions;
    try {
      return run(inputs);
    } finally {
      this.#region = null;
      const own = inputs.map((x) => x.alias(false, "compile"));
      this.#regions.push({ inputs: own, run, instructions });
    }
  }

  after(act: () => void): void {
    this.afters.push(act);
  }

  drawn(spec: Spec, generator: object, state: string, draw: () => TypedArray): Tensor {
    const twin = this.draws.find(
      (other) =>
        other.generator === generator &&
        other.state === state &&
        other.value.size === sizeOf(spec.shape),
    );
    const first = untraced(draw);
    if (twin !== undefined) {
      return fromStorage(spec, this.#blocks[twin.value.id] as Block, "create");
    }
    const x = this.tensor(spec, { kind: "drawn", at: this.draws.length });
    const { value } = this.use(x);
    this.draws.push({ value, first, generator, state, draw });
    return x;
  }

  refuse(op: string, what: string): never {
    throw new UsageError(
      op,
      `${what} is drawn while the function is captured: each run would get the same`,
      "draw a tensor (random.uniform([])), or draw outside and pass it as an argument",
    );
  }

  reads(x: Tensor): void {
    if (handleOf(x).operand.storage.device !== this) this.#foreign(x);
  }

  /** Brings the attributes that change from call to call up to date. */
  refresh(move: Move): void {
    if (this.#regions.length === 0) return;
    const tracer = setTracer(this);
    const recorder = setRecorder(null);
    const mark = openScope();
    try {
      for (const region of this.#regions) {
        const again: Again = { region, at: 0, move };
        this.#again = again;
        region.run(region.inputs);
        if (again.at !== region.instructions.length) throw unlike("fewer ops");
      }
    } finally {
      this.#again = null;
      closeScope(mark);
      setRecorder(recorder);
      setTracer(tracer);
    }
  }

  #runAgain(again: Again, op: Op, inputs: Inputs, attrs: unknown): Storage[] {
    const instruction = again.region.instructions[again.at++];
    if (instruction?.op !== op) throw unlike(`the op ${op.name}`);
    instruction.attrs.now = attrs;
    for (const [i, x] of inputs.entries()) {
      const { value } = instruction.operands[i] as Use;
      const { storage } = handleOf(x).operand;
      if (storage.device === this) {
        if (storage.data !== value) throw unlike(`operand ${i} of ${op.name}`);
      } else if (value.origin.kind !== "constant") throw unlike(`operand ${i} of ${op.name}`);
      else if (value.origin.storage !== storage) again.move(value.origin.storage, storage);
    }
    return instruction.results.map(({ value }) => this.#blocks[value.id] as Block);
  }

  upload(data: TypedArray, dtype: DType): Storage {
    return this.home.upload(data, dtype);
  }

  fromNumber(value: number, dtype: DType): Storage {
    const { home } = this;
    return home.fromNumber?.(value, dtype) ?? home.upload(Float64Array.of(value), dtype);
  }

  release(): void {}

  async read(storage: Storage, size: number): Promise<TypedArray> {
    return this.readSync(storage, size);
  }

  readSync(storage: Storage, size: number): TypedArray {
    const { origin } = storage.data as Value;
    if (origin.kind !== "state" || size !== storage.size) throw unreadable();
    const home = this.#homes[origin.at] as Storage;
    const values = home.device.readSync(home, size);
    this.seen.set(origin.at, values);
    return values.slice();
  }

  memory() {
    return { bytes: 0, reserved: 0 };
  }

  /** Frees what the program holds: constants, and tensors of regions. */
  free(): void {
    for (const storage of this.constants.keys()) release(storage);
    for (const { inputs } of this.#regions) for (const x of inputs) dispose(x);
    this.constants.clear();
    this.#regions.length = 0;
  }
}

export function sameWalk(a: Walk | null, b: Walk | null): boolean {
  if (a === null || b === null) return a === b;
  return shapesEqual(a.shape, b.shape) && shapesEqual(a.strides, b.strides);
}

/** Copies the numbers of one block of the home device into another. */
export type Move = (to: Storage, from: Storage) => void;

/** Runs `draw` as if nothing were captured. */
export function untraced<R>(draw: () => R): R {
  const tracer = setTracer(null);
  try {
    return draw();
  } finally {
    setTracer(tracer);
  }
}

function unlike(what: string): UsageError {
  return new UsageError(
    "compile",
    `a step whose numbers change from call to call does not run as it was captured: ${what}`,
    "use the same ops in every call, or leave the step out of the compiled function",
  );
}

/** The error of code that asks for numbers while there are none. */
export function unreadable(): UsageError {
  return new UsageError(
    "compile",
    "a value is read while the function is captured: there are no numbers yet",
    "return the tensor and read it outside, choose with where(…), or pass numbers as arguments",
  );
}

/** The device that programs are made for. */
export function homeDevice(): HomeDevice {
  return getDevice("cpu") as HomeDevice;
}

/** Whether a tensor lives where programs run. */
export function isHome(x: Tensor): boolean {
  return deviceOf(x) === homeDevice();
}
