/**
 * Greeting, login and what can go wrong on the control connection.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { run as ls } from "../../../client/ls_command.ts";
import { ConnectError, FtpkitError } from "../../../shared/errors.ts";
import { exitCodeOf } from "../../../shared/exit_code.ts";
import { tempFolder } from "../../support/files.ts";
import { freePort } from "../../support/free_port.ts";
import { type Script, ScriptedListener, ScriptedServer } from "../../support/scripted_peer.ts";
import {
  exchange,
  playDownload,
  playQuit,
  playSize,
  playStart,
  runAgainst,
  testIo,
} from "../dialogue.ts";

/** Runs `ls` against scripts of which the last serves an empty listing. */
async function listAgainst(...scripts: readonly Script[]): Promise<string> {
  await using server = new ScriptedServer(...scripts);
  const retries = String(scripts.length - 1);
  const args = ["ls", "-vv", "--retries", retries, "--timeout", "5", "127.0.0.1:"];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 0);
  return stderr;
}

const emptyListing: Script = async (control) => {
  await exchange(control, "TYPE A", "200 text");
  await playDownload(control, { commands: ["LIST"] });
  await playQuit(control);
};

Deno.test("greet: 120 announces the 220, which is waited for", async () => {
  await listAgainst(async (control) => {
    await control.sendLines("120 ready in 1 minute");
    await playStart(control);
    await emptyListing(control);
  });
});

Deno.test("greet: a server that announces 220 again and again is given up", async () => {
  const script: Script = async (control) => {
    for (let announced = 0; announced < 100; announced++) await control.sendLines("120 soon");
  };
  await using server = new ScriptedServer(script);
  const { code, stderr } = await runAgainst(server, ["get", "--retries", "0", "127.0.0.1:f"]);
  assertEquals(code, 3);
  assertStringIncludes(stderr, "only announces a greeting, again and again");
});

const ECHOES: readonly (readonly [reply: string, said: string])[] = [
  ["500 'PASS s3cret+': command not understood", "500 'PASS ***': command not understood"],
  ["530-S3CRET+\r\n530 no s3cret+ here", "530 *** no *** here"],
  ["421 s3cret+ is wrong, goodbye", "421 *** is wrong, goodbye"],
  ["s3cret+?", '"***?"'],
];

for (const [reply, said] of ECHOES) {
  Deno.test(`logIn: a password that the server says back is not shown: ${said}`, async () => {
    const script: Script = async (control) => {
      await control.sendLines("220 hello");
      await exchange(control, "USER joe", "331 password?");
      await exchange(control, "PASS s3cret+", reply);
    };
    await using server = new ScriptedServer(script);
    const place = "ftp://joe:s3cret+@127.0.0.1/f";
    const { code, stderr } = await runAgainst(server, ["get", "-vv", "--retries", "0", place]);
    assert(code !== 0, stderr);
    assertStringIncludes(stderr, said);
    assert(!/s3cret/i.test(stderr), stderr);
  });
}

Deno.test("logIn: 230 after USER needs no PASS", async () => {
  await listAgainst(async (control) => {
    await control.sendLines("220 hello");
    await exchange(control, "USER anonymous", "230 in");
    await exchange(control, "FEAT", "500 what");
    await emptyListing(control);
  });
});

for (const asked of ["USER anonymous", "PASS anonymous@"]) {
  Deno.test(`logIn: 332 to ${asked.slice(0, 4)} is answered with the account of netrc`, async () => {
    await using folder = await tempFolder();
    const netrc = join(folder.path, "netrc");
    await Deno.writeTextFile(netrc, 'default account "my account"', { mode: 0o600 });
    await using server = new ScriptedServer(async (control) => {
      await control.sendLines("220 hello");
      const first = asked.startsWith("USER") ? "332 account?" : "331 password?";
      await exchange(control, "USER anonymous", first);
      if (asked.startsWith("PASS")) await exchange(control, asked, "332 account?");
      await exchange(control, "ACCT my account", "202 needless");
      await exchange(control, "FEAT", "500 what");
      await emptyListing(control);
    });
    const login = ["--netrc", netrc, "--tls", "off", "--retries", "0"];
    const args = [...login, "-P", String(server.port), "127.0.0.1:"];
    assertEquals(await ls(args, testIo()), 0);
    await server.done;
  });
}

const FEATURES: readonly (readonly [what: string, wire: string, uses: string])[] = [
  ["none: 500", "500 what\r\n", "LIST"],
  ["none: 502", "502 no\r\n", "LIST"],
  ["211 on one line", "211 none\r\n", "LIST"],
  ["an empty list", "211-Features:\r\n211 End\r\n", "LIST"],
  ["lines without an indentation", "211-Features\r\nMLST type*;\r\n211 End\r\n", "MLSD"],
  ["the code on each line", "211-Features\r\n211-MLST type*;\r\n211 End\r\n", "MLSD"],
  ["tabs and more spaces", "211-Features\r\n\t MLST type*;  \r\n211 End\r\n", "MLSD"],
  ["lower case and empty lines", "211-Features\r\n\r\n mlst type*;\r\n\r\n211 End\r\n", "MLSD"],
  ["no facts", "211-Features\r\n MLST\r\n211\r\n", "MLSD"],
  ["bare LF", "211-Features\n MLST type*;\n211 End\n", "MLSD"],
  ["another code", "214-Features\r\n MLST type*;\r\n214 End\r\n", "LIST"],
];

