/**
 * @file The errors a user meets: one format, with fields for programs. Knows no tensor and no
 * device.
 */

/**
 * What every Isograd error carries: the op that refused, what was wrong, and what to do about it.
 */
export class IsogradError extends Error {
  /** Name of the op or function that refused. */
  readonly op: string;
  /** What was wrong, with the shapes, dtypes or values. */
  readonly problem: string;
  /** What to do about it, when there is something to say. */
  readonly help: string | undefined;

  constructor(op: string, problem: string, help?: string) {
    super(
      `${String(op)}: ${String(problem)}${help === undefined ? "" : `\n  help: ${String(help)}`}`,
    );
    this.name = new.target.name;
    this.op = op;
    this.problem = problem;
    this.help = help;
  }
}

/** Shapes, axes or indices that do not fit together. */
export class ShapeError extends IsogradError {
  override readonly name = "ShapeError";
}

/** A dtype that the op does not take, or values that the dtype cannot hold. */
export class DTypeError extends IsogradError {
  override readonly name = "DTypeError";
}

/**
 * A device that is missing, out of memory, unable to run the op, or not the one of the other
 * operand.
 */
export class DeviceError extends IsogradError {
  override readonly name = "DeviceError";
}

/** Bytes that are not a valid file of the format they are read as. */
export class FormatError extends IsogradError {
  override readonly name = "FormatError";
}

/** A gradient that is wrong, missing, or asked for where there is none. */
export class GradientError extends IsogradError {
  override readonly name = "GradientError";
}

/**
 * A call that makes no sense as written: a tensor used after `dispose()`, an option out of range.
 */
export class UsageError extends IsogradError {
  override readonly name = "UsageError";
}
