/**
 * The client's commands against transfers that are cut, stalled, or ended with the wrong words.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Act, DataFault, Faults } from "../support/faulty_session.ts";
import {
  assertAllDone,
  assertTruth,
  type Case,
  runCases,
  runScenario,
  type Scenario,
  SCENARIOS,
  TEXT,
} from "./faulty_run.ts";

/** Short enough to be waited for, and long enough that a busy machine is not taken for a silent one. */
const TIMEOUT = ["--timeout", "2"];

/** Where the server falls silent the client has to give up; everything else is over before that. */
function patience({ data = {}, acts = {} }: Faults): readonly string[] {
  const stalls = Object.values(data).some(({ then }) => then === "stall");
  const isMute = Object.values(acts).some((act) => typeof act === "string" && !/^\d/.test(act));
  return stalls || isMute ? TIMEOUT : [];
}

function named(name: string): Scenario {
  const scenario = SCENARIOS[name];
  assert(scenario !== undefined, name);
  return scenario;
}

/** The final reply of a transfer. */
const FINALS: Readonly<Record<string, Act>> = {
  "226": "226 done",
  "250": "250 done",
  "421": { say: "421 away", then: "close" },
  "425": "425 no connection",
  "426": "426 broken",
  "451": "451 cannot read",
  "550": "550 changed my mind",
  "552": "552 full",
  "no reply": "",
  "a lost connection": { then: "close" },
  "no code": "done",
};

/** How the data ends, by what is wrong with it. */
function dataFaults(total: number): Readonly<Record<string, DataFault>> {
  const parts = { "no data": 0, "half the data": total >> 1, "all data": total };
  const cases = Object.entries(parts).flatMap(([name, bytes]) =>
    (["close", "reset", "stall"] as const).map((then) =>
      [`${name}, then a ${then}`, { bytes, then }] as const
    )
  );
  return Object.fromEntries(cases);
}

function casesOf(scenario: Scenario, verb: string, total: number): Case[] {
  return Object.entries(dataFaults(total)).flatMap(([data, fault]) =>
    Object.entries(FINALS).map(([final, act]): Case => {
      const faults = { data: { [verb]: fault }, acts: { [`${verb} end`]: act } };
      return { fault: `${verb}: ${data} and ${final}`, scenario, args: patience(faults), faults };
    })
  );
}

for (const [name, verb] of [["get", "RETR"], ["get -", "RETR"], ["put", "STOR"]] as const) {
  Deno.test(`faults: ${name}, data and final reply in every combination`, async () => {
    await runCases(casesOf(named(name), verb, TEXT.length), (finished, { fault }) => {
      assertTruth(finished);
      // A reset behind the last byte may come too late to be seen.
      if (fault.includes("all data, then a reset")) return;
      const isHarmless = /: all data, then a close and 2\d\d$/.test(fault);
      assertEquals(finished.code === 0, isHarmless, finished.stderr);
    });
  });
}

/** What breaks a transfer off, and passes. */
const BREAKS: Readonly<Record<string, Faults>> = {
  "the connection lost before 150": { acts: { RETR: { then: "close" }, STOR: { then: "close" } } },
  "426 in mid-data": {
    acts: { "RETR end": "426 x", "STOR end": "426 x", "MLSD end": "426 x" },
    data: { RETR: { bytes: 3000 }, STOR: { bytes: 3000 }, MLSD: { bytes: 3 } },
  },
  "a stall in mid-data": {
    data: {
      RETR: { bytes: 5000, then: "stall" },
      STOR: { bytes: 5000, then: "stall" },
      MLSD: { bytes: 5, then: "stall" },
    },
  },
  "a reset in mid-data": {
    data: {
      RETR: { bytes: 5000, then: "reset" },
      STOR: { bytes: 5000, then: "reset" },
      MLSD: { bytes: 5, then: "reset" },
    },
    acts: { "STOR end": "426 x" },
  },
  "no data at all": {
    data: { RETR: { bytes: 0, then: "stall" }, STOR: { bytes: 0, then: "stall" } },
  },
  "no final reply": { acts: { "RETR end": "", "STOR end": "", "MLSD end": "" } },
  "451 behind all data": {
    acts: { "RETR end": "451 x", "STOR end": "451 x", "MLSD end": "451 x" },
  },
};

