/**
 * What a configuration that was read again changes in a running server.
 *
 * @module
 */
import type { ServerConfig } from "../configuration/config.ts";

/** How to get from one configuration to the next. */
export interface ReloadPlan {
  /** What holds from now on: the new one, but for what only a restart changes. */
  readonly config: ServerConfig;
  /** Whether workers with other rights are needed, or another number of them. */
  readonly renew: boolean;
  /** Options that differ and stay as they were until a restart. */
  readonly ignored: readonly string[];
}

/**
 * Compares two configurations.
 *
 * @param current The one in force.
 * @param next The one that was read.
 * @returns What to do.
 */
export function planReload(current: ServerConfig, next: ServerConfig): ReloadPlan {
  const { host, port, implicitPort } = current.session;
  const ignored = [
    ...(next.session.host === host ? [] : ["host"]),
    ...(next.session.port === port ? [] : ["port"]),
    ...(next.session.implicitPort === implicitPort ? [] : ["implicit-port"]),
    ...(next.runAs === current.runAs ? [] : ["run-as"]),
  ];
  return {
    config: {
      ...next,
      runAs: current.runAs,
      session: { ...next.session, host, port, implicitPort },
    },
    renew: next.writable !== current.writable || next.workers !== current.workers ||
      next.session.root !== current.session.root,
    ignored,
  };
}

/**
 * The new configuration where no worker with its rights can be started.
 *
 * @param current The configuration in force.
 * @param next The one that was read.
 * @returns The new one, with the shared directory, rights and number of the workers that run.
 */
export function withRightsOf(current: ServerConfig, next: ServerConfig): ServerConfig {
  const { writable, workers, session: { root } } = current;
  return { ...next, writable, workers, session: { ...next.session, root } };
}

/**
 * The configuration in force with other users.
 *
 * @param current The configuration in force.
 * @param next The one that was read, for its users.
 * @returns Everything as it was, but who may come in and what that needs.
 */
export function withUsersOf(current: ServerConfig, next: ServerConfig): ServerConfig {
  const { accounts, users, anonymous, writable, session } = next;
  return {
    ...current,
    accounts,
    users,
    anonymous,
    writable,
    session: {
      ...current.session,
      anonymous: session.anonymous,
      tlsUsers: session.tlsUsers,
    },
  };
}
