/** @file Laws of matrix products, and einsum beside the functions that it generalises. */
import { fc, test } from "@fast-check/vitest";
import {
  broadcastTo,
  einsum,
  eye,
  matmul,
  mul,
  permuteDims,
  reshape,
  slice,
  stack,
  sum,
  type Tensor,
} from "@isograd/tensor";
import { forEachDevice, installMatchers, tensors } from "@isograd/testkit";
import { expect } from "vitest";

installMatchers();

const length = fc.integer({ min: 0, max: 5 });
const solid = (x: Tensor): Tensor => reshape(reshape(x, [x.size]), x.shape);

forEachDevice(["cpu", "reference"], (device) => {
  const options = { dtype: "float64", device } as const;
  const float32 = { dtype: "float32", device } as const;
  /** a [m, k], b [k, n], c [n, p], d [k, n]. */
  const chain = fc
    .tuple(length, length, length, length)
    .chain(([m, k, n, p]) =>
      fc.tuple(
        tensors([m, k], options),
        tensors([k, n], options),
        tensors([n, p], options),
        tensors([k, n], options),
      ),
    );

  test.prop([chain])("associates, distributes, transposes", ([a, b, c, d]) => {
    expect(matmul(matmul(a, b), c)).toEqualTensor(matmul(a, matmul(b, c)));
    expect(matmul(a, b.add(d))).toEqualTensor(matmul(a, b).add(matmul(a, d)));
    expect(matmul(a, b).mT).toEqualTensor(matmul(b.mT, a.mT));
    expect(matmul(a, eye(a.shape[1] as number, undefined, options))).toEqualTensor(a);
  });

  test.prop([chain])("a remembered transpose gives what a real one gives", ([a, b]) => {
    const product = matmul(a, b);
    const [at, bt] = [solid(a.mT), solid(b.mT)];
    expect(matmul(at.mT, b)).toEqualTensor(product);
    expect(matmul(a, bt.mT)).toEqualTensor(product);
    expect(matmul(at.mT, bt.mT)).toEqualTensor(product);
  });

  const sizes = fc.tuple(fc.nat(3), length, length, length);
  const batches = sizes.chain(([t, m, k, n]) =>
    fc.tuple(tensors([t, m, k], float32), tensors([t, k, n], float32), tensors([k, n], float32)),
  );

  test.prop([batches])("a batch is its matrices", ([a, b, shared]) => {
    const rows = Array.from({ length: a.shape[0] as number }, (_, i) =>
      matmul(slice(a, [i]), slice(b, [i])),
    );
    if (rows.length > 0) expect(matmul(a, b)).toEqualTensor(stack(rows));
    const spread = broadcastTo(shared, [a.shape[0] as number, ...shared.shape]);
    expect(matmul(a, shared)).toEqualTensor(matmul(a, spread));
    const swapped = permuteDims(solid(permuteDims(a, [1, 0, 2])), [1, 0, 2]);
    expect(matmul(swapped, b)).toEqualTensor(matmul(a, b));
  });

  test.prop([batches])("vectors are rows and columns", ([a, b]) => {
    const [m, n] = [a.shape[1] as number, b.shape[2] as number];
    if (a.shape[0] === 0 || m === 0 || n === 0) return;
    const [x, y] = [slice(a, [0, 0]), slice(b, [0, null, 0])];
    expect(matmul(x, y)).toEqualTensor(sum(mul(x, y)));
    expect(matmul(slice(a, [0]), y)).toEqualTensor(slice(matmul(a, b), [0, null, 0]));
    expect(matmul(x, slice(b, [0]))).toEqualTensor(slice(matmul(a, b), [0, 0]));
  });

  test.prop([batches])("einsum: products, sums, permutations, diagonals", ([a, b]) => {
    expect(einsum("tij,tjk->tik", a, b)).toEqualTensor(matmul(a, b));
    expect(einsum("tij,tjk->kti", a, b)).toEqualTensor(permuteDims(matmul(a, b), [2, 0, 1]));
    expect(einsum("tij,tjk->", a, b)).toEqualTensor(sum(matmul(a, b)));
    expect(einsum("tij->jt", a)).toEqualTensor(permuteDims(sum(a, { axis: 1 }), [1, 0]));
    expect(einsum("tij,tij->t", a, a)).toEqualTensor(sum(mul(a, a), { axis: [1, 2] }));
    expect(einsum("tij,sij->ts", a, a)).toEqualTensor(
      matmul(
        reshape(a, [a.shape[0] as number, (a.shape[1] as number) * (a.shape[2] as number)]),
        reshape(a, [a.shape[0] as number, (a.shape[1] as number) * (a.shape[2] as number)]).mT,
      ),
    );
    const gram = matmul(a.mT, a);
    const trace = sum(mul(gram, eye(a.shape[2] as number, undefined, float32)), { axis: [1, 2] });
    expect(einsum("tjj->t", gram)).toEqualTensor(trace);
    expect(einsum("...ij,...jk->...ik", a, b)).toEqualTensor(matmul(a, b));
  });

  test.prop([chain])("einsum of three is two of two", ([a, b, c]) => {
    const all = einsum("ij,jk,kl->il", a, b, c);
    expect(all).toEqualTensor(matmul(matmul(a, b), c));
  });
});
