/**
 * @file From a plan to one WebAssembly function: the calls of all kernels, with their numbers, and
 * what only the host can compute.
 */
import type { TypedArray } from "@isograd/tensor";
import { crewRuntime, indexError, type Runtime, runtime } from "@isograd/tensor/cpu";
import { code, F32, F64, I32, type Import, moduleOf, type Signature } from "./encode.js";
import type { Group, Part } from "./fuse.js";
import { compute } from "./host.js";
import type { Move, Plan, Spot, Work } from "./plan.js";
import { signatureOf } from "./signatures.js";
import { type Arg, type Call, type Check, type Host, isPlace, type Place } from "./steps.js";

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
    const body: number[] = [];
    const push = (bytes: readonly number[]): void => {
      for (const byte of bytes) body.push(byte);
    };
    slots.forEach((_, i) => {
      push([...code.i32(this.#rooms.slots), ...code.loadI32(4 * i), ...code.set(i)]);
    });
    let host = 0;
    steps.forEach((step, i) => {
      if (step.kind === "call") push(this.#call(step));
      else if (step.kind === "group") push(this.#group(step));
      else if (step.kind === "check") push(this.#check(step, i));
      else
        push([
          ...code.i32(host++),
          ...this.#calls("host", "compute", { params: [I32], results: [] }),
        ]);
    });
    for (const move of this.#plan.moves) push(this.#move(move));
    push(code.i32(0));
    const shared = !(this.#rt.heap.memory.buffer instanceof ArrayBuffer);
    return moduleOf(this.#imports, body, [[slots.length + 2, I32]], shared);
  }

  #calls(module: string, name: string, signature: Signature): number[] {
    const key = `${module} ${name}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return code.call(known);
    const index = this.#imports.push({ module, name, signature }) - 1;
    this.#numbers.set(key, index);
    return code.call(index);
  }

  #call(call: Call): number[] {
    const signature = signatureOf(call);
    const first = this.#changing.get(call);
    const args = signature.params.map((type, i) => {
      const arg = call.args[i] ?? 0;
      const changes = first !== undefined && typeof arg === "number" && type !== I32;
      return changes ? this.#number(first + i, type) : this.#argument(arg, type);
    });
    const { module, name, large } = call;
    if (large) this.crew.push(call);
    const target = large
      ? this.#calls("crew", `${module}.${name}`, { ...signature, results: [] })
      : this.#calls(module, name, signature);
    const left = large ? [] : signature.results.flatMap(() => code.drop);
    return [...args.flat(), ...target, ...left];
  }

  /** A loop over the strips of a group. The last two locals are the strip, and whether it is the last. */
  #group({ parts, strips }: Group): number[] {
    const strip = this.#plan.slots.length;
    const ends = strip + 1;
    const calls = parts.flatMap((part) => this.#part(part, strip, ends));
    const last = [...code.get(strip), ...code.i32(strips - 1), ...code.equal, ...code.set(ends)];
    const next = [...code.get(strip), ...code.i32(1), ...code.add, ...code.tee(strip)];
    const more = [...next, ...code.i32(strips), ...code.lessUnsigned, ...code.again];
    return [...code.i32(0), ...code.set(strip), ...code.loop([...last, ...calls, ...more])];
  }

  #part(part: Part, strip: number, ends: number): number[] {
    const { call, moves, at, steps, last } = part;
    const signature = signatureOf(call);
    const first = this.#changing.get(call);
    const [list, short] = stripLists(part);
    const choose = (a: readonly number[], b: readonly number[]) => {
      return steps === last ? a : [...b, ...a, ...code.get(ends), ...code.select];
    };
    const args = signature.params.map((type, i) => {
      const arg = part.args[i] ?? 0;
      if (i === at) return choose(code.i32(steps), code.i32(last));
      if (arg instanceof Int32Array && at === -1) {
        const [a, b] = [list as Int32Array, short as Int32Array].map((x) => this.#argument(x, I32));
        return choose(a as number[], b as number[]);
      }
      const changes = first !== undefined && typeof arg === "number" && type !== I32;
      const own = changes ? this.#number(first + i, type) : this.#argument(arg, type);
      const move = moves.get(i) ?? 0;
      if (move === 0) return own;
      return [...own, ...code.get(strip), ...code.i32(move), ...code.mul, ...code.add];
    });
    const { module, name } = call;
    const left = signature.results.flatMap(() => code.drop);
    return [...args.flat(), ...this.#calls(module, name, signature), ...left];
  }

  /** A number that is written before each run. */
  #number(place: number, type: number): number[] {
    const load = [...code.i32(this.#rooms.numbers), ...code.loadF64(8 * place)];
    return type === F32 ? [...load, ...code.toF32] : load;
  }

  #argument(arg: Arg, type: number): number[] {
    if (isPlace(arg)) return this.#place(this.#spot(arg), arg.offset);
    if (arg instanceof Int32Array) return code.i32(this.#rooms.lists.get(arg.join()) as number);
    if (type === F32) return code.f32(arg);
    return type === F64 ? code.f64(arg) : code.i32(arg);
  }

  #spot({ block }: Place): Spot {
    return this.#plan.spots.get(block) ?? { kind: "arena", offset: 0 }; // nothing touches it
  }

  #place(spot: Spot, offset: number): number[] {
    if (spot.kind !== "slot") return code.i32(this.addressOf(spot) + offset);
    const base = code.get(spot.slot);
    return offset === 0 ? base : [...base, ...code.i32(offset), ...code.add];
  }

  #check(check: Check, i: number): number[] {
    const call = { module: "core", name: "checkIndices" } as const;
    const signature = signatureOf(call);
    const args = check.args.flatMap((arg) => this.#argument(arg, I32));
    const wrong = code.when([...code.i32(i + 1), ...code.return]);
    const target = this.#calls("core", "checkIndices", signature);
    return [...args, ...target, ...code.i32(-1), ...code.notEqual, ...wrong];
  }

  #move({ from, to, bytes }: Move): number[] {
    if (bytes === 0) return [];
    const signature = signatureOf({ module: "core", name: "move" });
    const places = [...this.#place(to, 0), ...this.#place(from, 0)];
    return [...places, ...code.i32(bytes), ...this.#calls("core", "move", signature)];
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
  const [count, n, indices] = args as [number, number, Place];
  const at = address(indices);
  const bad = rt.core.checkIndices(count, n, at);
  throw indexError(instruction.op.name, rt.heap.i32[(at >>> 2) + bad] as number, bad, n);
}
