/** @file Public names of @isograd/nn. */
export {};
