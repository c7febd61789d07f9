/** @file Threads in a page: Web Workers; the pages of these tests are cross-origin isolated. */
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
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

describe("threads that do not start", () => {
  /** The starting of a runtime of its own, since a page says it once. */
  const fresh = async (name: string): Promise<typeof import("../../src/devices/cpu/runtime.js")> =>
    import(/* @vite-ignore */ `../../src/devices/cpu/runtime.ts?${name}`);
  const blocked = () =>
    dispatchEvent(
      new SecurityPolicyViolationEvent("securitypolicyviolation", {
        ...{
          blockedURI: "blob",
          effectiveDirective: "worker-src",
          violatedDirective: "worker-src",
        },
        ...{ documentURI: location.href, originalPolicy: "worker-src 'self'" },
        ...{ disposition: "enforce", statusCode: 200 },
      }),
    );
  /** Workers whose start ends with an event; browsers tell of a policy before. */
  const failing = (event: () => Event, before = () => {}) =>
    class {
      onerror: ((event: Event) => void) | null = null;
      constructor() {
        setTimeout(() => {
          before();
          this.onerror?.(event());
        });
      }
      postMessage() {}
      terminate() {}
    };
  afterEach(() => void vi.unstubAllGlobals());

  it.each([
    [
      "policy",
      failing(() => new Event("error"), blocked),
      "the page's policy needs worker-src blob:",
    ],
    [
      "error",
      failing(() => new ErrorEvent("error", { message: "RangeError: no" })),
      "RangeError: no",
    ],
    ["silent", failing(() => new Event("error")), "it cannot start"],
  ])("leave one, with the reason, said once: %s", async (name, Failing, reason) => {
    vi.stubGlobal("Worker", Failing);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { initCpu } = await fresh(name);
    expect(await initCpu({ threads: 3 })).toEqual({ threads: 1 });
    expect(await initCpu({ threads: 2 })).toEqual({ threads: 1 });
    expect(warn.mock.calls).toEqual([[`isograd: no threads: ${reason}`]]);
    warn.mockRestore();
  });
});
