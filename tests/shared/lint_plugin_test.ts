/**
 * The project's own lint rules.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import plugin from "../../scripts/lint_plugin.ts";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** The messages and rules of what the plugin finds in `source`, as the file `path` of this project. */
function lint(path: string, source: string): { rules: string[]; messages: string[] } {
  const found = Deno.lint.runPlugin(plugin, join(ROOT, path), source);
  return { rules: found.map(({ id }) => id), messages: found.map(({ message }) => message) };
}

Deno.test("layer-direction: imports downwards and inside a layer pass", () => {
  const cases: [string, string][] = [
    ["shared/reply.ts", "./errors.ts"],
    ["server/session/session.ts", "../../shared/reply.ts"],
    ["server/commands/file.ts", "../session/command.ts"],
    ["server/commands/file.ts", "../../shared/reply.ts"],
    ["client/listing/mlsd.ts", "../../shared/facts.ts"],
    ["client/get_command.ts", "./tree/queue.ts"],
    ["client/session/session.ts", "./login.ts"],
    ["client/session/session.ts", "../connection/control.ts"],
    ["client/session/session.ts", "../location.ts"],
    ["client/shell/commands/look.ts", "../../tree/local_tree.ts"],
    ["main.ts", "./server/serve_command.ts"],
    ["main.ts", "./server/accounts/user_command.ts"],
    ["main.ts", "./client/get_command.ts"],
    ["main.ts", "./shared/errors.ts"],
    ["main.ts", "./deno.json"],
    ["tests/server/session/session_test.ts", "../../../server/session/session.ts"],
    ["scripts/compare.ts", "../client/session/session.ts"],
    ["shared/log.ts", "@logtape/logtape"],
    ["shared/connection.ts", "node:tls"],
  ];
  for (const [from, to] of cases) {
    assertEquals(lint(from, `import "${to}";`).messages, [], `${from} imports ${to}`);
  }
});

Deno.test("layer-direction: imports upwards, across and outwards fail", () => {
  const cases: [string, string, string][] = [
    [
      "shared/reply.ts",
      "../server/session/session.ts",
      "shared/ must not import server/session/session.ts",
    ],
    [
      "shared/reply.ts",
      "../client/session/session.ts",
      "shared/ must not import client/session/session.ts",
    ],
    ["shared/reply.ts", "../main.ts", "shared/ must not import main.ts"],
    ["shared/reply.ts", "../tests/support/cut.ts", "shared/ must not import tests/support/cut.ts"],
    [
      "server/session/session.ts",
      "../../client/session/session.ts",
      "server/ must not import client/session/session.ts",
    ],
    ["server/commands/file.ts", "../../client/x.ts", "server/ must not import client/x.ts"],
    ["server/session/session.ts", "../../main.ts", "server/ must not import main.ts"],
    [
      "server/session/session.ts",
      "../../scripts/compile.ts",
      "server/ must not import scripts/compile.ts",
    ],
    [
      "client/location.ts",
      "../server/session/session.ts",
      "client/ must not import server/session/session.ts",
    ],
    ["client/shell/repl.ts", "../../server/x.ts", "client/ must not import server/x.ts"],
    ["client/location.ts", "./../shared/../server/x.ts", "client/ must not import server/x.ts"],
    ["client/session/session.ts", "/elsewhere/x.ts", "client/ must not import /elsewhere/x.ts"],
    [
      "client/session/session.ts",
      `file://${encodeURI(ROOT)}server/x.ts`,
      "client/ must not import server/x.ts",
    ],
    [
      "client/listing/mlsd.ts",
      "../output/report.ts",
      "client/listing/ must not import client/output/report.ts",
    ],
    [
      "server/storage/local.ts",
      "../session/session.ts",
      "server/storage/ must not import server/session/session.ts",
    ],
    [
      "client/tree/tree.ts",
      "../shell/commands/look.ts",
      "client/tree/ must not import client/shell/commands/look.ts",
    ],
    ["main.ts", "./server/session/session.ts", "main.ts must not import server/session/session.ts"],
    ["main.ts", "./client/session/session.ts", "main.ts must not import client/session/session.ts"],
    ["main.ts", "./tests/support/cut.ts", "main.ts must not import tests/support/cut.ts"],
  ];
  for (const [from, to, message] of cases) {
    assertEquals(lint(from, `import "${to}";`).messages, [message]);
  }
});

Deno.test("layer-direction: sees every way to import", () => {
  const sources = [
    'import { a } from "../server/a.ts";',
    'import type { A } from "../server/a.ts";',
    'import * as a from "../server/a.ts";',
    'export { a } from "../server/a.ts";',
    'export * from "../server/a.ts";',
    'export * as a from "../server/a.ts";',
    'await import("../server/a.ts");',
    "await import(`../server/a.ts`);",
    'type A = import("../server/a.ts").A;',
  ];
  for (const source of sources) {
    assertEquals(lint("shared/x.ts", source).rules, ["ftpkit/layer-direction"], source);
  }
});

Deno.test("layer-direction: exports of one's own and computed imports pass", () => {
  for (const source of ["export const a = 1; export { a as b };", "await import(name);"]) {
    assertEquals(lint("shared/x.ts", source).rules, [], source);
  }
});

Deno.test("reply-literal: a reply code written by hand in server/ fails", () => {
  const sources = [
    'const line = "226 Transfer complete";',
    'const line = "211-Features";',
    'const line = "331";',
    "const line = `150 Opening ${name}`;",
    "send({ code: 226, lines });",
    'send({ "code": 226, lines });',
    "const code = 226;",
    "let replyCode; replyCode = 421;",
    "function send(code = 200) {}",
    "class A { readonly code = 226 }",
    "if (reply.code === 226) stop();",
    "if (400 <= reply.code) stop();",
    "switch (reply.code) { case 226: stop(); }",
    'reply(226, "Transfer complete");',
    "context.reply(226);",
    "throw new ErrorReply(550);",
  ];
  for (const source of sources) {
    assertEquals(lint("server/x.ts", source).rules, ["ftpkit/reply-literal"], source);
  }
});

Deno.test("reply-literal: other numbers and texts pass", () => {
  const sources = [
    'const text = "2266 files";',
    'const text = "226MB";',
    'const text = "12 files";',
    'const text = "900 files";',
    "const text = `${count} files`;",
    "const idleTimeout = 300;",
    "const options = { port: 990, timeout: 300 };",
    "if (length > 255) stop();",
    "switch (length) { case 255: stop(); }",
    "new Response(null, { status: 404 });",
    'reply("transferComplete");',
    "const code = 7;",
    "const code = 0o644;",
    "allocate(512);",
  ];
  for (const source of sources) assertEquals(lint("server/x.ts", source).rules, [], source);
});

Deno.test("reply-literal: outside server/ nothing is said", () => {
  const source = 'const code = 226; const line = "226 Transfer complete";';
  for (
    const path of [
      "shared/reply_code.ts",
      "client/session/session.ts",
      "tests/x_test.ts",
      "main.ts",
    ]
  ) {
    assertEquals(lint(path, source).rules, [], path);
  }
});
