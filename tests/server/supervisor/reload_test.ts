import { assert, assertEquals } from "@std/assert";
import { Accounts, parseUser } from "../../../server/accounts/accounts.ts";
import type { ServerConfig } from "../../../server/configuration/config.ts";
import { FileWatch } from "../../../server/system/file_watch.ts";
import { planReload, withRightsOf, withUsersOf } from "../../../server/supervisor/reload.ts";
import { spawnWorker } from "../../../server/supervisor/worker_handle.ts";
import { UsageError } from "../../../shared/errors.ts";
import { FakeWorker } from "../../support/fake_worker.ts";
import { RawClient } from "../../support/raw_client.ts";
import { Supervised, type SupervisedOptions, testConfig } from "../../support/supervised.ts";

const current = testConfig("/srv");
const changed = (options: SupervisedOptions): ServerConfig => testConfig("/srv", options);

Deno.test("planReload: settings of sessions change without new workers", () => {
  const next = changed({ session: { welcome: "new" }, config: { maxSessions: 1 } });
  const plan = planReload(current, next);
  assertEquals([plan.renew, plan.ignored], [false, []]);
  assertEquals([plan.config.session.welcome, plan.config.maxSessions], ["new", 1]);
});

Deno.test("planReload: other rights, another directory or number of workers need new workers", () => {
  assert(planReload(current, changed({ config: { writable: false } })).renew);
  assert(planReload(current, changed({ config: { workers: 2 } })).renew);
  assert(planReload(current, testConfig("/elsewhere")).renew);
});

Deno.test("planReload: address, port and run-as stay until a restart, and are named", () => {
  const next = changed({ session: { host: "::1", port: 21 }, config: { runAs: "ftp" } });
  const { config, ignored } = planReload(current, next);
  assertEquals(ignored, ["host", "port", "run-as"]);
  assertEquals([config.session.host, config.session.port, config.runAs], [
    current.session.host,
    current.session.port,
    undefined,
  ]);
});

Deno.test("withRightsOf: everything new but what the workers may do", () => {
  const next = testConfig("/elsewhere", {
    session: { welcome: "new" },
    config: { writable: false, workers: 3 },
  });
  const { writable, workers, session } = withRightsOf(current, next);
  assertEquals([writable, workers, session.root, session.welcome], [true, 1, "/srv", "new"]);
});

Deno.test("withUsersOf: only the users are new", () => {
  const next = changed({
    session: { welcome: "new", anonymous: false },
    config: { writable: false, anonymous: undefined, maxSessions: 1 },
  });
  const config = withUsersOf(current, next);
  assertEquals(config.accounts, next.accounts);
  assertEquals([config.writable, config.anonymous, config.session.anonymous], [
    false,
    undefined,
    false,
  ]);
  assertEquals([config.session.welcome, config.maxSessions], [current.session.welcome, 2000]);
});

Deno.test("FileWatch: a file that is written, replaced, removed or made is noticed once each", async () => {
  const directory = await Deno.makeTempDir({ prefix: "ftpkit-watch-" });
  const path = `${directory}/users.toml`;
  let notice = Promise.withResolvers<void>();
  const noticed = async (change: Promise<void>): Promise<void> => {
    await change;
    await notice.promise;
    notice = Promise.withResolvers<void>();
  };
  let changes = 0;
  {
    using _watch = new FileWatch(path, () => {
      changes++;
      notice.resolve();
    }, 5);
    await noticed(
      Deno.writeTextFile(`${directory}/made`, "a").then(() =>
        Deno.rename(`${directory}/made`, path)
      ),
    );
    await Deno.writeTextFile(`${directory}/other`, "b");
    await noticed(Deno.rename(`${directory}/other`, path));
    await noticed(Deno.remove(path));
  }
  assertEquals(changes, 3);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("reload: running sessions go on as they are, new ones have the new settings", async () => {
  await using server = await Supervised.start({ config: { workers: 2 } });
  using before = await RawClient.login(server.address);
  await server.reload(() =>
    testConfig(server.root, {
      session: { welcome: "changed", active: false },
      config: { workers: 2 },
    })
  );
  for (let index = 0; index < 8; index++) {
    using after = await RawClient.connect(server.address);
    assertEquals((await after.expect(220)).lines, ["changed"]);
  }
  await before.command("PORT 127,0,0,1,200,1", 200);
});

Deno.test("reload: accounts and limits are replaced; who is in stays in", async () => {
  await using server = await Supervised.start();
  using alice = await RawClient.login(server.address);
  const users = [parseUser("dora:secret:write")];
  await server.reload(() =>
    testConfig(server.root, {
      config: { users, accounts: new Accounts(users, { anonymous: undefined }), maxSessions: 2 },
    })
  );
  using dora = await RawClient.login(server.address, "dora");
  {
    using third = await RawClient.connect(server.address);
    assertEquals((await third.expect(421)).lines, ["Too many sessions: max-sessions is 2"]);
  }
  await alice.store("STOR kept", "still here");
  await dora.command("USER alice", 331);
  await dora.command("PASS secret", 530);
});

Deno.test("reload: the first writer gets workers that may write; sessions of the old ones go on", async () => {
  const readers = [parseUser("bob:secret:read")];
  await using server = await Supervised.start({
    config: {
      writable: false,
      users: readers,
      accounts: new Accounts(readers, { anonymous: undefined }),
    },
  });
  using bob = await RawClient.login(server.address, "bob");
  await server.reload(() => testConfig(server.root));
  for (let index = 0; index < 4; index++) {
    using alice = await RawClient.login(server.address);
    await alice.store(`STOR ${index}`, "content");
  }
  assertEquals(await bob.fetchText("RETR 0"), "content");
  await bob.command("QUIT", 221);
});

Deno.test("reload: what is not valid changes nothing, and the log has every error", async () => {
  await using server = await Supervised.start();
  await server.reload(() => {
    throw new UsageError("first thing\nsecond thing");
  });
  await server.log.find(/error not read again: first thing$/);
  await server.log.find(/error not read again: second thing$/);
  using _alice = await RawClient.login(server.address);
});

Deno.test("reload: where no worker with the new rights can start, the old ones serve on and the log says what to do", async () => {
  const bad = { start: { kind: "cannot-listen", reason: "permission denied" } } as const;
  let started = 0;
  await using server = await Supervised.start({
    config: { writable: false },
    spawn: (rights) => started++ === 0 ? spawnWorker(rights) : new FakeWorker(bad),
  });
  await server.reload(() => testConfig(server.root, { session: { welcome: "changed" } }));
  await server.log.find(/permission denied; this change needs a restart/);
  using client = await RawClient.connect(server.address);
  assertEquals((await client.expect(220)).lines, ["changed"]);
});

Deno.test("supervise: a change of the user file reaches the running server", async () => {
  const usersFile = await Deno.makeTempFile({ prefix: "ftpkit-users-" });
  await using server = await Supervised.start({ config: { usersFile } });
  const users = [parseUser("dora:secret:read")];
  server.next = () =>
    testConfig(server.root, {
      session: { welcome: "not yet" },
      config: { usersFile, users, accounts: new Accounts(users, { anonymous: undefined }) },
    });
  await Deno.writeTextFile(usersFile, "changed");
  await server.log.find(/users read again/);
  using dora = await RawClient.login(server.address, "dora");
  assertEquals(dora.transcript.split("\r\n")[0], "220 ftpkit ready");
  await Deno.remove(usersFile);
});
