import { assertEquals } from "@std/assert";
import type { Admission } from "../../../server/admission/authority.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestServer } from "../../support/test_server.ts";

/** An authority whose admissions wait until the test decides. */
function slowAdmission(): {
  readonly admit: () => Promise<Admission>;
  readonly ended: (session: number) => void;
  readonly asked: Promise<void>;
  readonly decide: (admission: Admission) => void;
  readonly released: number[];
} {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Admission>();
  const released: number[] = [];
  return {
    admit: () => {
      asked.resolve();
      return answer.promise;
    },
    ended: (session) => released.push(session),
    asked: asked.promise,
    decide: answer.resolve,
    released,
  };
}

Deno.test("ControlListener: a refusal is one line, 421 with the limit, and the end", async () => {
  const reason = "Too many sessions: max-sessions is 1";
  await using server = await TestServer.start({
    authority: { admit: () => Promise.resolve({ kind: "turned-away", reason }) },
  });
  using client = await RawClient.connect(server.address);
  assertEquals((await client.expect(421)).lines, [reason]);
  assertEquals(await client.next(), null);
});

Deno.test("ControlListener.stop: a connection that waits for its admission is turned away and not counted", async () => {
  const slow = slowAdmission();
  await using server = await TestServer.start({ authority: slow });
  using client = await RawClient.connect(server.address);
  await slow.asked;
  const stopped = server.stop();
  slow.decide({ kind: "admitted", session: 7 });
  await stopped;
  await client.expect(421);
  assertEquals(await client.next(), null);
  assertEquals(slow.released, [7]);
});

Deno.test("ControlListener: a client that goes while its admission is decided leaves nothing behind", async () => {
  const slow = slowAdmission();
  const ended = Promise.withResolvers<void>();
  await using server = await TestServer.start({
    authority: { ...slow, ended: () => ended.resolve() },
  });
  {
    using _client = await RawClient.connect(server.address);
    await slow.asked;
  }
  slow.decide({ kind: "admitted", session: 7 });
  await ended.promise;
});

Deno.test("ControlListener: no more than 64 connections wait for a decision, the others in the system's queue", async () => {
  const full = Promise.withResolvers<void>();
  const decision = Promise.withResolvers<Admission>();
  let [asked, undecided, most] = [0, 0, 0];
  await using server = await TestServer.start({
    authority: {
      async admit() {
        asked++;
        most = Math.max(most, ++undecided);
        if (undecided === 64) full.resolve();
        const admission = await decision.promise;
        undecided--;
        return admission;
      },
    },
  });
  using clients = new DisposableStack();
  const come = () => RawClient.connect(server.address);
  const all = await Promise.all(Array.from({ length: 80 }, come));
  for (const client of all) clients.use(client);
  await full.promise;
  decision.resolve({ kind: "turned-away", reason: "Enough" });
  for (const client of all) await client.expect(421);
  assertEquals([asked, most], [80, 64]);
});

Deno.test("ControlListener: where admission itself fails the connection is closed", async () => {
  await using server = await TestServer.start({
    authority: { admit: () => Promise.reject(new Error("nobody there")) },
  });
  using client = await RawClient.connect(server.address);
  assertEquals(await client.next(), null);
});

Deno.test("ControlListener.retire: no new session, the running one goes on to its own end", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  const retired = server.retire();
  await client.command("NOOP", 200);
  await client.command("QUIT", 221);
  await retired;
});

Deno.test("ControlListener: the end of a session is told to those who look before its place is given back", async () => {
  const told: string[] = [];
  await using server = await TestServer.start({
    authority: { ended: () => told.push("ended") },
    onEvent: ({ kind }) => kind === "closed" && told.push(kind),
  });
  using client = await RawClient.login(server.address);
  await client.command("QUIT", 221);
  await server.retire();
  assertEquals(told, ["closed", "ended"]);
});

Deno.test("Session: REIN and a new USER give the user's place back", async () => {
  const out: number[] = [];
  await using server = await TestServer.start({
    authority: { loggedOut: (session) => out.push(session) },
  });
  using client = await RawClient.login(server.address);
  await client.command("REIN", 220);
  assertEquals(out.length, 1);
  await client.command("USER alice", 331);
  await client.command("PASS wrong", 530);
  assertEquals(out.length, 1, "nobody was logged in");
  await client.command("USER alice", 331);
  await client.command("PASS secret", 230);
  await client.command("USER bob", 331);
  assertEquals(out.length, 2);
});
