/** @file Operands of tensors as kernels take them: cells, blocks and strides. */
import { contiguousStrides, type Shape } from "../../base/shape.js";
import type { Operand, Storage } from "../../core/contract.js";
import { Cell } from "./cell.js";
import type { Block } from "./gpujs/backend.js";
import type { KernelOperand } from "./kernels/kernel.js";

/** The cell of a storage; null for a storage without elements. */
export function cellOf({ data }: Storage): Cell | null {
  return data instanceof Cell ? data : null;
}

/** The cells of operands; those without elements have none. */
export function cellsOf(operands: readonly Operand[]): Cell[] {
  return operands.flatMap(({ storage }) => cellOf(storage) ?? []);
}

export const stridesOf = ({ strides, shape }: Operand): Shape =>
  strides ?? contiguousStrides(shape);

const EMPTY_BLOCK: Block = { native: {}, size: 0 };
const EMPTY = new Cell(0, EMPTY_BLOCK);

/** An operand for a kernel. `blockOf` gives its memory when the kernel runs, and not before. */
export function kernelOperand(x: Operand, blockOf: (cell: Cell) => Block): KernelOperand {
  const { shape, dtype, size, storage } = x;
  const cell = cellOf(storage);
  return {
    shape,
    dtype,
    size,
    cell: cell ?? EMPTY,
    get block() {
      return cell === null ? EMPTY_BLOCK : blockOf(cell);
    },
    strides: stridesOf(x),
  };
}
