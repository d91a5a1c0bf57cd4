/**
 * Every reply that the server can send, provoked over a raw socket.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { LoginAnswer } from "../../server/accounts/accounts.ts";
import type { Storage } from "../../server/storage/storage.ts";
import { StorageError, type StorageErrorKind } from "../../shared/errors.ts";
import type { Reply } from "../../shared/reply.ts";
import { REPLIES, type ReplyName } from "../../shared/reply_code.ts";
import { block, writeAll } from "../support/data_form.ts";
import { Authority } from "../support/authority.ts";
import { type PeerName, peerTest } from "../support/peers.ts";
import { RawClient } from "../support/raw_client.ts";
import { SecureClient } from "../support/secure_client.ts";
import { TestServer, type TestServerOptions } from "../support/test_server.ts";
import { LOCAL_TLS } from "../support/tls_pair.ts";
import { testAccount } from "../support/account.ts";

/** One way to a reply. */
interface Case {
  /** How its text reads, so that it is no other reply of the same code. */
  readonly text: RegExp;
  /** Where the fault comes from that no client can cause. */
  readonly server?: TestServerOptions;
  /** Who asks: a user who is logged in, or nobody. */
  readonly user?: "alice" | "bob" | "nobody";
  /** Programs without which it is skipped. */
  readonly needs?: readonly PeerName[];
  /** What the client does; resolves to the reply. */
  run(client: RawClient, server: TestServer): Promise<Reply | null>;
}

/** Sends lines, each after the reply to the one before; the last reply counts. */
function lines(...commands: readonly string[]): Case["run"] {
  return async (client) => {
    let last: Reply | null = null;
    for (const command of commands) {
      await client.send(`${command}\r\n`);
      last = await client.next();
    }
    return last;
  };
}

/** A storage in which every look and every upload fails. */
function failing(kind: StorageErrorKind): TestServerOptions {
  const fail = (): Promise<never> => Promise.reject(new StorageError(kind, `It is ${kind}`));
  return { storage: () => ({ stat: fail, write: fail }) as Partial<Storage> as Storage };
}

/** An upload in MODE B that has begun; `data` is its connection. */
async function uploadBlocks(client: RawClient): Promise<Deno.TcpConn> {
  await client.command("MODE B", 200);
  const data = await client.openData();
  await client.command("STOR new", 150);
  return data;
}

function accept(user: string): LoginAnswer {
  return { kind: "accepted", account: testAccount({ user, permissions: [] }) };
}

/** What a client gets inside TLS, before it has logged in. */
function inside(...commands: readonly string[]): Case["run"] {
  return async (_client, server) => {
    using client = await SecureClient.auth(server.address);
    let last: Reply | null = null;
    for (const command of commands) {
      await client.send(`${command}\r\n`);
      last = await client.next();
    }
    return last;
  };
}

