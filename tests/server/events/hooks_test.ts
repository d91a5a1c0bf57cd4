import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createHmac } from "node:crypto";
import type { HookSpec } from "../../../server/configuration/config.ts";
import type { SessionEvent } from "../../../server/events/event.ts";
import { runProgram } from "../../../server/events/hook_exec.ts";
import { callWebhook } from "../../../server/events/hook_webhook.ts";
import { HookQueue } from "../../../server/events/hook_queue.ts";
import { hookPayload, Hooks } from "../../../server/events/hooks.ts";
import { FtpkitError } from "../../../shared/errors.ts";
import { openLog } from "../../../shared/log.ts";
import { Secret } from "../../../shared/safe_text.ts";
import { freePort } from "../../support/free_port.ts";

const NEVER = new AbortController().signal;
const unix = Deno.build.os !== "windows";

Deno.test({
  name: "runProgram: reads the event on its standard input, with no environment but PATH",
  ignore: !unix,
  async fn() {
    const file = await Deno.makeTempFile();
    const command = [
      "sh",
      "-c",
      `cat > ${file}; env | grep -v -e PATH -e PWD -e SHLVL -e _= >> ${file}`,
    ];
    await runProgram({
      command: [...command.slice(0, 2), `${command[2]}; true`],
      timeout: 5000,
      input: '{"a":1}\n',
      signal: NEVER,
    });
    assertEquals(await Deno.readTextFile(file), '{"a":1}\n');
    await Deno.remove(file);
  },
});

const FAILING: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    "its exit code and last words",
    ["sh", "-c", "echo first >&2; echo last >&2; exit 3"],
    /^exit code 3: last$/,
  ],
  [
    "no such program",
    ["/no/such/program"],
    /^cannot start "\/no\/such\/program": no such program$/,
  ],
  ["killed after its time", ["sleep", "60"], /^killed after 0\.1 s$/],
];

for (const [what, command, message] of FAILING) {
  Deno.test({
    name: `runProgram: ${what}`,
    ignore: !unix,
    async fn() {
      const timeout = command[0] === "sleep" ? 100 : 10_000;
      const job = { command, timeout, input: "x", signal: NEVER };
      assertMatch((await assertRejects(() => runProgram(job), FtpkitError)).message, message);
    },
  });
}

/** Waits for a process that was killed: the system takes it away a little later. */
async function ended(pid: string): Promise<void> {
  const until = performance.now() + 10_000;
  for (;;) {
    const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", pid] }).output();
    const state = new TextDecoder().decode(stdout);
    if (/^(Z.*)?$/.test(state.trim())) return;
    if (performance.now() > until) throw new Error(`process ${pid} still runs: ${state}`);
  }
}

Deno.test({
  name: "runProgram: killed after its time with its children, which hold its standard error",
  ignore: !unix,
  async fn() {
    const file = await Deno.makeTempFile();
    const command = ["sh", "-c", `sleep 600 & echo $! > ${file}; wait`];
    const job = { command, timeout: 500, input: "x", signal: NEVER };
    await assertRejects(() => runProgram(job), FtpkitError, "killed after 0.5 s");
    await ended((await Deno.readTextFile(file)).trim());
    await Deno.remove(file);
  },
});

Deno.test({
  name: "runProgram: what a program leaves running is not waited for",
  ignore: !unix,
  async fn() {
    const file = await Deno.makeTempFile();
    const command = ["sh", "-c", `sleep 60 & echo $! > ${file}`];
    await runProgram({ command, timeout: 50_000, input: "x", signal: NEVER });
    Deno.kill(Number(await Deno.readTextFile(file)), "SIGKILL"); // throws where it has ended
    await Deno.remove(file);
  },
});

interface Call {
  readonly body: string;
  readonly signature: string | null;
}

/** Answers with these statuses, one after another, the last one again and again. */
async function withServer(
  statuses: readonly number[],
  test: (url: string, calls: readonly Call[]) => Promise<void>,
): Promise<void> {
  const calls: Call[] = [];
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      calls.push({
        body: await request.text(),
        signature: request.headers.get("x-ftpkit-signature"),
      });
      const status = statuses[Math.min(calls.length, statuses.length) - 1] ?? 200;
      return new Response(null, { status, headers: status === 302 ? { location: "/other" } : {} });
    },
  );
  await test(`http://127.0.0.1:${server.addr.port}/hook`, calls);
}

const CALL = { secret: undefined, timeout: 5000, retries: 3, body: '{"a":1}', signal: NEVER };

