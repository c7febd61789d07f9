/** @file What the page and its worker say to each other. */

/** Where the network is trained. */
export type Place = "cpu" | "webgpu" | "webgl2";

/** What a run is given. */
export interface Settings {
  readonly place: Place;
  /** Systems to train on, and to test on. */
  readonly train: number;
  readonly test: number;
  readonly batch: number;
  readonly seed: number;
}

/** A system of the test set: positions are flat, body by body. */
export interface Shown {
  /** ±1 each. */
  readonly charges: Float32Array;
  /** Simulated positions at each frame from the input to the target. */
  readonly path: readonly Float32Array[];
  /** Where the network says that the bodies will be. */
  readonly predicted: Float32Array;
}

export type ToWorker =
  | { readonly kind: "start"; readonly settings: Settings }
  | { readonly kind: "pause" | "resume" };

export type FromWorker =
  /** For each place null, or why it is not available. */
  | { readonly kind: "places"; readonly places: Readonly<Record<Place, string | null>> }
  | { readonly kind: "stage"; readonly text: string }
  /** Test errors of predictors that learn nothing. */
  | { readonly kind: "begun"; readonly still: number; readonly straight: number }
  | {
      readonly kind: "step";
      readonly step: number;
      readonly loss: number;
      readonly stepsPerSecond: number;
    }
  | {
      readonly kind: "tested";
      readonly step: number;
      readonly error: number;
      readonly shown: readonly Shown[];
    }
  | { readonly kind: "failed"; readonly text: string };
