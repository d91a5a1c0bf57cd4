import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { hashPassword } from "../../../server/accounts/password.ts";
import { ConfigError } from "../../../server/toml/toml_file.ts";
import { FtpkitError } from "../../../shared/errors.ts";
import { ConfigFolder, loadServe } from "../../support/config_file.ts";

const { text: HASH } = await hashPassword("secret");

/** The lines of what is wrong with a file, without its folder. */
async function problemsOf(
  folder: ConfigFolder,
  toml: string,
  args: readonly string[] = [],
): Promise<string[]> {
  const { message } = await assertRejects(() => folder.load(toml, args), ConfigError);
  return message.replaceAll(`${folder.path}/`, "").split("\n");
}

Deno.test("loadConfig: everything that is wrong is told at once, file by file, line by line", async () => {
  await using folder = await ConfigFolder.make();
  await folder.write("users.toml", "[users.eve]\nhme = 1\n");
  const toml = `hooks = [{ on = "upload" }]
port = 99999
max-session = 5
user = ["alice:pw",
  "bob"]
users = "users.toml"
deny = [
  "*.exe",
  "a/b", # not here
]
directory = "missing"
run-as = "nobody-of-that-name"
[messages]
"incoming" = "x"
[public-addresses]
"10.0.0.0/8" = "elsewhere"
`;
  const args = ["--limit-rate", "fast", "--idle-timeout", "0"];
  assertEquals(await problemsOf(folder, toml, args), [
    "ftpkit.toml:1: A hook needs exec or webhook, one of the two",
    'ftpkit.toml:2: Invalid port "99999": not a whole number from 0 to 65535',
    "ftpkit.toml:3: Invalid max-session: unknown key (did you mean max-sessions?)",
    'ftpkit.toml:5: Invalid user "bob:…": must be NAME:PASSWORD[:read|upload|write]',
    'ftpkit.toml:9: Invalid deny "a/b": must be a pattern for one name, without a slash',
    'ftpkit.toml:11: Cannot share "missing": no such directory',
    'ftpkit.toml:12: Cannot run as "nobody-of-that-name": no user "nobody-of-that-name"',
    'ftpkit.toml:14: Invalid directory "incoming": must begin with a slash',
    'ftpkit.toml:16: Invalid 10.0.0.0/8 "elsewhere": must be an IPv4 address or "local"',
    'ftpkit: Invalid --limit-rate "fast": not a number with K, M or G, such as "500K"',
    'ftpkit: Invalid --idle-timeout "0": not a number of seconds above 0',
    "users.toml:1: Invalid users.eve: has no password",
    "users.toml:2: Invalid users.eve.hme: unknown key (did you mean home?)",
  ]);
});

Deno.test("loadConfig: a syntax error has its line, and never quotes the file", async () => {
  await using folder = await ConfigFolder.make();
  for (const line of ['secret = "hunter2', "secret = hunter2", 'secret = "hunter2" hunter3']) {
    const [problem = "", ...rest] = await problemsOf(folder, `port = 1\n\n${line}\n`);
    assert(problem.startsWith("ftpkit.toml:3: Not valid TOML: "), problem);
    assertEquals(rest, []);
    assert(!problem.includes("hunter"), problem);
  }
});

Deno.test("loadConfig: a key that stands in the file twice is refused", async () => {
  await using folder = await ConfigFolder.make();
  for (const toml of ["port = 1\nport = 2", "users = 'x'\n[users.a]", "[hooks]\n[hooks]"]) {
    const [problem = ""] = await problemsOf(folder, toml);
    assert(problem.startsWith("ftpkit.toml:2: Not valid TOML: "), problem);
  }
});

Deno.test("loadConfig: a file that cannot be read is told like a value that is not valid", async () => {
  await using folder = await ConfigFolder.make();
  const missing = join(folder.path, "none.toml");
  const { message } = await assertRejects(() => loadServe(["--config", missing]), ConfigError);
  assertEquals(message, `ftpkit: Cannot read the configuration "${missing}": no such file`);
  assertEquals(await problemsOf(folder, 'users = "none.toml"'), [
    'ftpkit.toml:1: Cannot read the user file "none.toml": no such file',
  ]);
});

Deno.test("loadConfig: a byte order mark and ends of lines with CR do no harm", async () => {
  await using folder = await ConfigFolder.make();
  const { session } = await folder.load("\ufeffport = 7\r\nwelcome = 'a'\r\n");
  assertEquals([session.port, session.welcome], [7, "a"]);
  assertEquals(await problemsOf(folder, "\ufeffport = 7\r\nx = 1\r\n"), [
    "ftpkit.toml:2: Invalid x: unknown key",
  ]);
});

