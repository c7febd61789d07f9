/** @file Public names of @isograd/tensor (devices/gpu). */
export {};
