import { describe, expect, it } from "vitest";
import { createPace } from "../../src/devices/cpu/threads/pace.js";

/** A machine whose clock moves by the work that is done; a piece takes a millisecond. */
function machine(threads: number) {
  let [time, together] = [0, 0];
  const state = { stall: 0 };
  const pace = createPace(() => time);
  /** Runs calls of some pieces; gives the milliseconds that they took, and how many ran on all. */
  const run = (calls: number, pieces = 2 * threads) => {
    const start = time;
    together = 0;
    for (let i = 0; i < calls; i++) {
      const whole = (): void => {
        time += pieces;
      };
      const all = (): number => {
        together++;
        time += Math.ceil(pieces / threads) + state.stall;
        return 1;
      };
      pace({ pieces, whole, all });
    }
    return { took: time - start, together };
  };
  const rest = (milliseconds: number): void => {
    time += milliseconds;
  };
  return { state, run, rest };
}

describe("the pace of threads", () => {
  it.each([2, 4, 8])("uses all %d threads of a free machine", (threads) => {
    const { run } = machine(threads);
    expect(run(1000)).toEqual({ took: 2000, together: 1000 });
  });

  it.each([2, 4, 8])(
    "is about as fast as one thread where waiting for %d takes long",
    (threads) => {
      const { run, state } = machine(threads);
      state.stall = 3 * threads;
      const atStart = run(500).took;
      expect(atStart).toBeLessThan(1.2 * 500 * 2 * threads);
      const { took, together } = run(5000);
      expect(took).toBeLessThan(1.05 * 5000 * 2 * threads);
      expect(together).toBeLessThan(400);
    },
  );

  it("keeps the threads where a stall costs less than they gain", () => {
    const { run, state } = machine(4);
    state.stall = 5;
    expect(run(1000).together).toBe(1000);
  });

  it("leaves the threads when the machine becomes busy, and takes them again when it is free", () => {
    const { run, state, rest } = machine(2);
    run(100);
    state.stall = 10;
    expect(run(1000).together).toBeLessThan(100);
    state.stall = 0;
    rest(2000);
    expect(run(1000)).toEqual({ took: 2000, together: 1000 });
  });

  it("forgets a single stall soon", () => {
    const { run, state } = machine(2);
    run(100);
    state.stall = 50;
    run(1);
    state.stall = 0;
    expect(run(200).together).toBeGreaterThan(180);
  });

  it("learns nothing from calls of which the caller did no piece", () => {
    let time = 0;
    const pace = createPace(() => time);
    let together = 0;
    for (let i = 0; i < 100; i++) {
      const all = (): number => {
        together++;
        time += 100;
        return 0;
      };
      pace({ pieces: 4, whole: () => undefined, all });
    }
    expect(together).toBe(100);
  });
});