const CASES: Readonly<Record<ReplyName, Case>> = {
  restartMarker: {
    text: /^MARK here = 0$/,
    async run(client) {
      using data = await uploadBlocks(client);
      await writeAll(data, block(16, "here"));
      return await client.next();
    },
  },
  dataConnectionOpen: {
    text: /^Ready for the data$/,
    async run(client) {
      using data = await uploadBlocks(client);
      await writeAll(data, block(64, "x"));
      await client.expect(250);
      await client.send("STOR other\r\n");
      return await client.next();
    },
  },
  openingData: {
    text: /^Opening BINARY mode data connection \(4 bytes\)$/,
    async run(client) {
      using _data = await client.openData();
      await client.send("RETR f\r\n");
      return await client.next();
    },
  },
  done: { text: /^Done$/, run: lines("NOOP") },
  superfluous: { text: /^No allocation is needed$/, run: lines("ALLO 1") },
  systemStatus: { text: /^ftpkit status$/, run: lines("STAT") },
  directoryStatus: { text: /^Status$/, run: lines("STAT /") },
  fileStatus: { text: /^\d{14}$/, run: lines("MDTM f") },
  help: { text: /^Commands:$/, run: lines("HELP") },
  systemType: { text: /^UNIX Type: L8$/, run: lines("SYST") },
  serviceReady: {
    text: /^ftpkit ready$/,
    async run(_client, server) {
      using another = await RawClient.connect(server.address);
      return await another.next();
    },
  },
  reinitialized: { text: /^Ready for a new user$/, run: lines("REIN") },
  hostAccepted: { text: /^Host accepted$/, user: "nobody", run: lines("HOST ftp.example.org") },
  goodbye: { text: /^Goodbye$/, run: lines("QUIT") },
  transferComplete: {
    text: /^Transfer complete, 3 bytes$/,
    run: (client) => client.store("STOR new", "new"),
  },
  abortDone: { text: /^Abort successful$/, run: lines("ABOR") },
  passive: { text: /^Entering Passive Mode \(127,0,0,1,\d+,\d+\)/, run: lines("PASV") },
  extendedPassive: {
    text: /^Entering Extended Passive Mode \(\|\|\|\d+\|\)$/,
    run: lines("EPSV"),
  },
  loggedIn: { text: /^Logged in$/, user: "nobody", run: lines("USER alice", "PASS secret") },
  fileActionDone: { text: /^Directory is now "\/"$/, run: lines("CWD /") },
  pathname: { text: /^"\/" is the current directory$/, run: lines("PWD") },
  passwordNeeded: { text: /^Password, please$/, user: "nobody", run: lines("USER alice") },
  anonymousPassword: {
    text: /^Anonymous login: any password will do$/,
    user: "nobody",
    run: lines("USER anonymous"),
  },
  pending: { text: /^The next transfer starts at 5$/, run: lines("REST 5") },
  closing: {
    text: /^Too many failed logins$/,
    user: "nobody",
    run: lines(...Array.from({ length: 5 }, () => ["USER alice", "PASS wrong"]).flat()),
  },
  noDataConnection: { text: /^Use EPSV, PASV, EPRT or PORT first$/, run: lines("LIST") },
  transferAborted: {
    text: /^Transfer aborted after 0 bytes$/,
    async run(client) {
      using _data = await client.openData();
      await client.command("STOR new", 150);
      await client.send("ABOR\r\n");
      return await client.next();
    },
  },
  fileBusy: { text: /^It is busy$/, server: failing("busy"), run: lines("CWD d") },
  tooManyTransfers: {
    text: /^max-transfers is 1$/,
    server: {
      config: { maxTransfers: 1 },
      authority: {
        startTransfer: () => Promise.resolve({ kind: "limited", reason: "max-transfers is 1" }),
      },
    },
    run: lines("RETR f"),
  },
  localError: { text: /^It is io$/, server: failing("io"), run: lines("CWD d") },
  noSpace: {
    text: /^It is no-space$/,
    server: failing("no-space"),
    run: lines("EPSV", "STOR new"),
  },
  unknownCommand: { text: /^Unknown command$/, run: lines("NOPE") },
  lineTooLong: { text: /^The line is too long$/, run: lines("x".repeat(10_000)) },
  badArgument: { text: /^MODE S, B, C or Z$/, run: lines("MODE X") },
  notImplemented: { text: /^Not implemented$/, run: lines("SMNT /") },
  badSequence: { text: /^RNFR comes first$/, run: lines("RNTO g") },
  badParameter: { text: /^Not implemented for that parameter$/, run: lines("STRU P") },
  loggedInByCertificate: {
    text: /^Logged in by your certificate$/,
    user: "nobody",
    needs: ["openssl"],
    async run() {
      await using authority = await Authority.create();
      await using server = await TestServer.start({
        config: { tls: { ...LOCAL_TLS, clientAuthorities: authority.cert } },
        authority: { login: ({ certificate }) => Promise.resolve(accept(certificate ?? "")) },
      });
      const identity = await authority.issue({ name: "alice", usage: "clientAuth" });
      using client = await SecureClient.auth(server.address, { identity });
      await client.send("USER alice\r\n");
      return await client.next();
    },
  },
  authAccepted: {
    text: /^Go ahead with TLS$/,
    server: { config: { tls: LOCAL_TLS } },
    user: "nobody",
    run: lines("AUTH TLS"),
  },
  protectionNeeded: {
    text: /^The data connection must be protected: PROT P first$/,
    server: { config: { tls: { ...LOCAL_TLS, mode: "require" } } },
    user: "nobody",
    run: inside("USER alice", "PASS secret", "EPSV", "LIST"),
  },
  tlsNeeded: {
    text: /^TLS is needed: AUTH TLS first$/,
    server: { config: { tls: { ...LOCAL_TLS, mode: "require" } } },
    user: "nobody",
    run: lines("USER alice"),
  },
  refusedByPolicy: {
    text: /^The control connection stays protected$/,
    server: { config: { tls: LOCAL_TLS } },
    user: "nobody",
    run: inside("CCC"),
  },
  unknownProtection: {
    text: /^That protection level is not offered$/,
    server: { config: { tls: LOCAL_TLS } },
    user: "nobody",
    run: inside("PBSZ 0", "PROT S"),
  },
  unknownProtocol: {
    text: /^Network protocol not supported, use \(1,2\)$/,
    run: lines("EPRT |3|x|2000|"),
  },
  notLoggedIn: { text: /^Not logged in$/, user: "nobody", run: lines("PWD") },
  loginRefused: {
    text: /^Login incorrect$/,
    user: "nobody",
    run: lines("USER alice", "PASS wrong"),
  },
  fileUnavailable: { text: /no such file or directory$/, run: lines("CWD none") },
  permissionDenied: { text: /^Permission denied$/, user: "bob", run: lines("DELE f") },
  overQuota: {
    text: /^It is over-quota$/,
    server: failing("over-quota"),
    run: lines("EPSV", "STOR new"),
  },
  badName: { text: /: the name is not allowed$/, run: lines(`MKD ${"x".repeat(300)}`) },
  badRestart: {
    text: /behind the end of the file$/,
    run: lines("EPSV", "REST 5", "RETR f"),
  },
};

