/**
 * @file Whether threads pay: on a machine that is busy with other programs, waiting for a thread
 * may take longer than doing its work. Knows calls by the time that they take.
 */

/** One call of a kernel that was cut into `pieces` of about equal length. */
export interface CutCall {
  readonly pieces: number;
  /** Does all of it on this thread. */
  whole(): void;
  /** Does it on all threads; gives the milliseconds of a piece on this one, 0 when it did none. */
  all(): number;
}

/** Runs a call on all threads, or on this one while that is faster. */
export type Pace = (call: CutCall) => void;

/** What is judged together: so many calls, or fewer that take so many milliseconds. */
const [LEAST, CALLS, TIME] = [8, 32, 60];
/** Milliseconds until threads are tried again: at first, and at most. */
const [SHORT, LONG] = [20, 2000];

/**
 * Adds up what calls took on all threads, and what they would have taken on this one: the time of
 * its own pieces, for all pieces. Stalls count in both. `now`: a clock, in milliseconds.
 */
export function createPace(now: () => number): Pace {
  let [calls, together, alone] = [0, 0, 0];
  let [pause, until] = [SHORT, 0];
  return (call) => {
    const start = now();
    if (start < until) return call.whole();
    const piece = call.all();
    const end = now();
    calls++;
    if (piece > 0) {
      together += end - start;
      alone += piece * call.pieces;
    }
    if (calls < LEAST || (calls < CALLS && together < TIME)) return;
    const pays = together <= alone;
    if (!pays) until = end + pause;
    pause = pays ? Math.max(pause / 2, SHORT) : Math.min(pause * 2, LONG);
    [calls, together, alone] = [0, 0, 0];
  };
}
