/**
 * @file The playground: an editor, examples, a choice of device, and what came out beside it. Code
 * and device are in the address; code that came with an address runs only when Run is pressed.
 */
import { hashOf, stateOf } from "../address.js";
import { examples, exampleText } from "../examples.js";
import type { DeviceName } from "../messages.js";
import { Editor } from "./editor.js";
import { button, make, Output } from "./output.js";
import { run, stop } from "./session.js";

const devices: Record<DeviceName, string> = { cpu: "CPU", webgpu: "WebGPU", webgl2: "WebGL2" };
const NOTE_MS = 2500;
const DELAY_MS = 300;

const isDevice = (name: string | undefined): name is DeviceName =>
  name !== undefined && name in devices;

/** A list to choose from, with its label. */
function choice(label: string, options: Readonly<Record<string, string>>): HTMLSelectElement {
  const select = make("select", "playground-choice");
  select.setAttribute("aria-label", label);
  for (const [value, text] of Object.entries(options)) select.add(new Option(text, value));
  return select;
}

/** Gives the reader a file. */
function download(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const link = make("a", "");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Fetches a file of the site; a missing one is an error that says so. */
async function fetched(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} could not be loaded (${response.status})`);
  return response;
}

/** The whole page. `at` gives the address of a file of the site. */
class Playground {
  readonly #root: HTMLElement;
  readonly #at: (path: string) => string;
  readonly #output = new Output();
  readonly #example = choice("Example", {
    "": "Examples …",
    ...Object.fromEntries(examples.map(({ name, title }) => [name, title])),
  });
  readonly #device = choice("Device", devices);
  readonly #note = make("span", "playground-note");
  readonly #editor: Editor;
  #writing = 0;

  constructor(root: HTMLElement, at: (path: string) => string) {
    this.#root = root;
    this.#at = at;
    this.#note.setAttribute("role", "status");
    root.dataset["state"] = "idle";
    const bar = make("div", "snippet-bar playground-bar");
    bar.append(
      button("run", "Run", () => this.run()),
      button("stop", "Stop", stop),
      this.#example,
      this.#device,
      button("share", "Share", () => this.share()),
      button("download", "Download", () => this.download()),
      this.#note,
    );
    const panes = make("div", "playground-panes");
    const code = make("div", "snippet-editor playground-code");
    const out = make("div", "playground-output");
    const hint = make(
      "p",
      "playground-hint",
      "Run shows here what comes out. Ctrl Enter runs, too.",
    );
    out.append(hint, this.#output.element);
    panes.append(code, out);
    root.append(bar, panes);
    this.#editor = new Editor(code, "", "Program", {
      changed: () => this.#keep(),
      run: () => this.run(),
    });
    this.#example.addEventListener("change", () => this.#choose(this.#example.value));
    this.#device.addEventListener("change", () => this.#keep());
  }

  /** Shows what the address holds: code, an example, or the first example. */
  async open(): Promise<void> {
    const state = stateOf(location.hash);
    if (isDevice(state?.device)) this.#device.value = state.device;
    const code = state?.code["0"];
    if (code !== undefined) {
      this.#editor.write(code);
      return;
    }
    const named = /^#example=([\w-]+)$/.exec(location.hash)?.[1] ?? examples[0]?.name ?? "";
    this.#example.value = named;
    this.#editor.write(await exampleText(named));
  }

  run(): void {
    run({
      blocks: [this.#editor.text()],
      views: [this.#editor],
      output: this.#output,
      element: this.#root,
      device: this.#chosen,
    });
  }

  /** Copies the address, which holds the program. */
  async share(): Promise<void> {
    this.#write();
    try {
      await navigator.clipboard.writeText(location.href);
      this.#say("The link is copied.");
    } catch {
      this.#say("The link is in the address bar.");
    }
  }

  async download(): Promise<void> {
    const { projectOf } = await import("../project.js");
    try {
      const zip = await projectOf(this.#editor.text(), this.#chosen, {
        index: async () => (await fetched(this.#at("/packages/index.json"))).json(),
        archive: async (name) => {
          const file = await fetched(this.#at(`/packages/isograd-${name}.tgz`));
          return new Uint8Array(await file.arrayBuffer());
        },
      });
      download(new Uint8Array(zip), "isograd.zip");
      this.#say("Unpack it, then: npm install && npm start");
    } catch (error) {
      this.#say(String(error));
    }
  }

  get #chosen(): DeviceName {
    const { value } = this.#device;
    return isDevice(value) ? value : "cpu";
  }

  async #choose(name: string): Promise<void> {
    if (name === "") return;
    stop();
    this.#output.clear();
    this.#root.dataset["state"] = "idle";
    this.#editor.write(await exampleText(name));
  }

  /** Writes code and device into the address, once the reader pauses. */
  #keep(): void {
    clearTimeout(this.#writing);
    this.#writing = window.setTimeout(() => this.#write(), DELAY_MS);
  }

  #write(): void {
    clearTimeout(this.#writing);
    if (!this.#root.isConnected) return;
    const device = this.#chosen;
    const hash = hashOf({
      code: { "0": this.#editor.text() },
      ...(device !== "cpu" && { device }),
    });
    history.replaceState(history.state, "", location.pathname + location.search + hash);
  }

  #say(text: string): void {
    this.#note.textContent = text;
    setTimeout(() => {
      this.#note.textContent = "";
    }, NOTE_MS);
  }
}

/** Puts a playground into an element; `at` gives the address of a file of the site. */
export async function openPlayground(
  root: HTMLElement,
  at: (path: string) => string,
): Promise<void> {
  await new Playground(root, at).open();
}
