/** @file Whether contenders do the same mathematics: checked before anything is timed. */

/** What differs, or null when `got` is `wanted` within `tolerance` times its largest number. */
export function difference(
  wanted: ArrayLike<number>,
  got: ArrayLike<number>,
  tolerance: number,
): string | null {
  if (wanted.length !== got.length) return `${got.length} numbers, expected ${wanted.length}`;
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) {
    largest = Math.max(largest, Math.abs(wanted[i] ?? Number.NaN));
  }
  let worst = 0;
  let at = 0;
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs((wanted[i] ?? Number.NaN) - (got[i] ?? Number.NaN));
    if (error <= worst) continue;
    worst = error;
    at = i;
    if (Number.isNaN(error)) break;
  }
  if (worst <= tolerance * largest) return null;
  return `number ${at} is ${got[at]}, expected ${wanted[at]}`;
}
