/**
 * Listings of systems that few have and that still send files.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Listing } from "../../../client/listing/listing.ts";

const NOW = new Date("2026-11-21T12:00:00Z");

/** Through the whole listing, so that no other grammar takes the line for its own. */
async function summary(line: string): Promise<string> {
  const listing = new Listing("LIST", { now: NOW });
  await listing.write(new TextEncoder().encode(`${line}\r\n`));
  listing.finish();
  const [entry] = listing.entries;
  if (entry === undefined) return listing.strangeLines > 0 ? "strange" : "none";
  const { type, size = "-", modified, name, owner = "-" } = entry;
  const time = modified?.date.toISOString().slice(0, 19) ?? "-";
  return `${type} ${size} ${time} ${modified?.precision ?? "-"} ${owner} |${name}|`;
}

const LINES: readonly (readonly [line: string, meaning: string])[] = [
  // EPLF
  ["+i8388621.29609,m824255902,/,\tdev", "dir - 1996-02-13T23:58:22 second - |dev|"],
  [
    "+i8388621.44468,m839956783,r,s10376,\tRFC EPLF",
    "file 10376 1996-08-13T17:19:43 second - |RFC EPLF|",
  ],
  ["+up644,r,\tf", "file - - - - |f|"],
  ["+m253402300799,r,\tf", "file - 9999-12-31T23:59:59 second - |f|"],
  ["+m253402300800,r,\tf", "file - - - - |f|"],
  // OpenVMS
  ["Directory ANONYMOUS_ROOT:[000000]", "none"],
  [
    "CII-MANUAL.TEX;1  213/216  29-JAN-1996 03:33:12  [ANONYMOU,ANONYMOUS]   (RWED,RWED,,)",
    "file - 1996-01-29T03:33:00 minute ANONYMOUS |CII-MANUAL.TEX|",
  ],
  [
    "VMSDIR.DIR;1  1/3  29-JAN-1996 03:33  [SYSTEM]  (RWED,RWED,RE,RE)",
    "dir - 1996-01-29T03:33:00 minute SYSTEM |VMSDIR|",
  ],
  ["Total of 11 Files, 2274/2376 Blocks.", "none"],
  // NetWare
  [
    "d [R----F--] supervisor            512       Jan 16 18:53    login",
    "dir - 2026-01-16T18:53:00 minute supervisor |login|",
  ],
  [
    "- [R----F--] rhesus             214059       Oct 20 15:27    cx.exe",
    "file 214059 2026-10-20T15:27:00 minute rhesus |cx.exe|",
  ],
  // OS/400
  ["QSYS            77824 02/23/00 15:09:55 *DIR       QOpenSys/", "dir - - - QSYS |QOpenSys|"],
  ["PEP             36864 04/03/24 14:30:34 *STMF      a b.txt", "file 36864 - - PEP |a b.txt|"],
  ["QPGMR                                  *MEM       FILE.MBR", "file - - - QPGMR |FILE.MBR|"],
  // VxWorks
  ["  size          date       time       name", "none"],
  ["--------       ------     ------    --------", "none"],
  [
    "      512    JUL-08-1996  11:32:00   WORK              <DIR>",
    "dir - 1996-07-08T11:32:00 second - |WORK|",
  ],
  [
    "   1024    DEC-31-1999  23:59:59   boot.cfg",
    "file 1024 1999-12-31T23:59:59 second - |boot.cfg|",
  ],
  // MVS
  ["Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname", "none"],
  [
    "SAVE01 3390   2004/06/23  1    1  FB     128  6144  PO  INCOMING.RPTBM023.D061704",
    "dir - 2004-06-23T00:00:00 day - |INCOMING.RPTBM023.D061704|",
  ],
  [
    "WYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  48-MVS.FILE",
    "file - 2003-05-21T00:00:00 day - |48-MVS.FILE|",
  ],
  [
    "Migrated                                                DATASET.NAME",
    "other - - - - |DATASET.NAME|",
  ],
  [" Name     VV.MM   Created       Changed      Size  Init   Mod   Id", "none"],
  [
    "TBSHELF   01.03 2002/09/12 2002/10/11 09:37    11    11     0 KIL001",
    "file - 2002-10-11T09:37:00 minute KIL001 |TBSHELF|",
  ],
  // nobody's
  ["hello world", "strange"],
];

for (const [line, meaning] of LINES) {
  Deno.test(`Listing: ${line.replace(/\s+/g, " ")}`, async () => {
    assertEquals(await summary(line), meaning);
  });
}

Deno.test("Listing: any cut of the bytes gives the same entries", async () => {
  const bytes = new TextEncoder().encode(LINES.map(([line]) => `${line}\r\n`).join(""));
  const whole = await entriesOf([bytes]);
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
    const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
    const parts = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
    assertEquals(await entriesOf(parts), whole);
  }));
});

async function entriesOf(parts: readonly Uint8Array[]): Promise<unknown> {
  const listing = new Listing("LIST", { now: NOW });
  for (const part of parts) await listing.write(part);
  listing.finish();
  return listing.entries;
}
