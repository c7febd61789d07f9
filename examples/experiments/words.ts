/**
 * @file A vocabulary: the most frequent words, in lower case, split at all but letters and digits.
 */

/** Tokens with a meaning of their own, at the start of every vocabulary. */
export const PAD = 0;
const CLS = 1;
export const MASK = 2;
const UNKNOWN = 3;
/** The first token that is a word. */
export const FIRST_WORD = 4;

export interface Vocabulary {
  readonly size: number;
  /** CLS and the words of a text, cut or padded to `length`. */
  encode(text: string, length: number): number[];
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * The `size − 4` most frequent words of some texts; equally frequent ones in alphabetical order.
 */
export function vocabularyOf(texts: readonly string[], size: number): Vocabulary {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const kept = sorted.slice(0, size - FIRST_WORD).map(([word]) => word);
  const ids = new Map(kept.map((word, i) => [word, FIRST_WORD + i]));
  return {
    size: FIRST_WORD + kept.length,
    encode(text, length) {
      const tokens = [CLS, ...wordsOf(text).map((word) => ids.get(word) ?? UNKNOWN)];
      return Array.from({ length }, (_, i) => tokens[i] ?? PAD);
    },
  };
}
