/** @file Public names of @isograd/tensor (io). */
export {};
