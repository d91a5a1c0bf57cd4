/**
 * A session of the client without a command around it.
 *
 * @module
 */
import { UTF8_NAMES } from "../../client/name_coding.ts";
import type { Session } from "../../client/session/session.ts";
import { openSession } from "../../client/session/session_opening.ts";
import { Trust } from "../../client/session/trust.ts";
import { connect } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { Secret } from "../../shared/safe_text.ts";
import { testIo } from "./dialogue.ts";

/** Who logs in, and what a test changes. */
export interface TestSessionOptions {
  readonly user?: string;
  readonly password?: string;
  /** Milliseconds between NOOPs during a transfer. */
  readonly keepAlive?: number;
  /** Takes every line of the dialogue. */
  readonly trace?: (line: string) => void;
}

const NO_TLS = {
  mode: "off",
  authorities: undefined,
  identity: undefined,
  pins: new Set<string>(),
  insecure: false,
  clearData: false,
} as const;

/** Logs in with limits that no test comes near. */
export async function openTestSession(
  server: Endpoint,
  options: TestSessionOptions = {},
): Promise<Session> {
  const { user = "u", password = "p", keepAlive, trace } = options;
  const { signal } = new AbortController();
  const connection = await connect(server, { timeout: 20_000 });
  return await openSession(connection, {
    login: { user, account: undefined, password: () => Promise.resolve(new Secret(password)) },
    data: {
      active: false,
      activePorts: undefined,
      proxy: undefined,
      connectTimeout: 20_000,
      signal,
      habits: { avoidEpsv: false, avoidEprt: false },
    },
    security: {
      server,
      mode: NO_TLS.mode,
      clearData: NO_TLS.clearData,
      trust: new Trust({ options: NO_TLS, io: testIo(), notice: () => {} }),
      timeout: 20_000,
      history: { offered: false, told: new Set() },
      notice: () => {},
      signal,
    },
    timeout: 20_000,
    signal,
    names: UTF8_NAMES,
    ...(keepAlive === undefined ? {} : { keepAlive }),
    ...(trace === undefined ? {} : { trace: (line: () => string) => trace(line()) }),
  });
}
