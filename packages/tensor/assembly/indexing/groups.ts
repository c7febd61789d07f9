/** @file Reading and adding by group numbers of 2 or 4 bytes, known to be in range: one float32 a group. */

/** The number of the group that stands at p. */
// @ts-ignore: decorator
@inline function at<T>(table: usize, p: usize): f32 {
  return load<f32>(table + (<usize>load<T>(p) << 2));
}

/** o[i] = table[groups[i]]; with a base (not 0) o[i] = base[i] − table[groups[i]]. Scalar loads are quickest. */
// @ts-ignore: decorator
@inline function spread<T>(count: i32, groups: usize, table: usize, base: usize, o: usize): void {
  const four = o + (<usize>(count & ~3) << 2), end = o + (<usize>count << 2);
  if (base == 0) {
    for (; o < four; o += 16) {
      store<f32>(o, at<T>(table, groups));
      store<f32>(o, at<T>(table, groups + sizeof<T>()), 4);
      store<f32>(o, at<T>(table, groups + 2 * sizeof<T>()), 8);
      store<f32>(o, at<T>(table, groups + 3 * sizeof<T>()), 12);
      groups += 4 * sizeof<T>();
    }
    for (; o < end; o += 4) {
      store<f32>(o, at<T>(table, groups));
      groups += sizeof<T>();
    }
    return;
  }
  for (; o < four; o += 16) {
    store<f32>(o, load<f32>(base) - at<T>(table, groups));
    store<f32>(o, load<f32>(base, 4) - at<T>(table, groups + sizeof<T>()), 4);
    store<f32>(o, load<f32>(base, 8) - at<T>(table, groups + 2 * sizeof<T>()), 8);
    store<f32>(o, load<f32>(base, 12) - at<T>(table, groups + 3 * sizeof<T>()), 12);
    groups += 4 * sizeof<T>();
    base += 16;
  }
  for (; o < end; o += 4) {
    store<f32>(o, load<f32>(base) - at<T>(table, groups));
    groups += sizeof<T>();
    base += 4;
  }
}

export function spreadNarrow(count: i32, groups: usize, table: usize, base: usize, o: usize): void {
  spread<u16>(count, groups, table, base, o);
}

export function spreadWide(count: i32, groups: usize, table: usize, base: usize, o: usize): void {
  spread<u32>(count, groups, table, base, o);
}

/** sums[groups[i]] += x[i] in float64. */
// @ts-ignore: decorator
@inline function collect<T>(count: i32, groups: usize, x: usize, sums: usize): void {
  for (const end = x + (<usize>count << 2); x < end; x += 4) {
    const q = sums + (<usize>load<T>(groups) << 3);
    store<f64>(q, load<f64>(q) + <f64>load<f32>(x));
    groups += sizeof<T>();
  }
}

export function collectNarrow(count: i32, groups: usize, x: usize, sums: usize): void {
  collect<u16>(count, groups, x, sums);
}

export function collectWide(count: i32, groups: usize, x: usize, sums: usize): void {
  collect<u32>(count, groups, x, sums);
}

/** o[j] = x[j] rounded to float32. */
export function roundF64(n: i32, x: usize, o: usize): void {
  for (const end = o + (<usize>n << 2); o < end; o += 4) {
    store<f32>(o, <f32>load<f64>(x));
    x += 8;
  }
}
