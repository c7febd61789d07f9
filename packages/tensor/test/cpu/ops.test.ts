import { describe, expect, it } from "vitest";
import {
  accumulate,
  adamUpdate,
  apply,
  lerpUpdate,
  logSoftmaxGrad,
  place,
  sgdUpdate,
  softmaxGrad,
  standardizeGrad,
  storageOf,
} from "../../src/api/engine.js";
import * as t from "../../src/api/index.js";
import { agree, type Values } from "./agree.js";
import { noise } from "./harness.js";

describe("rows", () => {
  it.each([1, 2, 3, 4, 5, 8, 15, 16, 31, 67, 1000])("of length %i", (n) => {
    for (const f of [t.softmax, t.logSoftmax, t.logSumExp]) {
      agree((x) => f(x([7, n]), { axis: -1 }), n === 1 ? 1e-3 : 5e-6);
    }
    agree((x) => t.standardize(x([7, n])), n === 1 ? 1e-3 : 5e-6);
    agree((x) => t.layerNorm(x([7, n]), x([n], 2), x([n], 3)), n === 1 ? 1e-3 : 5e-6);
    agree((x) => softmaxGrad(t.softmax(x([7, n])), x([7, n], 2)), 5e-6);
    agree((x) => logSoftmaxGrad(t.logSoftmax(x([7, n])), x([7, n], 2)), 2e-5);
    agree((x) => standardizeGrad(x([7, n]), x([7, n], 2), { eps: 1e-2 }), 2e-5);
  });

  it("gives masked scores no weight", () => {
    const x = t.tensor([[0, -Infinity, 1, -Infinity, 2]]);
    expect(t.softmax(x).toArray()).toEqual([
      [
        expect.closeTo(0.0900306, 6),
        0,
        expect.closeTo(0.2447285, 6),
        0,
        expect.closeTo(0.6652409, 6),
      ],
    ]);
    const none = t.tensor([-Infinity, -Infinity]);
    expect([t.softmax(none).toArray(), t.logSumExp(none).item()]).toEqual([[NaN, NaN], -Infinity]);
  });

  it.each(["float32", "float64"] as const)("keeps differences of large %s scores", (dtype) => {
    // softmax(x + c) = softmax(x): 1/3 for equals, and −log 3; never e^(x − log Σ eˣ), which
    // rounds to 1
    const x = t
      .tensor([-3e30, -1e16, 1e16, 3e30], { dtype })
      .reshape([4, 1])
      .add(t.zeros([4, 3]));
    expect(
      t
        .softmax(x)
        .sub(1 / 3)
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-7);
    expect(t.logSoftmax(x).add(Math.log(3)).abs().max().item()).toBeLessThan(1e-7);
    const apart = t
      .softmax(t.tensor([1e6, 1e6 + 1], { dtype }))
      .slice([0])
      .item();
    expect(apart).toBeCloseTo(1 / (1 + Math.E), 7);
  });
});

const PRODUCTS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [3, 4],
  ],
  [
    [1, 5],
    [5, 1],
  ],
  [
    [8, 2],
    [2, 16],
  ],
  [
    [33, 17],
    [17, 9],
  ],
  [
    [100, 70],
    [70, 50],
  ],
  [
    [3, 0],
    [0, 4],
  ],
  [
    [5, 2, 3],
    [5, 3, 4],
  ],
  [
    [5, 2, 3],
    [3, 4],
  ],
  [
    [2, 3],
    [5, 3, 4],
  ],
  [
    [2, 1, 4, 3],
    [1, 6, 3, 5],
  ],
  [[4], [4]],
  [[3, 4], [4]],
];

