/**
 * Which proxy is used.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { clientOptions } from "../../../client/client_options.ts";
import { isExcepted, parseProxy, proxyFor } from "../../../client/connection/proxy.ts";
import { UsageError } from "../../../shared/errors.ts";
import { parsedOptions } from "../client_arguments.ts";
import { testIo } from "../dialogue.ts";

const PROXIES: readonly (readonly [url: string, parts: string])[] = [
  ["socks5://host:9050", "socks5 host 9050"],
  ["socks5h://host", "socks5h host 1080"],
  ["http://host:3128/", "http host 3128"],
  ["HTTP://host", "http host 1080"],
  ["host:3128", "http host 3128"],
  ["socks5://[::1]:9050", "socks5 ::1 9050"],
  ["socks5://[fe80::1%25eth0]:9050", "socks5 fe80::1%eth0 9050"],
  ["socks5://me:pa:ss@host", "socks5 host 1080 me pa:ss"],
  ["socks5://me:pa@ss@host", "socks5 host 1080 me pa@ss"],
  ["http://m%65:p%2Fa%C3%A4@host:1", "http host 1 me p/aä"],
  ["http://me@host:1", "http host 1 me "],
];

for (const [url, parts] of PROXIES) {
  Deno.test(`parseProxy: ${url}`, () => {
    const { kind, address, login } = parseProxy(url, "--proxy");
    const who = login === undefined ? [] : [login.user, login.password.reveal()];
    assertEquals([kind, address.hostname, address.port, ...who].join(" "), parts);
  });
}

const NO_PROXIES: readonly (readonly [url: string, words: string])[] = [
  ["socks4://secret@host", "its scheme is none of socks5, socks5h, http"],
  ["https://secret:x@host", "its scheme is none of socks5, socks5h, http"],
  ["socks5://", "not a URL like socks5://[user:password@]host:port"],
  ["socks5://me:secret", "not a URL like socks5://[user:password@]host:port"],
  ["socks5://me:secret@", "not a URL like socks5://[user:password@]host:port"],
  ["socks5://me:secret@host/path", "not a URL like socks5://[user:password@]host:port"],
  ["socks5://me:secret@host:0", "the port is not 1 to 65535"],
  ["socks5://me:secret@host:65536", "the port is not 1 to 65535"],
  ["socks5://me:secret%4@host", '"%" needs two hexadecimal digits behind it'],
  ["socks5://:secret@host", "the user name is empty"],
  ["http://a%3Ab:secret@host", "HTTP takes no user name with a colon"],
  [`socks5://me:${"secret".repeat(50)}@host`, "user name or password is longer than 255 bytes"],
];

for (const [url, words] of NO_PROXIES) {
  Deno.test(`parseProxy: ${url.slice(0, 40)} is refused without the password in the message`, () => {
    const { message } = assertThrows(() => parseProxy(url, "ALL_PROXY"), UsageError);
    assertEquals(message, `Invalid ALL_PROXY: ${words}`);
  });
}

const EXCEPTIONS: readonly (readonly [list: string, host: string, excepted: boolean])[] = [
  ["", "host", false],
  ["*", "host", true],
  ["host", "HOST", true],
  ["a,host , b", "host", true],
  ["a host", "host", true],
  ["example.org", "ftp.example.org", true],
  [".example.org", "example.org", true],
  ["*.example.org", "ftp.example.org", true],
  ["example.org.", "ftp.example.org", true],
  ["example.org", "badexample.org", false],
  ["ftp.example.org", "example.org", false],
  ["127.0.0.1", "127.0.0.1", true],
  ["127.0.0.0/8", "127.1.2.3", true],
  ["127.0.0.0/8", "128.1.2.3", false],
  ["127.0.0.0/99", "127.1.2.3", false],
  ["[::1]", "::1", true],
  ["0:0::1", "::1", true],
  ["fe80::/10", "fe80::1%eth0", true],
];

for (const [list, host, excepted] of EXCEPTIONS) {
  Deno.test(`isExcepted: "${list}" has ${host}: ${excepted}`, () => {
    assertEquals(isExcepted(host, list), excepted);
  });
}

/** The host of the proxy that is chosen for `host`. */
function chosen(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string | undefined {
  const io = testIo({ env });
  return proxyFor("host", { options: clientOptions(parsedOptions(args)), io })?.address.hostname;
}

Deno.test("proxyFor: --proxy, then all_proxy, then ALL_PROXY, else none", () => {
  assertEquals(chosen([]), undefined);
  assertEquals(chosen([], { ALL_PROXY: "socks5://upper" }), "upper");
  assertEquals(chosen([], { ALL_PROXY: "socks5://upper", all_proxy: "lower" }), "lower");
  assertEquals(chosen(["--proxy", "option"], { ALL_PROXY: "upper" }), "option");
});

Deno.test("proxyFor: empty values, --no-proxy and NO_PROXY turn it off", () => {
  assertEquals(chosen([], { ALL_PROXY: "" }), undefined);
  assertEquals(chosen([], { all_proxy: "", ALL_PROXY: "upper" }), "upper");
  assertEquals(chosen(["--proxy", ""], { ALL_PROXY: "upper" }), undefined);
  assertEquals(chosen(["--no-proxy"], { ALL_PROXY: "upper" }), undefined);
  assertEquals(chosen([], { ALL_PROXY: "upper", NO_PROXY: "a,host" }), undefined);
  assertEquals(chosen([], { ALL_PROXY: "upper", NO_PROXY: "host", no_proxy: "a" }), "upper");
  assertEquals(chosen(["--proxy", "option"], { NO_PROXY: "host" }), "option");
});

Deno.test("proxyFor: an environment that is not valid is an error only where it counts", () => {
  const env = { ALL_PROXY: "ftp://proxy" };
  assertThrows(() => chosen([], env), UsageError, "Invalid ALL_PROXY: its scheme is none of");
  assertEquals(chosen([], { ...env, NO_PROXY: "host" }), undefined);
  assertEquals(chosen(["--no-proxy"], env), undefined);
});

Deno.test("proxyFor: active mode through a proxy is refused, whoever names it", () => {
  const words = "Cannot use --proxy with active mode";
  assertThrows(() => chosen(["--proxy", "p", "--active"]), UsageError, words);
  assertThrows(() => chosen(["--proxy", "p", "--active-ports", "1-2"]), UsageError, words);
  const env = { ALL_PROXY: "p" };
  assertThrows(() => chosen(["--active"], env), UsageError, "through the proxy of ALL_PROXY");
  assertEquals(chosen(["--active", "--no-proxy"], env), undefined);
  assertEquals(chosen(["--active", "--proxy", ""], env), undefined);
});

Deno.test("clientOptions: --proxy and --no-proxy contradict each other", () => {
  assertThrows(
    () => clientOptions(parsedOptions(["--proxy", "p", "--no-proxy"])),
    UsageError,
    "together",
  );
});

const anyHost = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.constantFrom("[::1]", "[fe80::1]", "localhost"),
);
const anyWord = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" })
  .filter((word) => word.isWellFormed());

