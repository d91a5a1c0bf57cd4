/**
 * Easily parsed LIST format: facts between commas, a tab, the name (cr.yp.to/ftp/list/eplf.html).
 *
 * @module
 */
import { permissionLetters, type RemoteEntry } from "./entry.ts";

/** The end of the year 9999: later times have no date that others can read. */
const LAST_SECOND = 253_402_300_799;

const LINE = /^\+([^\t]*)\t(.+)$/s;

/**
 * Reads one line, such as `+i8388621.44468,m839956783,r,s10376,` with a tab and the name.
 *
 * @param line The line without its end.
 * @returns The entry; undefined for another format.
 */
export function parseEplfLine(line: string): RemoteEntry | undefined {
  const [, list = "", name] = line.match(LINE) ?? [];
  if (name === undefined) return undefined;
  const facts = list.split(",");
  const valueOf = (letter: string): string | undefined =>
    facts.find((fact) => fact.startsWith(letter))?.slice(letter.length);
  const seconds = numberOf(valueOf("m"));
  const size = numberOf(valueOf("s"));
  const mode = valueOf("up");
  return {
    name,
    type: facts.includes("/") ? "dir" : facts.includes("r") ? "file" : "other",
    ...(size === undefined ? {} : { size }),
    ...(seconds === undefined || seconds > LAST_SECOND ? {} : {
      modified: { date: new Date(seconds * 1000), precision: "second", zoneKnown: true },
    }),
    ...(mode !== undefined && /^[0-7]{1,4}$/.test(mode)
      ? { permissions: permissionLetters(parseInt(mode, 8)) }
      : {}),
  };
}

function numberOf(digits: string | undefined): number | undefined {
  return digits !== undefined && /^\d{1,12}$/.test(digits) ? Number(digits) : undefined;
}