Deno.test("loadConfig: paths of the file start from it, those of the command line do not", async () => {
  await using folder = await ConfigFolder.make();
  await Deno.mkdir(join(folder.path, "shared"));
  const toml = `directory = "shared"
log-file = "logs/server.log"
transfer-log = "/var/log/xferlog"
session-logs = "../sessions"
[[hooks]]
on = "login"
exec = ["./hook.sh", "./argument"]
[[hooks]]
on = "login"
exec = "logger"
`;
  const config = await folder.load(toml, ["--transfer-log", "here"]);
  assertEquals(config.session.root, join(folder.path, "shared"));
  assertEquals(config.logFile, join(folder.path, "logs/server.log"));
  assertEquals(config.sessionLogs, join(folder.path, "../sessions"));
  assertEquals(config.transferLog, join(Deno.cwd(), "here"));
  assertEquals(config.hooks.map((hook) => hook.kind === "exec" ? hook.command : []), [
    [join(folder.path, "hook.sh"), "./argument"],
    ["logger"],
  ]);
});

Deno.test("loadConfig: DIR wins over the directory of the file, and is . without either", async () => {
  await using folder = await ConfigFolder.make();
  const { session } = await folder.load('directory = "nowhere"', [folder.path]);
  assertEquals(session.root, folder.path);
  assertEquals((await folder.load("")).session.root, await Deno.realPath("."));
});

Deno.test("loadConfig: a directory that is missing is no usage error where it is all that is wrong", async () => {
  const error = await assertRejects(() => loadServe(["/nonexistent/here"]), FtpkitError);
  assert(!(error instanceof ConfigError));
  assertEquals(error.message, 'Cannot share "/nonexistent/here": no such directory');
  const { message } = await assertRejects(
    () => loadServe(["/nonexistent/here", "--port", "x"]),
    ConfigError,
  );
  assertEquals(message.split("\n").length, 2);
});

Deno.test("loadConfig: messages, addresses by network, and a welcome of several lines", async () => {
  await using folder = await ConfigFolder.make();
  const toml = `welcome = """
Welcome
to us
"""
[public-addresses]
"192.168.0.0/16" = "local"
"2001:db8::/32" = "203.0.113.7"
[messages]
"/" = "top"
"/in//coming/" = """
put it
here\r
"""
`;
  const { session } = await folder.load(toml);
  assertEquals(session.welcome, "Welcome\nto us");
  assertEquals(session.publicAddresses, [
    { network: "192.168.0.0/16", address: "local" },
    { network: "2001:db8::/32", address: "203.0.113.7" },
  ]);
  assertEquals(session.messages, { "/": "top", "/in/coming": "put it\nhere" });
});

Deno.test("loadConfig: hooks with what they do not say", async () => {
  await using folder = await ConfigFolder.make();
  const toml = `[[hooks]]
on = ["upload", "delete"]
exec = ["notify", "", "two\\nlines"]
[[hooks]]
on = "login-failed"
webhook = "https://example.org/x"
[[hooks]]
on = "rename"
webhook = "http://127.0.0.1:8080/"
secret = "hunter2"
timeout = 2.5
retries = 0
`;
  const { hooks } = await folder.load(toml);
  const [exec, plain, full] = hooks;
  assertEquals(exec, {
    kind: "exec",
    on: ["upload", "delete"],
    command: ["notify", "", "two\nlines"],
    timeout: 30_000,
  });
  assertEquals(plain, {
    kind: "webhook",
    on: ["login-failed"],
    url: "https://example.org/x",
    secret: undefined,
    timeout: 10_000,
    retries: 3,
  });
  assert(full?.kind === "webhook");
  assertEquals([full.secret?.reveal(), full.timeout, full.retries], ["hunter2", 2500, 0]);
  assert(!Deno.inspect(full).includes("hunter2"));
});

