/** @file What a run shows below its code. HTML and pictures are cleaned: code may come with a link. */
import type { Failure, Level, Shown } from "../messages.js";

/** Makes an element with a class and text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** A button of a bar. */
export function button(kind: string, text: string, press: () => void): HTMLButtonElement {
  const made = make("button", `snippet-button snippet-${kind}`, text);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

/** The lines, tables, pictures and errors of a run. */
export class Output {
  readonly element = make("div", "snippet-output");
  #waiting = Promise.resolve();
  #run = 0;

  constructor() {
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Output");
    this.element.setAttribute("aria-live", "polite");
    this.element.tabIndex = 0; // it scrolls
    this.element.hidden = true;
  }

  clear(): void {
    this.#run += 1;
    this.element.replaceChildren();
    this.element.hidden = true;
  }

  log(level: Level, text: string): void {
    this.#add(make("pre", `log ${level}`, text));
  }

  failure({ name, problem, help }: Failure, where: string): void {
    const box = make("div", "failure");
    box.setAttribute("role", "alert");
    box.append(make("p", "problem", `${name}: ${problem}`));
    if (help !== undefined) box.append(make("p", "help", `help: ${help}`));
    if (where !== "") box.append(make("p", "where", where));
    this.#add(box);
  }

  value({ kind, content }: Shown): void {
    if (kind === "text") {
      this.#add(make("pre", "log value", content));
      return;
    }
    const run = this.#run;
    this.#waiting = this.#waiting.then(async () => {
      const { default: purify } = await import("dompurify");
      const box = make("div", kind === "svg" ? "picture drawing" : "picture");
      box.innerHTML = purify.sanitize(content, { FORBID_TAGS: ["img", "a", "form", "input"] });
      if (run === this.#run) this.#add(box);
    });
  }

  /** The last line: how long it took, and how many promises were kept. */
  summary(text: string): void {
    const run = this.#run;
    this.#waiting = this.#waiting.then(() => {
      if (run === this.#run) this.#add(make("p", "summary", text));
    });
  }

  #add(node: HTMLElement): void {
    this.element.hidden = false;
    this.element.append(node);
  }
}
