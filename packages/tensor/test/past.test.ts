/** @file Going back: state at an earlier time, with times inside of times, closed in any order. */
import { rng, UsageError } from "@isograd/tensor";
import { Changes, Past, Remembered } from "@isograd/tensor/engine";
import { describe, expect, it } from "vitest";

describe("the past", () => {
  it("is there again for a run, which leaves no trace, also when it throws", () => {
    const [cell, random] = [new Remembered(1), rng(1)];
    const past = new Past();
    const [first, state] = [random.next(), random.state()];
    cell.value = 2;
    const run = () => {
      const seen = [cell.value, random.next()];
      cell.value = 7;
      return seen;
    };
    for (let i = 0; i < 2; i++) expect(past.revisit(run)).toEqual([1, first]);
    const failing = () => {
      run();
      throw new Error("inside");
    };
    expect(() => past.revisit(failing)).toThrow("inside");
    expect([cell.value, random.state()]).toEqual([2, state]);
    past.close();
    past.close(); // twice is harmless
  });

  it("is that of each time, in whatever order times are closed", () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [1, 2, 0],
    ]) {
      const [a, b] = [new Remembered(0), new Remembered(0)];
      const pasts = [1, 2, 3].map((i) => {
        const past = new Past();
        a.value = i;
        if (i === 2) b.value = i;
        return past;
      });
      const at = (i: number) => (pasts[i] as Past).revisit(() => [a.value, b.value]);
      const open = new Set([0, 1, 2]);
      for (const i of order) {
        expect([...open].map(at)).toEqual([...open].map((k) => [k, k === 2 ? 2 : 0]));
        (pasts[i] as Past).close();
        open.delete(i);
      }
      expect([a.value, b.value]).toEqual([3, 2]);
    }
  });

  it("of a time inside of a run that is over is still there", () => {
    const cell = new Remembered("start");
    const outer = new Past();
    cell.value = "now";
    const inner = outer.revisit(() => {
      cell.value = "inside";
      const past = new Past();
      cell.value = "later inside";
      return past;
    });
    const see = () => cell.value;
    expect([see(), inner.revisit(see), outer.revisit(see)]).toEqual(["now", "inside", "start"]);
    outer.close();
    expect([see(), inner.revisit(see)]).toEqual(["now", "inside"]);
    inner.close();
  });

  it("holds one memory of a thing for each time, and frees all", () => {
    let alive = 0;
    const remember = () => {
      alive++;
      return { put() {}, free: () => void alive-- };
    };
    const thing = new Changes(remember);
    thing.soon();
    expect(alive).toBe(0); // nobody waits
    const pasts = [new Past(), new Past()];
    for (let i = 0; i < 5; i++) thing.soon();
    expect(alive).toBe(1);
    pasts[0]?.revisit(() => thing.soon());
    expect(alive).toBe(1);
    const made = new Changes(remember);
    made.soon(); // was not there then
    expect(alive).toBe(1);
    for (const past of pasts) past.close();
    expect(alive).toBe(0);
  });

  it("refuses inside of a run what cannot be taken back, but for what the run makes", () => {
    const past = new Past();
    const old = new Changes(() => ({ put() {}, free() {} }));
    old.refuse("step", "a step");
    const inside = new Past();
    const both = () => {
      new Changes(old.remember).refuse("step", "a step");
      old.refuse("step", "a step");
    };
    expect(() => inside.first(both)).toThrow(UsageError);
    expect(() => inside.revisit(both)).toThrow(/^step: a step inside of a function that runs more/);
    inside.close();
    past.close();
  });
});
