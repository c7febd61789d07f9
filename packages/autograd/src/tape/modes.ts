/** @file Whether ops are recorded now: off by default, on in transforms and once a leaf exists. */
import { currentRecorder, type Recorder, setRecorder } from "@isograd/tensor/engine";
import { record } from "./record.js";

/**
 * Whether tensors that require a gradient exist, and how many calls around this one switched the
 * recorder off.
 */
const ambient = { leaves: false, off: 0 };

/** The check of the innermost {@link guarded}. */
const guard = { check: null as Recorder | null };

const recordGuarded: Recorder = (op, inputs, attrs, outs) => {
  guard.check?.(op, inputs, attrs, outs);
  record(op, inputs, attrs, outs);
};

function recorder(): Recorder {
  return guard.check === null ? record : recordGuarded;
}

function outsideRecorder(): Recorder | null {
  return ambient.leaves && ambient.off === 0 ? recorder() : null;
}

/** Whether ops are recorded now. */
export function records(): boolean {
  const now = currentRecorder();
  return now !== null && now !== guard.check;
}

/** Whether ops are recorded now, or shown to the check of {@link guarded}. */
export function isSeen(): boolean {
  return currentRecorder() !== null;
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
 * Runs `fn` unrecorded, with `check` in the place of the recorder: it sees each op, apart from
 * those in an inner `unrecorded`.
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

/** Runs `fn` recorded, also inside of `unrecorded`. */
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
