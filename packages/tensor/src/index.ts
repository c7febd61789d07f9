/** @file Public names of @isograd/tensor. */
export {};
