/**
 * @file Many random programs, compiled, in blocks of a thousand with a seed of their own. `npm run
 * programs` runs as many as one likes; ISOGRAD_PROGRAMS says how many, from which seed and for how
 * many seconds at most: default 20000,1000,120.
 */
import { expect, it } from "vitest";
import { checkPrograms } from "./property.js";
import { checkRandom } from "./random/agree.js";

const [COUNT, SEED, SECONDS] = (process.env["ISOGRAD_PROGRAMS"] ?? "20000,1000,120")
  .split(",")
  .map(Number) as [number, number, number];
const BLOCK = 1000;

it(
  "many random programs give the bits of eager runs",
  () => {
    const start = performance.now();
    let done = 0;
    for (let seed = SEED; done < COUNT; seed++) {
      const count = Math.min(BLOCK, COUNT - done);
      checkRandom(count, seed);
      done += count;
      const seconds = (performance.now() - start) / 1000;
      const rate = (done / seconds).toFixed(0);
      console.log(`${done} of ${COUNT} programs agree, ${rate} a second; next: --seed ${seed + 1}`);
      if (seconds > SECONDS) break;
    }
    expect(done).toBeGreaterThan(0);
  },
  SECONDS * 1000 + 600_000,
);

it("programs of many steps on large tensors do so too", () => checkPrograms(1000), 600_000);
