/** @file Catches what a call refuses with. */
import { expect } from "vitest";

/** The whole message of the error that a call throws, which must be of the class. */
export function refusalOf(type: new (...args: never[]) => Error, call: () => unknown): string {
  let caught: unknown;
  try {
    call();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(type);
  return (caught as Error).message;
}
