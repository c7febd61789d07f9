/**
 * @file What the two GPU.js modes offer the device: flat blocks of floats, and programs over them.
 * Types only.
 */

/** The two modes in use. GPU.js never chooses by itself: its automatic order ends on the CPU. */
export type Mode = "webgl2" | "webgpu";

/** Flat float32 memory on the GPU: every dtype and every shape is stored as one run of floats. */
export interface Block {
  /** What GPU.js kernels take as an argument. */
  readonly native: object;
  /** In elements. */
  readonly size: number;
}

/** A compiled kernel. */
export interface Program {
  /** Enqueues it at once and returns the block of the result. */
  launch(args: readonly (Block | number)[]): Block;
  destroy(): void;
}

/** What to compile. Arguments come in the order of the source's parameters. */
export interface Request {
  /** Name of the op, for errors. */
  readonly op: string;
  /** A GPU.js function as text: minifiers and coverage tools would change a real function. */
  readonly source: string;
  readonly parameters: readonly Parameter[];
  /** Threads along x, y, z; the result is flat, x fastest. */
  readonly output: readonly number[];
  /** Functions of numbers that the source calls. */
  readonly functions: readonly HelperSource[];
}

/** Types of a function: default: floats. */
export interface HelperKind {
  readonly takes?: "Integer" | undefined;
  readonly gives?: "Integer" | undefined;
}

/** A named function of numbers, as text. */
export interface HelperSource extends HelperKind {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly source: string;
}

/** One parameter: an array of `size` elements, or a number. */
export interface Parameter {
  readonly name: string;
  readonly size: number | "number";
}

/** A kernel in WGSL: binding i is the i-th array, and the last binding is the result. */
export interface WgslKernel {
  /** Name of the op, for errors. */
  readonly op: string;
  readonly code: string;
  readonly arrays: number;
  /** Elements of the result. */
  readonly size: number;
  /** Workgroups along x, y, z. */
  readonly groups: readonly [number, number, number];
  /** What the result holds before the kernel runs: zeros, or a copy of the array of this index. */
  readonly start?: "zeros" | number;
}

/**
 * One drawing in GLSL: the text of a fragment shader, and the textures that it reads. Array i is
 * `x{i}`, and target j of pass i is `t{i}_{j}`.
 */
export interface Pass {
  readonly text: string;
  readonly reads: readonly string[];
  /** Textures that it draws, four floats a texel; null for the last pass: it draws the result. */
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
  /** Elements of the result. */
  readonly size: number;
  readonly passes: readonly Pass[];
}

/** How values are summed at places: in the order of sorted indices, or in any order. */
export type Scatter = "sorted" | "atomic";

/** Kernels of our own, over the same blocks as those of GPU.js. */
export type Own =
  | {
      readonly language: "wgsl";
      /** Whether memory shared by a workgroup makes kernels faster: not on a software renderer. */
      readonly shared: boolean;
      /** Whether sums at places use atomic additions, whose order differs from run to run. */
      readonly atomics: boolean;
      compile(kernel: WgslKernel): Program;
    }
  | {
      readonly language: "glsl";
      /** The largest width and height of a texture. */
      readonly side: number;
      /** The width of the texture that stores `size` elements. */
      widthOf(size: number): number;
      compile(kernel: GlslKernel): Program;
    };

/** One mode of GPU.js. */
export interface Backend {
  readonly mode: Mode;
  /** Whether a kernel may return four neighbouring elements at once. */
  readonly lanes: boolean;
  /** Whether the driver has dropped the device. */
  readonly lost: boolean;
  /** Throws a DeviceError when the device is lost. */
  check(): void;
  /** The compiler of our own kernels, if there is one. */
  readonly own: Own | null;
  /** How many arrays one kernel can read. */
  readonly maxArrays: number;
  compile(request: Request): Program;
  /** Says the limit, where one block cannot hold so many elements; else null. */
  limit(size: number): string | null;
  upload(values: Float32Array): Block;
  /** Returns a block's memory to the pool. Work that is already enqueued can still read it. */
  recycle(block: Block): void;
  read(block: Block, size: number): Promise<Float32Array>;
  /** Null where a read is always asynchronous. */
  readonly readSync: ((block: Block, size: number) => Float32Array) | null;
  /** Bytes taken from the system: blocks in use, and free blocks in the pool. */
  reserved(): number;
  stop(): Promise<void>;
}
