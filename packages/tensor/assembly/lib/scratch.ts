/** @file A small private area for kernels. Each thread sets its own, so that one source serves shared memory too. */

let area: usize = 0;

/** Gives this instance its 64 kB of scratch. */
export function setScratch(at: usize): void {
  area = at;
}

// @ts-ignore: decorator
@inline export function scratch(): usize {
  return area;
}