const BAD_HOOKS: readonly (readonly [toml: string, problems: readonly string[]])[] = [
  ["", [
    ":1: A hook needs on: upload, delete, rename, login, login-failed",
    ":1: A hook needs exec or webhook, one of the two",
  ]],
  ['on = "login"\nexec = "a"\nwebhook = "http://b"', [
    ":1: A hook needs exec or webhook, one of the two",
  ]],
  ["on = []\nexec = []", [
    ":2: Invalid on: must be a text in quotes, or several in brackets",
    ":3: Invalid exec: must be a text in quotes, or several in brackets",
  ]],
  ['on = "login"\nexec = [\n"a",\n"b\\u0000"]', [
    ':5: Invalid exec "b\\u0000": must not have NUL in it',
  ]],
  ['on = "login"\nexec = ["", "a"]', [":3: Invalid exec: the program's name is empty"]],
  ['on = ["login",\n"logn"]\nexec = "a"\nsecret = "hunter2"\nretries = 1', [
    ':3: Invalid on "logn": must be one of upload, delete, rename, login, login-failed',
    ":5: Invalid secret: unknown key",
    ":6: Invalid retries: unknown key",
  ]],
  ['on = "login"\nwebhook = "ftp://a"\nsecret = "hunter2\\n"\nretries = 21\ntimeout = "soon"', [
    ':3: Invalid webhook "…": must be an address that begins with https:// or http://',
    ':4: Invalid secret "…": must be one line without control characters',
    ':5: Invalid retries "21": not a whole number from 0 to 20',
    ':6: Invalid timeout "soon": not a number of seconds above 0',
  ]],
];

for (const [toml, expected] of BAD_HOOKS) {
  Deno.test(`loadConfig: a hook of ${JSON.stringify(toml)} is refused`, async () => {
    await using folder = await ConfigFolder.make();
    assertEquals(
      await problemsOf(folder, `[[hooks]]\n${toml}`),
      expected.map((line) => `ftpkit.toml${line}`),
    );
  });
}

Deno.test("loadConfig: users of the command line, of the file and of the user file come together", async () => {
  await using folder = await ConfigFolder.make();
  const kept = `[users.carol]\npassword = "${HASH}"\n`;
  await folder.write("users.toml", kept);
  const inline = `[users.bob]\npassword = "${HASH}"\npermissions = "write"\n`;
  const args = ["--users", join(folder.path, "users.toml"), "--user", "alice:pw"];
  const config = await folder.load(inline, args);
  assertEquals(config.users.map(({ name }) => name), ["alice", "bob", "carol"]);
  assertEquals([config.anonymous, config.writable], [undefined, true]);
  const login = {
    session: 1,
    user: "carol",
    password: "secret",
    address: "127.0.0.1",
    secure: false,
  };
  assertEquals((await config.accounts.check(login)).kind, "accepted");
});

Deno.test("loadConfig: a user of the command line hides one of the same name in a file", async () => {
  await using folder = await ConfigFolder.make();
  const toml = `[users.alice]\npassword = "${HASH}"\npermissions = "write"\n`;
  const { users, writable } = await folder.load(toml, ["--user", "alice:pw"]);
  assertEquals(users.map(({ credential }) => credential.kind), ["clear"]);
  assertEquals(writable, false);
});

Deno.test("loadConfig: a name in two files, or twice in one list, is refused", async () => {
  await using folder = await ConfigFolder.make();
  const user = `[users.carol]\npassword = "${HASH}"\n`;
  await folder.write("users.toml", user);
  const args = ["--users", join(folder.path, "users.toml")];
  assertEquals(await problemsOf(folder, user, args), ['ftpkit: User "carol" is given twice']);
  assertEquals(await problemsOf(folder, '\nuser = ["a:b", "a:c"]'), [
    'ftpkit.toml:2: User "a" is given twice',
  ]);
});

Deno.test("loadConfig: with a user file, even an empty one, nobody comes in without a password", async () => {
  await using folder = await ConfigFolder.make();
  await folder.write("users.toml", "");
  const { users, anonymous } = await folder.load('users = "users.toml"');
  assertEquals([users.length, anonymous], [0, undefined]);
  assertEquals((await folder.load('users = "users.toml"\nanonymous = "read"')).anonymous, "read");
});

Deno.test("loadConfig: permissions of a directory alone make the server writable", async () => {
  await using folder = await ConfigFolder.make();
  const toml = `[users.bob]\npassword = "${HASH}"\ndirectories = { "/in" = "upload" }\n`;
  assertEquals((await folder.load(toml)).writable, true);
});

Deno.test("loadConfig: the file that docs/cli.md shows is valid", async () => {
  const page = await Deno.readTextFile(new URL("../../../docs/cli.md", import.meta.url));
  const [, example = ""] = page.match(/```toml\n([^]*?)```/) ?? [];
  await using folder = await ConfigFolder.make();
  const toml = example
    .replace('"/srv/ftp"', '"."')
    .replace(/^run-as = .*$/m, 'run-as = "1234:5678"')
    .replace(/^password = .*$/m, `password = "${HASH}"`);
  const { session, users, hooks } = await folder.load(toml);
  assertEquals([users.length, hooks.length, session.publicAddresses.length], [1, 2, 1]);
});
