/**
 * @file From a plan to one WebAssembly function: the calls of all kernels, with their numbers, and
 * what only the host can compute.
 */
import type { TypedArray } from "@isograd/tensor";
import { crewRuntime, indexError, type Runtime, runtime } from "@isograd/tensor/cpu";
import { Code, F32, F64, I32, type Import, moduleOf, type Signature } from "./encode.js";
import type { Group, Part } from "./fuse.js";
import { compute } from "./host.js";
import type { Move, Plan, Spot, Work } from "./plan.js";
import { signatureOf } from "./signatures.js";
import type { Arg, Call, Check, Host, Place } from "./steps.js";

/** A program in memory, ready to run. */
export interface Machine {
  /** Bytes of the module. */
  readonly size: number;
  /** The module once more, as it was made. */
  module(): Uint8Array;
  /** The modules of kernels that it calls: with others it must be built again. */
  readonly runtime: Runtime;
  /** Where the addresses of the slots are, as a place in the memory's Int32Array. */
  readonly slots: number;
  /** Runs once; throws what a step throws. */
  run(): void;
  /** Writes what a generator drew into its block. */
  put(spot: Spot, values: TypedArray): void;
  /** Writes the numbers of calls that change; `args` as the kernel's calls are. */
  change(call: Call, args: readonly Arg[]): void;
  free(): void;
}

/** Blocks that a machine takes from the heap. */
interface Rooms {
  readonly arena: number;
  readonly slots: number;
  readonly numbers: number;
  readonly lists: ReadonlyMap<string, number>;
  free(): void;
}

function roomsFor(rt: Runtime, steps: readonly Work[], plan: Plan, changing: number): Rooms {
  const { heap } = rt;
  const taken: [ptr: number, bytes: number][] = [];
  const take = (bytes: number): number => {
    const ptr = heap.alloc(bytes);
    taken.push([ptr, bytes]);
    return ptr;
  };
  const free = (): void => {
    for (const [ptr, bytes] of taken) heap.free(ptr, bytes);
    taken.length = 0;
  };
  try {
    const arena = take(plan.bytes);
    const slots = take(plan.slots.length * 4);
    const numbers = take(changing * 8);
    const lists = new Map<string, number>();
    for (const list of steps.flatMap(listsOf)) {
      const key = list.join();
      if (lists.has(key)) continue;
      const at = take(list.byteLength);
      heap.i32.set(list, at >>> 2);
      lists.set(key, at);
    }
    return { arena, slots, numbers, lists, free };
  } catch (error) {
    free();
    throw error;
  }
}

function listsOf(work: Work): Int32Array[] {
  if (work.kind === "host") return [];
  if (work.kind === "group") return work.parts.flatMap(stripLists);
  return work.args.filter((arg): arg is Int32Array => arg instanceof Int32Array);
}

/** The lists of axes of a strip, and of the last one. */
function stripLists({ args, at, steps, last }: Part): Int32Array[] {
  const [list] = args.filter((arg): arg is Int32Array => arg instanceof Int32Array);
  if (list === undefined) return [];
  return at === -1 ? [withFirst(list, steps), withFirst(list, last)] : [list];
}

function withFirst(list: Int32Array, length: number): Int32Array {
  const own = list.slice();
  own[0] = length;
  return own;
}

/** The calls whose numbers change from call to call, each with the first place of its own. */
function changingOf(steps: readonly Work[]): [places: Map<Call, number>, count: number] {
  const places = new Map<Call, number>();
  let count = 0;
  const calls = steps.flatMap((work) => {
    if (work.kind === "group") return work.parts.map(({ call }) => call);
    return work.kind === "call" ? [work] : [];
  });
  for (const call of calls) {
    if (!call.changing) continue;
    places.set(call, count);
    count += call.args.length;
  }
  return [places, count];
}

