/**
 * Many sessions: that transfer, that do nothing, that only log in.
 *
 * @module
 */
import { join } from "@std/path";
import { makeFile } from "../../tests/support/files.ts";
import { type Lab, load, must } from "./lab.ts";
import { memoryOf } from "./memory.ts";
import type { Contestant, Entrant, Row } from "./row.ts";

const CLIENTS = 200;
const CLIENT_BYTES = 10 * 1024 * 1024;
const LOGINS = 5000;
/** vsftpd has a process for each session: this many show what it takes. */
const MOST_PROCESSES = 500;
/** New logins that are timed while the others are idle. */
const NEW_LOGINS = 20;
const ANY_NUMBER = ["--max-sessions", "50000", "--max-sessions-per-ip", "50000"];

function nothingToCheck(): Promise<void> {
  return Promise.resolve();
}

async function manyClients(lab: Lab, contestant: Contestant): Promise<Entrant> {
  const server = await lab.server(contestant, { inMemory: true, args: ANY_NUMBER });
  await makeFile(join(server.root, "file"), CLIENT_BYTES);
  const more = ["--sessions", CLIENTS, "--processes", 4, "--names", "file", "--count", CLIENTS];
  return {
    run: async () => [await load([server.port, server.login, "RETR", ...more])],
    check: nothingToCheck, // the bytes of the rows for large files
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

async function idleSessions(lab: Lab, contestant: Contestant): Promise<Entrant> {
  const server = await lab.server(contestant, { args: ANY_NUMBER });
  const count = contestant === "ftpkit"
    ? lab.options.idle
    : Math.min(lab.options.idle, MOST_PROCESSES);
  const before = memoryOf(server.pid);
  const idle = lab.python("idle.py", [server.port, server.login, count]);
  await idle.hear();
  return {
    async run() {
      const each = (memoryOf(server.pid) - before) / count;
      let longest = 0;
      for (let login = 0; login < NEW_LOGINS; login++) {
        await idle.say("");
        longest = Math.max(longest, Number(await idle.hear()));
      }
      return [each, longest];
    },
    check: nothingToCheck,
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

async function logins(lab: Lab, contestant: Contestant): Promise<Entrant> {
  const users = join(await lab.folder(), "users.toml");
  const server = contestant === "ftpkit"
    ? await withUserFile(lab, users)
    : await lab.server(contestant);
  const more = ["--sessions", 8, "--processes", 2, "--names", "{}", "--count", LOGINS];
  return {
    run: async () => [await load([server.port, server.login, "LOGIN", ...more])],
    check: nothingToCheck,
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

async function withUserFile(lab: Lab, users: string) {
  const [program, ...before] = lab.ftpkitCommand;
  const password = join(await lab.folder(), "password");
  await Deno.writeTextFile(password, "ftpkit-secret\n");
  const add = ["user", "add", "ftpkit", "--users", users, "--password-file", password];
  await must(program, [...before, ...add]);
  return await lab.server("ftpkit", { ownUser: true, args: ["--users", users, ...ANY_NUMBER] });
}

/** The rows of many sessions. */
export const SESSION_ROWS: readonly Row[] = [
  {
    name: "clients",
    measures: [{
      what: `${CLIENTS} clients at once, 10 MiB each, login included`,
      unit: "s",
      goal: { of: "ratio", most: 0.5 },
    }],
    peers: ["vsftpd", "pure-ftpd"],
    needs: { programs: ["python3"] },
    enter: manyClients,
  },
  {
    name: "idle",
    measures: [
      { what: "an idle session", unit: "KiB", goal: { of: "value", most: 12 } },
      {
        what: "a new login meanwhile, the slowest of 20",
        unit: "ms",
        goal: { of: "value", most: 20 },
      },
    ],
    peers: ["vsftpd"],
    needs: { programs: ["python3"] },
    enter: idleSessions,
  },
  {
    name: "logins",
    measures: [{
      what: `${LOGINS} logins from one address, with scrypt`,
      unit: "s",
      goal: { of: "ratio", most: 0.2 },
    }],
    peers: ["vsftpd"],
    needs: { programs: ["python3"] },
    enter: logins,
  },
];
