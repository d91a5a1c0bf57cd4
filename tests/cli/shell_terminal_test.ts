/**
 * `ftpkit shell` at a terminal: what is typed, and what the screen shows.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ftpkitTyped, serve, type Serving } from "../support/cli.ts";
import { makeFile, tempFolder } from "../support/files.ts";
import { peerTest, requirePeer } from "../support/peers.ts";
import type { TerminalSession } from "../support/terminal_session.ts";

/** A shell at a terminal, the server behind it, and where both are. */
interface Stage extends AsyncDisposable {
  readonly server: Serving;
  /** Home and current directory of every shell. */
  readonly here: string;
  /** How often the server was asked for a listing. */
  listings(): Promise<number>;
  /** Starts a shell as alice. */
  open(options?: ShellOptions): TerminalSession;
}

interface ShellOptions {
  readonly args?: readonly string[];
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** The password is not in the environment. */
  readonly asks?: boolean;
  /** Behind the host. */
  readonly path?: string;
}

const PROMPT = "ftpkit 127.0.0.1:/> ";

async function stage(): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const { path: here } = stack.use(await tempFolder());
  const { path: logs } = stack.use(await tempFolder());
  const args = ["--user", "alice:secret:write", "--session-logs", logs];
  const server = stack.use(await serve({ args }));
  await Deno.mkdir(`${server.root}/sub dir/deep`, { recursive: true });
  for (const name of ["a.txt", "b c.txt", "sub dir/x", "sub dir/deep/y"]) {
    await Deno.writeTextFile(`${server.root}/${name}`, `${name}\n`);
  }
  const owned = stack.move();
  return {
    server,
    here,
    async listings() {
      const names = await Array.fromAsync(Deno.readDir(logs), ({ name }) => name);
      const texts = await Promise.all(names.map((name) => Deno.readTextFile(`${logs}/${name}`)));
      return texts.join("").match(/MLSD/g)?.length ?? 0;
    },
    open: (options = {}) =>
      ftpkitTyped([
        ...["shell", "-P", String(server.port), "--no-netrc", ...options.args ?? []],
        `alice@127.0.0.1:${options.path ?? ""}`,
      ], {
        ...(options.columns === undefined ? {} : { columns: options.columns }),
        cwd: here,
        env: {
          ...{ HOME: here, XDG_STATE_HOME: "", XDG_CONFIG_HOME: "", NO_COLOR: "" },
          ...(options.asks ? {} : { FTPKIT_PASSWORD: "secret" }),
          ...options.env,
        },
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Tests that need a terminal. */
function terminalTest(name: string, fn: (stage: Stage) => Promise<void>): void {
  peerTest(`shell at a terminal: ${name}`, { needs: ["python3"] }, async () => {
    await using setting = await stage();
    await fn(setting);
  });
}

terminalTest("prompt, commands, failures and Ctrl-D", async ({ open }) => {
  await using shell = open();
  await shell.cursorBehind(PROMPT);
  await shell.type("ls\r");
  await shell.shows("sub dir\n");
  await shell.type("cd 'sub dir'; pwd\r");
  await shell.cursorBehind("ftpkit 127.0.0.1:/sub dir> ");
  await shell.type("rm nope\r");
  await shell.shows("no such file");
  await shell.type("gett x\r");
  await shell.shows("did you mean");
  await shell.type("\x04");
  assertEquals(await shell.end(), 0);
  assertEquals(
    shell.screen.text,
    `ftpkit 127.0.0.1:/> ls
a.txt    b c.txt  sub dir
ftpkit 127.0.0.1:/> cd 'sub dir'; pwd
/sub dir
ftpkit 127.0.0.1:/sub dir> rm nope
ftpkit: Cannot remove "nope": 550 Cannot remove "/sub dir/nope": no such file or directory
ftpkit 127.0.0.1:/sub dir> gett x
ftpkit: Unknown command "gett" (did you mean get?)
ftpkit 127.0.0.1:/sub dir>`.replace(/(.{80})(?=.)/g, "$1\n"),
  );
  assertEquals(shell.screen.strange, []);
});

terminalTest(
  "a file without an end of line does not hide the prompt, nor the prompt it",
  async ({ open, server }) => {
    await Deno.writeTextFile(`${server.root}/a.txt`, "no end");
    await using shell = open();
    await shell.cursorBehind(PROMPT);
    await shell.type("cat a.txt\r");
    await shell.shows("no end\n" + PROMPT.trimEnd());
    await shell.type("quit\r");
    assertEquals(await shell.end(), 0);
  },
);

terminalTest(
  "Tab completes commands, options and names there, with their quoting",
  async ({ open, server, listings }) => {
    await Deno.writeTextFile(`${server.root}/sub dir/ünï 文`, "");
    await using shell = open({ args: ["-vv"] });
    await shell.cursorBehind(PROMPT);
    for (
      const [typed, shown] of [
        ["sta\t", "stat"],
        ["statu\t", "status "],
        ["get --no-c\t", "get --no-clobber "],
        ["get b\t", "get b\\ c.txt "],
        ["get 'b\t", "get 'b c.txt' "],
        ['get "b\t', 'get "b c.txt" '],
        ["cat sub\t", "cat sub\\ dir/"],
        ["cat sub\\ dir/d\t", "cat sub\\ dir/deep/"],
        ["cat sub\\ dir/deep/\t", "cat sub\\ dir/deep/y "],
        ["cat 'sub dir/ü\t", "cat 'sub dir/ünï 文' "],
        ["cd a\t", "cd a"],
        ["cd s\t", "cd sub\\ dir/"],
        ["help mirr\t", "help mirror "],
        ["set limit\t", "set limit-rate "],
        ["ls; cat a\t", "ls; cat a.txt "],
        ["# a\t", "# a"],
        ["lcd ~/nothing\t", "lcd ~/nothing"],
      ] as const
    ) {
      await shell.type(typed);
      await shell.cursorBehind(PROMPT + shown);
      await shell.type("\x15");
      await shell.cursorBehind(PROMPT);
    }
    await shell.type("touch new\rcat ne\t");
    await shell.cursorBehind(`${PROMPT}cat new `);
    await shell.type("\x15quit\r");
    assertEquals(await shell.end(), 0);
    await server.stop();
    assertEquals(await listings(), 4, "three directories, and one of them again behind a change");
  },
);

terminalTest("Tab twice shows what there is to choose from", async ({ open, server }) => {
  await Deno.writeTextFile(`${server.root}/alpha`, "");
  await Deno.writeTextFile(`${server.root}/alpine`, "");
  await using shell = open();
  await shell.cursorBehind(PROMPT);
  await shell.type("cat al\t");
  await shell.cursorBehind(`${PROMPT}cat alp`);
  await shell.type("\t");
  await shell.shows(/^alpha +alpine/m);
  await shell.cursorBehind(`${PROMPT}cat alp`);
});

terminalTest(
  "a list of candidates stands whole below a line of several rows, which stays as it is",
  async ({ open, server }) => {
    for (const name of ["one", "other", "over"]) {
      await Deno.writeTextFile(`${server.root}/${name}`, "");
    }
    await using shell = open({ columns: 24 });
    await shell.cursorBehind(PROMPT);
    const numbers = Array.from({ length: 19 }, (_, at) => at + 1).join(" ");
    await shell.type(`cat ${numbers} 20 o\t\t`);
    await shell.shows(/^one.*\n.* cat\n.*\n.*\n20 o$/m);
    await shell.cursorBehind("20 o");
    // The cursor goes up a row.
    await shell.type(`${"\x1b[D".repeat(7)}o\t\t`);
    await shell.shows(/^one(.*\n)*one.*\n.* cat\n.*\n.*\n 20 o$/m);
    await shell.cursorBehind("12 13 14 15 16 17 18 o");
    assertEquals(
      shell.screen.text,
      `${PROMPT}cat
1 2 3 4 5 6 7 8 9 10 11
12 13 14 15 16 17 18 19
20 o
one    other  over
${PROMPT}cat
1 2 3 4 5 6 7 8 9 10 11
12 13 14 15 16 17 18 o19
 20 o
one    other  over
${PROMPT}cat
1 2 3 4 5 6 7 8 9 10 11
12 13 14 15 16 17 18 o19
 20 o`,
    );
  },
);

terminalTest(
  "a name with control characters is completed, and is the same there and here",
  async ({ open, server, here }) => {
    const name = "esc\x1b[2J\tx";
    await Deno.writeTextFile(`${here}/${name}`, "content");
    await using shell = open();
    await shell.cursorBehind(PROMPT);
    await shell.type("put es\t");
    await shell.cursorBehind(`${PROMPT}put esc$'\\x1b'\\[2J$'\\x09'x `);
    await shell.type("\rget $'esc\\e[2J\\tx' back\r");
    await shell.shows(/ -> back/);
    assertEquals(await Deno.readTextFile(`${server.root}/${name}`), "content");
    assertEquals(await Deno.readTextFile(`${here}/back`), "content");
    assertEquals(shell.screen.strange, []);
  },
);

terminalTest("Tab completes names here", async ({ open, here }) => {
  await Deno.mkdir(`${here}/photos of '24`);
  await Deno.writeTextFile(`${here}/photos of '24/sea.jpg`, "");
  await using shell = open();
  await shell.cursorBehind(PROMPT);
  await shell.type("put ph\t");
  await shell.cursorBehind(`${PROMPT}put photos\\ of\\ \\'24/`);
  await shell.type("\t");
  await shell.cursorBehind(`${PROMPT}put photos\\ of\\ \\'24/sea.jpg `);
  await shell.type("\x15lcd ~/ph\t");
  await shell.cursorBehind(`${PROMPT}lcd ~/photos\\ of\\ \\'24/`);
  await shell.type("\rput se\t");
  await shell.cursorBehind(`${PROMPT}put sea.jpg `);
});

terminalTest(
  "lines are kept between sessions, searched, and never with a password",
  async ({ open, here, server }) => {
    {
      await using shell = open();
      await shell.cursorBehind(PROMPT);
      await shell.type("cat a.txt\r");
      await shell.shows("\na.txt\n");
      await shell.type(`open ftp://alice:secret@127.0.0.1:${server.port}\r`);
      await shell.shows(/\n.*secret@.*\nftpkit 127\.0\.0\.1:\/>$/);
      await shell.type("pwd\r quote NOOP\rquit\r");
      assertEquals(await shell.end(), 0);
    }
    const file = `${here}/.local/state/ftpkit/history`;
    assertEquals(await Deno.readTextFile(file), "cat a.txt\npwd\nquit\n");
    assertEquals((await Deno.stat(file)).mode ?? 0 & 0o777, 0o100600);
    await using shell = open();
    await shell.cursorBehind(PROMPT);
    await shell.type("\x1b[A");
    await shell.cursorBehind(`${PROMPT}quit`);
    await shell.type("\x1b[A");
    await shell.cursorBehind(`${PROMPT}pwd`);
    await shell.type("\x15half\x12t");
    await shell.cursorBehind('(search "t") quit');
    await shell.type("\x12");
    await shell.cursorBehind('(search "t") cat a.txt');
    await shell.type("q");
    await shell.cursorBehind('(no search "tq") ');
    await shell.type("\x7f\x7fat");
    await shell.cursorBehind('(search "at") cat a.txt');
    await shell.type("\x07");
    await shell.cursorBehind(`${PROMPT}half`);
    await shell.type("\x12pw\r");
    await shell.shows("\n/\n");
    await shell.type("history\r");
    await shell.shows("1  cat a.txt\n2  quit\n3  pwd\n4  history\n");
    await shell.type("quote PASS geheim\r");
    await shell.shows("503 ");
    await shell.type("\x1b[A");
    await shell.cursorBehind(`${PROMPT}history`);
    await shell.type("\x15\x12geheim");
    await shell.cursorBehind('(no search "geheim") ');
  },
);

terminalTest("Ctrl-C empties the line; twice in an empty one leaves", async ({ open }) => {
  await using shell = open();
  await shell.cursorBehind(PROMPT);
  await shell.type("rm a.txt\x03");
  await shell.shows("rm a.txt^C\n");
  await shell.cursorBehind(PROMPT);
  await shell.type("\x03\x03");
  assertEquals(await shell.end(), 130);
});

terminalTest(
  "Ctrl-C stops a transfer, not the shell: the session goes on, and so does the file",
  async ({ open, server, here }) => {
    await makeFile(`${server.root}/big`, 3_000_000);
    await using shell = open({ args: ["-v"] });
    await shell.cursorBehind(PROMPT);
    await shell.type("set limit-rate 200K\rget big\r");
    await shell.shows(/big +\[#/);
    const prompts = shell.raw.split(PROMPT).length;
    await shell.resize(70);
    await shell.shows(/big +\[##/);
    assertEquals(shell.raw.split(PROMPT).length, prompts, "no prompt between the bars");
    await shell.type("\x03");
    await shell.shows("are kept in");
    await shell.cursorBehind(PROMPT);
    const { size } = await Deno.stat(`${here}/big.part`);
    assert(size > 0 && size < 3_000_000);
    await shell.type("set limit-rate none\rreget big\r");
    await shell.shows("127.0.0.1:big -> big");
    assertEquals(await Deno.readFile(`${here}/big`), await Deno.readFile(`${server.root}/big`));
    assertEquals(shell.raw.split("connected to").length, 2, "one session served all");
    assertEquals(shell.raw.includes("connected again"), false);
  },
);

terminalTest("Ctrl-C stops an upload; twice leaves", async ({ open, server, here }) => {
  await makeFile(`${here}/big`, 3_000_000);
  await using shell = open({ args: ["--limit-rate", "200K"] });
  await shell.cursorBehind(PROMPT);
  await shell.type("put big\r");
  await shell.shows(/big +\[.*B\/s/);
  await shell.type("\x03");
  await shell.shows("Interrupted");
  await shell.cursorBehind(PROMPT);
  await shell.type("put big\r");
  await shell.shows(/put big\n(.*\n)*.*big +\[.*B\/s/);
  await shell.type("\x03");
  // Two signals at once are one.
  await shell.shows(/Interrupted\n(.*\n)*.*Interrupted/);
  await shell.type("\x03");
  assertEquals(await shell.end(), 130);
  const names = await Array.fromAsync(Deno.readDir(server.root), ({ name }) => name);
  assertEquals(names.includes("big"), false, "the server shows no half file");
});

terminalTest("many files are only removed when somebody says yes", async ({ open, server }) => {
  await using shell = open();
  await shell.cursorBehind(PROMPT);
  await shell.type("rm *.txt\r");
  await shell.shows("Remove 2 files and directories? [y/N]");
  await shell.type("n\r");
  await shell.cursorBehind(PROMPT);
  await shell.type("rm -r sub*\r");
  await shell.shows('Remove "sub dir" with all that is in it? [y/N]');
  await shell.type("\x03");
  await shell.shows("Interrupted");
  await shell.cursorBehind(PROMPT);
  await Deno.stat(`${server.root}/sub dir/x`);
  await shell.type("rm *.txt\ry\r");
  await shell.shows("127.0.0.1:b c.txt  removed");
  await shell.type("rm -rf sub*\r");
  await shell.shows("127.0.0.1:sub dir  removed");
  assertEquals(await Array.fromAsync(Deno.readDir(server.root)), []);
});

terminalTest(
  "colours, wide names and 40 columns come out aligned, also after a resize",
  async ({ open, server }) => {
    for (const name of ["文字.txt", "ünïcödé", "日本語ファイル"]) {
      await Deno.writeTextFile(`${server.root}/sub dir/${name}`, "");
    }
    await using shell = open({ path: "sub dir", columns: 40 });
    const prompt = "ftpkit 127.0.0.1:/sub dir> ";
    await shell.cursorBehind(prompt);
    await shell.type("ls\r");
    await shell.shows("日本語ファイル");
    await shell.cursorBehind(prompt);
    assertEquals(
      shell.screen.text,
      `${prompt}ls
deep            文字.txt
x               日本語ファイル
ünïcödé
${prompt.trimEnd()}`,
    );
    assertStringIncludes(shell.raw, "\x1b[1;34mdeep\x1b[0m");
    await shell.type("cat 文文文文文文文文文");
    await shell.cursorBehind("文文文文文");
    await shell.resize(60);
    await shell.type("文");
    await shell.cursorBehind(`${prompt}cat ${"文".repeat(10)}`);
  },
);

terminalTest("lines of several rows stay whole", async ({ open, server }) => {
  await Deno.writeTextFile(`${server.root}/a-name-that-is-longer-than-a-row`, "");
  await using shell = open({ columns: 40 });
  await shell.cursorBehind(PROMPT);
  await shell.type("cat a-\t");
  await shell.cursorBehind(/er-than-a-row $/);
  await shell.type("\x7f\x7f");
  await shell.cursorBehind(/er-than-a-ro$/);
  await shell.type("\x03");
  await shell.cursorBehind(PROMPT);
  await shell.type(`cat x${"文".repeat(9)}`);
  await shell.cursorBehind("文文");
  await shell.type("\x7f");
  await shell.cursorBehind("文");
  await shell.type("\x03\x03");
  await shell.shows(`(Ctrl-C once more, or Ctrl-D, leaves)\n${PROMPT.trimEnd()}`);
  await shell.type("\x03");
  assertEquals(await shell.end(), 130);
  assertEquals(
    shell.screen.text,
    `${PROMPT}cat a-name-that-is-l
onger-than-a-ro^C
${PROMPT}cat x文文文文文文文
文^C
${PROMPT}^C
(Ctrl-C once more, or Ctrl-D, leaves)
${PROMPT}^C`,
  );
});

terminalTest("Ctrl-D typed while a command runs leaves behind it", async ({ open }) => {
  await using shell = open();
  await shell.cursorBehind(PROMPT);
  await shell.type("! echo begun; sleep 1\r");
  await shell.shows("\nbegun");
  await shell.type("pwd\r\x04");
  assertEquals(await shell.end(), 0);
  assertStringIncludes(shell.screen.text, `${PROMPT}pwd\n/\n${PROMPT.trimEnd()}`);
});

terminalTest("NO_COLOR is obeyed", async ({ open }) => {
  await using shell = open({ env: { NO_COLOR: "1" } });
  await shell.cursorBehind(PROMPT);
  await shell.type("ls\r");
  await shell.shows("sub dir\n");
  assertEquals(shell.raw.includes("\x1b[1;34m"), false);
});

terminalTest(
  "a wrong password leaves a shell without a server, in which open asks again",
  async ({ open, server }) => {
    await using shell = open({ env: { FTPKIT_PASSWORD: "wrong" } });
    await shell.cursorBehind("ftpkit> ");
    assertStringIncludes(shell.screen.text, "Cannot log in");
    await shell.type(`open -P ${server.port} -u anonymous 127.0.0.1\r`);
    await shell.shows("Cannot log in as");
    await shell.type("ls\r");
    await shell.shows("Not connected");
    await shell.type("\x04");
    assertEquals(await shell.end(), 0);
  },
);

terminalTest("! runs a program on the same terminal, which Ctrl-C ends alone", async ({ open }) => {
  await using shell = open();
  await shell.cursorBehind(PROMPT);
  await shell.type("! echo ready; read line; echo got $line\r");
  await shell.shows("\nready");
  await shell.type("this\r");
  await shell.shows("got this");
  await shell.cursorBehind(PROMPT);
  // Dash and Python have a mind of their own about a signal that comes while they begin something.
  const sleeper =
    "import signal, time; signal.signal(2, signal.SIG_DFL); print('begun', flush=True)";
  const { path: python } = requirePeer("python3");
  await shell.type(`! exec ${python} -c "${sleeper}; time.sleep(100)"\r`);
  await shell.shows("\nbegun");
  await shell.type("\x03");
  await shell.cursorBehind(PROMPT);
  await shell.type("pwd\r");
  await shell.shows("\n/\n");
});

terminalTest(
  "a transfer in the background leaves the prompt free, and leaving asks",
  async ({ open, server, here }) => {
    await makeFile(`${server.root}/big`, 3_000_000);
    await using shell = open({ args: ["--limit-rate", "200K"] });
    await shell.cursorBehind(PROMPT);
    await shell.type("get big &\r");
    await shell.shows("[1] get big\n");
    await shell.cursorBehind(PROMPT);
    await shell.type("pwd\rjobs\r");
    await shell.shows("\n/\n");
    await shell.shows("[1] running  get big\n");
    await shell.type("\x04");
    await shell.shows("A job is running: stop and leave? [y/N]");
    await shell.type("\r");
    await shell.cursorBehind(PROMPT);
    assertEquals(shell.raw.includes("ETA"), false, "no bars between what is typed");
    await shell.type("fg\r");
    await shell.shows(/fg\nget big\nbig +\[.*B\/s/);
    await shell.type("\x03");
    await shell.shows(/fg\nget big\nftpkit: .*Interrupted/);
    await shell.cursorBehind(PROMPT);
    const names = await Array.fromAsync(Deno.readDir(here), ({ name }) => name);
    assertEquals(names.includes("big"), false);
    await shell.type("get -c big &\rquit\r");
    await shell.shows(/stop and leave(.*\n)*.*stop and leave\? \[y\/N\]$/);
    await shell.type("y\r");
    assertEquals(await shell.end(), 0);
  },
);

terminalTest(
  "the password is asked for once, also for what runs in the background",
  async ({ open, here }) => {
    await using shell = open({ asks: true });
    await shell.cursorBehind("Password for alice@127.0.0.1: ");
    await shell.type("secret\r");
    await shell.cursorBehind(PROMPT);
    await shell.type("get a.txt &\rwait\r");
    await shell.shows("[1] done  get a.txt");
    await shell.cursorBehind(PROMPT);
    assertEquals(shell.raw.split("Password for").length, 2);
    assertEquals(shell.raw.includes("secret"), false);
    assertEquals(await Deno.readTextFile(`${here}/a.txt`), "a.txt\n");
  },
);

terminalTest(
  "SIGTERM ends it with 130, and leaves the terminal as it was",
  async ({ open, here }) => {
    await using shell = open();
    await shell.cursorBehind(PROMPT);
    await shell.type("! echo $PPID > pid\r");
    await shell.shows(`> pid\n${PROMPT.trimEnd()}`);
    Deno.kill(Number(await Deno.readTextFile(`${here}/pid`)), "SIGTERM");
    assertEquals(await shell.end(), 130);
    await shell.shows("ftpkit: Interrupted");
  },
);
