/** @file Public names of @isograd/autograd (viz). */
export {};
