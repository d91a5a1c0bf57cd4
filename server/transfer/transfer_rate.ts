/**
 * The rate of a transfer.
 *
 * @module
 */
import { RateBucket } from "../../shared/rate_bucket.ts";
import { JointLimit, type Pace, RateLimit } from "../../shared/rate_limit.ts";
import type { Account } from "../accounts/accounts.ts";
import type { SessionHost } from "../session/session_host.ts";

/**
 * What holds for one transfer: its own rate, that of its user and that of the server, whichever is the
 * strictest at the time.
 *
 * @param account Whose transfer it is.
 * @param host What its session has in common with others.
 * @returns The limit, or undefined where there is none.
 */
export function transferRate(
  account: Account | undefined,
  { config, clock }: Pick<SessionHost, "config" | "clock">,
): Pace | undefined {
  const own = account?.limitRate ?? config.limitRate;
  const shared = (account?.rates ?? []).map((memory) => new RateBucket(memory));
  const inForce = shared.filter(({ rate }) => rate > 0);
  const limits = [...(own === undefined ? [] : [own]), ...inForce]
    .map((rate) => new RateLimit(rate, clock));
  return limits.length > 1 ? new JointLimit(limits) : limits[0];
}
