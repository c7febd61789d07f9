/** @file What init takes and gives for the CPU device: types alone, free of WebAssembly's. */

/** Options of init. */
export interface CpuOptions {
  /**
   * Use the plain kernels, without fused multiply-add: results have the same bits on every machine,
   * and products of matrices take longer.
   */
  readonly deterministic?: boolean | undefined;
  /**
   * Threads for large ops, this one included; 1 switches the others off. Default: as many as the
   * machine has cores, at most 8. Large ops run on one of them while other programs keep the cores
   * so busy that one is faster than all. Results have the same bits whatever the number.
   */
  readonly threads?: number | undefined;
}

/** What init found. */
export interface InitResult {
  /**
   * Threads that run. 1 where no others can start, as in a page that is not cross-origin isolated.
   */
  readonly threads: number;
}
