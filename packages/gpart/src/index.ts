/** @file Public names of @isograd/gpart. */
export {
  type Partition,
  type PartitionOptions,
  partition,
  type Scheme,
  schemes,
} from "./partition/partition.js";
export { project, projectTranspose } from "./project.js";
export { type Distortion, type DistortionOptions, distortion } from "./distortion.js";
