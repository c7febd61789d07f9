/** @file Strided operands: a kernel that accepts one computes; plain TypeScript never sees one. */
import { describe, expect, it, vi } from "vitest";
import * as t from "../../src/api/index.js";
import { type DType, dtypes } from "../../src/base/dtype.js";
import type { HomeDevice, Op, Operand, Storage, View } from "../../src/core/contract.js";
import { deviceOf, handleOf } from "../../src/core/handle.js";
import type { KernelsFor } from "../../src/devices/cpu/opKernel.js";
import { kernels } from "../../src/devices/cpu/ops/table.js";
import { commonFamilies } from "../../src/ops/families.js";

const cpu = deviceOf(t.zeros([1])) as HomeDevice;

/** Ops of the table that accept strides of some operand, with the number of their operands. */
const accepting: readonly (readonly [Op, number])[] = [
  ...[commonFamilies.binary, commonFamilies.compare].flatMap((family) =>
    Object.values(family)
      .filter((member) => "op" in member && member.op !== t.where.op && member.op !== t.clip.op)
      .map((member) => [(member as { op: Op }).op, 2] as const),
  ),
  [t.where.op as Op, 3],
];

/** Tensors of shape [2, 3, 4] (or that broadcast to it), contiguous or not. */
const layouts: Readonly<Record<string, (dtype: DType) => t.Tensor>> = {
  contiguous: (dtype) => filled([2, 3, 4], dtype),
  "last axes exchanged": (dtype) => t.permuteDims(filled([2, 4, 3], dtype), [0, 2, 1]),
  "first axes exchanged": (dtype) => t.permuteDims(filled([3, 2, 4], dtype), [1, 0, 2]),
  reversed: (dtype) => t.permuteDims(filled([4, 3, 2], dtype)),
  rotated: (dtype) => t.permuteDims(filled([4, 2, 3], dtype), [1, 2, 0]),
  "repeated rows": (dtype) => t.broadcastTo(filled([4], dtype), [2, 3, 4]),
  "repeated columns": (dtype) => t.broadcastTo(filled([3, 1], dtype), [2, 3, 4]),
  "repeated number": (dtype) => t.broadcastTo(filled([], dtype), [2, 3, 4]),
  "short and exchanged": (dtype) => filled([4, 3], dtype).mT,
};

function filled(shape: number[], dtype: DType): t.Tensor {
  const size = shape.reduce((n, m) => n * m, 1);
  return t
    .tensor(
      Float32Array.from({ length: size }, (_, i) => ((i * 7) % 11) - 4),
      { shape },
    )
    .cast(dtype);
}

/** All lists of `count` entries. */
function tuples<T>(entries: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return tuples(entries, count - 1).flatMap((list) => entries.map((entry) => [...list, entry]));
}

const operandOf = (x: t.Tensor): Operand => handleOf(x).operand;

describe("a strided operand", () => {
  it.each(accepting.map(([op, count]) => [op.name, op, count] as const))(
    "of %s is accepted only where a kernel computes, to the bits of contiguous ones",
    (_, op, count) => {
      const reference = vi.spyOn(op, "reference");
      for (const types of tuples(dtypes, count)) {
        if (op === t.where.op && types[0] !== "bool") continue; // conditions are bools
        for (const names of tuples(Object.keys(layouts), count)) {
          t.scope(() => {
            const inputs = names.map((name, i) =>
              (layouts[name] as (typeof layouts)[string])(types[i] as DType),
            );
            const operands = inputs.map(operandOf);
            const accepted = operands.map(
              (x, i) => x.strides !== null && cpu.accepts(op, operands, i),
            );
            if (!accepted.includes(true)) return;
            // what is not accepted comes contiguous, as apply does it
            const own = operands.map((x, i) => (accepted[i] ? x : real(x)));
            const spec = op.infer(inputs, undefined);
            const [made] = cpu.run(op, own, undefined, [spec], null);
            expect(reference, `${types} ${names}`).not.toHaveBeenCalled();
            const [plain] = cpu.run(op, operands.map(real), undefined, [spec], null);
            const size = spec.shape.reduce((n, m) => n * m, 1);
            const read = (storage?: Storage) => cpu.readSync(storage as Storage, size);
            expect(read(made)).toEqual(read(plain));
          });
        }
      }
      reference.mockRestore();
    },
  );

  it("is accepted by no other op of the table but matmul", () => {
    const known = new Set<unknown>([...accepting.map(([op]) => op), t.matmul.op]);
    for (const [family, members] of Object.entries(commonFamilies)) {
      for (const [name, member] of Object.entries<object>(members)) {
        const op = (member as { op?: Op }).op;
        if (op === undefined || known.has(op)) continue;
        const table: Readonly<Record<string, unknown>> =
          kernels[family as keyof typeof kernels] ?? {};
        expect(table[name] ?? {}, name).not.toHaveProperty("accepts");
      }
    }
  });
});

/** The operand, contiguous. */
function real(x: Operand): Operand {
  return x.strides === null ? x : { ...x, strides: null, storage: cpu.materialize(x) };
}

describe("plain TypeScript on the CPU device", () => {
  it("multiplies strided matrices of every dtype: matmul's walks strides", () => {
    const reference = vi.spyOn(t.matmul.op, "reference");
    for (const dtype of dtypes) {
      const [a, b] = [filled([3, 2], dtype).mT, filled([4, 3], dtype).mT];
      const [x, y] = [t.tensor(a.toArray(), { dtype }), t.tensor(b.toArray(), { dtype })];
      expect(t.matmul(a, b).toArray()).toEqual(t.matmul(x, y).toArray());
    }
    reference.mockRestore();
  });

  it("gets contiguous operands from every op that has no kernel for their dtype", () => {
    const seen: View[] = [];
    const watched = new Set<Op>();
    for (const members of Object.values(commonFamilies)) {
      for (const member of Object.values<object>(members)) {
        const op = (member as { op?: Op }).op;
        if (op?.reference === undefined || op === t.matmul.op || watched.has(op)) continue;
        watched.add(op);
        const { reference } = op;
        vi.spyOn(op, "reference").mockImplementation((views, attrs, out) => {
          seen.push(...views);
          reference(views, attrs, out);
        });
      }
    }
    for (const dtype of dtypes) {
      const x = t.permuteDims(filled([4, 3, 2], dtype));
      t.tanh(x);
      t.atan2(x, x);
      t.logicalXor(x, x);
      t.max(x, { axis: 1 });
      t.argmax(x, { axis: 0 });
      t.cumulativeSum(x, { axis: 2 });
      t.softmax(x.cast("float64"));
      t.bitwiseAnd(t.permuteDims(filled([4, 3, 2], "int32")), 3);
      t.where(t.greater(x, 0), x, x);
      t.cast(x, "float64");
      t.argsort(x);
    }
    vi.restoreAllMocks();
    expect(seen.length).toBeGreaterThan(20);
    for (const view of seen) expect(view.strides).toBeNull();
  });
});

describe("a table of kernels", () => {
  it("takes no other names, inputs or attributes than its family's", () => {
    type Reduce = KernelsFor<typeof commonFamilies.reduce>;
    const tables: readonly Reduce[] = [
      // @ts-expect-error no op of the family has this name
      { total: () => 0 },
      // @ts-expect-error a sum has no attribute "depth"
      { sum: (_, __, { depth }) => depth },
      // @ts-expect-error a sum has one input
      { sum: (_, [, second]) => second.size },
    ];
    expect(tables).toHaveLength(3);
  });
});
