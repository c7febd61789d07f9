/**
 * @file What the two GPU.js modes must offer the device: flat blocks of floats, and programs over
 * them.
 */
import type { Mode } from "./gpujs.js";

/**
 * Flat float32 memory on the GPU. Every dtype is stored so; 0-d and n-d tensors alike are one run
 * of floats.
 */
export interface Block {
  /** What GPU.js kernels take as an argument. */
  readonly native: object;
  /** In elements. */
  readonly size: number;
}

/** A compiled kernel. */
export interface Program {
  /** Enqueues it at once and returns where the result will be. */
  launch(args: readonly (Block | number)[]): Block;
  destroy(): void;
}

/** What to compile. Arguments come in the order of the source's parameters. */
export interface Request {
  /** Name of the op, for errors. */
  readonly op: string;
  /** A GPU.js function as text; nothing else survives minifiers and coverage tools. */
  readonly source: string;
  readonly parameters: readonly Parameter[];
  /** Threads along x, y, z; the result is flat, x fastest. */
  readonly output: readonly number[];
  /** Functions of numbers that the source calls. */
  readonly functions: readonly HelperSource[];
}

/** A named function of numbers, as text. */
export interface HelperSource {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly source: string;
}

/** One parameter: an array of so many elements, or a number. */
export interface Parameter {
  readonly name: string;
  readonly size: number | "number";
}

/** A kernel in WGSL: binding i is the i-th array, the one after the last the result. */
export interface WgslKernel {
  /** Name of the op, for errors. */
  readonly op: string;
  readonly code: string;
  readonly arrays: number;
  /** Of the result, in elements. */
  readonly size: number;
  /** Workgroups along x, y, z. */
  readonly groups: readonly [number, number, number];
  /**
   * What the result holds before: zeros, or a copy of one of the arrays. Nothing in particular
   * unless said.
   */
  readonly start?: "zeros" | number;
}

/**
 * One drawing in GLSL: the text of a fragment shader that reads textures by name: `x0` is the first
 * array, `t2_1` the second target of the third pass.
 */
export interface Pass {
  readonly text: string;
  readonly reads: readonly string[];
  /** Targets of four floats a place; the last pass has none and draws the result. */
  readonly targets: {
    readonly count: number;
    readonly width: number;
    readonly height: number;
  } | null;
}

/** A kernel in GLSL, as passes one after the other. */
export interface GlslKernel {
  /** Name of the op, for errors. */
  readonly op: string;
  readonly size: number;
  readonly passes: readonly Pass[];
}

/**
 * How values are summed at places: in the order of sorted indices, or in whichever order threads
 * come.
 */
export type Scatter = "sorted" | "atomic";

/** Kernels that are not GPU.js's, over the same blocks. */
export type Own =
  | {
      readonly language: "wgsl";
      /** Whether workgroups share memory at a gain: not where a CPU stands in for a GPU. */
      readonly shared: boolean;
      /**
       * Whether sums at places are added up in whichever order, which is not the same at every run.
       */
      readonly atomics: boolean;
      compile(kernel: WgslKernel): Program;
    }
  | {
      readonly language: "glsl";
      /** Most texels along a side of a texture. */
      readonly side: number;
      /** Width of the texture of so many elements. */
      widthOf(size: number): number;
      compile(kernel: GlslKernel): Program;
    };

/** One mode of GPU.js. */
export interface Backend {
  readonly mode: Mode;
  /** Whether a kernel may return four neighbouring elements at once. */
  readonly lanes: boolean;
  /** Whether the driver took the device away. */
  readonly lost: boolean;
  /** Throws a DeviceError when it did. */
  check(): void;
  /** What stands beside GPU.js, if anything. */
  readonly own: Own | null;
  /** Arrays that one kernel can read. */
  readonly maxArrays: number;
  compile(request: Request): Program;
  upload(values: Float32Array): Block;
  /** Gives a block's memory back to the pool. Work already enqueued still sees it. */
  recycle(block: Block): void;
  read(block: Block, size: number): Promise<Float32Array>;
  /** Null where reading can only be asynchronous. */
  readonly readSync: ((block: Block, size: number) => Float32Array) | null;
  /** Bytes taken from the system: blocks in use and blocks waiting in the pool. */
  reserved(): number;
  stop(): Promise<void>;
}
