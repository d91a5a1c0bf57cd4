/**
 * The client's commands against odd, hostile, cut and missing replies.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Act, Faults } from "../support/faulty_session.ts";
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

const ALL = Object.values(SCENARIOS);

function named(...names: readonly string[]): readonly Scenario[] {
  return names.map((name) => {
    const scenario = SCENARIOS[name];
    assert(scenario !== undefined, name);
    return scenario;
  });
}

function passive(text: (port: string) => string): Faults {
  const port = (usual: string): string => /\d+,\d+\)$/.exec(usual)?.[0].slice(0, -1) ?? "";
  return { without: ["EPSV"], acts: { PASV: (usual) => text(port(usual)) } };
}

/** Commands that together say all that is ever said. */
const TYPICAL = named("get", "put --atomic", "ls", "get -r", "mirror up");

function nameOf(scenario: Scenario): string {
  return Object.entries(SCENARIOS).find(([, known]) => known === scenario)?.[0] ?? "";
}

/** So that all that is said has its place in one order. */
function oneSession({ args }: Scenario): readonly string[] {
  return args.includes("-r") || args.includes("mirror") ? ["--parallel", "1"] : [];
}

/** What servers do that must not matter. */
const ODDITIES: Readonly<Record<string, Faults>> = {
  "120 before 220": { acts: { greeting: "120 soon\n220 ready" } },
  "a long greeting": { acts: { greeting: "220-hello\n221 not yet\n\n 220 nor this\n220 ready" } },
  "230 after USER": { acts: { USER: "230 in" } },
  "202 after PASS": { acts: { PASS: "202 superfluous" } },
  "no FEAT": { without: ["FEAT", "MLST", "MLSD"] },
  "FEAT in one line": { without: ["MLST", "MLSD"], acts: { FEAT: "211 none" } },
  "FEAT that makes no sense": { acts: { FEAT: "211-\n\n  \n =\n MLST\n211-MDTM\n 211\n211 " } },
  "FEAT with another code": { acts: { FEAT: "250-ok\n MLST size*;\n250 end" } },
  "OPTS refused": { acts: { OPTS: "501 no" } },
  "bare LF": { lineEnd: "\n" },
  "each byte in a segment of its own": { split: true },
  "no MLST": { without: ["MLST", "MLSD"] },
  "MLST of files only": {
    acts: { "MLST t": "501 a directory", "MLST t/d": "501 no" },
  },
  "no SIZE, no MDTM": { without: ["MLST", "MLSD", "SIZE", "MDTM"] },
  "EPSV unknown": { without: ["EPSV"] },
  "EPSV not understood": { acts: { EPSV: "229 somewhere" } },
  "EPSV unreachable": { acts: { EPSV: "229 ok (|||1|)" } },
  "227 with a foreign address": passive((port) => `227 ok (192,0,2,1,${port})`),
  "227 with address zero": passive((port) => `227 ok (0,0,0,0,${port})`),
  "227 without brackets": passive((port) => `227 at 10,0,0,1,${port}`),
  "227 with an equal sign and a full stop": passive((port) => `227 =127,0,0,1,${port}.`),
  "227 with spaces": passive((port) => `227 ok ( 127, 0, 0, 1, ${port.replace(",", ", ")} )`),
  "226 before the data, in the segment of 150": {
    data: { RETR: { early: true }, STOR: { early: true }, MLSD: { early: true } },
  },
  "150 in many lines": {
    acts: { RETR: "150-a\n150-b\n226 no\n150 c", STOR: "150-a\n150 b", MLSD: "125 go" },
  },
  "QUIT without an answer": { acts: { QUIT: { then: "close" } } },
};

Deno.test("faults: what servers do that must not matter", async () => {
  const cases = Object.entries(ODDITIES).flatMap(([fault, faults]): Case[] =>
    ALL.map((scenario) => ({ fault, scenario, faults }))
  );
  await runCases(cases, assertAllDone);
});

