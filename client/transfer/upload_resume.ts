/**
 * Where in a file an upload begins: at the end of what the server has, if that is its beginning.
 *
 * @module
 */
import type { HashName } from "../../shared/digest.ts";
import { ProtocolError, ReplyError } from "../../shared/errors.ts";
import { receive } from "../connection/transfer.ts";
import { isNewer } from "../listing/remote_stat.ts";
import { displayName } from "../remote_name.ts";
import type { Session } from "../session/session.ts";
import type { LocalFile } from "./local_file.ts";
import { OVERLAP } from "./part_file.ts";
import { RunningHash } from "./verify.ts";

const CHANGED = "the file has changed since";

/** What is known before the first try. */
interface UploadFacts {
  /** What the server has may be taken for the beginning of the file. */
  readonly resume: boolean;
  /** What a listing told of its place. */
  readonly listed: "absent" | "present" | undefined;
  /** Told why an upload begins again. */
  readonly onRestart: (reason: string) => void;
}

/** A file here and its place there. */
interface Places {
  readonly file: LocalFile;
  /** The remote path that is written to. */
  readonly wirePath: string;
}

/** What the server has, which may be the beginning of a file here. */
interface Remainder extends Places {
  /** Bytes there, at least one. */
  readonly size: number;
}

/** Where the tries of one upload begin; what it learns in one it keeps for the next. */
export class UploadStart {
  /** A try has come so far that what is there may be our own. */
  begun = false;
  readonly #facts: UploadFacts;
  #resume: boolean;
  /** All that is there is known to be from the file as it was at the last try. */
  #isOurs = false;
  /** The file as it was then. */
  #last: LocalFile | undefined;

  /** Asks nothing yet. */
  constructor(facts: UploadFacts) {
    this.#facts = facts;
    this.#resume = facts.resume;
  }

  /**
   * How many bytes of the file the server has.
   *
   * @param session Where.
   * @param places What is to be sent, and where to.
   * @returns Bytes; 0: all of it is to be sent.
   * @throws {FtpkitError} If the server, or the file here, cannot be asked now.
   */
  async offset(session: Session, places: Places): Promise<number> {
    const { listed } = this.#facts;
    if (!this.begun && !this.#resume && listed !== undefined) {
      this.#resume = this.#isOurs = listed === "absent";
      this.#begin(places.file);
      return 0;
    }
    const { size = 0, refusal } = await session.uploaded(places.wirePath);
    const mayResume = this.#resume && size > 0;
    // Where nothing was, only our own bytes can be found after a break. Where an older file was,
    // they cannot be told from its own: servers differ in what they keep.
    if (!this.begun && refusal !== undefined) this.#resume = this.#isOurs = true;
    const reason = mayResume
      ? await this.#reasonToRestart(session, { ...places, size })
      : undefined;
    this.#begin(places.file);
    if (!mayResume) return 0;
    if (reason === undefined) this.#isOurs = true;
    else this.restart(reason);
    return reason === undefined ? size : 0;
  }

  /** Says that it begins again; until that has arrived, what is there is not to be trusted. */
  restart(reason: string): void {
    this.#isOurs = false;
    this.#facts.onRestart(reason);
  }

  #begin(file: LocalFile): void {
    this.begun = true;
    this.#last = file;
  }

  async #reasonToRestart(session: Session, remainder: Remainder): Promise<string | undefined> {
    const { file, size } = remainder;
    if (size > file.size) return "what the server has is longer than the file";
    if (this.#last?.isBeginningOf(file) === false) return CHANGED;
    if (this.#isOurs) return undefined;
    const isListed = !this.begun && this.#facts.listed === "present";
    if (isListed && size === file.size) return CHANGED;
    return await reasonToDistrust(session, remainder);
  }
}

/** Why what is there is of another file, or of another state of this one, for all that can be known. */
async function reasonToDistrust(
  session: Session,
  remainder: Remainder,
): Promise<string | undefined> {
  const { file, wirePath, size } = remainder;
  const there = await session.stat(wirePath);
  // The old file is still there, and what was sent of the new one is aside: only SIZE tells of it.
  if (there.size !== undefined && there.size !== size) return undefined;
  // What was sent of a file is never older than the file.
  if (isNewer(file.modified, there.modified)) return CHANGED;
  const isSame = await matchesHash(session, remainder) ?? await matchesEnd(session, remainder);
  if (isSame === false) return "what the server has is not the beginning of the file";
  // Of one second, either may be the older. All of a file has the file's own time.
  const isDoubtful = isSame === undefined && size < file.size && there.modified !== undefined &&
    !isNewer(there.modified, file.modified);
  return isDoubtful ? CHANGED : undefined;
}

/** Whether all that is there is the file's beginning; undefined where the server tells no hash. */
async function matchesHash(session: Session, remainder: Remainder): Promise<boolean | undefined> {
  const { file, wirePath, size } = remainder;
  const algorithm = await session.hash.offered();
  if (algorithm === undefined) return undefined;
  const theirs = await orNoAnswer(session, () => session.hash.of({ path: wirePath, size }));
  if (theirs === undefined) return undefined;
  return theirs === await hashOf(file, { algorithm, start: 0, length: size });
}

/** Whether the last bytes that are there are the file's; undefined where they cannot be fetched. */
async function matchesEnd(session: Session, remainder: Remainder): Promise<boolean | undefined> {
  const { file, wirePath, size } = remainder;
  const [algorithm, length] = ["SHA-256", Math.min(size, OVERLAP)] as const;
  const start = size - length;
  const theirs = new RunningHash(algorithm);
  const write = (bytes: Uint8Array): Promise<number> => {
    theirs.update(bytes);
    return Promise.resolve(bytes.length);
  };
  await session.prepareTransfer("I");
  const received = await orNoAnswer(session, () =>
    receive(session.link, {
      action: `compare "${displayName(wirePath)}"`,
      verb: "RETR",
      argument: wirePath,
      offset: start,
      sink: { write },
      // A server that begins elsewhere need not send all of it.
      enough: () => length + 1,
    }));
  if (received === undefined) return undefined;
  return theirs.hex() === await hashOf(file, { algorithm, start, length });
}

async function hashOf(
  file: LocalFile,
  part: { readonly algorithm: HashName; readonly start: number; readonly length: number },
): Promise<string> {
  const hash = new RunningHash(part.algorithm);
  await file.seek(part.start);
  await hash.take(file, part.length);
  return hash.hex();
}

/** A refusal is no failure: some may only upload. A lost connection (42x) is one, and passes. */
async function orNoAnswer<T>(session: Session, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const isRefusal = error instanceof ReplyError && Math.floor(error.code / 10) !== 42;
    if (session.open && (isRefusal || error instanceof ProtocolError)) return undefined;
    throw error;
  }
}

/**
 * Whether a server takes no upload but from the beginning.
 *
 * @param error What an upload that was to go on has thrown.
 * @returns True for a refused REST, and for a STOR that is refused behind it. 451 is what ProFTPD says
 * to that where it is not configured to allow it.
 */
export function refusesToResume(error: unknown): boolean {
  if (!(error instanceof ReplyError)) return false;
  const { command, transient, code } = error;
  return (command === "REST" || command === "STOR") && (!transient || code === 451);
}
