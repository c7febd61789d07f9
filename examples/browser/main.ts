/** @file The page: buttons, figures, a curve and a view of what the worker learns. */
import { lossCurve } from "./curve.js";
import type { FromWorker, Place, Settings, Shown, ToWorker } from "./messages.js";
import { view } from "./scene.js";

const place = element("place", HTMLSelectElement);
const button = (id: string) => element(id, HTMLButtonElement);
const [start, pause, next] = [button("start"), button("pause"), button("next")];
const curve = lossCurve(element("curve", HTMLElement));
const picture = view(element("view", HTMLElement));
const PLACES: readonly Place[] = ["cpu", "webgpu", "webgl2"];
const NAMES: Readonly<Record<Place, string>> = {
  cpu: "CPU (WebAssembly)",
  webgpu: "GPU (WebGPU)",
  webgl2: "GPU (WebGL2)",
};

const shown: readonly Shown[] = [];
const state = { running: false, paused: false, shown, at: 0 };
let worker = newWorker();

function element<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

function say(id: string, text: string): void {
  element(id, HTMLElement).textContent = text;
}

/** The device that is selected. */
function chosen(): Place {
  return PLACES.find((name) => name === place.value) ?? "cpu";
}

/** Sizes from the address: `?train=500&test=100&batch=50&seed=0`. */
function settings(): Settings {
  const asked = new URLSearchParams(location.search);
  const number = (name: string, otherwise: number) => Number(asked.get(name) ?? otherwise);
  return {
    place: chosen(),
    train: number("train", 600),
    test: number("test", 200),
    batch: number("batch", 50),
    seed: number("seed", 0),
  };
}

function newWorker(): Worker {
  const made = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  made.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => hear(data));
  made.addEventListener("error", ({ message }) => hear({ kind: "failed", text: message }));
  return made;
}

function send(message: ToWorker): void {
  worker.postMessage(message);
}

function offer(places: Readonly<Record<Place, string | null>>): void {
  const before = place.value;
  place.replaceChildren(
    ...PLACES.map((name) => {
      const why = places[name];
      const option = new Option(why === null ? NAMES[name] : `${NAMES[name]}: ${why}`, name);
      option.disabled = why !== null;
      return option;
    }),
  );
  if (before === "") say("stage", readiness(places));
  else place.value = before;
  start.disabled = false;
}

function readiness({ webgpu, webgl2 }: Readonly<Record<Place, string | null>>): string {
  if (webgpu === null) return "ready";
  if (webgl2 === null) return "ready; there is no WebGPU here, but a GPU through WebGL2";
  return "ready; there is no GPU here, only the CPU";
}

function stage(): string {
  return state.paused ? "paused" : `training on ${NAMES[chosen()]}`;
}

function showNow(): void {
  const system = state.shown[state.at % state.shown.length];
  if (system !== undefined) picture.show(system);
  next.disabled = state.shown.length < 2;
}

type Hearing = {
  readonly [K in FromWorker["kind"]]: (message: Extract<FromWorker, { kind: K }>) => void;
};

const hearing: Hearing = {
  places: ({ places }) => offer(places),
  stage: ({ text }) => say("stage", text),
  begun({ still, straight }) {
    const [none, on] = [still.toFixed(3), straight.toFixed(3)];
    say("baselines", `Test error when nothing moves: ${none}; when all move straight on: ${on}.`);
  },
  step({ step, loss, stepsPerSecond }) {
    say("stage", stage());
    say("step", String(step));
    say("loss", loss.toPrecision(3));
    say("rate", stepsPerSecond.toFixed(1));
    curve.step(step, loss);
  },
  tested({ step, error, shown }) {
    say("error", error.toPrecision(3));
    curve.tested(step, error);
    state.shown = shown;
    showNow();
  },
  failed({ text }) {
    say("stage", text);
    ended();
  },
};

function hear<K extends FromWorker["kind"]>(message: Extract<FromWorker, { kind: K }>): void {
  hearing[message.kind](message);
}

function ended(): void {
  Object.assign(state, { running: false, paused: false });
  Object.assign(start, { textContent: "Start" });
  Object.assign(pause, { disabled: true, textContent: "Pause" });
  place.disabled = false;
}

start.addEventListener("click", () => {
  if (state.running) {
    // each run has its own worker: terminating it frees all that its device holds
    worker.terminate();
    worker = newWorker();
    say("stage", "stopped");
    return ended();
  }
  Object.assign(state, { running: true, paused: false, shown: [], at: 0 });
  Object.assign(start, { textContent: "Stop" });
  pause.disabled = false;
  place.disabled = true;
  curve.clear();
  for (const id of ["step", "loss", "error", "rate"]) say(id, "–");
  send({ kind: "start", settings: settings() });
});

pause.addEventListener("click", () => {
  state.paused = !state.paused;
  pause.textContent = state.paused ? "Resume" : "Pause";
  say("stage", stage());
  send({ kind: state.paused ? "pause" : "resume" });
});

next.addEventListener("click", () => {
  state.at++;
  showNow();
});