/** A case for each byte of what a run without faults has on its control connection. */
async function atEachByte(scenario: Scenario, faults: Faults): Promise<Case[]> {
  const { server } = await runScenario(scenario);
  // A goodbye may be lost.
  const bytes = server.controlBytes - "221 bye\r\n".length;
  return Array.from({ length: bytes }, (_, controlBytes): Case => ({
    fault: `lost behind ${controlBytes} bytes`,
    scenario,
    faults: { ...faults, controlBytes },
    args: ["--retries", faults.sessions === undefined ? "0" : "1"],
  }));
}

for (const scenario of named("get", "put --atomic")) {
  const name = nameOf(scenario);
  Deno.test(`faults: ${name}, the connection lost behind any byte of a reply is made good`, async () => {
    await runCases(await atEachByte(scenario, { sessions: 1 }), assertAllDone);
  });

  Deno.test(`faults: ${name}, every connection lost behind any byte of a reply`, async () => {
    await runCases(await atEachByte(scenario, {}), (finished) => {
      assertTruth(finished);
      assert(finished.code === 1 || finished.code === 3, `exit code ${finished.code}`);
      // With --atomic the old file stays until the new one is whole.
      const wholes = [...Object.values(scenario.there), TEXT];
      assert(wholes.includes(finished.there["f"] ?? ""), "what is there is wrong");
    });
  });
}

/** What a second session, or a second try, makes good. */
const PASSING: Readonly<Record<string, Act>> = {
  "421": { say: "421 away", then: "close" },
  "450": "450 later",
  "no answer": { then: "stall" },
  "half an answer": { say: "200-wait", then: "stall" },
  "done, but no answer": () => "",
};

const FINAL: Readonly<Record<string, Act>> = {
  "421 and nothing more": "421 away",
  "450": "450 later",
  "550": "550 never",
  "another kind": "350 more",
  "no code": "hello",
  "reset": { then: "reset" },
  "no answer": { then: "stall" },
};

/** A case for each reply that a run without faults has. */
async function atEachMoment(
  scenario: Scenario,
  way: { readonly acts: Readonly<Record<string, Act>>; readonly once: boolean },
): Promise<Case[]> {
  const args = oneSession(scenario);
  const { server: { moments } } = await runScenario(scenario, { args });
  return Object.entries(way.acts).flatMap(([name, act]) => {
    const isSilent = typeof act === "function" || (typeof act === "object" && act.then === "stall");
    const timeout = isSilent || !way.once ? "0.5" : "20";
    const retries = way.once ? "4" : "0";
    return moments.map((moment, index): Case => ({
      fault: `${name} for reply ${index}, ${moment}`,
      scenario,
      args: [...args, "--timeout", timeout, "--retries", retries],
      faults: { acts: { [index]: act }, ...(way.once ? { sessions: 1 } : {}) },
    }));
  });
}

for (const scenario of TYPICAL) {
  const name = nameOf(scenario);
  Deno.test(`faults: ${name}, 421, 4yz or silence in place of any reply passes`, async () => {
    const cases = await atEachMoment(scenario, { acts: PASSING, once: true });
    await runCases(cases, assertAllDone);
  });

  Deno.test(`faults: ${name}, any reply of a server that goes on with it`, async () => {
    await runCases(await atEachMoment(scenario, { acts: FINAL, once: false }), assertTruth);
  });
}

Deno.test("faults: a passive port that never answers is asked for once", async () => {
  const [scenario] = named("get -r");
  assert(scenario !== undefined);
  const finished = await runScenario(scenario, {
    args: ["--parallel", "1", "--timeout", "0.5", "--retries", "2"],
    faults: { acts: { EPSV: { then: "stall" } } },
  });
  assertAllDone(finished);
  assertEquals(finished.server.moments.filter((moment) => moment === "EPSV").length, 1);
});
