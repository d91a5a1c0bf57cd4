/** Files and listings in every form of the data, whole, cut, damaged, aborted and stalled. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { deflateSync } from "node:zlib";
import { choose, concat, FORMS, type WireForm, writeAll } from "../support/data_form.ts";
import { RawClient, readAll } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

function sample(size: number): Uint8Array {
  return new Uint8Array(size).map((_, at) => at % 3000 < 1000 ? 255 : at * 7 + (at >> 8));
}

function namesIn(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name);
}

/** The last reply of a transfer that went well. */
function finalCode(form: WireForm): number {
  return form.kept ? 250 : 226;
}

/** Downloads or lists over a connection of its own. */
async function fetchIn(client: RawClient, form: WireForm, command: string): Promise<Uint8Array> {
  using data = await client.openData();
  await client.command(command, 150);
  const reading = form.kept ? client.expect(250).then(() => client.command("ABOR", 226)) : null;
  const wire = await readAll(data);
  await reading;
  if (!form.kept) await client.expect(226);
  return form.decode(wire);
}

/** Sends bytes as an upload and closes the connection. */
async function sendIn(
  client: RawClient,
  command: string,
  { wire, code }: { readonly wire: Uint8Array; readonly code: number },
): Promise<string> {
  {
    using data = await client.openData();
    await client.command(command, 150);
    await writeAll(data, wire);
  }
  return (await client.expect(code)).lines[0] ?? "";
}