for (const [what, wire, uses] of FEATURES) {
  Deno.test(`askFeatures: ${what}: ${uses} is used`, async () => {
    await listAgainst(async (control) => {
      await control.sendLines("220 hello");
      await exchange(control, "USER anonymous", "230 in");
      await control.expect("FEAT");
      await control.send(wire);
      await exchange(control, "TYPE A", "200 text");
      await playDownload(control, { commands: [uses] });
      await playQuit(control);
    });
  });
}

/** What a server may say before anything is asked, and must be read to its end. */
const GREETINGS: readonly (readonly [what: string, wire: string])[] = [
  ["bare LF", "220 hello\n"],
  ["several lines", "220-hello\r\n220-there\r\n220 now\r\n"],
  ["lines that are indented", "220-hello\r\n   220 not yet\r\n\t220 nor here\r\n220 now\r\n"],
  ["lines that begin with other codes", "220-hello\r\n530 no\r\n2200\r\n\r\n220 now\r\n"],
  ["its code alone at the end", "220-hello\r\n220\r\n"],
  ["120 and 220 in one segment", "120 in a minute\r\n220 hello\r\n"],
  ["120 of several lines", "120-in\r\n a minute\r\n120 wait\r\n220 hello\r\n"],
  ["Telnet commands", "\xff\xfb\x01220 hello\r\n"],
];

for (const [what, wire] of GREETINGS) {
  Deno.test(`greet: ${what}: also byte by byte`, async () => {
    const bytes = Uint8Array.from(wire, (character) => character.charCodeAt(0));
    for (const cut of [false, true]) {
      await listAgainst(async (control) => {
        await (cut ? control.sendSplit(bytes) : control.send(bytes));
        await exchange(control, "USER anonymous", "230 in");
        await exchange(control, "FEAT", "500 what");
        await emptyListing(control);
      });
    }
  });
}

Deno.test("Session: every reply with bare LF and of several lines is understood", async () => {
  await listAgainst(async (control) => {
    const answer = async (command: string | RegExp, wire: string): Promise<void> => {
      await control.expect(command);
      await control.sendSplit(wire);
    };
    await control.send("220-hi\n220 there\n");
    await answer("USER anonymous", "331-who\n  331 is\n331 it\n");
    await answer("PASS anonymous@", "230-in\n230\n");
    await answer("FEAT", "211-x\n MLST type*;\n211 y\n");
    await answer("TYPE A", "200-a\n200 b\n");
    using listener = new ScriptedListener();
    await answer("EPSV", `229-now\n 229 at\n229 (|||${listener.port}|)\n`);
    const data = await listener.accept();
    // The data may end before its 150, and the 226 come in one segment with it.
    data.close();
    await answer("MLSD", "150-here\n150 it is\n226-done\n 226\n226 end\n");
    await answer("QUIT", "221 bye\n");
  });
});

Deno.test("use: 421 at the door is tried again", async () => {
  const stderr = await listAgainst(
    (control) => control.sendLines("421 too many users"),
    async (control) => {
      await playStart(control);
      await emptyListing(control);
    },
  );
  assertStringIncludes(stderr, "421 too many users; trying again");
});

Deno.test("use: a server that hangs up before it greets is tried again", async () => {
  const stderr = await listAgainst(
    (control) => Promise.resolve(control.close()),
    async (control) => {
      await playStart(control);
      await emptyListing(control);
    },
  );
  assertStringIncludes(stderr, "closed by the server; trying again");
});

Deno.test("use: 421 in answer to a command, as after an idle time, is tried again", async () => {
  const stderr = await listAgainst(
    async (control) => {
      await playStart(control);
      await exchange(control, "TYPE A", "421 timeout");
    },
    async (control) => {
      await playStart(control);
      await emptyListing(control);
    },
  );
  assertStringIncludes(stderr, "421 timeout; trying again");
});

Deno.test("Control: a reply that nobody asked for does not answer the next command", async () => {
  const stderr = await listAgainst(async (control) => {
    await control.sendLines("220 hello");
    await exchange(control, "USER anonymous", "230 in", "230 yes, in");
    await exchange(control, "FEAT", "500 what");
    await emptyListing(control);
  });
  assertStringIncludes(stderr, "! nobody asked for: 230 yes, in\n");
});

Deno.test("Control: the trace shows both directions, no password and no control character", async () => {
  const stderr = await listAgainst(async (control) => {
    await control.sendLines("220 he\x1bllo");
    await exchange(control, "USER anonymous", "331 password?");
    await exchange(control, "PASS anonymous@", "230 in");
    await exchange(control, "FEAT", "500 what");
    await emptyListing(control);
  });
  assertStringIncludes(stderr, "< 220 he\\x1bllo\n> USER anonymous\n< 331 password?\n> PASS ***\n");
});

