/**
 * What every storage does, whatever keeps its files.
 *
 * @module
 */
import type { Storage } from "../../../server/storage/storage.ts";
import { ENTRY_CHECKS } from "./entry_contract.ts";
import { NAME_CHECKS } from "./name_contract.ts";
import { RESUME_CHECKS } from "./resume_contract.ts";
import { WRITE_CHECKS } from "./write_contract.ts";

/** A storage to try. */
export interface Subject extends AsyncDisposable {
  /** Empty. */
  readonly storage: Storage;
  /** Makes every cut upload in the root older than a day. */
  age(): Promise<void>;
}

/** What is to hold, by its name. */
export type Checks = Readonly<Record<string, (subject: Subject) => Promise<void>>>;

const CHECKS: Checks = { ...WRITE_CHECKS, ...RESUME_CHECKS, ...ENTRY_CHECKS, ...NAME_CHECKS };

/**
 * Registers the whole contract as tests.
 *
 * @param backend Name of the class.
 * @param open Makes a new, empty storage.
 */
export function testContract(backend: string, open: () => Promise<Subject>): void {
  for (const [name, check] of Object.entries(CHECKS)) {
    Deno.test(`${backend} ${name}`, async () => {
      await using subject = await open();
      await check(subject);
    });
  }
}
