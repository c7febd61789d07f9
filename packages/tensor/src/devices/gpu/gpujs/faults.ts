/**
 * @file Errors that WebGPU tells late: whose work they are of, so that every read of what that work
 * was to make throws, and no other read.
 */
import { DeviceError } from "../../../base/errors.js";
import { UNRUN } from "./library.js";

const SCOPES = ["out-of-memory", "validation", "internal"] as const;
/** Spans that one builds on, before those without an error are forgotten. */
const MANY = 256;
/** What to do when there is no memory. */
export const MEMORY = "dispose tensors that are no longer in use, or split the work along an axis";

/** Work whose errors come together. */
export class Span {
  readonly op: string;
  /** What may be wrong, for errors. */
  readonly what: string;
  /** The error of this work, or of work that it builds on, once it is known. */
  fault: DeviceError | null = null;
  /** Whether all errors are known. */
  done = false;
  /** Resolves when all errors are known, after the work has ended. */
  readonly settled: Promise<void>;
  readonly before = new Set<Span>();
  private resolve: () => void = () => undefined;

  constructor(op: string, what: string) {
    this.op = op;
    this.what = what;
    this.settled = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  /** Ends the work: `answers` are its own errors, the most telling first. */
  async end(answers: readonly Promise<DeviceError | null>[]): Promise<void> {
    const own = await Promise.all(answers);
    const causes = [...this.before];
    await Promise.all(causes.map(({ settled }) => settled));
    const faults = [...causes.map(({ fault }) => fault), ...own];
    this.fault = faults.find((fault) => fault !== null) ?? null;
    this.before.clear();
    this.done = true;
    this.resolve();
  }
}

/** The spans of one device. */
export class Faults {
  private readonly device: GPUDevice;
  /** The span of what is enqueued now. */
  current = new Span("gpu", "work");

  constructor(device: GPUDevice) {
    this.device = device;
    this.push();
  }

  private push(): void {
    for (const filter of SCOPES) this.device.pushErrorScope(filter);
  }

  private end(span: Span): void {
    const answers = [...SCOPES].reverse().map(async (kind) => {
      try {
        const error = await this.device.popErrorScope();
        return error === null ? null : faultOf(span, kind, error.message);
      } catch {
        return null; // the device is gone, and a read says so
      }
    });
    void span.end(answers.reverse());
  }

  /**
   * Runs work that builds on none in a span of its own, inside the current one. Submit earlier
   * commands before, and its own in `run`.
   */
  within<T>(op: string, what: string, run: (span: Span) => T): T {
    const outer = this.current;
    const span = new Span(op, what);
    this.current = span;
    this.push();
    try {
      return run(span);
    } finally {
      this.current = outer;
      this.end(span);
    }
  }

  /**
   * Runs work that builds on other work in a span of its own. The current span ends before, since
   * later work there may build on this: so each span builds on those that have ended.
   */
  alone<T>(op: string, what: string, run: (span: Span) => T): T {
    this.next();
    return this.within(op, what, run);
  }

  /** Says that the current work needs that of `span`. @throws The error of that work. */
  build(span: Span | undefined): void {
    const { current } = this;
    if (span === undefined || span === current) return;
    if (span.fault !== null) throw span.fault;
    if (span.done) return;
    current.before.add(span);
    if (current.before.size < MANY) return;
    for (const old of current.before) {
      if (old.done && old.fault === null) current.before.delete(old);
    }
  }

  /** Ends the current span and begins the next one; outside of `within`. */
  next(): void {
    this.end(this.current);
    this.current = new Span("gpu", "work");
    this.push();
  }
}

/** The error of a device that is gone, such as "the WebGPU device was lost". */
export const gone = (what: string): DeviceError =>
  new DeviceError("gpu", what, 'start again: await init("gpu"); tensors of before are gone');

function faultOf({ op, what }: Span, kind: (typeof SCOPES)[number], message: string): DeviceError {
  const memory = kind === "out-of-memory";
  const problem = memory ? `no memory for its ${what}` : `its WebGPU ${what} is not valid`;
  return new DeviceError(
    op,
    message === "" ? problem : `${problem}: ${message}`,
    memory ? MEMORY : UNRUN,
  );
}
