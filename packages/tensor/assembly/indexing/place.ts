/** @file The place that an index means: negative ones count from the end. */

/** The index that stands at p, of an axis of length n. */
// @ts-ignore: decorator
@inline export function place(p: usize, n: i32): usize {
  const i = load<i32>(p);
  return <usize>(i + ((i >> 31) & n));
}
