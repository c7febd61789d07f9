/** @file Serves the built site as any static server does, in a folder of its choice: files, `index.html`, 404. */
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** The built site. */
export const dist = fileURLToPath(new URL("../../.vitepress/dist", import.meta.url));

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

export interface Served {
  /** The address of the site, with a slash at its end. */
  readonly url: string;
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Serves the site below a path such as `/some/deep/path/`; anything else is 404.
 */
export async function serve(path: string): Promise<Served> {
  const server = createServer(async ({ url = "/" }, response) => {
    const asked = decodeURIComponent(url.replace(/[?#].*$/, ""));
    const inside = normalize(asked).startsWith(path) ? asked.slice(path.length) : undefined;
    try {
      if (inside === undefined) throw new Error("outside of the site");
      let file = join(dist, inside);
      if ((await stat(file)).isDirectory()) file = join(file, "index.html");
      const body = await readFile(file);
      response
        .writeHead(200, {
          "content-type": TYPES[extname(file)] ?? "text/plain",
          "cache-control": "max-age=600",
        })
        .end(body);
    } catch {
      response.writeHead(404).end("no such file");
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const origin = `http://127.0.0.1:${address.port}`;
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return { url: origin + encodeURI(path), origin, close };
}
