import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ConnectError, ProtocolError } from "../../shared/errors.ts";
import { Secret } from "../../shared/safe_text.ts";
import { SocksHandshake } from "../../shared/socks.ts";

const TARGET = { hostname: "ftp.example.org", port: 2121 };
const LOGIN = { user: "me", password: new Secret("pw") };

const text = (value: string): number[] => [...new TextEncoder().encode(value)];

Deno.test("SocksHandshake: with a login, user and password go as RFC 1929 has them", () => {
  const handshake = new SocksHandshake(TARGET, LOGIN);
  assertEquals([...handshake.begin()], [5, 2, 0, 2]);
  assertEquals([...handshake.push(Uint8Array.of(5, 2))], [1, 2, ...text("me"), 2, ...text("pw")]);
  const request = [5, 1, 0, 3, 15, ...text("ftp.example.org"), 8, 73];
  assertEquals([...handshake.push(Uint8Array.of(1, 0))], request);
});

const REQUESTS: readonly (readonly [hostname: string, place: readonly number[]])[] = [
  ["ftp.example.org", [3, 15, ...text("ftp.example.org")]],
  ["192.0.2.7", [1, 192, 0, 2, 7]],
  ["2001:db8::7", [4, 0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), 7]],
  ["fe80::7%eth0", [4, 0xfe, 0x80, ...new Array(13).fill(0), 7]],
];

for (const [hostname, place] of REQUESTS) {
  Deno.test(`SocksHandshake: asks for ${hostname}`, () => {
    const handshake = new SocksHandshake({ hostname, port: 21 });
    assertEquals([...handshake.begin()], [5, 1, 0]);
    assertEquals([...handshake.push(Uint8Array.of(5, 0))], [5, 1, 0, ...place, 0, 21]);
    assertEquals(handshake.rest, undefined);
  });
}

const REFUSALS: readonly (readonly [code: number, words: string])[] = [
  [1, "general failure"],
  [2, "not allowed by its rules"],
  [3, "network unreachable"],
  [4, "host unreachable"],
  [5, "connection refused by the host"],
  [6, "TTL expired"],
  [7, "it does not know CONNECT"],
  [8, "it does not know this type of address"],
  [9, "no reason"],
  [255, "no reason"],
];

for (const [code, words] of REFUSALS) {
  Deno.test(`SocksHandshake: reply ${code} is "${words}", though nothing comes behind it`, () => {
    const handshake = new SocksHandshake(TARGET);
    handshake.push(Uint8Array.of(5, 0));
    const refused = assertThrows(() => handshake.push(Uint8Array.of(5, code)), ConnectError);
    assertEquals(refused.message, `refused: ${words} (SOCKS reply ${code})`);
  });
}

const FAULTS: readonly (readonly [
  what: string,
  answers: readonly number[],
  wrong: typeof ConnectError | typeof ProtocolError,
  words: string,
])[] = [
  ["no way to log in", [5, 0xff], ConnectError, "refused: no way to log in"],
  ["a wrong password", [5, 2, 1, 1], ConnectError, "refused: wrong user name or password"],
  ["a way we did not offer", [5, 1], ProtocolError, "that we did not offer"],
  ["SOCKS4", [0, 90], ProtocolError, "does not speak SOCKS5"],
  ["the greeting of an FTP server", text("220 hello\r\n"), ProtocolError, "does not speak SOCKS5"],
  ["HTTP", text("HTTP/1.1 400 Bad\r\n\r\n"), ProtocolError, "does not speak SOCKS5"],
  ["a reply of another version", [5, 0, 4, 0], ProtocolError, "does not speak SOCKS5"],
  ["an address of no known type", [5, 0, 5, 0, 0, 2], ProtocolError, "does not speak SOCKS5"],
];

for (const [what, answers, wrong, words] of FAULTS) {
  Deno.test(`SocksHandshake: ${what} is an error that says so`, () => {
    const handshake = new SocksHandshake(TARGET, LOGIN);
    assertThrows(() => handshake.push(Uint8Array.from(answers)), wrong, words);
  });
}

Deno.test("SocksHandshake: without a login, 255 says that one is missing", () => {
  const handshake = new SocksHandshake(TARGET);
  const refuse = () => handshake.push(Uint8Array.of(5, 0xff));
  assertThrows(refuse, ConnectError, "refused: no way in without a login");
});

const bound = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => [1, ...bytes]),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => [4, ...bytes]),
  fc.uint8Array({ maxLength: 255 }).map((bytes) => [3, bytes.length, ...bytes]),
);

Deno.test("SocksHandshake: any cut gives the same, and what is behind the reply is untouched", () => {
  const cuts = fc.array(fc.nat(300), { maxLength: 8 });
  fc.assert(
    fc.property(
      bound,
      fc.boolean(),
      fc.uint8Array({ maxLength: 40 }),
      cuts,
      (at, asks, rest, edges) => {
        const method = asks ? [5, 2, 1, 0] : [5, 0];
        const answers = Uint8Array.of(...method, 5, 0, 0, ...at, 0, 0, ...rest);
        const whole = new SocksHandshake(TARGET, LOGIN);
        const said = [...whole.push(answers)];
        const cut = new SocksHandshake(TARGET, LOGIN);
        const cutSaid: number[] = [];
        const behind: number[] = [];
        let start = 0;
        const sorted = edges.map((edge) => edge % answers.length).sort((a, b) => a - b);
        for (const end of [...sorted, answers.length]) {
          const piece = answers.subarray(start, end);
          if (cut.rest === undefined) cutSaid.push(...cut.push(piece));
          else behind.push(...piece);
          start = end;
        }
        assertEquals(cutSaid, said);
        assertEquals([...cut.rest ?? [], ...behind], [...rest]);
        assertEquals([...whole.rest ?? []], [...rest]);
      },
    ),
  );
});

Deno.test("SocksHandshake: random bytes throw only what is declared", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
    const handshake = new SocksHandshake(TARGET, LOGIN);
    try {
      handshake.push(Uint8Array.of(5, 0, ...bytes));
    } catch (error) {
      assertEquals(error instanceof ConnectError || error instanceof ProtocolError, true);
    }
  }));
});
