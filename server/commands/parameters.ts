/**
 * How data is to be moved: TYPE, ALLO, OPTS (RFC 959 section 4.1.2, RFC 2389).
 *
 * @module
 */
import { openCharset, UTF8 } from "../../shared/charset.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";
import { FACTS } from "../listing/listing.ts";
import type { Session } from "../session/session.ts";
import { hashOptions } from "./hash.ts";
import { deflateOptions } from "./mode.ts";

/**
 * TYPE A N, I and L 8. Files here have no vertical format, so A T is A N (RFC 1123 section 4.1.2.2);
 * carriage control, EBCDIC and other byte sizes are known but not offered.
 */
function type({ session }: CommandContext, argument: string): Reply {
  const words = argument.toUpperCase().trim().split(/ +/);
  const text = words.join(" ");
  if (text === "A" || text === "A N" || text === "A T") session.type = "ascii";
  else if (text === "I" || text === "L 8") session.type = "image";
  else return isType(words) ? reply("badParameter") : reply("badArgument", "TYPE A, I or L 8");
  return reply("done", session.type === "ascii" ? "Type is ASCII" : "Type is image");
}

function isType([letter, detail]: readonly string[]): boolean {
  if (letter === "A" || letter === "E") return detail === undefined || /^[NTC]$/.test(detail);
  return letter === "L" && detail !== undefined && /^\d+$/.test(detail);
}

function allocate(_context: CommandContext, argument: string): Reply {
  const valid = /^\d+( R \d+)?$/i.test(argument.trim());
  return valid ? reply("superfluous", "No allocation is needed") : reply("badArgument");
}

/** OPTS MLST chooses the facts (RFC 3659 section 7.9), OPTS UTF8 the encoding of names. */
function options({ session }: CommandContext, argument: string): Reply {
  const [command = "", ...words] = argument.trim().split(" ");
  const rest = words.join(" ").trim();
  if (command.toUpperCase() === "MLST") return useFacts(session, rest);
  if (command.toUpperCase() === "MODE") return deflateOptions(session, rest);
  if (command.toUpperCase() === "HASH") return hashOptions(session, rest);
  if (/^UTF-?8$/i.test(command)) return useUtf8(session, rest.toUpperCase());
  return reply("badArgument", "OPTS is for HASH, MLST, MODE Z and UTF8");
}

/** Facts that the server does not know are left out, as RFC 3659 section 7.9.1 asks. */
function useFacts(session: Session, list: string): Reply {
  // Some clients leave the last semicolon out.
  if (!/^(?:[^\s;=]+(?:;[^\s;=]+)*;?)?$/.test(list)) {
    return reply("badArgument", "OPTS MLST <fact>;<fact>;...");
  }
  const asked = new Set(list.toLowerCase().split(";"));
  session.facts = FACTS.filter((fact) => asked.has(fact.toLowerCase()));
  const chosen = session.facts.map((fact) => `${fact};`).join("");
  return reply("done", `MLST OPTS${chosen === "" ? "" : ` ${chosen}`}`);
}

/** RFC 2640 leaves no way back to a client's own encoding; clients ask for it with OFF. */
function useUtf8(session: Session, word: string): Reply {
  if (word === "" || word === "ON") {
    session.charset = UTF8;
    return reply("done", "Names are UTF-8");
  }
  if (word !== "OFF") return reply("badArgument", "OPTS UTF8 ON or OFF");
  const configured = openCharset(session.host.config.charset);
  session.charset = configured === UTF8 ? openCharset("latin1") : configured;
  return reply("done", `Names are ${session.charset.label}`);
}

/** The commands of this theme. */
export const PARAMETER_COMMANDS: CommandTable = {
  TYPE: {
    argument: "required",
    access: "user",
    during: "idle",
    help: "TYPE A|A N|A T|I|L 8",
    rfc: "RFC 959 §4.1.2, RFC 1123 §4.1.2.1",
    run: type,
  },
  ALLO: {
    argument: "required",
    access: "user",
    during: "idle",
    help: "ALLO <bytes> [R <record>] (not needed here)",
    rfc: "RFC 959 §4.1.3",
    run: allocate,
  },
  OPTS: {
    argument: "required",
    access: "anyone",
    during: "idle",
    help: "OPTS MLST [<facts>] | HASH [<name>] | MODE Z LEVEL <1-9> | UTF8 ON|OFF",
    rfc: "RFC 2389 §4",
    run: options,
  },
};
