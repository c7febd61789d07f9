/** What of a tensor cannot be changed, and what of it only the engine sees. */
import { init, ones, tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

describe("a tensor's own fields", () => {
  it("cannot be assigned, in types and at run time", () => {
    const x = tensor([[1, 2]]);
    const assignments = [
      () => {
        // @ts-expect-error shape is readonly
        x.shape = [2, 1];
      },
      () => {
        // @ts-expect-error dtype is readonly
        x.dtype = "int32";
      },
      () => {
        // @ts-expect-error size is readonly
        x.size = 3;
      },
      () => {
        // @ts-expect-error rank is readonly
        x.rank = 3;
      },
      () => {
        // @ts-expect-error device is readonly
        x.device = "gpu";
      },
      () => {
        // @ts-expect-error grad is readonly
        x.grad = x;
      },
    ];
    for (const assign of assignments) expect(assign).toThrow(UsageError);
    expect(() => Object.assign(x, { shape: [2, 1] })).toThrow(/shape of a tensor is readonly/);
    expect(x.toString()).toBe("Tensor(float32, [1, 2])\n[[1, 2]]");
  });

  it("of the engine are on no public type", () => {
    const x = ones([2]);
    // @ts-expect-error the memory of a tensor is the engine's: storageOf(x)
    expect(x.storage).toBeUndefined();
    // @ts-expect-error handleOf(x).operand.strides
    expect(x.strides).toBeUndefined();
    const rest = [
      // @ts-expect-error nodeOf(x)
      () => x.node,
      // @ts-expect-error slotOf(x)
      () => x.slot,
      // @ts-expect-error handleOf(x).kept
      () => x.kept,
      // @ts-expect-error handleOf(x).hold
      () => x.hold,
      // @ts-expect-error setNode(x, node)
      () => x.setNode,
      // @ts-expect-error dropNode(x)
      () => x.dropNode,
      // @ts-expect-error share(x, y)
      () => x.replaceStorage,
    ];
    expect(rest.length).toBe(7);
  });
});

describe("init({ checks })", () => {
  it("decides whether ops look for shapes that were written to", async () => {
    const written = () => {
      const x = ones([2]);
      (x.shape as number[])[0] = 1;
      return x;
    };
    try {
      await init({ checks: false });
      expect(written().add(1).shape).toEqual([1]);
      await init({ checks: true });
      expect(() => written().add(1)).toThrow(/were changed/);
      await init();
      const live = process.env["NODE_ENV"] === "production";
      if (live) expect(written().add(1).shape).toEqual([1]);
      else expect(() => written().add(1)).toThrow(/were changed/);
    } finally {
      await init();
    }
  });
});
