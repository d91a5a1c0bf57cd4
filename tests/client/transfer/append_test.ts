/**
 * `append` of the shell: a file behind another.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { tempFolder } from "../../support/files.ts";
import { ScriptedServer } from "../../support/scripted_peer.ts";
import { TestServer } from "../../support/test_server.ts";
import { exchange, playData, playQuit, playStart } from "../dialogue.ts";
import { runShell } from "../shell/shell_io.ts";

Deno.test("append: behind what is there, and a new file where nothing is", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/log`, "two\n");
  await Deno.writeTextFile(server.path("all"), "one\n");
  const script = `lcd ${folder.path}; append log all; append log; ascii; append log`;
  const { code, stderr } = await runShell(server.address, script);
  assertEquals(code, 0, stderr);
  assertEquals(await Deno.readTextFile(server.path("all")), "one\ntwo\n");
  assertEquals(await Deno.readTextFile(server.path("log")), "two\ntwo\n");
});

for (
  const { what, reply, size, message } of [
    { what: "a broken transfer is not tried again", reply: "426 broken", size: 4, message: "426" },
    { what: "another size than both together fails", reply: "226 done", size: 5, message: "of 7" },
  ]
) {
  Deno.test(`append: ${what}`, async () => {
    await using folder = await tempFolder();
    await Deno.writeTextFile(`${folder.path}/log`, "two");
    await using server = new ScriptedServer(async (control) => {
      await playStart(control, ["SIZE"]);
      await exchange(control, "PWD", '257 "/"');
      await exchange(control, "TYPE I", "200 ok");
      await exchange(control, "SIZE log", "213 4");
      await exchange(control, "MDTM log", "550 no");
      {
        using data = await playData(control, "APPE log");
        await data.rest();
      }
      await control.sendLines(reply);
      if (reply.startsWith("226")) {
        await exchange(control, "SIZE log", `213 ${size}`);
        await exchange(control, "MDTM log", "550 no");
      }
      await playQuit(control);
    });
    const { code, stderr } = await runShell(server, `lcd ${folder.path}; append log`);
    await server.done;
    assertEquals(code, 1);
    assertStringIncludes(stderr, message);
  });
}
