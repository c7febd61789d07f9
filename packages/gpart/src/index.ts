/** @file Public names of @isograd/gpart. */
export {
  type Partition,
  type PartitionOptions,
  partition,
  type Scheme,
  schemes,
} from "./partition/partition.js";
