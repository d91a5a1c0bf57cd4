/**
 * Holds the reading of a control connection back while a command changes what the connection is.
 *
 * @module
 */
import { reasonOf } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import type { Pending } from "./command_queue.ts";
import type { Session } from "../session/session.ts";

/** One gate for each session: closed from such a command's arrival to the end of the change. */
export class UpgradeGate {
  #command: Pending | undefined;
  #open: PromiseWithResolvers<void> | undefined;

  /** A command has arrived that changes the connection: nothing may be read behind it yet. */
  begin(command: Pending): void {
    this.#command = command;
    this.#open = Promise.withResolvers();
  }

  /** Resolves when reading may go on. */
  async ended(): Promise<void> {
    await this.#open?.promise;
  }

  /** Reading may go on, also where the command was never run. */
  end(): void {
    this.#open?.resolve();
    this.#open = undefined;
    this.#command = undefined;
  }

  /**
   * Does what a command left to be done behind its reply; where that fails, the session is over.
   *
   * @param command The command, which has been answered.
   * @param session Whose.
   */
  async finish(command: Pending, session: Session): Promise<void> {
    try {
      if (command.after !== undefined) await session.replies.drain();
      await command.after?.();
    } catch (error) {
      log.info(`session ${session.id}: ${reasonOf(error)}`);
      session.cut("The connection could not be changed");
    }
    if (this.#command === command) this.end();
  }
}
