/** @file Public names of @isograd/tensor (engine). */
export {};
