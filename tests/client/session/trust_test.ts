/**
 * Which certificates are accepted, what is told of the others, and what a person is asked.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readCertificate } from "../../../shared/certificate.ts";
import { makeSelfSigned } from "../../../shared/self_signed.ts";
import type { TlsIdentity } from "../../../shared/tls_identity.ts";
import { TlsServer } from "../../../shared/tls_server.ts";
import { Authority } from "../../support/authority.ts";
import { ftpkitOnTerminal } from "../../support/cli.ts";
import { tempFolder } from "../../support/files.ts";
import { freePort } from "../../support/free_port.ts";
import { peerTest } from "../../support/peers.ts";
import { type Script, ScriptedServer } from "../../support/scripted_peer.ts";
import { LOCAL_IDENTITY } from "../../support/tls_pair.ts";
import {
  type CommandResult,
  exchange,
  playQuit,
  playSize,
  runAgainst,
  runCommand,
  type TestIoOptions,
} from "../dialogue.ts";
import { runShell } from "../shell/shell_io.ts";
import { LOCAL_PIN, playSecureData, playSecureStart } from "../tls_dialogue.ts";

const OTHER: TlsIdentity = await makeSelfSigned({ names: ["127.0.0.1"], days: 1 });

/** What a person on a terminal has around the command. */
const TERMINAL = { terminals: { stdin: true, stderr: true } } as const;

function showing(identity: TlsIdentity): TlsServer {
  return new TlsServer({ identities: [identity], clientAuthorities: undefined });
}

/** Shows a certificate to a client that goes away. */
function refused(identity: TlsIdentity): Script {
  return async (control) => {
    await control.sendLines("220 scripted");
    await exchange(control, "AUTH TLS", "234 go on");
    await control.secure(showing(identity));
    assertEquals(await control.line().catch(() => undefined), undefined);
  };
}

/** Shows a certificate, and then serves an empty file. */
function accepted(identity: TlsIdentity): Script {
  return async (control) => {
    const tls = showing(identity);
    await playSecureStart(control, tls);
    await playSize(control, { path: "f", size: 0 });
    using data = await playSecureData(control, { command: "RETR f", server: tls });
    await data.end();
    await control.sendLines("226 done");
    await playQuit(control);
  };
}

/** Gets the file from one server, at one port. */
async function getFrom(
  script: Script,
  args: readonly string[],
  io: TestIoOptions = {},
): Promise<CommandResult> {
  await using server = new ScriptedServer(script);
  const all = ["get", "--tls", "auto", "--retries", "2", ...args, "127.0.0.1:f", "-"];
  return await runAgainst(server, all, io);
}

peerTest(
  "Trust: a refused certificate is exit code 5, and the option that is named accepts just it",
  {
    needs: ["openssl"],
  },
  async (t) => {
    await using folder = await tempFolder();
    await using authority = await Authority.create();
    const issued = await authority.issue({ name: "localhost", usage: "serverAuth" });
    const expired = await makeSelfSigned({ names: ["127.0.0.1"], days: -0.01 });
    const elsewhere = await makeSelfSigned({ names: ["a.example", "b.example"], days: 1 });
    const cases = [
      { shown: expired, trusted: expired, reason: "it has expired" },
      { shown: elsewhere, trusted: elsewhere, reason: "it is for a.example, b.example" },
      {
        shown: issued,
        trusted: LOCAL_IDENTITY,
        reason: "no authority that is known here vouches for it",
      },
      { shown: OTHER, trusted: LOCAL_IDENTITY, reason: "nobody but itself vouches for it" },
      { shown: OTHER, pin: LOCAL_PIN, reason: "it is not the one of --pin" },
    ];
    for (const { shown, trusted, pin, reason } of cases) {
      await t.step(reason, async () => {
        const file = join(folder.path, "ca.pem");
        if (trusted !== undefined) await Deno.writeTextFile(file, trusted.cert);
        const trust = pin === undefined ? ["--ca-file", file] : ["--pin", pin];
        const { code, stdout, stderr } = await getFrom(refused(shown), trust);
        assertEquals({ code, stdout }, { code: 5, stdout: "" });
        const { subject, issuer, fingerprint } = readCertificate(shown.cert);
        assertMatch(stderr, /^ftpkit: Cannot trust the certificate of 127\.0\.0\.1:\d+: .+\n$/);
        const day = "\\d{4}-\\d{2}-\\d{2}";
        assertMatch(stderr, new RegExp(`; valid ${day} to ${day}\\)`));
        for (const part of [reason, `(subject ${subject}; issuer ${issuer};`]) {
          assertStringIncludes(stderr, part);
        }
        const [, option = "", value = ""] = stderr.match(/(--pin) (\S+)\n$/) ?? [];
        assertEquals(value, fingerprint);
        const again = await getFrom(accepted(shown), [option, value]);
        assertEquals(again.code, 0, again.stderr);
      });
    }
  },
);