/** Makes the function. Throws a RangeError or a CompileError where the engine refuses it. */
export function build(steps: readonly Work[], plan: Plan): Machine {
  const rt = runtime();
  const [changing, count] = changingOf(steps);
  const rooms = roomsFor(rt, steps, plan, count);
  try {
    const writer = new Writer(rt, plan, rooms, changing);
    const bytes = writer.module(steps);
    const module = new WebAssembly.Module(bytes);
    const hosts = steps.filter((step): step is Host => step.kind === "host");
    const instance = new WebAssembly.Instance(module, {
      core: kernelsIn(rt.core),
      math: kernelsIn(rt.math),
      crew: crewKernels(writer.crew),
      host: { compute: (i: number) => compute(rt, hosts[i] as Host, (p) => writer.address(p)) },
      env: { memory: rt.heap.memory as WebAssembly.Memory },
    });
    const enter = instance.exports["run"] as () => number;
    return {
      size: bytes.length,
      module: () => new Writer(rt, plan, rooms, changing).module(steps),
      runtime: rt,
      slots: rooms.slots >>> 2,
      run() {
        const failed = enter();
        if (failed !== 0) refuse(rt, steps[failed - 1] as Check, (p) => writer.address(p));
      },
      put: (spot, values) => put(rt, values, writer.addressOf(spot)),
      change(call, args) {
        const at = (rooms.numbers >>> 3) + (changing.get(call) as number);
        for (const [i, arg] of args.entries())
          if (typeof arg === "number") rt.heap.f64[at + i] = arg;
      },
      free: rooms.free,
    };
  } catch (error) {
    rooms.free();
    throw error;
  }
}

type Kernels = Readonly<Record<string, (...args: number[]) => unknown>>;

function kernelsIn(module: object): WebAssembly.ModuleImports {
  return module as WebAssembly.ModuleImports;
}

/** Kernels as all threads run them: looked up at each call, since threads come and go. */
function crewKernels(calls: readonly Call[]): WebAssembly.ModuleImports {
  const found: Record<string, (...args: number[]) => void> = {};
  for (const { module, name } of calls) {
    found[`${module}.${name}`] = (...args) => {
      (crewRuntime()[module] as unknown as Kernels)[name]?.(...args); // one of its names
    };
  }
  return found;
}

