/** @file Code on a page, as what a run writes on: marks at promises, the line of an error. */

/** A block of code that can be marked; lines count from 1. */
export interface CodeView {
  text(): string;
  /** Removes all marks. */
  clear(): void;
  /** Says at a line whether its promise was kept, and else what came out. */
  promise(line: number, kept: boolean, printed: string): void;
  /** Marks the line that threw. */
  error(line: number): void;
}

/** The mark at the end of a line. Its letters come from the style sheet: they are not copied. */
export function markOf(kept: boolean, printed: string): HTMLElement {
  const mark = document.createElement("span");
  mark.className = kept ? "promise kept" : "promise broken";
  mark.dataset["text"] = kept ? "✓" : `✗ ${printed.replace(/\s+/g, " ")}`;
  return mark;
}

/** A block as the site was built with it: one span for each line. */
export class StaticView implements CodeView {
  readonly #lines: HTMLElement[];
  readonly #text: string;

  constructor(code: HTMLElement) {
    this.#lines = [...code.querySelectorAll<HTMLElement>(".line")];
    this.#text = this.#lines.map(({ textContent }) => textContent).join("\n");
  }

  text(): string {
    return this.#text;
  }

  clear(): void {
    for (const line of this.#lines) {
      line.classList.remove("threw");
      line.querySelector(".promise")?.remove();
    }
  }

  promise(line: number, kept: boolean, printed: string): void {
    this.#lines[Math.min(line, this.#lines.length) - 1]?.append(markOf(kept, printed));
  }

  error(line: number): void {
    this.#lines[line - 1]?.classList.add("threw");
  }
}
