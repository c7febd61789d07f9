/**
 * @file Matches regular expressions in time proportional to pattern times text: all ways at once,
 * no backtracking. Knows the parts of a pattern, and no syntax.
 */

/** A part of a pattern. Characters are those of the text as it was cut. */
export type Part =
  | { readonly kind: "one"; readonly test: (char: string) => boolean }
  | { readonly kind: "all"; readonly parts: readonly Part[] }
  | { readonly kind: "either"; readonly parts: readonly Part[] }
  | { readonly kind: "repeat"; readonly part: Part; readonly least: number; readonly most: number }
  | { readonly kind: "place"; readonly test: Place }
  | {
      readonly kind: "look";
      readonly part: Part;
      readonly behind: boolean;
      readonly not: boolean;
    };

/** Whether a place of the text, between its characters, is the one meant. */
export type Place = (text: readonly string[], at: number) => boolean;

/** Why a pattern cannot be used. */
export class PatternError extends Error {}

type State =
  | { readonly kind: "one"; readonly test: (char: string) => boolean; next: number }
  | { readonly kind: "fork"; readonly ways: number[] }
  | { readonly kind: "place"; readonly test: Place; next: number }
  | {
      readonly kind: "look";
      readonly program: Program;
      readonly behind: boolean;
      readonly not: boolean;
      next: number;
    }
  | { readonly kind: "end" };

/** A pattern as states; the walk begins at `start`. */
export interface Program {
  readonly states: readonly State[];
  readonly start: number;
}

/** The most states of a pattern: repetitions with counts are written out. */
const MOST_STATES = 20_000;
/** The most steps of a {@link Walker}: about a second. */
const MOST_STEPS = 10_000_000;

/** Translates a pattern. @throws PatternError for one that is too large. */
export function compile(part: Part, room = { states: MOST_STATES }): Program {
  const states: State[] = [];
  const add = (state: State): number => {
    if (--room.states < 0) throw new PatternError("it is too large");
    return states.push(state) - 1;
  };
  // built from the end: `next` is where a part leads
  const build = (x: Part, next: number): number => {
    switch (x.kind) {
      case "one":
        return add({ kind: "one", test: x.test, next });
      case "place":
        return add({ kind: "place", test: x.test, next });
      case "look": {
        const { behind, not } = x;
        return add({ kind: "look", program: compile(x.part, room), behind, not, next });
      }
      case "all":
        return x.parts.reduceRight((after, each) => build(each, after), next);
      case "either":
        return add({ kind: "fork", ways: x.parts.map((each) => build(each, next)) });
      case "repeat":
        return repeat(x.part, x.least, x.most, next);
    }
  };
  const repeat = (x: Part, least: number, most: number, next: number): number => {
    let after = next;
    if (most === Number.POSITIVE_INFINITY) {
      const ways = [next];
      after = add({ kind: "fork", ways });
      ways.push(build(x, after));
    } else {
      for (let i = least; i < most; i++) {
        after = add({ kind: "fork", ways: [next, build(x, after)] });
      }
    }
    for (let i = 0; i < least; i++) after = build(x, after);
    return after;
  };
  const end = add({ kind: "end" });
  const start = build(part, end);
  return { states, start };
}

/** Where a match may begin and end. */
export interface Span {
  /** The first and the last place where it may begin. */
  readonly from: number;
  readonly to: number;
  /** Where it has to end; null for anywhere. */
  readonly end: number | null;
}

/** Matches texts, up to a number of steps in all. */
export class Walker {
  #steps = 0;

  /** Whether a match begins and ends where the span allows it. */
  matches(program: Program, text: readonly string[], span: Span): boolean {
    return this.#walk(program, text, span, new Map());
  }

  #walk(program: Program, text: readonly string[], span: Span, seen: Looks): boolean {
    const { states, start } = program;
    const { from, to, end } = span;
    const marks = new Int32Array(states.length).fill(-1);
    this.#steps += states.length >> 4;
    let here: number[] = [];
    for (let at = from; at <= (end ?? text.length); at++) {
      const stack = at <= to ? [...here, start] : here;
      const next: number[] = [];
      while (stack.length > 0) {
        const i = stack.pop() as number;
        if (marks[i] === at) continue;
        marks[i] = at;
        if (++this.#steps > MOST_STEPS) throw new PatternError("it takes too many steps");
        const state = states[i] as State;
        if (state.kind === "end") {
          if (end === null || end === at) return true;
        } else if (state.kind === "fork") stack.push(...state.ways);
        else if (state.kind === "place") {
          if (state.test(text, at)) stack.push(state.next);
        } else if (state.kind === "look") {
          if (this.#look(state, text, at, seen) !== state.not) stack.push(state.next);
        } else if (at < text.length && state.test(text[at] as string)) next.push(state.next);
      }
      here = next;
      if (here.length === 0 && at >= to) return false;
    }
    return false;
  }

  #look(
    state: State & { readonly kind: "look" },
    text: readonly string[],
    at: number,
    seen: Looks,
  ): boolean {
    const known = seen.get(state) ?? new Map<number, boolean>();
    seen.set(state, known);
    const before = known.get(at);
    if (before !== undefined) return before;
    const span = state.behind ? { from: 0, to: at, end: at } : { from: at, to: at, end: null };
    const found = this.#walk(state.program, text, span, seen);
    known.set(at, found);
    return found;
  }
}

/** What was found at each place that was looked at. */
type Looks = Map<State, Map<number, boolean>>;