describe("matrix products", () => {
  it.each(PRODUCTS)("%j @ %j", (a, b) => {
    agree((x) => t.matmul(x(a), x(b, 2)), 1e-5);
    agree((x) => t.matmul(x(a).cast("float64"), x(b, 2).cast("float64")), 1e-12);
    const turned = (s: readonly number[]) => [
      ...s.slice(0, -2),
      s[s.length - 1] as number,
      s[s.length - 2] as number,
    ];
    if (a.length < 2 || b.length < 2) return;
    agree((x) => t.matmul(t.matrixTranspose(x(turned(a))), x(b, 2)), 1e-5);
    agree((x) => t.matmul(x(a), t.matrixTranspose(x(turned(b), 2))), 1e-5);
    agree(
      (x) => t.matmul(t.matrixTranspose(x(turned(a)).cast("float64")), x(b, 2).cast("float64")),
      1e-12,
    );
  });

  it("takes permuted and repeated batches", () => {
    agree((x) => t.matmul(t.permuteDims(x([2, 3, 4, 5]), [1, 0, 2, 3]), x([3, 2, 5, 6], 2)), 1e-5);
    agree((x) => t.matmul(t.broadcastTo(x([1, 4, 5]), [3, 4, 5]), x([3, 5, 6], 2)), 1e-5);
    agree((x) => t.matmul(x([3, 4, 5]), t.broadcastTo(x([5, 1], 2), [5, 6])), 1e-5);
  });
});

describe("movement", () => {
  it.each(["float32", "float64", "int32", "bool"] as const)("%s", (dtype) => {
    const of = (x: Values, shape: readonly number[], seed = 1) =>
      t.mul(x(shape, seed), 3).cast(dtype);
    for (const [shape, order] of [
      [
        [3, 5],
        [1, 0],
      ],
      [
        [67, 33],
        [1, 0],
      ],
      [
        [4, 5, 6],
        [2, 0, 1],
      ],
      [
        [4, 5, 6],
        [2, 1, 0],
      ],
      [
        [2, 3, 4, 5],
        [0, 2, 1, 3],
      ],
      [
        [3, 1, 2],
        [1, 2, 0],
      ],
    ] as const) {
      agree((x) => t.reshape(t.permuteDims(of(x, shape), order), [-1]));
    }
    agree((x) => t.reshape(t.broadcastTo(of(x, [3, 1]), [2, 3, 7]), [-1]));
    agree((x) =>
      t.slice(of(x, [9, 10]), [
        [1, 8, 2],
        [null, null, -3],
      ]),
    );
    agree((x) => t.slice(of(x, [4, 9, 10]), [2, [3, 7]]));
    agree((x) => t.flip(of(x, [4, 9])));
    agree((x) => t.flip(of(x, [4, 9]), { axis: 0 }));
    agree((x) =>
      t.pad(
        of(x, [3, 4]),
        [
          [1, 2],
          [0, 3],
        ],
        { value: 1 },
      ),
    );
    agree((x) => place(of(x, [3, 2]), { shape: [8, 6], starts: [7, 1], steps: [-3, 2], value: 0 }));
    agree((x) => t.concat([of(x, [2, 3]), of(x, [2, 0]), of(x, [2, 5], 2)], { axis: 1 }));
    agree((x) => t.stack([of(x, [2, 3]), of(x, [2, 3], 2)], { axis: 1 }));
    agree((x) => t.split(of(x, [7, 6]), [1, 3, 2], { axis: 1 }));
    agree((x) => t.tile(of(x, [2, 3]), [3, 2]));
  });

  it("casts between all dtypes", () => {
    for (const from of t.dtypes)
      for (const to of t.dtypes)
        agree((x) =>
          t
            .mul(x([67]), 5)
            .cast(from)
            .cast(to),
        );
  });
});

