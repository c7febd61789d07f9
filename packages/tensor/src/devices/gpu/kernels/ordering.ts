/**
 * @file Sorting by counting, since a kernel cannot swap elements but can count those that come
 * before one; searching by halving.
 */
import { sizeOf } from "../../../base/shape.js";
import type { families } from "../../../nets/registry.js";
import { checkExact, isNumber, triple } from "../gpujs/source.js";
import type { KernelFor, KernelsFor } from "./kernel.js";

type Ordering = typeof families.ordering;

// First the rank of each element: how many of its row come before it. Then, for each place, the
// element with that rank.
const argsort: KernelFor<Ordering["argsort"]> = (kit, { op, inputs: [x], attrs }) => {
  const { axis, descending } = attrs;
  const n = x.shape[axis] as number;
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  checkExact(op, n, x.shape);
  const row = `(o * ${n} + e) * ${inner} + j`;
  const way = descending ? ">" : "<";
  const rank = kit.launch({
    op,
    body: `
    ${triple(outer, n, inner)}
    const v = a[k];
    let vn = 1.0;
    if (${isNumber("v")}) { vn = 0.0; }
    let r = 0.0;
    for (let e = 0; e < ${n}; e++) {
      const w = a[${row}];
      let wn = 1.0;
      if (${isNumber("w")}) { wn = 0.0; }
      if (wn === vn) {
        if (w ${way} v) { r = r + 1.0; }
        else if ((wn === 1.0 || w === v) && e < m) { r = r + 1.0; }
      } else if (wn ${way} vn) { r = r + 1.0; }
    }
    return r;`,
    output: x.size,
    arrays: { a: x.block },
  });
  const places = kit.launch({
    op,
    body: `
    ${triple(outer, n, inner)}
    let found = 0.0;
    for (let e = 0; e < ${n}; e++) { if (a[${row}] === m) { found = e; } }
    return found;`,
    output: x.size,
    arrays: { a: rank },
  });
  kit.free(rank);
  return places;
};

const searchsorted: KernelFor<Ordering["searchsorted"]> = (
  kit,
  { op, inputs: [sorted, values], attrs },
) => {
  const { side } = attrs;
  checkExact(op, sorted.size, sorted.shape);
  const before = side === "left" ? "w < v" : "w <= v";
  const unknown = side === "left" ? isNumber("w") : "1.0 > 0.0";
  const body = `
    const v = b[this.thread.x];
    let low = 0.0;
    let high = ${sorted.size}.0;
    for (let e = 0; e < ${Math.ceil(Math.log2(sorted.size + 1))}; e++) {
      if (low < high) {
        const middle = low + Math.floor((high - low) * 0.5);
        const w = a[middle];
        let first = 0.0;
        if (${isNumber("v")}) { if (${before}) { first = 1.0; } }
        else if (${unknown}) { first = 1.0; }
        if (first > 0.5) { low = middle + 1.0; } else { high = middle; }
      }
    }
    return low;`;
  return kit.launch({
    op,
    body,
    output: values.size,
    arrays: { a: sorted.block, b: values.block },
  });
};

/** Kernels of contiguous operands. */
export const ordering: KernelsFor<Ordering> = { argsort, searchsorted };