Deno.test("callWebhook: signed with its secret", async () => {
  await withServer([200], async (url, calls) => {
    await callWebhook({ ...CALL, url, secret: new Secret("key") });
    const hex = createHmac("sha256", "key").update(CALL.body).digest("hex");
    assertEquals(calls, [{ body: CALL.body, signature: `sha256=${hex}` }]);
  });
});

const ANSWERS: readonly (readonly [readonly number[], number, string | undefined])[] = [
  [[200], 1, undefined],
  [[500, 503, 204], 3, undefined],
  [[429, 200], 2, undefined],
  [[404], 1, "HTTP status 404"],
  [[302], 1, "HTTP status 302"],
  [[500], 4, "HTTP status 500, 4 tries"],
];

for (const [statuses, tries, message] of ANSWERS) {
  Deno.test(`callWebhook: ${statuses.join(", ")}`, async () => {
    await withServer(statuses, async (url, calls) => {
      const calling = callWebhook({ ...CALL, url }, 1);
      if (message === undefined) await calling;
      else assertEquals((await assertRejects(() => calling, FtpkitError)).message, message);
      assertEquals(calls.length, tries);
    });
  });
}

Deno.test("callWebhook: nobody there, after all tries, and nothing of the address is told", async () => {
  const url = `http://u:hidden@127.0.0.1:${freePort("127.0.0.1")}/hidden?hidden=hidden`;
  const calling = callWebhook({ ...CALL, url, retries: 1 }, 1);
  const { message } = await assertRejects(() => calling, FtpkitError);
  assertMatch(message, /[Cc]onnection refused.*, 2 tries$/);
  assertEquals(message.includes("hidden"), false);
});

