/** NOOP while a transfer runs, with servers that answer it at once, behind the transfer, or never. */

import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { receive, send } from "../../client/connection/transfer.ts";
import { ReplyError } from "../../shared/errors.ts";
import { RateLimit } from "../../shared/rate_limit.ts";
import { openTestSession } from "../client/test_session.ts";
import { serve } from "../support/cli.ts";
import { type PeerName, peerTest } from "../support/peers.ts";
import { type PeerServer, SERVER_NAMES, startServer } from "../support/servers.ts";

type Remote = Omit<PeerServer, "name" | "anonymous">;

const OWN_LOGIN = { user: "ftpkit", password: "ftpkit-secret" };

const KINDS: readonly {
  readonly name: string;
  readonly needs: readonly PeerName[];
  start(): Promise<Remote>;
}[] = [
  ...SERVER_NAMES.map((name) => ({ name, needs: [name], start: () => startServer(name) })),
  {
    name: "ftpkit serve",
    needs: [],
    async start() {
      return { ...OWN_LOGIN, ...await serve({ args: ["--user", "ftpkit:ftpkit-secret:write"] }) };
    },
  },
];

const SIZE = 120_000;

/** About a third of a second for a file, so that many NOOPs are sent. */
const RATE = 400_000;

for (const { name, needs, start } of KINDS) {
  peerTest(`KeepAlive: transfers stay in step with ${name}`, { needs }, async () => {
    await using server = await start();
    const content = crypto.getRandomValues(new Uint8Array(60_000));
    const file = new Uint8Array([...content, ...content]);
    await Deno.writeFile(join(server.root, "f"), file);
    const trace: string[] = [];
    await using session = await openTestSession(
      { hostname: server.host, port: server.port },
      { ...server, keepAlive: 10, trace: (line) => void trace.push(line) },
    );
    await session.setType("I");
    for (let round = 0; round < 2; round++) {
      const pieces: Uint8Array[] = [];
      const sink = {
        write: (piece: Uint8Array) => Promise.resolve((pieces.push(piece.slice()), piece.length)),
      };
      const action = 'download "f"';
      const rateLimit = new RateLimit(RATE);
      await receive(session.link, { action, verb: "RETR", argument: "f", sink, rateLimit });
      assertEquals(pieces.flatMap((piece) => [...piece]), [...file]);
      const refused = await assertRejects(() => session.directory.change("missing"), ReplyError);
      assertEquals(refused.code, 550);
      assertEquals((await session.stat("f")).size, SIZE);
    }
    let left = file;
    const source = {
      read(buffer: Uint8Array) {
        const count = Math.min(left.length, buffer.length);
        buffer.set(left.subarray(0, count));
        left = left.subarray(count);
        return Promise.resolve(count === 0 ? null : count);
      },
    };
    const upload = { action: 'upload to "g"', verb: "STOR", argument: "g", source };
    await send(session.link, { ...upload, rateLimit: new RateLimit(RATE) });
    assertEquals((await session.stat("g")).size, SIZE);
    assertEquals(await Deno.readFile(join(server.root, "g")), file);
    assertEquals(trace.includes("> NOOP"), true);
  });
}