for (const form of FORMS) {
  Deno.test(`${form.name}: what was stored comes back, from nothing to a few megabytes`, async () => {
    await using server = await TestServer.start();
    using client = await RawClient.login(server.address);
    await choose(client, form);
    for (const size of [0, 1, 65_536, 2_500_001]) {
      const file = sample(size);
      await sendIn(client, "STOR f", { wire: form.encode(file), code: finalCode(form) });
      assertEquals(await Deno.readFile(server.path("f")), file);
      assertEquals(await fetchIn(client, form, "RETR f"), file);
    }
    assertEquals(namesIn(server.root), ["f"]);
  });

  Deno.test(`${form.name}: listings are the same as in stream mode`, async () => {
    await using server = await TestServer.start();
    await Deno.writeTextFile(server.path("one"), "1");
    await Deno.writeTextFile(server.path("two"), "2");
    using plain = await RawClient.login(server.address);
    using client = await RawClient.login(server.address);
    await choose(client, form);
    const records = form.commands.includes("STRU R");
    for (const command of ["LIST", "NLST", "MLSD"]) {
      const expected = await plain.fetchText(command);
      const shown = text(await fetchIn(client, form, command));
      assertEquals(shown, records ? expected.replaceAll("\r\n", "") : expected);
    }
  });

  Deno.test(`${form.name}: TYPE A converts line ends inside of it`, async () => {
    await using server = await TestServer.start();
    using client = await RawClient.login(server.address);
    await choose(client, form);
    await client.command("TYPE A", 200);
    const wire = form.encode(bytes("one\r\ntwo\r\n"));
    await sendIn(client, "STOR f", { wire, code: finalCode(form) });
    assertEquals(await Deno.readTextFile(server.path("f")), "one\ntwo\n");
    const records = form.commands.includes("STRU R");
    const back = text(await fetchIn(client, form, "RETR f"));
    assertEquals(back, records ? "onetwo" : "one\r\ntwo\r\n");
  });

  Deno.test(`${form.name}: an upload that is cut anywhere leaves the old file`, async () => {
    await using server = await TestServer.start();
    await Deno.writeTextFile(server.path("f"), "old");
    using client = await RawClient.login(server.address);
    await choose(client, form);
    const wire = form.encode(bytes("new content, new content"));
    for (let length = 0; length < wire.length; length++) {
      const reply = await sendIn(client, "STOR f", { wire: wire.subarray(0, length), code: 426 });
      assert(reply.startsWith("The data ends before"), reply);
    }
    assertEquals(await Deno.readTextFile(server.path("f")), "old");
    await sendIn(client, "STOR f", { wire, code: finalCode(form) });
    assertEquals(await Deno.readTextFile(server.path("f")), "new content, new content");
    assertEquals(namesIn(server.root), ["f"]);
  });

  Deno.test(`${form.name}: a cut upload of a new file is resumed with REST`, async () => {
    await using server = await TestServer.start();
    using client = await RawClient.login(server.address);
    await choose(client, form);
    const file = sample(300_000);
    const wire = form.encode(file);
    await sendIn(client, "STOR f", { wire: wire.subarray(0, wire.length - 10), code: 426 });
    await client.command("RETR f", 425);
    const size = Number((await client.command("SIZE f", 213)).lines[0]);
    assert(size > 0 && size <= file.length);
    await client.command(`REST ${size}`, 350);
    const rest = form.encode(file.subarray(size));
    await sendIn(client, "STOR f", { wire: rest, code: finalCode(form) });
    assertEquals(await Deno.readFile(server.path("f")), file);
    await client.command("REST 299990", 350);
    assertEquals(await fetchIn(client, form, "RETR f"), file.subarray(299_990));
  });

  Deno.test(`${form.name}: data without a meaning is 426, and nothing of it is kept`, async () => {
    await using server = await TestServer.start();
    await Deno.writeTextFile(server.path("f"), "old");
    using client = await RawClient.login(server.address);
    await choose(client, form);
    const damaged = damage(form);
    for (const name of ["f", "new"]) {
      const reply = await sendIn(client, `STOR ${name}`, { wire: damaged, code: 426 });
      assert(reply.startsWith("Cannot "), reply);
    }
    assertEquals(await Deno.readTextFile(server.path("f")), "old");
    await client.command("SIZE new", 550);
    assertEquals(namesIn(server.root), ["f"]);
  });

  Deno.test(`${form.name}: ABOR stops an upload and a download in the middle`, async () => {
    await using server = await TestServer.start();
    await Deno.writeTextFile(server.path("f"), "old");
    await Deno.writeFile(server.path("large"), noise(24));
    using client = await RawClient.login(server.address);
    await choose(client, form);
    {
      using data = await client.openData();
      await client.command("STOR f", 150);
      await writeAll(data, form.encode(bytes("new")).subarray(0, -1));
      await client.command("ABOR", 426);
      await client.expect(226);
    }
    {
      using data = await client.openData();
      await client.command("RETR large", 150);
      assert((await data.read(new Uint8Array(1000)) ?? 0) > 0);
      await client.command("ABOR", 426);
      await client.expect(226);
    }
    assertEquals(text(await fetchIn(client, form, "RETR f")), "old");
    await client.command("RETR f", 425);
  });

  Deno.test(`${form.name}: a control connection that goes cuts the upload`, async () => {
    await using server = await TestServer.start();
    await Deno.writeTextFile(server.path("f"), "old");
    using client = await RawClient.login(server.address);
    await choose(client, form);
    using data = await client.openData();
    await client.command("STOR f", 150);
    await writeAll(data, form.encode(bytes("new")).subarray(0, -1));
    await client.closeWrite();
    await client.expect(426);
    assertEquals(await data.read(new Uint8Array(1)).catch(() => null), null);
    assertEquals(await Deno.readTextFile(server.path("f")), "old");
  });

  Deno.test(`${form.name}: random data has one final reply and the session lives`, async () => {
    await using server = await TestServer.start();
    using client = await RawClient.login(server.address);
    await choose(client, form);
    const anyWire = fc.uint8Array({ minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(anyWire, async (wire) => {
        const data = await client.openData();
        await client.command("STOR f", 150);
        await writeAll(data, wire);
        data.close();
        for (;;) {
          const code = (await client.next())?.code ?? 0;
          if (code === 110) continue; // a restart marker by chance
          assert([226, 250, 426].includes(code), String(code));
          break;
        }
        await client.command("NOOP", 200);
      }),
      { numRuns: 40 },
    );
  });

  Deno.test(`${form.name}: an upload and a download that stall are 426`, async () => {
    await using server = await TestServer.start({ config: { stallTimeout: 60 } });
    await Deno.writeTextFile(server.path("f"), "old");
    await Deno.writeFile(server.path("large"), noise(24));
    using client = await RawClient.login(server.address);
    await choose(client, form);
    using upload = await client.openData();
    await client.command("STOR f", 150);
    await writeAll(upload, form.encode(bytes("new")).subarray(0, -1));
    assert((await client.expect(426)).lines[0]?.includes("0.06 s"));
    using download = await client.openData();
    await client.command("RETR large", 150);
    assert((await client.expect(426)).lines[0]?.includes("0.06 s"));
    assert((await download.read(new Uint8Array(1)) ?? 0) > 0);
    assertEquals(await Deno.readTextFile(server.path("f")), "old");
  });

  Deno.test(`${form.name}: a client that goes away in a download gets 426 and may go on`, async () => {
    await using server = await TestServer.start();
    await Deno.writeFile(server.path("large"), noise(24));
    await Deno.writeTextFile(server.path("f"), "data");
    using client = await RawClient.login(server.address);
    await choose(client, form);
    const data = await client.openData();
    await client.command("RETR large", 150);
    data.close();
    await client.expect(426);
    assertEquals(text(await fetchIn(client, form, "RETR f")), "data");
  });
}

/** Megabytes that nothing can make smaller, more than all buffers on the way hold. */
function noise(megabytes: number): Uint8Array {
  const all = new Uint8Array(megabytes * 2 ** 20);
  for (let at = 0; at < all.length; at += 65_536) {
    crypto.getRandomValues(all.subarray(at, at + 65_536));
  }
  return all;
}

/** A file with data that is good at first, then not. */
function damage(form: WireForm): Uint8Array {
  const wire = form.encode(bytes("good so far"));
  if (form.name === "STRU R in MODE Z") {
    return new Uint8Array(deflateSync(concat(bytes("good"), Uint8Array.of(255, 7))));
  }
  if (form.commands.includes("MODE Z")) {
    return wire.map((byte, at) => at === wire.length - 1 ? byte ^ 1 : byte);
  }
  const end = { "MODE B": 3, "MODE C": 3 }[form.commands.at(-1) ?? ""] ?? 2;
  const wrong = form.commands.at(-1) === "STRU R" ? [255, 9] : [0, 4, 4];
  const start = form.commands.at(-1) === "MODE B" ? [4, 0, 0] : wrong;
  return concat(wire.subarray(0, -end), Uint8Array.from(start));
}
