/**
 * The zone of a server's clock.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { inServerZone } from "../../../client/directory/server_zone.ts";
import type { EntryTime, RemoteEntry } from "../../../client/listing/entry.ts";

const HOUR = 60 * 60_000;

function file(name: string, local: string, time: Partial<EntryTime> = {}): RemoteEntry {
  const date = new Date(`${local}Z`);
  return { name, type: "file", modified: { date, precision: "minute", zoneKnown: false, ...time } };
}

/** What becomes of a listing: its times, those that are known marked, and what was asked for. */
async function settled(
  entries: readonly RemoteEntry[],
  exact: Readonly<Record<string, string>>,
): Promise<{ readonly times: readonly string[]; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const found = await inServerZone(entries, (name) => {
    asked.push(name);
    const time = exact[name];
    return Promise.resolve(time === undefined ? undefined : new Date(`${time}Z`));
  });
  const times = found.map(({ modified }) =>
    `${modified?.date.toISOString().slice(0, 16)}${modified?.zoneKnown ? " known" : ""}`
  );
  return { times, asked };
}

Deno.test("inServerZone: two files that agree make all times exact, days stay days", async () => {
  const entries = [
    file("a", "2024-01-10T12:00"),
    file("b", "2024-02-10T12:00"),
    file("c", "2024-07-10T12:00"),
    { ...file("dir", "2024-03-10T12:00"), type: "dir" as const },
    file("old", "2019-01-10T00:00", { precision: "day" }),
    file("known", "2019-01-10T10:00", { zoneKnown: true }),
    { name: "timeless", type: "file" as const },
  ];
  const exact = { a: "2024-01-10T06:15:30", c: "2024-07-10T06:15:59" };
  const { times, asked } = await settled(entries, exact);
  assertEquals(asked, ["c", "a"]);
  assertEquals(times, [
    "2024-01-10T06:15 known",
    "2024-02-10T06:15 known",
    "2024-07-10T06:15 known",
    "2024-03-10T06:15 known",
    "2019-01-10T00:00",
    "2019-01-10T10:00 known",
    "undefined",
  ]);
});

const WINTER = file("winter", "2024-01-10T12:00");
const SUMMER = file("summer", "2024-07-10T12:00");
const SPRING = file("spring", "2024-03-01T12:00");
const AUTUMN = file("autumn", "2024-09-20T12:00");

const UNKNOWN: readonly (readonly [
  what: string,
  entries: readonly RemoteEntry[],
  exact: Readonly<Record<string, string>>,
  asked: number,
])[] = [
  ["summer time", [WINTER, SUMMER], {
    winter: "2024-01-10T11:00:00",
    summer: "2024-07-10T10:00:00",
  }, 2],
  ["only one file", [WINTER], { winter: "2024-01-10T11:00:00" }, 0],
  ["no MDTM", [WINTER, SUMMER, SPRING, AUTUMN, { ...SPRING, name: "x" }], {}, 4],
  ["one answer", [WINTER, SUMMER], { winter: "2024-01-10T11:00:00" }, 2],
  ["no zone so far away", [WINTER, SUMMER], {
    winter: "2024-01-11T12:00:00",
    summer: "2024-07-11T12:00:00",
  }, 2],
  ["no zone with such minutes", [WINTER, SUMMER], {
    winter: "2024-01-10T11:07:00",
    summer: "2024-07-10T11:07:00",
  }, 2],
];

for (const [what, entries, exact, questions] of UNKNOWN) {
  Deno.test(`inServerZone: ${what} leaves all as it is`, async () => {
    const { times, asked } = await settled(entries, exact);
    assertEquals(asked.length, questions);
    assert(times.every((time) => !time.endsWith("known")));
  });
}

Deno.test("inServerZone: a file that changed meanwhile is passed over", async () => {
  const exact = {
    summer: "2024-11-21T01:02:03",
    winter: "2024-01-10T13:00:00",
    autumn: "2024-09-20T13:00:00",
  };
  const { times, asked } = await settled([WINTER, SUMMER, SPRING, AUTUMN], exact);
  assertEquals(asked, ["summer", "winter", "autumn"]);
  assertEquals(times[3], "2024-09-20T13:00 known");
});

Deno.test("inServerZone: finds any zone, and asks at most four files", async () => {
  const quarters = fc.integer({ min: -56, max: 56 });
  const dates = fc.array(fc.date({ min: new Date(0), max: new Date(2e12), noInvalidDate: true }), {
    minLength: 2,
    maxLength: 30,
  });
  await fc.assert(fc.asyncProperty(quarters, dates, async (zone, exact) => {
    const offset = zone * HOUR / 4;
    const entries = exact.map((date, index): RemoteEntry => {
      const local = new Date(Math.floor((date.getTime() + offset) / 60_000) * 60_000);
      const modified = { date: local, precision: "minute", zoneKnown: false } as const;
      return { name: String(index), type: "file", modified };
    });
    let questions = 0;
    const found = await inServerZone(entries, (name) => {
      questions++;
      return Promise.resolve(exact[Number(name)]);
    });
    assertEquals(questions, 2);
    for (const [index, { modified }] of found.entries()) {
      const wanted = Math.floor((exact[index]?.getTime() ?? NaN) / 60_000) * 60_000;
      assertEquals([modified?.zoneKnown, modified?.date.getTime()], [true, wanted]);
    }
  }));
});