interface Refused {
  readonly what: string;
  readonly script: Script;
  readonly error: string;
  readonly exit: number;
  readonly words: RegExp;
}

const REFUSED: readonly Refused[] = [
  {
    what: "421 for a greeting",
    script: (control) => control.sendLines("421 come back later."),
    error: "ReplyError",
    exit: 3,
    words: /^127\.0\.0\.1:\d+ turned us away: 421 come back later$/,
  },
  {
    what: "554 for a greeting",
    script: (control) => control.sendLines("554 no service"),
    error: "ConnectError",
    exit: 3,
    words: /turned us away: 554 no service$/,
  },
  {
    what: "no greeting",
    script: async (control) => void await control.rest(),
    error: "TimeoutError",
    exit: 3,
    words: /did not answer within 0\.2 s$/,
  },
  {
    what: "a greeting that is no reply",
    script: (control) => control.sendLines("HTTP/1.1 400 Bad Request"),
    error: "ConnectError",
    exit: 3,
    words: /no code in front$/,
  },
  {
    what: "530 to USER",
    script: async (control) => {
      await control.sendLines("220 hello");
      await exchange(control, /^USER /, "530 not you");
    },
    error: "AuthError",
    exit: 4,
    words: /^Cannot log in as "anonymous": 530 not you$/,
  },
  {
    what: "530 to PASS, once, whatever the retries",
    script: async (control) => {
      await control.sendLines("220 hello");
      await exchange(control, /^USER /, "331 password?");
      await exchange(control, /^PASS /, "530 wrong");
    },
    error: "AuthError",
    exit: 4,
    words: /530 wrong$/,
  },
  {
    what: "331 to PASS, which asks for it again",
    script: async (control) => {
      await control.sendLines("220 hello");
      await exchange(control, /^USER /, "331 password?");
      await exchange(control, /^PASS /, "331 password?");
    },
    error: "AuthError",
    exit: 4,
    words: /^Cannot log in as "anonymous": 331 password\?$/,
  },
  {
    what: "332, which asks for an account that there is none of",
    script: async (control) => {
      await control.sendLines("220 hello");
      await exchange(control, /^USER /, "332 account?");
    },
    error: "AuthError",
    exit: 4,
    words: /asks for an account/,
  },
];

for (const { what, script, error, exit, words } of REFUSED) {
  Deno.test(`openSession: ${what} ends with ${error} and code ${exit}`, async () => {
    await using server = new ScriptedServer(script);
    const retries = what.includes("retries") ? "3" : "0";
    const args = ["ls", "--retries", retries, "--timeout", "0.2", "127.0.0.1:"];
    const failed = await assertRejects(() => runAgainst(server, args), FtpkitError);
    assertEquals([failed.name, exitCodeOf(failed)], [error, exit]);
    assertMatch(failed.message, words);
  });
}

Deno.test("use: nobody listening is said at once, without retries", async () => {
  const port = freePort("127.0.0.1");
  const io = testIo();
  const args = ["-P", String(port), "--no-netrc", "127.0.0.1:"];
  const failed = await assertRejects(() => ls(args, io), ConnectError);
  assertEquals(failed.message, `Cannot connect to 127.0.0.1:${port}: connection refused`);
  assertEquals(io.stderrText, "");
});

Deno.test("use: the control connection lost after the login is exit code 1, no longer 3", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await playSize(control, { path: "f", size: 3 });
    await control.expect("EPSV");
  });
  const args = ["get", "127.0.0.1:f", join(folder.path, "f")];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 1);
  assertMatch(stderr, /^ftpkit: Lost the connection to 127\.0\.0\.1:\d+: closed by the server\n$/);
});

Deno.test("Session.stat: TYPE, SIZE and MDTM go in one piece, and a refused TYPE leaves no reply unread", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    for (const line of ["TYPE I", "SIZE f", "MDTM f"]) await control.expect(line);
    await control.sendLines("504 no", "213 5", "213 20240102030405");
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, ["get", "127.0.0.1:f", "-"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot set TYPE I: 504 no");
});

Deno.test("Session.stat: where TYPE is never answered, no other answer counts for it", async () => {
  await using server = new ScriptedServer(
    async (control) => {
      await playStart(control);
      for (const line of ["TYPE I", "SIZE f", "MDTM f"]) await control.expect(line);
      await control.sendLines("550 no such file", "550 no such file");
      assertEquals(await control.line(), undefined);
    },
    async (control) => {
      await playStart(control);
      await playSize(control, { path: "f", size: 0 });
      await playDownload(control, { commands: ["RETR f"] });
      await playQuit(control);
    },
  );
  const args = ["get", "--timeout", "1", "--retries", "1", "127.0.0.1:f", "-"];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "did not answer within 1 s; trying again");
});
