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

Deno.test("parseHash: any text is read or refused", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    assertThrows(() => parseHash(text), UsageError);
  }));
});