Deno.test("Trust: --ca-file accepts what it vouches for, several --pin each of theirs", async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, "ca.pem");
  await Deno.writeTextFile(file, OTHER.cert + LOCAL_IDENTITY.cert);
  const pins = [OTHER, LOCAL_IDENTITY].flatMap(({ cert }) => [
    "--pin",
    readCertificate(cert).fingerprint,
  ]);
  for (const trust of [["--ca-file", file], pins]) {
    for (const identity of [OTHER, LOCAL_IDENTITY]) {
      const { code, stderr } = await getFrom(accepted(identity), trust);
      assertEquals(code, 0, stderr);
    }
  }
});

Deno.test("Trust: a certificate that was refused is judged anew in the next session", async () => {
  await using server = new ScriptedServer(refused(OTHER), refused(OTHER));
  const args = ["get", "--tls", "auto", "a@127.0.0.1:f", "b@127.0.0.1:f", "-"];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 5, stderr);
  assertEquals(stderr.match(/Cannot trust the certificate/g)?.length, 2);
});

Deno.test("Trust: --insecure accepts any certificate, and says so once", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playSecureStart(control, showing(OTHER));
    await exchange(control, "TYPE I", "421 try again");
  }, accepted(OTHER));
  const args = ["get", "--tls", "auto", "--insecure", "--retries", "1", "127.0.0.1:f", "-"];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 0, stderr);
  const { fingerprint } = readCertificate(OTHER.cert);
  const warning = `the certificate of 127.0.0.1:${server.port} is not checked (${fingerprint})`;
  assertEquals(stderr.split(warning).length, 2, stderr);
});

for (
  const [what, content, error] of [
    ["none at all", undefined, /^Cannot read ".*\/pem": no such file or directory$/],
    ["nothing of use", "hello", /^Cannot use ".*\/pem": there is no certificate \(PEM\) in it$/],
  ] as const
) {
  for (const option of ["--ca-file", "--cert"]) {
    Deno.test(`Trust: ${option} with ${what} is said before anybody is connected to`, async () => {
      await using folder = await tempFolder();
      const pem = join(folder.path, "pem");
      if (content !== undefined) await Deno.writeTextFile(pem, content);
      const place = ["-P", `${freePort("127.0.0.1")}`, "127.0.0.1:f", "-"];
      const args = ["get", "--tls", "auto", "--no-netrc", option, pem, ...place];
      const { code, stderr } = await runCommand(args);
      assertEquals(code, content === undefined ? 7 : 2);
      assertMatch(stderr.replace(/^ftpkit: (.*)\n$/s, "$1"), error);
    });
  }
}

