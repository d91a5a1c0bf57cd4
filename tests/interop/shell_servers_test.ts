/** The shell's commands with the servers of others, and ftpkit's own. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { ftpkitTyped } from "../support/cli.ts";
import { makeFile, tempFolder } from "../support/files.ts";
import { peerTest } from "../support/peers.ts";
import { SERVER_NAMES, startTlsServer } from "../support/servers.ts";
import { quoteWord } from "../../client/shell/words.ts";
import { assertDone, call, HOSTS, KINDS, NAMES, target } from "./remote.ts";

/** Nobody can type it but in `$'…'`. */
const UNTYPED = "\x1b[2J\ttab";

for (const kind of KINDS) {
  for (const host of HOSTS) {
    peerTest(`ftpkit shell: a script of everything with ${kind.name} at ${host}`, {
      needs: kind.needs,
    }, async () => {
      await using server = await kind.start(host);
      await using folder = await tempFolder();
      const names = NAMES.filter((name) => !kind.unstorable.includes(name));
      for (const name of names) await Deno.writeTextFile(join(folder.path, name), name);
      const quoted = names.map((name) => quoteWord(name.startsWith("-") ? `./${name}` : name, ""));
      const untyped = quoteWord(UNTYPED, "");
      await Deno.writeTextFile(join(folder.path, UNTYPED), "untyped\n");
      const script = [
        `lcd ${folder.path}; mkdir dir; cd dir`,
        `put ${untyped}; cat ${untyped}; rm ${untyped}`,
        ...quoted.map((name) => `put ${name}`),
        "mkdir -p deep/er; put plain.bin deep/er/; ls; stat plain.bin; cd deep; pwd; cd er",
        "mv plain.bin renamed; touch empty; ls; cat renamed; cd ../..; cd -; cd ../..",
        "cd deep; stat ../plain.bin; get ../plain.bin above; put above ../deep; cd er",
        "mv ../above ../er; ls ../er/above; rm ../er/above",
      ];
      const result = await call(server, ["shell", "-c", script.join("\n"), target(server)]);
      assertDone(result);
      for (const name of names) {
        assertEquals(await Deno.readTextFile(join(server.root, "dir", name)), name);
      }
      assertStringIncludes(result.stdout, "\nuntyped\n");
      assert(result.stdout.includes("\nplain.bin: file, 9 bytes"), result.stdout);
      assert(result.stdout.includes("\n../plain.bin: file, 9 bytes"), result.stdout);
      assert(/^(empty\n)?renamed\n(empty\n)?plain\.bin/m.test(result.stdout), result.stdout);
      const back = join(folder.path, "back");
      await Deno.mkdir(back);
      const fetch = `lcd ${back}; cd dir; mget *; get -r deep; cd ..; mirror dir same`;
      assertDone(await call(server, ["shell", "-c", fetch, target(server)]));
      for (const name of names) {
        assertEquals(await Deno.readTextFile(join(back, name)), name);
        assertEquals(await Deno.readTextFile(join(back, "same", name)), name);
      }
      await Deno.stat(join(back, "deep/er/renamed"));
      const removal = "rm dir/plain*; rm -r dir; ls";
      const removed = await call(server, ["shell", "-c", removal, target(server)]);
      assertDone(removed);
      assertEquals(await Array.fromAsync(Deno.readDir(server.root)), []);
    });
  }
}

const TLS_KINDS = SERVER_NAMES.map((name) => ({
  name: `${name} inside TLS`,
  needs: [name],
  start: () => startTlsServer(name, "TLSv1.3"),
}));

for (const kind of [...KINDS, ...TLS_KINDS]) {
  peerTest(`ftpkit shell: Ctrl-C stops a transfer, and the session with ${kind.name} goes on`, {
    needs: ["python3", ...kind.needs],
  }, async () => {
    await using server = await kind.start("127.0.0.1");
    await using folder = await tempFolder();
    await makeFile(join(server.root, "big"), 20_000_000);
    const options = [
      "-P",
      String(server.port),
      "-u",
      server.user,
      "--no-netrc",
      "-v",
      "--insecure",
    ];
    await using shell = ftpkitTyped(["shell", ...options, server.host], {
      cwd: folder.path,
      env: { HOME: folder.path, FTPKIT_PASSWORD: server.password },
    });
    await shell.cursorBehind(/> $/);
    await shell.type("set limit-rate 1M\rget big\r");
    await shell.shows(/big +\[.*MiB/);
    await shell.type("\x03");
    await shell.shows(/are kept in "big\.part"/);
    await shell.cursorBehind(/> $/);
    await shell.type("set limit-rate none\rmkdir new; ls\r");
    await shell.shows(/; ls\n[^>]*\bnew\b/);
    await shell.type("reget big\rquit\r");
    assertEquals(await shell.end(), 0, shell.screen.text);
    assertEquals((await Deno.stat(join(folder.path, "big"))).size, 20_000_000);
    // ProFTPD mostly takes no TLS session up again behind a data connection that was cut.
    const most = kind.name === "proftpd inside TLS" ? 2 : 1;
    const logins = shell.raw.split("connected to").length - 1;
    assert(logins >= 1 && logins <= most, shell.screen.text);
  });
}