/** Writes the body of the function. */
class Writer {
  readonly code = new Code();
  readonly crew: Call[] = [];
  readonly #rt: Runtime;
  readonly #plan: Plan;
  readonly #rooms: Rooms;
  readonly #changing: ReadonlyMap<Call, number>;
  readonly #imports: Import[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(rt: Runtime, plan: Plan, rooms: Rooms, changing: ReadonlyMap<Call, number>) {
    this.#rt = rt;
    this.#plan = plan;
    this.#rooms = rooms;
    this.#changing = changing;
  }

  module(steps: readonly Work[]): Uint8Array<ArrayBuffer> {
    const { slots } = this.#plan;
    const { code } = this;
    for (const i of slots.keys())
      code
        .i32(this.#rooms.slots)
        .loadI32(4 * i)
        .set(i);
    let host = 0;
    for (const [i, step] of steps.entries()) {
      if (step.kind === "call") this.#call(step);
      else if (step.kind === "group") this.#group(step);
      else if (step.kind === "check") this.#check(step, i);
      else {
        code.i32(host++);
        this.#calls("host", "compute", { params: [I32], results: [] });
      }
    }
    for (const move of this.#plan.moves) this.#move(move);
    code.i32(0);
    const shared = !(this.#rt.heap.memory.buffer instanceof ArrayBuffer);
    return moduleOf(this.#imports, code.bytes, [[slots.length + 2, I32]], shared);
  }

  #calls(module: string, name: string, signature: Signature): void {
    const key = `${module} ${name}`;
    let index = this.#numbers.get(key);
    if (index === undefined) {
      index = this.#imports.push({ module, name, signature }) - 1;
      this.#numbers.set(key, index);
    }
    this.code.call(index);
  }

  #call(call: Call): void {
    const signature = signatureOf(call);
    const first = this.#changing.get(call);
    for (const [i, type] of signature.params.entries()) {
      this.#numberOr(first, i, call.args[i] ?? 0, type);
    }
    const { module, name, large } = call;
    if (large) {
      this.crew.push(call);
      this.#calls("crew", `${module}.${name}`, { ...signature, results: [] });
      return;
    }
    this.#calls(module, name, signature);
    for (const _ of signature.results) this.code.drop();
  }

  /** A loop over the strips of a group. The last two locals are the strip, and whether it is the last. */
  #group({ parts, strips }: Group): void {
    const { code } = this;
    const strip = this.#plan.slots.length;
    const ends = strip + 1;
    code.i32(0).set(strip);
    code.loop(() => {
      code
        .get(strip)
        .i32(strips - 1)
        .equal()
        .set(ends);
      for (const part of parts) this.#part(part, strip, ends);
      code.get(strip).i32(1).add().tee(strip).i32(strips).lessUnsigned().again();
    });
  }

  #part(part: Part, strip: number, ends: number): void {
    const { code } = this;
    const { call, moves, at, steps, last } = part;
    const signature = signatureOf(call);
    const first = this.#changing.get(call);
    const [list, short] = stripLists(part);
    const choose = <T>(a: T, b: T, write: (x: T) => void): void => {
      if (steps === last) {
        write(a);
        return;
      }
      write(b);
      write(a);
      code.get(ends).select();
    };
    for (const [i, type] of signature.params.entries()) {
      const arg = part.args[i] ?? 0;
      if (i === at) choose(steps, last, (x) => void code.i32(x));
      else if (arg instanceof Int32Array && at === -1) {
        choose(list as Int32Array, short as Int32Array, (x) => this.#argument(x, I32));
      } else {
        this.#numberOr(first, i, arg, type);
        const move = moves.get(i) ?? 0;
        if (move !== 0) code.get(strip).i32(move).mul().add();
      }
    }
    this.#calls(call.module, call.name, signature);
    for (const _ of signature.results) code.drop();
  }

  /** An argument, or where it changes a number that is written before each run. */
  #numberOr(first: number | undefined, i: number, arg: Arg, type: number): void {
    if (first === undefined || typeof arg !== "number" || type === I32) {
      this.#argument(arg, type);
      return;
    }
    this.code.i32(this.#rooms.numbers).loadF64(8 * (first + i));
    if (type === F32) this.code.toF32();
  }

  #argument(arg: Arg, type: number): void {
    const { code } = this;
    if (typeof arg !== "number") {
      if (arg instanceof Int32Array) code.i32(this.#rooms.lists.get(arg.join()) as number);
      else this.#place(this.#spot(arg), arg.offset);
    } else if (type === F32) code.f32(arg);
    else if (type === F64) code.f64(arg);
    else code.i32(arg);
  }

  #spot({ block }: Place): Spot {
    return this.#plan.spots.get(block) ?? { kind: "arena", offset: 0 }; // nothing touches it
  }

  #place(spot: Spot, offset: number): void {
    const { code } = this;
    if (spot.kind !== "slot") {
      code.i32(this.addressOf(spot) + offset);
      return;
    }
    code.get(spot.slot);
    if (offset !== 0) code.i32(offset).add();
  }

  #check(check: Check, i: number): void {
    const { code } = this;
    const signature = signatureOf({ module: "core", name: "checkIndices" });
    for (const arg of check.args) this.#argument(arg, I32);
    this.#calls("core", "checkIndices", signature);
    code.i32(-1).notEqual();
    code.when(() => void code.i32(i + 1).return());
  }

  #move({ from, to, bytes }: Move): void {
    if (bytes === 0) return;
    this.#place(to, 0);
    this.#place(from, 0);
    this.code.i32(bytes);
    this.#calls("core", "move", signatureOf({ module: "core", name: "move" }));
  }

  /** Where a spot is now. */
  addressOf(spot: Spot): number {
    if (spot.kind === "fixed") return spot.address;
    if (spot.kind === "arena") return this.#rooms.arena + spot.offset;
    return (this.#rt.heap.i32[(this.#rooms.slots >>> 2) + spot.slot] as number) >>> 0;
  }

  address(place: Place): number {
    return this.addressOf(this.#spot(place)) + place.offset;
  }
}

function put({ heap }: Runtime, values: TypedArray, at: number): void {
  heap.u8.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
}

/** The error of indices that a check refuses: the one that the op throws. */
function refuse(rt: Runtime, { args, instruction }: Check, address: (p: Place) => number): never {
  const [count, n, low, indices] = args as [number, number, number, Place];
  const at = address(indices);
  const bad = rt.core.checkIndices(count, n, low, at);
  throw indexError(instruction.op.name, rt.heap.i32[(at >>> 2) + bad] as number, bad, n, low);
}
