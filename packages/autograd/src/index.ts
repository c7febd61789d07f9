/** @file Public names of @isograd/autograd. */
export {};
