/** @file Public names of @isograd/autograd (check). */
export {};