Deno.test("faults: a transfer that breaks off is made good by the next try", async () => {
  const names = [
    "get",
    "put",
    "put --atomic",
    "ls",
    "get -r",
    "put -r",
    "mirror down",
    "mirror up",
  ];
  const cases = Object.entries(BREAKS).flatMap(([fault, faults]) =>
    names.map((name): Case => ({
      fault,
      scenario: named(name),
      args: [...patience(faults), "--retries", "4"],
      faults: { ...faults, transfers: 1, sessions: 1 },
    }))
  );
  await runCases(cases, assertAllDone);
});

Deno.test("faults: a listing that breaks off is a failure, and nothing is deleted for it", async () => {
  const listings: Readonly<Record<string, Faults>> = {
    "426": { data: { MLSD: { bytes: 40 } }, acts: { "MLSD end": "426 cut" } },
    "cut in a line": { data: { MLSD: { bytes: 50 } } },
    "stalled": { data: { MLSD: { bytes: 45, then: "stall" } } },
    "refused": { acts: { "MLSD t": "550 private" } },
    "a refused subdirectory": { acts: { "MLSD t/d": "550 private" } },
    "a LIST with 426": {
      without: ["MLSD", "MLST"],
      data: { LIST: { bytes: 60 } },
      acts: { "LIST end": "426 cut" },
    },
    "Output truncated": { acts: { "MLSD end": "226 Output truncated to 10000 matches" } },
    "a directory that vsftpd may not read": {
      data: { MLSD: { bytes: 0 } },
      acts: { "MLSD end": "226 Transfer done (but failed to open directory)." },
    },
    "a LIST that cannot be read": { without: ["MLSD", "MLST"], data: { LIST: { bytes: 30 } } },
  };
  const names = ["ls", "get -r", "mirror down", "mirror up"];
  const cases = Object.entries(listings).flatMap(([fault, faults]) =>
    names.filter((name) => name !== "ls" || !fault.includes("subdirectory"))
      .map((name): Case => ({ fault, scenario: named(name), args: patience(faults), faults }))
  );
  await runCases(cases, (finished, { fault }) => {
    assertTruth(finished);
    assert(finished.code !== 0, `exit code 0`);
    const directory = fault.includes("subdirectory") ? "t/d" : "t";
    assertStringIncludes(finished.stderr, `"${directory}"`);
    for (const path of ["t/d/old", ...fault.includes("subdirectory") ? [] : ["t/old"]]) {
      const { scenario: { result, here, there } } = finished;
      const [before, now] = "here" in result ? [here, finished.here] : [there, finished.there];
      assertEquals(now[path], before[path], path);
    }
  });
});

const RESUMES: Readonly<Record<string, Faults>> = {
  "a good server": {},
  "REST ignored": { ignoresRest: true },
  "REST unknown": { without: ["REST"] },
  "REST refused": { acts: { REST: "550 no" } },
  "REST refused for now": { acts: { REST: "451 not now" } },
  "STOR refused behind REST": { acts: { "STOR f": "451 append is not permitted" } },
  "no SIZE": { without: ["MLST", "MLSD", "SIZE", "MDTM"] },
};

Deno.test("faults: -c at any offset, whatever the server makes of REST", async () => {
  const offsets = [0, 1, 100, 4095, 4096, 4097, 6000, TEXT.length - 1, TEXT.length];
  const cases = Object.entries(RESUMES).flatMap(([fault, faults]) =>
    offsets.flatMap((offset): Case[] => {
      const part = TEXT.slice(0, offset);
      const [get, put] = [named("get"), named("put")];
      const how = { fault: `${fault}, from ${offset}`, args: ["-c", "--retries", "1"], faults };
      return [
        { ...how, scenario: { ...get, here: { "f.part": part } } },
        { ...how, scenario: { ...get, here: { "f.part": "x".repeat(offset) } } },
        { ...how, scenario: { ...put, there: { "f": part } } },
        { ...how, scenario: { ...put, there: { "f": "x".repeat(offset) } } },
      ];
    })
  );
  await runCases(cases, (finished, { fault }) => {
    assertTruth(finished);
    if (/for now|refused behind/.test(fault)) return;
    assertAllDone(finished);
  });
});

Deno.test("faults: an upload that the server does not read ends by its time-out", async () => {
  const large = "0123456789abcdef".repeat(2 ** 20);
  const scenario: Scenario = { ...named("put"), here: { f: large } };
  const data = { STOR: { bytes: 0, then: "stall" } } as const;
  const { code, stderr } = await runScenario(scenario, { args: TIMEOUT, faults: { data } });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "no data for 2 s");
});
