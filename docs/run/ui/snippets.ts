/**
 * @file Gives the blocks of a page their buttons: Run, Stop, Edit, Reset. Blocks of a page share
 * their names: running one runs those before it, in a new worker. Edited code is in the address.
 */
import type { State } from "../address.js";
import { promisedGraph } from "../promises.js";
import type { Editor } from "./editor.js";
import { button, make, Output } from "./output.js";
import { type CodeView, StaticView } from "./view.js";

/** What a page's blocks tell each other. */
interface Page {
  readonly snippets: Snippet[];
  /** The address of the playground. */
  readonly playground: string;
  /** Writes the edited blocks into the address. */
  keep(): void;
}

let stopped = (): void => {};

/** Ends what runs: its page is gone. */
export function leave(): void {
  stopped();
}

/** A block that can run and be edited. */
class Snippet {
  readonly #page: Page;
  readonly #root: HTMLElement;
  readonly #block: HTMLElement;
  readonly #static: StaticView;
  readonly #output = new Output();
  readonly #reset: HTMLButtonElement;
  #graph = "";
  #editor: Editor | undefined;

  constructor(page: Page, root: HTMLElement, block: HTMLElement) {
    this.#page = page;
    this.#root = root;
    this.#block = block;
    this.#static = new StaticView(block);
    root.dataset["state"] = "idle";
    this.#reset = button("reset", "Reset", () => this.reset());
    this.#reset.hidden = true;
    const bar = make("div", "snippet-bar");
    bar.append(
      button("run", "Run", () => this.run()),
      button("stop", "Stop", leave),
      button("edit", "Edit", () => this.edit()),
      this.#reset,
    );
    // examples of the reference go without imports, which the playground would miss
    if (!this.#alone) bar.append(button("open", "Playground", () => this.open()));
    root.append(bar, this.#output.element);
  }

  /** The text that the block was built with. */
  get original(): string {
    return this.#static.text();
  }

  get view(): CodeView {
    return this.#editor ?? this.#static;
  }

  /** The edited text; undefined if it is as it was. */
  get edited(): string | undefined {
    const text = this.view.text();
    return text === this.original ? undefined : text;
  }

  /** The graph that is drawn below is what the last line promises. */
  promise(dot: string): void {
    this.#graph = `\n${promisedGraph(dot)}`;
  }

  get program(): string {
    return this.edited ?? this.original + this.#graph;
  }

  /** Whether it is an example of the reference: a program by itself. */
  get #alone(): boolean {
    return this.#root.dataset["own"] !== undefined;
  }

  /** The blocks that make its program. */
  get #chosen(): readonly Snippet[] {
    const { snippets } = this.#page;
    return this.#alone ? [this] : snippets.slice(0, snippets.indexOf(this) + 1);
  }

  async run(): Promise<void> {
    const chosen = this.#chosen;
    const { run, stop } = await import("./session.js");
    stopped = stop;
    run({
      blocks: chosen.map(({ program }) => program),
      views: chosen.map(({ view }) => view),
      output: this.#output,
      element: this.#root,
      device: "cpu",
      own: this.#root.dataset["own"],
    });
  }

  async edit(text = this.original): Promise<void> {
    if (this.#editor !== undefined) {
      this.#editor.focus();
      return;
    }
    const { Editor } = await import("./editor.js");
    this.#block.hidden = true;
    const place = make("div", "snippet-editor");
    this.#block.after(place);
    this.#editor = new Editor(place, text, "Code", {
      changed: () => this.#page.keep(),
      run: () => this.run(),
    });
    this.#reset.hidden = false;
    this.#editor.focus();
  }

  /** Takes the program to the playground; it does not run there by itself. */
  async open(): Promise<void> {
    const { hashOf } = await import("../address.js");
    const code = this.#chosen.map(({ view }) => view.text().trimEnd()).join("\n\n");
    location.assign(this.#page.playground + hashOf({ code: { "0": `${code}\n` } }));
  }

  /** Back to the text as it was. */
  reset(): void {
    this.#editor?.remove();
    this.#editor = undefined;
    this.#root.querySelector(".snippet-editor")?.remove();
    this.#block.hidden = false;
    this.#reset.hidden = true;
    this.#output.clear();
    this.#static.clear();
    this.#root.dataset["state"] = "idle";
    this.#page.keep();
  }
}

/** The graphs of a page, each given to the block above it. */
function giveGraphs(content: ParentNode, snippets: readonly Snippet[]): void {
  let above: Snippet | undefined;
  let next = 0;
  for (const element of content.querySelectorAll<HTMLElement>(".snippet, figure[data-dot]")) {
    const { dot } = element.dataset;
    if (dot === undefined) above = snippets[next++];
    else above?.promise(decodeURIComponent(dot));
  }
}

/** Puts edited code of an address back into its blocks; nothing runs. */
async function restore({ code }: State, snippets: readonly Snippet[]): Promise<void> {
  for (const [i, text] of Object.entries(code)) await snippets[Number(i)]?.edit(text);
}

/** Makes the blocks of a page interactive; `playground` is an address. */
export async function prepare(content: ParentNode, playground: string): Promise<void> {
  const snippets: Snippet[] = [];
  const page: Page = {
    snippets,
    playground,
    async keep() {
      const { hashOf } = await import("../address.js");
      const edited = snippets.map(({ edited }, i) => [i, edited] as const);
      const code = Object.fromEntries(edited.filter(([, text]) => text !== undefined));
      const { pathname, search } = location;
      const hash = Object.keys(code).length > 0 ? hashOf({ code: code as State["code"] }) : "";
      history.replaceState(history.state, "", pathname + search + hash);
    },
  };
  for (const root of content.querySelectorAll<HTMLElement>(".snippet:not([data-state])")) {
    const block = root.querySelector<HTMLElement>("div[class*=language-]");
    if (block !== null) snippets.push(new Snippet(page, root, block));
  }
  giveGraphs(content, snippets);
  if (!location.hash.startsWith("#code=")) return;
  const { stateOf } = await import("../address.js");
  const state = stateOf(location.hash);
  if (state !== undefined) await restore(state, snippets);
}
