/** @file Public names of @isograd/gpart. */
export {};
