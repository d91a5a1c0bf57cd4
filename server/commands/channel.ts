/**
 * Ways to a data connection: PASV, EPSV, PORT, EPRT, and ABOR (RFC 959, RFC 2428).
 *
 * @module
 */
import {
  type Endpoint,
  formatEpsvReply,
  formatPasvReply,
  isIpv6,
  parseEprt,
  parsePort,
  unmapAddress,
} from "../../shared/endpoint.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";
import { activeChannel } from "../data/data_channel.ts";
import type { Session } from "../session/session.ts";

/** Ports below are never connected to: mail, login and the like live there (RFC 2577 section 3). */
const LOWEST_ACTIVE_PORT = 1024;

/** A port that only the control connection's peer may use. */
async function openPort({ session, signal }: CommandContext): Promise<number> {
  const { connection, host } = session;
  session.useDataChannel(undefined);
  const port = await host.ports.port(session, {
    hostname: connection.local.hostname,
    client: connection.remote.hostname,
    signal,
  });
  session.useDataChannel(port.channel());
  return port.port;
}

async function passive(context: CommandContext): Promise<Reply> {
  const { session } = context;
  if (session.onlyExtendedPassive) return reply("badSequence", "EPSV ALL was given");
  const { connection, host, reached } = session;
  const hostname = host.publicAddress.of({ client: connection.remote.hostname, reached });
  if (isIpv6(hostname)) return reply("notImplemented", "PASV knows only IPv4: use EPSV");
  return reply("passive", formatPasvReply({ hostname, port: await openPort(context) }));
}

async function extendedPassive(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const family = isIpv6(session.reached) ? "2" : "1";
  const wanted = argument.trim().toUpperCase();
  if (wanted === "ALL") {
    session.onlyExtendedPassive = true;
    return reply("done", "Only EPSV from now on");
  }
  if (wanted !== "" && !/^\d+$/.test(wanted)) return reply("badArgument", "EPSV, EPSV 1, 2 or ALL");
  // Only the control connection's own protocol can reach the port we would open.
  if (wanted !== "" && wanted !== family) {
    return reply("unknownProtocol", `Network protocol not supported, use (${family})`);
  }
  return reply("extendedPassive", formatEpsvReply(await openPort(context)));
}

function port({ session }: CommandContext, argument: string): Reply {
  return useActive(session, parsePort(argument));
}

function extendedPort({ session }: CommandContext, argument: string): Reply {
  return useActive(session, parseEprt(argument));
}

/** Only the client itself is connected to, so nobody can be attacked through us (RFC 2577). */
function useActive(session: Session, target: Endpoint): Reply {
  const hostname = unmapAddress(target.hostname);
  if (session.onlyExtendedPassive) return reply("badSequence", "EPSV ALL was given");
  if (!session.host.config.active) {
    return reply("notImplemented", "Active mode is off: use EPSV or PASV");
  }
  if (hostname !== session.connection.remote.hostname) {
    return reply(
      "badParameter",
      "Data connections go only to the address of the control connection",
    );
  }
  if (target.port < LOWEST_ACTIVE_PORT) {
    return reply("badParameter", `Ports below ${LOWEST_ACTIVE_PORT} are refused`);
  }
  session.useDataChannel(activeChannel({ hostname, port: target.port }));
  return reply("done", "Data connection noted");
}

function isActive({ host }: Session): boolean {
  return host.config.active;
}

/** The transfer itself was stopped when the line was read; this is the answer behind its 426. */
function abort({ session }: CommandContext): Reply {
  session.useDataChannel(undefined);
  return reply("abortDone");
}

/** The commands of this theme. */
export const CHANNEL_COMMANDS: CommandTable = {
  PASV: {
    argument: "none",
    access: "user",
    during: "idle",
    help: "PASV",
    rfc: "RFC 959 §4.1.2",
    run: passive,
  },
  EPSV: {
    argument: "optional",
    access: "user",
    during: "idle",
    feature: "EPSV",
    help: "EPSV [1|2|ALL]",
    rfc: "RFC 2428 §3, §4",
    run: extendedPassive,
  },
  PORT: {
    argument: "required",
    access: "user",
    during: "idle",
    offered: isActive,
    help: "PORT h1,h2,h3,h4,p1,p2",
    rfc: "RFC 959 §4.1.2",
    run: port,
  },
  EPRT: {
    argument: "required",
    access: "user",
    during: "idle",
    offered: isActive,
    feature: "EPRT",
    help: "EPRT |1|address|port|",
    rfc: "RFC 2428 §2",
    run: extendedPort,
  },
  ABOR: {
    argument: "none",
    access: "user",
    during: "idle",
    help: "ABOR",
    rfc: "RFC 959 §4.1.3",
    run: abort,
  },
};
