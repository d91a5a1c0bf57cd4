/**
 * Arguments of several words, where a name with spaces stands in quotes: `"a b" 0 100`.
 *
 * @module
 */

/**
 * Splits an argument.
 *
 * @example Usage
 * ```ts
 * import { quotedWords } from "./quoted_words.ts";
 * if (quotedWords('"a ""b""" 0')?.join("|") !== 'a "b"|0') throw new Error("unexpected");
 * ```
 *
 * @param text Words between spaces; a word that begins with `"` goes to the next single one, and a
 * doubled one stands for itself, as in a 257 reply.
 * @returns The words; undefined where a quote is not closed.
 */
export function quotedWords(text: string): string[] | undefined {
  const words: string[] = [];
  const word = / *(?:"((?:[^"]|"")*)"(?= |$)|([^" ][^ ]*))/gy;
  while (word.lastIndex < text.trimEnd().length) {
    const match = word.exec(text);
    if (match === null) return undefined;
    const [, quoted, plain = ""] = match;
    words.push(quoted?.replaceAll('""', '"') ?? plain);
  }
  return words;
}
