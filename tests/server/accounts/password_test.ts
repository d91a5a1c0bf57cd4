import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { hashPassword, parseHash, verifyPassword } from "../../../server/accounts/password.ts";
import { UsageError } from "../../../shared/errors.ts";

const CHEAP = { ln: 10, r: 8, p: 1 };

Deno.test("hashPassword: only the same password matches, and every hash is another one", async () => {
  const hash = await hashPassword("pass wörd", CHEAP);
  assert(await verifyPassword(hash, "pass wörd"));
  for (const wrong of ["", "pass word", "pass wörd ", "Pass wörd"]) {
    assertEquals(await verifyPassword(hash, wrong), false, wrong);
  }
  assertNotEquals((await hashPassword("pass wörd", CHEAP)).text, hash.text);
});

Deno.test("parseHash: reads what hashPassword writes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async (password) => {
      assert(await verifyPassword(parseHash((await hashPassword(password, CHEAP)).text), password));
    }),
    { numRuns: 10 },
  );
});

Deno.test("parseHash: a hash that Python's hashlib made", async () => {
  const text = "$scrypt$ln=14,r=8,p=1$c29tZXNhbHRzb21lc2FsdA" +
    "$XH8Ye2PcaOLPvhb9o7ycM+Q85d0kqkEUQLekkK2NnT8";
  assert(await verifyPassword(parseHash(text), "pleaseletmein"));
});

const SALT = "c29tZXNhbHRzb21lc2FsdA";
const HASH = "A".repeat(43);

const REFUSED = [
  "",
  "secret",
  "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaVTk",
  `$scrypt$ln=15,r=8$${SALT}$${HASH}`,
  `$scrypt$ln=9,r=8,p=1$${SALT}$${HASH}`,
  `$scrypt$ln=30,r=8,p=1$${SALT}$${HASH}`,
  `$scrypt$ln=15,r=999,p=1$${SALT}$${HASH}`,
  `$scrypt$ln=15,r=8,p=99$${SALT}$${HASH}`,
  `$scrypt$ln=16,r=1,p=1$${SALT}$${HASH}`,
  `$scrypt$ln=17,r=8,p=5$${SALT}$${HASH}`,
  `$scrypt$ln=15,r=0,p=1$${SALT}$${HASH}`,
  `$scrypt$ln=15,r=8,p=1$${SALT.slice(1)}$${HASH}`,
  `$scrypt$ln=15,r=8,p=1$${SALT.slice(0, -1)}B$${HASH}`,
  `$scrypt$ln=15,r=8,p=1$short$${HASH}`,
  `$scrypt$ln=15,r=8,p=1$${SALT}$short`,
  `$scrypt$ln=15,r=8,p=1$${SALT}$${HASH}$`,
];

for (const text of REFUSED) {
  Deno.test(`parseHash: "${text}" is refused, and not quoted`, () => {
    const { message } = assertThrows(() => parseHash(text), UsageError);
    if (text !== "") assertEquals(message.includes(text), false);
  });
}

/** The dearest of each kind that are still taken. */
for (const cost of ["ln=17,r=8,p=4", "ln=18,r=7,p=1", "ln=15,r=1,p=16", "ln=10,r=999,p=4"]) {
  Deno.test(`parseHash: what it takes can be checked: ${cost}`, async () => {
    assertEquals(await verifyPassword(parseHash(`$scrypt$${cost}$${SALT}$${HASH}`), "x"), false);
  });
}

Deno.test("parseHash: any text with the parts of a hash is read as it stands or refused", () => {
  const base64 = fc.uint8Array({ minLength: 4, maxLength: 70 })
    .map((bytes) => bytes.toBase64({ omitPadding: true }));
  const hash = fc.tuple(fc.nat(24), fc.nat(1200), fc.nat(20), base64, base64)
    .map(([ln, r, p, salt, key]) => `$scrypt$ln=${ln},r=${r},p=${p}$${salt}$${key}`);
  fc.assert(fc.property(fc.oneof(hash, fc.string()), (text) => {
    try {
      const { cost: { ln, r, p }, salt, hash, text: kept } = parseHash(text);
      assertEquals(kept, text);
      const encoded = [salt, hash].map((bytes) => bytes.toBase64({ omitPadding: true }));
      assertEquals(`$scrypt$ln=${ln},r=${r},p=${p}$${encoded.join("$")}`, text);
      assert(128 * r * 2 ** ln <= 256 * 1024 ** 2 && 2 ** ln * r * p <= 2 ** 22 && ln < 16 * r);
    } catch (error) {
      assert(error instanceof UsageError, String(error));
    }
  }));
});
