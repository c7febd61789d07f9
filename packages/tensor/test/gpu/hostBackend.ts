/**
 * @file A backend without GPU.js: the text of a kernel is JavaScript, so it runs as it is. Tests
 * arithmetic, indices and lifetimes without a browser, but no compilers and drivers.
 */
import type {
  Backend,
  Block,
  Mode,
  Program,
  Request,
} from "../../src/devices/gpu/gpujs/backend.js";

interface HostBlock extends Block {
  readonly native: Float32Array;
}

type KernelFunction = (this: object, ...args: unknown[]) => number | number[];

/** Blocks are typed arrays; a block that is used or recycled after its recycling is an error. */
export class HostBackend implements Backend {
  readonly mode: Mode;
  readonly lost = false;
  readonly lanes: boolean;
  readonly maxArrays = 7;
  readonly own = null;
  /** Blocks alive. */
  readonly alive = new Set<Block>();
  /** The most elements of one block. */
  most = Number.POSITIVE_INFINITY;
  /** Programs compiled and not destroyed. */
  programs = 0;

  constructor(mode: Mode) {
    this.mode = mode;
    this.lanes = mode === "webgpu";
  }

  check(): void {}

  private keep(native: Float32Array): HostBlock {
    const block = { native, size: native.length };
    this.alive.add(block);
    return block;
  }

  private valuesOf(block: Block | undefined): Float32Array {
    if (block === undefined || !this.alive.has(block))
      throw new Error("a block used after its end");
    return (block as HostBlock).native;
  }

  compile({ source, parameters, output, functions }: Request): Program {
    const helpers = functions.map((f) => f.source).join("\n");
    const run = new Function(`${helpers}\nreturn ${source}`)() as KernelFunction;
    const [width, height = 1, depth = 1] = output as [number, number?, number?];
    this.programs++;
    const launch = (args: readonly (Block | number)[]): Block => {
      const values = args.map((a, i) => {
        if (typeof a === "number") return Math.fround(a);
        if (a.size !== parameters[i]?.size)
          throw new Error("a block of another size than compiled");
        return guarded(this.valuesOf(a));
      });
      const out: number[] = [];
      for (let z = 0; z < depth; z++) {
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            out.push(...[run.call({ thread: { x, y, z } }, ...values)].flat());
          }
        }
      }
      return this.keep(Float32Array.from(out));
    };
    return { launch, destroy: () => void this.programs-- };
  }

  limit(size: number): string | null {
    return size <= this.most ? null : `the ${this.most} floats of this test`;
  }

  upload(values: Float32Array): Block {
    return this.keep(values.slice());
  }

  recycle(block: Block): void {
    this.valuesOf(block);
    this.alive.delete(block);
  }

  readonly readSync = (block: Block, size: number): Float32Array =>
    this.valuesOf(block).slice(0, size);

  async read(block: Block, size: number): Promise<Float32Array> {
    return this.readSync(block, size);
  }

  reserved(): number {
    return [...this.alive].reduce((sum, block) => sum + block.size * 4, 0);
  }

  async stop(): Promise<void> {}
}

/** A read outside the array is an error here; GPUs clamp the index or give 0. */
function guarded(values: Float32Array): Float32Array {
  return new Proxy(values, {
    get(target, key) {
      const at = Number(key);
      if (!Number.isInteger(at) || at < 0 || at >= target.length) {
        throw new Error(`a kernel reads element ${String(key)} of ${target.length}`);
      }
      return target[at];
    },
  });
}
