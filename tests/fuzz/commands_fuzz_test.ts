/**
 * Random commands and random bytes: one final reply a command, nothing outside touched, no crash.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { COMMANDS } from "../../server/commands/commands.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

/** They end the session or need a data connection that nobody makes. */
const LEFT_OUT = new Set(["QUIT", "REIN", "USER", "PASS", "PORT", "EPRT", "PASV", "EPSV", "ABOR"]);
const VERBS = [...COMMANDS.keys()].filter((verb) => !LEFT_OUT.has(verb));

const name = fc.oneof(
  fc.constantFrom("a", "d", "d/b", "/", "..", "../../x", "~", "*", "-la", ".", '"', "link", ""),
  fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replace(/[\r\n\0]/g, "")),
);
const argument = fc.oneof(
  name,
  fc.tuple(fc.constantFrom("20010203040506", "644", "0", "99", "CHMOD 777", "HASH"), name).map(
    (words) => words.join(" "),
  ),
);
const line = fc.tuple(fc.constantFrom(...VERBS), fc.option(argument)).map(([verb, text]) =>
  text === null ? verb : `${verb} ${text}`
);

Deno.test("fuzz: any sequence of commands has one final reply each", async () => {
  await using server = await TestServer.start();
  const outside = await Deno.makeTempDir({ prefix: "ftpkit-outside-" });
  await Deno.writeTextFile(`${outside}/sentinel`, "untouched");
  await Deno.symlink(outside, server.path("link"));
  await Deno.mkdir(server.path("d"));
  await Deno.writeTextFile(server.path("a"), "text");
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 25 }), async (lines) => {
        using client = await RawClient.login(server.address);
        await client.send(lines.map((each) => `${each}\r\n`).join("") + "CLNT the-end\r\n");
        for (const each of lines) {
          const answer = await client.next();
          assert(answer !== null && answer.code >= 200, `${each}: ${JSON.stringify(answer)}`);
          assert(answer.code !== 421 && answer.code < 600, `${each}: ${JSON.stringify(answer)}`);
        }
        assertEquals((await client.next())?.lines, ["Noted"], JSON.stringify(lines));
      }),
      { numRuns: 60 },
    );
    const left = (await Array.fromAsync(Deno.readDir(outside))).map((entry) => entry.name);
    assertEquals(left, ["sentinel"]);
    assertEquals(await Deno.readTextFile(`${outside}/sentinel`), "untouched");
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
});

Deno.test("fuzz: random bytes never end the server, nor another session", async () => {
  await using server = await TestServer.start();
  using witness = await RawClient.login(server.address);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 10 }),
      async (parts) => {
        using client = await RawClient.connect(server.address);
        await client.expect(220);
        for (const part of parts) await client.send(part);
        await client.send("\r\nQUIT\r\n");
        await witness.command("NOOP", 200);
      },
    ),
    { numRuns: 60 },
  );
});