Deno.test("REPLIES: none is without a case", () => {
  assertEquals(Object.keys(CASES).sort(), Object.keys(REPLIES).sort());
});

function isReplyName(name: string): name is ReplyName {
  return Object.hasOwn(REPLIES, name);
}

for (const name of Object.keys(REPLIES).filter(isReplyName)) {
  const { code } = REPLIES[name];
  const { needs = [] } = CASES[name];
  peerTest(`${code} ${name}: over the wire`, { needs }, async () => {
    const { run, text, server: options = {}, user = "alice" } = CASES[name];
    await using server = await TestServer.start(options);
    await Deno.writeTextFile(server.path("f"), "file");
    using client = user === "nobody"
      ? await RawClient.connect(server.address)
      : await RawClient.login(server.address, user);
    if (user === "nobody") await client.expect(220);
    const reply = await run(client, server);
    assertEquals(reply?.code, code, JSON.stringify(reply));
    assertMatch(reply?.lines[0] ?? "", text);
  });
}

/** Codes of RFC 959 section 4.2.2 that no reply of ours has, and why. */
const NEVER_SENT: Readonly<Record<number, string>> = {
  120: "whoever cannot be served now is told 421: nobody knows in how many minutes he can",
  225: "ABOR closes the data connection, so it answers 226",
  235: "TLS needs no ADAT (503)",
  332: "no login and no command needs an account",
  334: "as 235",
  335: "as 235",
  336: "as 235",
  431: "a server without certificate says so at its start, and has no AUTH (502)",
  532: "no upload needs an account",
  533: "every command is welcome inside TLS",
  535: "as 235",
  537: "TLS protects all commands alike: there is no MIC, CONF or ENC (502)",
  551: "there are no pages (STRU P is 504)",
  631: "as 537",
  632: "as 537",
  633: "as 537",
};

/** RFC 959 section 4.2.2, RFC 2228 section 5, RFC 2428 sections 2 and 3, RFC 3659 section 5, RFC 4217. */
const RFC_CODES = [110, 120, 125, 150, 200, 202, 211, 212, 213, 214, 215, 220, 221, 225, 226, 227]
  .concat([229, 230, 250, 257, 331, 332, 350, 421, 425, 426, 450, 451, 452, 500, 501, 502, 503])
  .concat([504, 522, 530, 532, 550, 551, 552, 553, 554])
  .concat([232, 234, 235, 334, 335, 336, 431, 521, 533, 534, 535, 536, 537, 631, 632, 633]);

Deno.test("REPLIES: every code of the RFCs is sent, or there is a reason", () => {
  const sent = new Set<number>(Object.values(REPLIES).map(({ code }) => code));
  assertEquals(RFC_CODES.filter((code) => !sent.has(code) && !(code in NEVER_SENT)), []);
  assertEquals([...sent].filter((code) => !RFC_CODES.includes(code) || code in NEVER_SENT), []);
});
