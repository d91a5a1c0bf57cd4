/**
 * `serve --config` and `--check-config` as programs.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { hashPassword } from "../../server/accounts/password.ts";
import { ConfigFolder } from "../support/config_file.ts";
import { ftpkit, serve } from "../support/cli.ts";
import { RawClient } from "../support/raw_client.ts";

Deno.test("ftpkit serve --check-config: one line and exit code 0 where all is well", async () => {
  await using folder = await ConfigFolder.make();
  await folder.write("ftpkit.toml", 'port = 21\ndirectory = "."\n');
  const fine = { code: 0, stdout: "The configuration is fine\n", stderr: "" };
  assertEquals(await ftpkit(["serve", "--config", folder.file, "--check-config"]), fine);
  assertEquals(await ftpkit(["serve", folder.path, "--check-config"]), fine);
});

Deno.test("ftpkit serve: all errors of the file, a line each, and exit code 2, checked or started", async () => {
  await using folder = await ConfigFolder.make();
  await folder.write("bad.toml", '# mine\nprot = 1\nuser = "alice"\n[messages]\nx = 1\n');
  const expected = {
    code: 2,
    stdout: "",
    stderr: [
      "bad.toml:2: Invalid prot: unknown key (did you mean port?)",
      'bad.toml:3: Invalid user "alice:…": must be NAME:PASSWORD[:read|upload|write]',
      'bad.toml:5: Invalid directory "x": must begin with a slash',
      "bad.toml:5: Invalid x: must be a text in quotes",
      "",
    ].join("\n"),
  };
  const options = { cwd: folder.path };
  assertEquals(
    await ftpkit(["serve", "--config", "bad.toml", "--check-config"], options),
    expected,
  );
  assertEquals(await ftpkit(["serve", "--config", "bad.toml"], options), expected);
});

Deno.test("ftpkit serve --check-config: whatever is wrong, the exit code is 2", async () => {
  const { code, stderr } = await ftpkit(["serve", "/nonexistent/here", "--check-config"]);
  assertEquals([code, stderr], [
    2,
    'ftpkit: Cannot share "/nonexistent/here": no such directory\n',
  ]);
});

Deno.test("ftpkit serve: the summary names directories where a user has other rights", async () => {
  await using folder = await ConfigFolder.make();
  const { text } = await hashPassword("secret", { ln: 10, r: 8, p: 1 });
  await folder.write(
    "ftpkit.toml",
    `[users.ann]\npassword = "${text}"\n[users.ann.directories]\n"/in" = "write"\n`,
  );
  await using server = await serve({ args: ["--config", folder.file] });
  await server.child.waitFor("stderr", /^ {2}user "ann" may read, with other rights in "\/in"$/m);
});

Deno.test("ftpkit serve --config: serves as the file says, and says who may come in", async () => {
  await using folder = await ConfigFolder.make();
  const names = Array.from({ length: 12 }, (_, index) => `u${index + 10}`);
  const toml = `welcome = """
220 lines
of welcome
"""
user = [${names.map((name) => `"${name}:secret:write"`).join(", ")}]
anonymous = "upload"
`;
  await folder.write("ftpkit.toml", toml);
  await using server = await serve({ args: ["--config", folder.file] });
  using client = await RawClient.connect({ hostname: server.host, port: server.port });
  const { lines } = await client.expect(220);
  assertEquals(lines, ["220 lines", "of welcome"]);
  await server.child.waitFor("stderr", /anonymous/);
  assertMatch(
    server.child.stderr,
    /user "u10" may read and write\n(.*\n){8}.*"u19".*\n {2}and 2 more users\n {2}anyone/,
  );
});

Deno.test({
  name: "ftpkit serve --config: SIGHUP reads the file again, and one with errors changes nothing",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await ConfigFolder.make();
    await folder.write("ftpkit.toml", 'welcome = "one"\n');
    await using server = await serve({ args: ["--config", folder.file] });
    const welcome = async (): Promise<readonly string[]> => {
      using client = await RawClient.connect({ hostname: server.host, port: server.port });
      return (await client.expect(220)).lines;
    };
    assertEquals(await welcome(), ["one"]);
    await folder.write("ftpkit.toml", 'welcome = "two"\nbogus = 1\n');
    server.child.signal("SIGHUP");
    await server.child.waitFor("stderr", /not read again: \S+ftpkit\.toml:2: Invalid bogus/);
    assertEquals(await welcome(), ["one"]);
    await folder.write("ftpkit.toml", 'welcome = "two"\n');
    server.child.signal("SIGHUP");
    await server.child.waitFor("stderr", /configuration read again/);
    assertEquals(await welcome(), ["two"]);
  },
});