Deno.test("parseProxy: any user, password, host and port come back as they were", () => {
  const anyParts = fc.record({
    kind: fc.constantFrom("socks5", "socks5h"),
    user: anyWord,
    password: anyWord,
    host: anyHost,
    port: fc.integer({ min: 1, max: 65535 }),
  });
  fc.assert(fc.property(anyParts, ({ kind, user, password, host, port }) => {
    const [name, secret] = [user, password].map(encodeURIComponent);
    const proxy = parseProxy(`${kind}://${name}:${secret}@${host}:${port}`, "--proxy");
    const hostname = host.replace(/^\[|\]$/g, "");
    assertEquals([proxy.kind, proxy.address], [kind, { hostname, port }]);
    assertEquals([proxy.login?.user, proxy.login?.password.reveal()], [user, password]);
  }));
});

Deno.test("parseProxy: any text is a proxy or a usage error that does not quote it", () => {
  const pieces = fc.array(
    fc.constantFrom("socks5", "http", "://", "user", ":", "s3cret", "@", "%", "[", "]", "1", "h"),
    { maxLength: 12 },
  );
  fc.assert(fc.property(fc.oneof(fc.string(), pieces.map((parts) => parts.join(""))), (text) => {
    try {
      const { address } = parseProxy(text, "--proxy");
      assert(address.port >= 1 && address.port <= 65535 && address.hostname !== "");
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      assert(!error.message.includes("s3cret"));
    }
  }));
});

Deno.test("isExcepted: a host on the list is, with all below it, in any list", () => {
  const anyList = fc.array(fc.oneof(anyHost, fc.string()), { maxLength: 5 });
  fc.assert(fc.property(fc.domain(), anyList, fc.nat(5), (host, others, at) => {
    const list = others.toSpliced(at, 0, host).join(",");
    assert(isExcepted(host, list) && isExcepted(`deep.${host}`, list));
    assertEquals(
      isExcepted(host, others.filter((entry) => /^[[\d][^*, ]*$/.test(entry)).join()),
      false,
    );
  }));
});
