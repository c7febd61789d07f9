/** @file Letting the event loop run between steps. */

/**
 * Resolves after pending events (drawing, input, finalisers) had their turn; about a microsecond in
 * Node.
 */
function pause(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    // Browsers delay nested timers by 4 ms; a message comes at once.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** A function that pauses when `every` milliseconds have passed since it last did. */
export function pacer(every: number): () => Promise<void> | null {
  let last = performance.now();
  return () => {
    if (performance.now() - last < every) return null;
    return pause().then(() => {
      last = performance.now();
    });
  };
}
