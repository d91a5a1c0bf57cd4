/**
 * Who talks to whom, and in which language: HOST (RFC 7151), LANG (RFC 2640), CLNT, CSID.
 *
 * @module
 */
import { isIpv6 } from "../../shared/endpoint.ts";
import { log } from "../../shared/log.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";

const HOST_NAME = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)*[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.?$/i;

/** As RFC 1766 section 2 has it, with the digits of later ones. */
const LANGUAGE_TAG = /^[a-z]{1,8}(?:-[a-z\d]{1,8})*$/i;

/** There is one site, whatever the client calls it. */
function host({ session }: CommandContext, argument: string): Reply {
  if (session.state.kind !== "greeting") {
    return reply("badSequence", "HOST comes before USER");
  }
  const [, literal] = argument.match(/^\[(.*)\]$/) ?? [];
  const valid = literal === undefined ? HOST_NAME.test(argument) : isIpv6(literal);
  if (!valid) return reply("badArgument", "HOST needs a host name or an address");
  return reply("hostAccepted");
}

/** Without a tag it is the default again (RFC 2640 section 4.1), which is the only one. */
function language(_context: CommandContext, argument: string): Reply {
  const tag = argument.trim();
  if (tag !== "" && !LANGUAGE_TAG.test(tag)) return reply("badArgument", "LANG EN");
  const known = /^(?:en(?:-.*)?)?$/i.test(tag);
  return known ? reply("done", "Replies are in English") : reply("badParameter", "Only LANG EN");
}

function client({ session }: CommandContext, argument: string): Reply {
  log.debug(`session ${session.id} client ${JSON.stringify(argument)}`);
  return reply("done", "Noted");
}

function identify(context: CommandContext, argument: string): Reply {
  client(context, argument);
  return reply("done", "Name=ftpkit;");
}

/** The commands of this theme. */
export const IDENTITY_COMMANDS: CommandTable = {
  HOST: {
    argument: "required",
    access: "anyone",
    during: "idle",
    feature: "HOST",
    help: "HOST <name> (there is one site)",
    rfc: "RFC 7151 §3",
    run: host,
  },
  LANG: {
    argument: "optional",
    access: "anyone",
    during: "idle",
    feature: "LANG EN*",
    help: "LANG [EN]",
    rfc: "RFC 2640 §4",
    run: language,
  },
  CLNT: {
    argument: "required",
    access: "anyone",
    during: "idle",
    feature: "CLNT",
    help: "CLNT <name of the client>",
    rfc: "draft-peterson-streamlined-ftp-command-extensions",
    run: client,
  },
  CSID: {
    argument: "required",
    access: "anyone",
    during: "idle",
    feature: "CSID",
    help: "CSID Name=<client>; Version=<version>;",
    rfc: "draft-peterson-streamlined-ftp-command-extensions",
    run: identify,
  },
};
