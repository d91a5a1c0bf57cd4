import { assertEquals } from "@std/assert";
import { RawClient, readAll } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

/** What FileZilla says when it connects, and what it hears; the port varies. */
const FILEZILLA = `
220 ftpkit ready
> USER alice
331 Password, please
> PASS secret
230 Logged in
> SYST
215 UNIX Type: L8
> FEAT
211-Features:
 AVBL
 CLNT
 COMB target;source_list
 CSID
 EPRT
 EPSV
 HASH SHA-256*;SHA-512;SHA-1;MD5;CRC32
 HOST
 LANG EN*
 MDTM
 MFF Modify;UNIX.mode;
 MFMT
 MLST Type*;Size*;Modify*;Create*;Perm*;Unique*;UNIX.mode*;UNIX.owner*;UNIX.group*;
 MODE Z
 RANG STREAM
 REST STREAM
 SIZE
 TVFS
 UTF8
 XCRC
 XMD5
 XSHA
 XSHA1
 XSHA256
 XSHA512
211 End
> CLNT FileZilla
200 Noted
> OPTS UTF8 ON
200 Names are UTF-8
> PWD
257 "/" is the current directory
> TYPE I
200 Type is image
> PASV
227 Entering Passive Mode (127,0,0,1,P,P)
> MLSD
150 Here comes the listing
226 Transfer complete, 103 bytes
`.trimStart();

Deno.test("transcript: FileZilla connects and lists", async () => {
  await using server = await TestServer.start();
  await Deno.mkdir(server.path("docs"), { mode: 0o755 });
  await Deno.utime(
    server.path("docs"),
    new Date("2026-01-02T03:04:05Z"),
    new Date("2026-01-02T03:04:05Z"),
  );
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  const dialogue = async (line: string, code: number): Promise<string> => {
    client.transcript += `> ${line}\n`;
    return (await client.command(line, code)).lines[0] ?? "";
  };
  await dialogue("USER alice", 331);
  await dialogue("PASS secret", 230);
  await dialogue("SYST", 215);
  await dialogue("FEAT", 211);
  await dialogue("CLNT FileZilla", 200);
  await dialogue("OPTS UTF8 ON", 200);
  await dialogue("PWD", 257);
  await dialogue("TYPE I", 200);
  const [, high, low] = (await dialogue("PASV", 227)).match(/(\d+),(\d+)\)$/) ?? [];
  using data = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(high) * 256 + Number(low),
  });
  await dialogue("MLSD", 150);
  const listing = new TextDecoder().decode(await readAll(data));
  await client.expect(226);
  assertEquals(
    listing.replace(/Create=\d+;/, "").replace(/(Unique|UNIX\.owner|UNIX\.group)=[^;]+/g, "$1=U"),
    "Type=dir;Modify=20260102030405;Perm=cdeflmp;Unique=U;UNIX.mode=0755;UNIX.owner=U;UNIX.group=U; docs\r\n",
  );
  const shown = client.transcript.replaceAll("\r\n", "\n").replace(/\d+,\d+\)/, "P,P)").replace(
    /complete, \d+ bytes/,
    "complete, 103 bytes",
  );
  assertEquals(shown, FILEZILLA);
});