describe("indices", () => {
  it.each([
    [[9], 0],
    [[9, 4], 0],
    [[9, 5], 1],
    [[3, 6, 7], 1],
    [[3, 6, 16], 1],
  ] as const)("into %j along %i", (shape, axis) => {
    const n = shape[axis] as number;
    for (const dtype of t.dtypes)
      agree((x, index) => t.take(x(shape).cast(dtype), index([4, 2], n), { axis }));
    const wide = shape.map((m, i) => (i === axis ? 11 : m));
    agree((x, index) => t.segmentSum(x(shape), index([n], 4), 4, { axis }));
    agree((x, index) => t.indexAdd(x(shape), index([11], n), x(wide, 2), { axis }), 5e-6);
    agree((x, index) => t.takeAlongAxis(x(shape), index(wide, n), { axis }));
    agree((x, index) => t.addAlongAxis(x(wide), index(wide, n), n, { axis }), 5e-6);
    agree((_, index) => t.oneHot(index(shape, 6), 6));
  });

  it("refuses an index outside, and says which", () => {
    const bad = t.tensor([0, 5, -1], { dtype: "int32" });
    expect(() => t.take(t.zeros([5]), bad)).toThrow(
      "index 5 (number 1 of the indices) is outside of [-5, 5)",
    );
    expect(() => t.segmentSum(t.zeros([3]), bad, 9)).toThrow("index -1 (number 2 of the indices)");
  });
});

describe("updates", () => {
  const adam = {
    lr: 0.1,
    beta1: 0.9,
    beta2: 0.99,
    eps: 1e-3,
    correction1: 2,
    correction2: 3,
    weightDecay: 0.1,
  };
  it("agree with the reference", () => {
    agree(
      (x) =>
        adamUpdate(x([67]), x([67], 2), x([67], 3), t.abs(x([67], 4)), { ...adam, donate: false }),
      1e-5,
    );
    const sgd = { lr: 0.1, momentum: 0.9, weightDecay: 0.1, donate: false };
    agree((x) => sgdUpdate(x([67]), x([67], 2), x([67], 3), { ...sgd, nesterov: false }));
    agree((x) => sgdUpdate(x([67]), x([67], 2), x([67], 3), { ...sgd, nesterov: true }));
    agree((x) => lerpUpdate(x([67]), x([67], 2), { weight: 0.3, donate: false }));
    agree((x) => accumulate(x([67]), x([67], 2)));
  });

  it("reuse what was given away, and only that", () => {
    t.scope(() => {
      const [p, g, m, v] = [1, 2, 3, 4].map((seed) => t.tensor(noise(5, 1, seed))) as [
        t.Tensor,
        t.Tensor,
        t.Tensor,
        t.Tensor,
      ];
      const view = t.reshape(m, [5]);
      const before = Array.from(view.dataSync());
      const [po, mo, vo] = adamUpdate(p, g, m, v, { ...adam, donate: true }) as [
        t.Tensor,
        t.Tensor,
        t.Tensor,
      ];
      expect(storageOf(po)).toBe(storageOf(p));
      expect(storageOf(vo)).toBe(storageOf(v));
      expect(storageOf(mo)).not.toBe(storageOf(m));
      expect(Array.from(view.dataSync())).toEqual(before);
    });
  });

  it("add rows over the memory of what was given away, and only that", () => {
    t.scope(() => {
      const at = t.tensor([1, 1], { dtype: "int32" });
      const rows = t.ones([2, 3]);
      const give = (x: t.Tensor) =>
        apply(t.indexAdd.op, [x, at, rows], { axis: 0 }, [true, false, false]);
      const [own, shared] = [t.ones([2, 3]), t.ones([2, 3])];
      const view = t.reshape(shared, [6]);
      const [over, apart] = [give(own), give(shared)];
      expect(storageOf(over)).toBe(storageOf(own));
      expect(storageOf(apart)).not.toBe(storageOf(shared));
      for (const sum of [over, apart]) {
        expect(sum.toArray()).toEqual([
          [1, 1, 1],
          [3, 3, 3],
        ]);
      }
      expect(view.toArray()).toEqual([1, 1, 1, 1, 1, 1]);
    });
  });

  it("leave no memory behind", () => {
    const { bytes } = t.memory();
    for (let i = 0; i < 3; i++)
      agree((x) => t.variance(t.sum(x([4, 5, 6, 7]), { axis: [1, 3] }), { axis: 0 }), 1e-4);
    expect(() => t.scope(() => t.take(t.zeros([5]), t.tensor([9], { dtype: "int32" })))).toThrow();
    expect(t.memory().bytes).toBe(bytes);
  });
});
