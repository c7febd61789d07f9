/** @file Threads in a page: Web Workers; the pages of these tests are cross-origin isolated. */
import { afterAll, expect, it } from "vitest";
import { init, rng } from "../../src/api/index.js";

afterAll(async () => void (await init()));

it("runs large ops on two threads, to the same bits as on one", async () => {
  expect(crossOriginIsolated).toBe(true);
  const x = rng(3).normal([300, 301]);
  await init({ threads: 1 });
  const wanted = [x.matmul(x.mT).dataSync(), x.tanh().dataSync()];
  expect(await init({ threads: 2 })).toEqual({ threads: 2 });
  expect([x.matmul(x.mT).dataSync(), x.tanh().dataSync()]).toEqual(wanted);
});