Deno.test("Trust: a person is asked once, and the certificate is known from then on", async () => {
  await using folder = await tempFolder();
  const env = { XDG_STATE_HOME: folder.path };
  const file = join(folder.path, "ftpkit", "known_hosts");
  const scripts = [accepted(OTHER), accepted(OTHER), refused(LOCAL_IDENTITY)];
  await using server = new ScriptedServer(...scripts);
  const run = async (io: TestIoOptions): Promise<CommandResult> => {
    const { port } = server;
    const args = ["get", "--tls", "auto", "-P", `${port}`, "--no-netrc", "127.0.0.1:f", "-"];
    return await runCommand(args, { env, ...io });
  };
  const first = await run({ ...TERMINAL, answers: ["yes"] });
  assertEquals(first.code, 0, first.stderr);
  const { fingerprint, subject } = readCertificate(OTHER.cert);
  assertStringIncludes(first.stderr, `  subject ${subject}; issuer`);
  assertStringIncludes(first.stderr, `\n  ${fingerprint}\nAccept it from now on (yes, no)? `);
  assertEquals(await Deno.readTextFile(file), `127.0.0.1:${server.port} ${fingerprint}\n`);
  assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  const second = await run({});
  assertEquals(second.code, 0, second.stderr);
  assert(!second.stderr.includes("Accept"));
  const changed = await run({ ...TERMINAL, answers: ["yes"] });
  assertEquals(changed.code, 5);
  assertStringIncludes(changed.stderr, "IT HAS CHANGED since it was accepted");
  assertStringIncludes(changed.stderr, `remove the server's line from "${file}"`);
  assert(!changed.stderr.includes("Accept it"), changed.stderr);
});

for (
  const [what, io] of [
    ["who says no", { ...TERMINAL, answers: ["no"] }],
    ["who says nothing", { ...TERMINAL, answers: [""] }],
    ["who is not there", { answers: ["yes"] }],
    ["whose terminal shows nothing", { terminals: { stdin: true }, answers: ["yes"] }],
  ] as const
) {
  Deno.test(`Trust: nothing is accepted of a person ${what}`, async () => {
    await using folder = await tempFolder();
    const env = { XDG_STATE_HOME: folder.path };
    const { code, stderr } = await getFrom(refused(OTHER), [], { env, ...io });
    assertEquals(code, 5);
    assertStringIncludes(stderr, "nobody but itself vouches for it");
    assertEquals(stderr.includes("Accept it"), what.startsWith("who says"));
    assertEquals(await Array.fromAsync(Deno.readDir(folder.path)), []);
  });
}

Deno.test("Trust: a script of the shell is not asked, whatever terminal it was started from", async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(refused(OTHER));
  const env = { XDG_STATE_HOME: folder.path };
  const args = ["--tls", "auto", "--timeout", "5", "--retries", "0"];
  const person = { env, ...TERMINAL, answers: ["yes"] };
  const { code, stderr } = await runShell(server, "ls", { args, ...person });
  assertEquals(code, 5);
  assertStringIncludes(stderr, "nobody but itself vouches for it");
  assert(!stderr.includes("Accept it"), stderr);
});

Deno.test("SessionSecurity: a server whose certificate was accepted must have TLS", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "ftpkit"));
  await using server = new ScriptedServer(async (control) => {
    await control.sendLines("220 scripted");
    await exchange(control, "AUTH TLS", "500 what");
    assertEquals(await control.line(), undefined);
  });
  const line = `127.0.0.1:${server.port} ${LOCAL_PIN}\n`;
  await Deno.writeTextFile(join(folder.path, "ftpkit", "known_hosts"), line);
  const args = ["get", "--tls", "auto", "127.0.0.1:f", "-"];
  const { code, stderr } = await runAgainst(server, args, {
    env: { XDG_STATE_HOME: folder.path },
  });
  assertEquals(code, 5);
  assertStringIncludes(stderr, "which it had when its certificate was accepted: 500 what");
});

peerTest("ftpkit get: on a terminal it asks, and a line is an answer", {
  needs: ["python3"],
}, async () => {
  await using folder = await tempFolder();
  await using server = new ScriptedServer(accepted(OTHER));
  const args = ["get", "-P", `${server.port}`, "--no-netrc", "127.0.0.1:f", folder.path];
  const { code, stdout } = await ftpkitOnTerminal(
    args,
    [{ after: "(yes, no)? ", type: "yes\n", shown: true }],
    { env: { XDG_STATE_HOME: folder.path } },
  );
  assertEquals(code, 0, stdout);
  await server.done;
  const { fingerprint } = readCertificate(OTHER.cert);
  const known = await Deno.readTextFile(join(folder.path, "ftpkit", "known_hosts"));
  assertEquals(known, `127.0.0.1:${server.port} ${fingerprint}\n`);
});
