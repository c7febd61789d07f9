/**
 * @file The tape: what ran, what its rule will read, and whether anybody records. Read this file
 * first.
 */
import { dispose, Tensor } from "@isograd/tensor";
import {
  dropNode,
  type Inputs,
  isFloat,
  type Op,
  type Recorded,
  type Recorder,
  release,
  type Spec,
  Storage,
  setRecorder,
} from "@isograd/tensor/engine";
import { ruleOf } from "./rules/lookup.js";
import { type AnyRule, Reads } from "./rules/rule.js";
import { backward } from "./walk.js";

const state = { ids: 0, freeing: false };
const freed: Node[] = [];

/**
 * Whether tensors that require a gradient exist, and how many regions have switched the recorder
 * off.
 */
const ambient = { leaves: false, off: 0 };

function outsideRecorder(): Recorder | null {
  return ambient.leaves && ambient.off === 0 ? recorder() : null;
}

/** Looks at what is about to be recorded, inside of a function that may read its arguments only. */
const guard = { check: null as Recorder | null };

function recorder(): Recorder {
  return guard.check === null ? record : recordGuarded;
}

const recordGuarded: Recorder = (op, inputs, attrs, outs) => {
  guard.check?.(op, inputs, attrs, outs);
  record(op, inputs, attrs, outs);
};

function installed(): Recorder | null {
  const now = setRecorder(null);
  setRecorder(now);
  return now;
}

/** Whether ops are recorded now. */
export function records(): boolean {
  const now = installed();
  return now !== null && now !== guard.check;
}

/** Whether ops are recorded now, or looked at by a check of {@link guarded}. */
export function isSeen(): boolean {
  return installed() !== null;
}

/** Runs `fn` with nothing recorded. */
export function unrecorded<R>(fn: () => R): R {
  ambient.off++;
  const before = setRecorder(null);
  try {
    return fn();
  } finally {
    ambient.off--;
    setRecorder(before ?? outsideRecorder());
  }
}

/**
 * Runs `fn` unrecorded; `check` sees each op as a recorder would, so not inside of another
 * {@link unrecorded}.
 */
export function guarded<R>(check: Recorder, fn: () => R): R {
  const { check: outer } = guard;
  guard.check = check;
  ambient.off++;
  const before = setRecorder(check);
  try {
    return fn();
  } finally {
    guard.check = outer;
    ambient.off--;
    setRecorder(before ?? outsideRecorder());
  }
}

/** The number of the newest node: those with larger ones come later. */
export function newestNode(): number {
  return state.ids;
}

/** Runs `fn` recorded, also inside of {@link unrecorded}. */
export function recording<R>(fn: () => R): R {
  const { off } = ambient;
  ambient.off = 0;
  const before = setRecorder(recorder());
  try {
    return fn();
  } finally {
    ambient.off = off;
    setRecorder(before ?? outsideRecorder());
  }
}

/** From now on ops outside of every transform are recorded too: a leaf exists. */
export function recordFromNow(): void {
  ambient.leaves = true;
  if (ambient.off === 0) setRecorder(recorder());
}

/** Makes what the nodes of a checkpoint read anew. */
export interface Refill {
  fill(): void;
  /** One of its nodes will never ask again. */
  leave(): void;
}

const watch = { made: null as Node[] | null };

/**
 * Runs `fn` and lists the nodes that its ops made, in their order. A list around this one gets them
 * too, unless the run is `again`: its nodes only bring back what others held.
 */
export function collectNodes<R>(fn: () => R, again = false): [R, Node[]] {
  const before = watch.made;
  const made: Node[] = [];
  watch.made = made;
  try {
    return [fn(), made];
  } finally {
    watch.made = before;
    if (before !== null && !again) for (const node of made) before.push(node);
  }
}

/** One op that ran: what its rule will read, and the nodes that its inputs came from. */
export class Node implements Recorded {
  readonly id = ++state.ids;
  holders = 0;
  grad: Tensor | null = null;
  /** Cotangents of the results, while a walk passes. */
  cotangents: (Tensor | null)[] | null = null;
  mark = 0;
  done = 0;
  needed = false;
  released = false;
  /** How many keep what the rule reads, whatever walks pass. */
  private pins = 0;
  private passed = false;
  /** Where a checkpoint let go of what the rule reads: how to have it again. */
  refill: Refill | null = null;

  constructor(
    readonly op: Op | null,
    readonly rule: AnyRule | null,
    readonly attrs: unknown,
    /** Handles of its own where the rule reads them, else just shapes and dtypes. */
    public inputs: readonly (Tensor | Spec)[],
    readonly parents: readonly (Node | null)[],
    readonly slots: readonly number[],
    public out: Tensor | Spec | readonly (Tensor | Spec)[],
  ) {
    for (const parent of parents) if (parent !== null) parent.holders++;
  }

  /** Lets go of everything held here; long chains unwind in a loop, not on the call stack. */
  free(): void {
    freed.push(this);
    if (state.freeing) return;
    state.freeing = true;
    try {
      for (let node = freed.pop(); node !== undefined; node = freed.pop()) {
        node.release();
        for (const parent of node.parents) if (parent !== null) dropNode(parent);
        if (node.grad !== null) dispose(node.grad);
      }
    } finally {
      state.freeing = false;
    }
  }

