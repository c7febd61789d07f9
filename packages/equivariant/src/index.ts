/** @file Public names of @isograd/equivariant. */
export {};
