/** @file Public names of @isograd/testkit. */
export {};
