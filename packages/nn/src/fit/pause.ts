/** @file Pauses between steps, in which the event loop runs. */

/**
 * Resolves after pending events (drawing, input, finalisers) have been handled; takes about a
 * microsecond in Node.
 */
function pause(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    // Browsers delay nested timers by 4 ms; a message arrives at once.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** A function that pauses if `every` milliseconds have passed since its last pause. */
export function pacer(every: number): () => Promise<void> | null {
  let last = performance.now();
  return () => {
    if (performance.now() - last < every) return null;
    return pause().then(() => {
      last = performance.now();
    });
  };
}
