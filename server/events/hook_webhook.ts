/**
 * An HTTP call when something has happened.
 *
 * @module
 */
import { createHmac } from "node:crypto";
import { delay } from "@std/async/delay";
import { Deadline } from "../../shared/deadline.ts";
import { FtpkitError, reasonOf } from "../../shared/errors.ts";
import type { Secret } from "../../shared/safe_text.ts";

/** What to call. */
export interface WebhookJob {
  readonly url: string;
  /** Key of the signature. */
  readonly secret: Secret | undefined;
  /** Milliseconds for each try. */
  readonly timeout: number;
  /** Tries after the first. */
  readonly retries: number;
  /** JSON. */
  readonly body: string;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/** Milliseconds before the second try; doubled each time, with jitter. */
const FIRST_WAIT = 1000;

/**
 * Posts a body. The header `X-Ftpkit-Signature: sha256=HEX` is its HMAC, where there is a secret.
 *
 * @param job What to call.
 * @param firstWait Milliseconds before the second try.
 * @throws {FtpkitError} If it is refused (4xx but 429), or no try succeeds.
 */
export async function callWebhook(job: WebhookJob, firstWait = FIRST_WAIT): Promise<void> {
  for (let tries = 0;; tries++) {
    const failure = await tryOnce(job);
    if (failure === undefined) return;
    if (failure.final || tries >= job.retries || job.signal.aborted) {
      throw new FtpkitError(`${failure.reason}${tries > 0 ? `, ${tries + 1} tries` : ""}`);
    }
    // Many servers that fail at once should not come back at once.
    const wait = firstWait * 2 ** tries * (0.5 + Math.random());
    await delay(wait, { signal: job.signal }).catch(() => {}); // the next try ends it
  }
}

interface Failure {
  readonly reason: string;
  /** Another try is no use. */
  readonly final: boolean;
}

async function tryOnce(job: WebhookJob): Promise<Failure | undefined> {
  const { url, body, secret, timeout } = job;
  using limit = new Deadline(timeout, job.signal);
  const headers = { "content-type": "application/json", ...signature(body, secret) };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: limit.signal,
    });
    await response.body?.cancel();
    const { status } = response;
    if (status >= 200 && status < 300) return undefined;
    return { reason: `HTTP status ${status}`, final: status < 500 && status !== 429 };
  } catch (error) {
    return { reason: failureReason(error, limit), final: job.signal.aborted };
  }
}

/** What went wrong, without the address: its path and query may hold a secret. */
function failureReason(error: unknown, limit: Deadline): string {
  if (limit.expired) return "no answer in time";
  if (limit.signal.aborted) return "given up, since the server stops";
  const cause = error instanceof Error ? reasonOf(error.cause) : "";
  return cause.match(/client error \(\w+\): (.+)$/)?.[1] ?? "the call failed";
}

function signature(body: string, secret: Secret | undefined): Record<string, string> {
  if (secret === undefined) return {};
  const hex = createHmac("sha256", secret.reveal()).update(body).digest("hex");
  return { "x-ftpkit-signature": `sha256=${hex}` };
}