Deno.test("callWebhook: a server that says nothing is left alone after the time of each try", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${silent.addr.port}/`;
  const calling = callWebhook({ ...CALL, url, timeout: 50, retries: 1 }, 1);
  const { message } = await assertRejects(() => calling, FtpkitError);
  assertEquals(message, "no answer in time, 2 tries");
});

const ORIGIN = { session: 1, address: "::1", user: "alice", anonymous: false, at: 0 };
const UPLOAD: SessionEvent = {
  ...ORIGIN,
  kind: "transfer",
  verb: "STOR",
  direction: "in",
  path: "/in/a",
  bytes: 3,
  milliseconds: 1,
  ascii: false,
  complete: true,
};

const EVENTS: readonly (readonly [string, SessionEvent, string | undefined])[] = [
  ["a whole upload", UPLOAD, "upload"],
  ["a cut upload", { ...UPLOAD, complete: false }, undefined],
  ["a download", { ...UPLOAD, direction: "out" }, undefined],
  ["a deletion", { ...ORIGIN, kind: "delete", path: "/a" }, "delete"],
  ["a rename", { ...ORIGIN, kind: "rename", path: "/a", to: "/b" }, "rename"],
  ["a login", { ...ORIGIN, kind: "login", name: "alice", result: "accepted" }, "login"],
  ["a failed login", { ...ORIGIN, kind: "login", name: "x", result: "refused" }, "login-failed"],
  ["a new directory", { ...ORIGIN, kind: "make-directory", path: "/a" }, undefined],
];

for (const [what, event, name] of EVENTS) {
  Deno.test(`Hooks: ${what} ${name === undefined ? "is for no hook" : `is ${name}`}`, async () => {
    await withServer([200], async (url, calls) => {
      const all = ["upload", "delete", "rename", "login", "login-failed"] as const;
      const hook: HookSpec = {
        kind: "webhook",
        on: all,
        url,
        secret: undefined,
        timeout: 5000,
        retries: 0,
      };
      {
        await using hooks = new Hooks();
        hooks.use([hook, { ...hook, on: [] }], "/root");
        hooks.observe(event);
      }
      assertEquals(
        calls.map(({ body }) => JSON.parse(body).event),
        name === undefined ? [] : [name],
      );
      assertEquals(calls.some(({ body }) => body.includes("/root")), false);
    });
  });
}

Deno.test("Hooks: a failure is one line of the log and stops nothing", async () => {
  const lines: string[] = [];
  await openLog(({ message }) => lines.push(message), "error");
  const hook: HookSpec = { kind: "exec", on: ["upload"], command: ["/no/such"], timeout: 1000 };
  {
    await using hooks = new Hooks();
    hooks.use([hook], "/root");
    hooks.observe(UPLOAD);
    hooks.observe(UPLOAD);
  }
  const line = 'hook /no/such failed: cannot start "/no/such": no such program';
  assertEquals(lines, [line, line]);
});

Deno.test({
  name: "Hooks: one that hangs holds up no other, and what waits goes on after a reload",
  ignore: !unix,
  async fn() {
    const folder = await Deno.makeTempDir();
    const go = `${folder}/go`;
    const waiting = `while ! [ -e ${go} ]; do sleep 0.02; done; echo told >> ${folder}/slow`;
    const slow: HookSpec = {
      kind: "exec",
      on: ["upload"],
      command: ["sh", "-c", waiting],
      timeout: 60_000,
    };
    const results: string[] = [];
    const told = Promise.withResolvers<void>();
    {
      await using hooks = new Hooks((kind, result) => {
        results.push(`${kind} ${result}`);
        if (kind === "webhook") told.resolve();
      });
      await withServer([200], async (url) => {
        const other: HookSpec = {
          kind: "webhook",
          on: ["delete"],
          url,
          secret: undefined,
          timeout: 5000,
          retries: 0,
        };
        hooks.use([slow, other], "/root");
        for (let count = 0; count < 6; count++) hooks.observe(UPLOAD);
        hooks.observe({ ...ORIGIN, kind: "delete", path: "/a" });
        await told.promise;
      });
      hooks.use([], "/root");
      hooks.observe(UPLOAD);
      await Deno.writeTextFile(go, "");
    }
    assertEquals((await Deno.readTextFile(`${folder}/slow`)).trim().split("\n").length, 6);
    assertEquals(results, ["webhook done", ...Array(6).fill("exec done")]);
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "Hooks: a stop ends what still runs, and tells how many events are left",
  ignore: !unix,
  async fn() {
    const lines: string[] = [];
    await openLog(({ message }) => lines.push(message), "error");
    const command = ["sh", "-c", "sleep 60 & wait"];
    {
      await using hooks = new Hooks(undefined, 50);
      hooks.use([{ kind: "exec", on: ["upload"], command, timeout: 60_000 }], "/root");
      for (let count = 0; count < 7; count++) hooks.observe(UPLOAD);
    }
    const killed = "hook sh failed: killed, since the server stops";
    const left = "the server stops: 3 events are not told to hooks any more";
    assertEquals(lines, [left, ...Array(4).fill(killed)]);
  },
});

Deno.test("HookQueue: what does not fit is counted, told once, and once more when there is room", async () => {
  const gate = Promise.withResolvers<void>();
  const troubles: string[] = [];
  let dropped = 0;
  let ran = 0;
  const queue = new HookQueue({
    onTrouble: (message) => troubles.push(message),
    onDropped: () => dropped++,
  });
  const run = async (): Promise<void> => {
    await gate.promise;
    ran++;
  };
  for (let count = 0; count < 1100; count++) queue.add(run);
  assertEquals([dropped, troubles.length], [96, 1]);
  gate.resolve();
  await queue.ended();
  assertEquals([ran, troubles[1]], [1004, "96 events were dropped"]);
});

Deno.test("hookPayload: what each event tells, the real path only where it is asked for", () => {
  const common = { time: "1970-01-01T00:00:00.000Z", session: 1, address: "::1" };
  const alice = { ...common, user: "alice", anonymous: false };
  assertEquals(hookPayload(UPLOAD, "/srv"), {
    event: "upload",
    ...alice,
    path: "/in/a",
    bytes: 3,
    milliseconds: 1,
    file: "/srv/in/a",
  });
  assertEquals(hookPayload({ ...ORIGIN, kind: "rename", path: "/a", to: "/b" }, "/"), {
    event: "rename",
    ...alice,
    path: "/a",
    to: "/b",
    file: "/b",
  });
  assertEquals(hookPayload({ ...ORIGIN, kind: "delete", path: "/a" }), {
    event: "delete",
    ...alice,
    path: "/a",
  });
  const failed = { ...ORIGIN, user: undefined, kind: "login", name: "eve" } as const;
  assertEquals(hookPayload({ ...failed, result: "refused" }), {
    event: "login-failed",
    ...common,
    user: "eve",
    anonymous: false,
  });
});

Deno.test("Hooks: whom a limit turns away has not failed to log in", async () => {
  const runs: string[] = [];
  const command = [Deno.execPath(), "--version"];
  const hook = { kind: "exec", on: ["login-failed"], command, timeout: 60_000 } as const;
  {
    await using hooks = new Hooks((_, result) => runs.push(result), 60_000);
    hooks.use([hook], "/srv");
    for (const result of ["accepted", "limited", "refused"] as const) {
      hooks.observe({ ...ORIGIN, kind: "login", name: "eve", result });
    }
  }
  assertEquals(runs, ["done"]);
});
