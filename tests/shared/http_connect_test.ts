import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ConnectError, ProtocolError } from "../../shared/errors.ts";
import { ConnectHandshake } from "../../shared/http_connect.ts";
import { Secret } from "../../shared/safe_text.ts";

const TARGET = { hostname: "ftp.example.org", port: 21 };

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("ConnectHandshake: asks for host and port, an IPv6 address in brackets", () => {
  const asked = new TextDecoder().decode(new ConnectHandshake(TARGET).begin());
  assertEquals(asked, "CONNECT ftp.example.org:21 HTTP/1.1\r\nHost: ftp.example.org:21\r\n\r\n");
  const six = new ConnectHandshake({ hostname: "::1", port: 2121 }).begin();
  assertEquals(new TextDecoder().decode(six).split("\r\n")[1], "Host: [::1]:2121");
});

Deno.test("ConnectHandshake: user and password go as Basic, in UTF-8", () => {
  const login = { user: "mé", password: new Secret("p:w") };
  const asked = new TextDecoder().decode(new ConnectHandshake(TARGET, login).begin());
  assertEquals(asked.split("\r\n")[2], "Proxy-Authorization: Basic bcOpOnA6dw==");
});

const ACCEPTED: readonly (readonly [what: string, answer: string])[] = [
  ["a plain 200", "HTTP/1.1 200 Connection established\r\n\r\n"],
  ["HTTP/1.0, no reason", "HTTP/1.0 200\r\n\r\n"],
  ["any 2xx", "HTTP/1.1 204 No Content\r\n\r\n"],
  ["a length, which means nothing", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"],
  ["bare LF", "HTTP/1.1 200 OK\nVia: x\n\n"],
  ["100 before it", "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"],
];

for (const [what, answer] of ACCEPTED) {
  Deno.test(`ConnectHandshake: ${what}: what is behind it is the server's, however it is cut`, () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), fc.nat(), (rest, a, b) => {
      const all = Uint8Array.of(...bytesOf(answer), ...rest);
      const [first = 0, second = 0] = [a % all.length, b % all.length].sort((x, y) => x - y);
      const handshake = new ConnectHandshake(TARGET);
      const behind: number[] = [];
      for (
        const piece of [all.subarray(0, first), all.subarray(first, second), all.subarray(second)]
      ) {
        if (handshake.rest !== undefined) behind.push(...piece);
        else assertEquals([...handshake.push(piece)], []);
      }
      assertEquals([...handshake.rest ?? [], ...behind], [...rest]);
    }));
  });
}

const REFUSED: readonly (readonly [answer: string, words: string])[] = [
  ["HTTP/1.1 403 Forbidden\r\n\r\n<html>", "refused: 403 Forbidden"],
  ["HTTP/1.1 407 Proxy Authentication Required\r\nA: b\r\n\r\n", "refused: 407 Proxy Authent"],
  ["HTTP/1.0 502 \x1b[2J\r\n\r\n", "refused: 502 \\x1b[2J"],
  ["HTTP/1.1 503\r\n\r\n", "refused: 503"],
  ["HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "refused: 302 Found"],
];

for (const [answer, words] of REFUSED) {
  Deno.test(`ConnectHandshake: ${words}`, () => {
    const handshake = new ConnectHandshake(TARGET);
    assertThrows(() => handshake.push(bytesOf(answer)), ConnectError, words);
  });
}

for (const answer of ["220 hello\r\n", "\x05\x00", "HTTP/2 200\r\n\r\n", "HTTP/1.1 OK\r\n\r\n"]) {
  Deno.test(`ConnectHandshake: ${JSON.stringify(answer)} is not HTTP`, () => {
    const handshake = new ConnectHandshake(TARGET);
    assertThrows(() => handshake.push(bytesOf(answer)), ProtocolError, "does not speak HTTP");
  });
}

Deno.test("ConnectHandshake: a head without end is given up", () => {
  const handshake = new ConnectHandshake(TARGET);
  handshake.push(bytesOf("HTTP/1.1 200 OK\r\n"));
  const line = bytesOf(`X: ${"x".repeat(1000)}\r\n`);
  assertThrows(
    () => {
      for (let lines = 0; lines < 20; lines++) handshake.push(line);
    },
    ProtocolError,
    "answers with more than 16384 bytes",
  );
});

Deno.test("ConnectHandshake: random bytes throw only what is declared", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    const handshake = new ConnectHandshake(TARGET);
    try {
      handshake.push(Uint8Array.of(...bytesOf("HTTP/1.1 "), ...bytes));
    } catch (error) {
      assertEquals(error instanceof ConnectError || error instanceof ProtocolError, true);
    }
  }));
});
