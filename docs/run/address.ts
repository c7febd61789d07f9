/**
 * @file Code in the address of a page, so that it can be sent: `#code=` and a JSON text, deflated,
 * in base64 for addresses. Reading runs nothing.
 */
import { deflateSync, inflateSync, strFromU8, strToU8 } from "fflate";

const NAME = "#code=";
const MOST_LETTERS = 100_000;

/** What an address holds: code by the number of its block, and a device. */
export interface State {
  readonly code: Readonly<Record<string, string>>;
  readonly device?: string | undefined;
}

/** The end of an address, with its `#`. */
export function hashOf(state: State): string {
  const bytes = deflateSync(strToU8(JSON.stringify(state)), { level: 9 });
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return NAME + base64.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const isCode = (value: unknown): value is Record<string, string> =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((text) => typeof text === "string" && text.length < MOST_LETTERS);

/** What an address holds; undefined if it is none of ours, or damaged. */
export function stateOf(hash: string): State | undefined {
  if (!hash.startsWith(NAME)) return undefined;
  try {
    const base64 = hash.slice(NAME.length).replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const limit = new Uint8Array(4 * MOST_LETTERS); // a small text may inflate to a huge one
    const { code, device } = JSON.parse(strFromU8(inflateSync(bytes, { out: limit })));
    return isCode(code) ? { code, ...(typeof device === "string" && { device }) } : undefined;
  } catch {
    return undefined;
  }
}