  /** A walk is past this node, and needs it no more. */
  pass(): void {
    this.passed = true;
    if (this.pins === 0) this.release();
  }

  pin(): void {
    this.pins++;
  }

  unpin(): void {
    if (--this.pins === 0 && this.passed) this.release();
  }

  /** Gives up the tensors that the rule read, for good. */
  release(): void {
    const { refill } = this;
    this.refill = null;
    this.letGo();
    if (refill !== null) refill.leave();
  }

  /** Gives up the tensors for now: `refill` can bring them back. */
  letGo(): void {
    if (this.released) return;
    this.released = true;
    for (const x of this.inputs) if (x instanceof Tensor) dispose(x);
    if (!Array.isArray(this.out)) releaseOut(this.out as Tensor | Spec);
    else this.out.forEach(releaseOut);
  }

  /**
   * Takes over what another run of the same op read; the place in the graph stays this one's, and
   * `original` knows those of the other nodes of that run.
   */
  takeOver(again: Node, original: (twin: Node) => Node | undefined): void {
    this.inputs = again.inputs.map((x, i) => {
      if (!(x instanceof Tensor)) return x;
      const own = moved(x, original);
      own.slot = this.slots[i] as number;
      const parent = this.parents[i] as Node | null;
      if (parent !== null) own.setNode(parent);
      return own;
    });
    const { out } = again;
    const take = (x: Tensor | Spec) => {
      if (!(x instanceof Tensor)) return x;
      const own = moved(x, original);
      if (!isFloat(own.dtype)) return own;
      own.setNode(this);
      this.holders--; // as in ownOut
      return own;
    };
    this.out = Array.isArray(out) ? out.map(take) : take(out as Tensor);
    this.released = false;
  }

  backward(from: Tensor, cotangent: Tensor | undefined): void {
    backward(from, { cotangent });
  }
}

/**
 * A handle off the graph. Samples of vmap lie in a tensor that has its own place in it: that of the
 * first run.
 */
function moved(x: Tensor, original: (twin: Node) => Node | undefined): Tensor {
  const own = x.alias();
  own.dropNode();
  const { device, dtype, size, data } = x.storage;
  if (device.over === undefined) return own;
  const node = (data as Tensor).node as Node | null;
  const all = moved(data as Tensor, original);
  if (node !== null) all.setNode(original(node) ?? node);
  own.replaceStorage(new Storage(device, dtype, size, 0, all));
  release(x.storage);
  return own;
}

function releaseOut(x: Tensor | Spec): void {
  if (!(x instanceof Tensor)) return;
  x.node = null; // the handle never counted as a holder: a node must not hold itself
  dispose(x);
}

/** The rule of an op; where there is none, its results, which nobody will get, are given up. */
function ruleFor(op: Op, outs: Tensor | readonly Tensor[]): AnyRule | null {
  try {
    return ruleOf(op);
  } catch (error) {
    for (const out of outs instanceof Tensor ? [outs] : outs) dispose(out);
    throw error;
  }
}

/** The recorder: makes a node when an input is tracked and the op has a rule. */
function record(op: Op, inputs: Inputs, attrs: unknown, outs: Tensor | readonly Tensor[]): void {
  let tracked = false;
  for (let i = 0; i < inputs.length; i++) if ((inputs[i] as Tensor).node !== null) tracked = true;
  if (!tracked) return;
  const rule = ruleFor(op, outs);
  if (rule === null || (outs instanceof Tensor && !isFloat(outs.dtype))) return;
  const n = inputs.length;
  const kept = new Array<Tensor | Spec>(n);
  const parents = new Array<Node | null>(n);
  const slots = new Array<number>(n);
  for (let i = 0; i < n; i++) {
    const x = inputs[i] as Tensor;
    kept[i] =
      rule.reads & Reads.Inputs ? x.alias(false, op.name) : { shape: x.shape, dtype: x.dtype };
    parents[i] = x.node as Node | null;
    slots[i] = x.slot;
  }
  const node = new Node(op, rule, attrs, kept, parents, slots, specOf(outs));
  if (watch.made !== null) watch.made.push(node);
  const list = outs instanceof Tensor ? [outs] : outs;
  for (let i = 0; i < list.length; i++) {
    const out = list[i] as Tensor;
    if (!isFloat(out.dtype)) continue;
    out.slot = i;
    out.setNode(node);
  }
  if (rule.reads & Reads.Out) node.out = outs instanceof Tensor ? ownOut(outs) : outs.map(ownOut);
}

function specOf(outs: Tensor | readonly Tensor[]): Spec | Spec[] {
  if (outs instanceof Tensor) return { shape: outs.shape, dtype: outs.dtype };
  return outs.map((x) => ({ shape: x.shape, dtype: x.dtype }));
}

function ownOut(x: Tensor): Tensor {
  const own = x.alias();
  if (own.node !== null) own.node.holders--;
  return own;
}

/**
 * A node with no op: where gradients are asked for. A parent belongs to an enclosing walk; null
 * stands for that of `backward()`, and no parent for none. Its attribute is the device of the
 * tensor.
 */
export function leafNode(of: Tensor, parents: readonly (Node | null)[]): Node {
  const spec = { shape: of.shape, dtype: of.dtype };
  return new Node(null, null, of.storage.device, [spec], parents, [of.slot], spec);
}
