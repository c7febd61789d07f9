/** @file A bar in one line of a terminal, drawn without a library. Knows no run. */

/** What a bar needs of a terminal: Node's `process.stdout` has it. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** A bar that is drawn over itself. */
export interface Bar {
  /** Shows the part that is done, from 0 to 1, and a text. */
  draw(part: number, text: string): void;
  /** Replaces the bar by a line that stays. */
  end(text: string): void;
}

interface Platform {
  readonly process?: {
    readonly stdout?: Terminal;
    readonly env?: Readonly<Record<string, string | undefined>>;
  };
}

const CELLS = 24;
/** Milliseconds between two drawings, at least. */
const PAUSE = 60;
/** The start of the line, which is then erased. */
const AFRESH = "\r\u001b[2K";

/** Where this program prints; null in browsers. */
export function output(): Terminal | null {
  return (globalThis as Platform).process?.stdout ?? null;
}

/** Whether lines can be drawn over: not in a file, in a pipe, or on a terminal without cursor. */
export function isTerminal(out: Terminal | null): out is Terminal {
  return out?.isTTY === true && (globalThis as Platform).process?.env?.["TERM"] !== "dumb";
}

/** A bar on a terminal; `now` gives milliseconds. */
export function barOn(out: Terminal, now = () => performance.now()): Bar {
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    draw(part, text) {
      if (now() - drawn < PAUSE) return;
      drawn = now();
      const full = Math.round(Math.min(1, Math.max(0, part)) * CELLS);
      const line = `${"━".repeat(full)}${"─".repeat(CELLS - full)}  ${text}`;
      // a line that wraps could not be drawn over
      out.write(AFRESH + [...line].slice(0, (out.columns ?? 80) - 1).join(""));
    },
    end(text) {
      out.write(`${AFRESH}${text}\n`);
    },
  };
}
