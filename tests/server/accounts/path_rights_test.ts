import { assertEquals } from "@std/assert";
import { mayAt, permissionsAt } from "../../../server/accounts/path_rights.ts";

const ACCOUNT = {
  permissions: ["list", "read"],
  overrides: [
    { path: "/incoming", permissions: ["list", "upload"] },
    { path: "/incoming/closed", permissions: [] },
    { path: "/in", permissions: ["write"] },
  ],
} as const;

const PATHS: readonly (readonly [string, readonly string[]])[] = [
  ["/", ["list", "read"]],
  ["/a/incoming", ["list", "read"]],
  ["/incoming", ["list", "upload"]],
  ["/incoming/a/b", ["list", "upload"]],
  ["/incoming/closed", []],
  ["/incoming/closed/a", []],
  ["/incoming/closedx", ["list", "upload"]],
  ["/in", ["write"]],
  ["/inc", ["list", "read"]],
];

for (const [path, permissions] of PATHS) {
  Deno.test(`permissionsAt: ${path}`, () => {
    assertEquals(permissionsAt(ACCOUNT, path), permissions);
  });
}

Deno.test("permissionsAt: an override of the root holds everywhere", () => {
  const account = {
    permissions: ["read"],
    overrides: [{ path: "/", permissions: ["list"] }],
  } as const;
  assertEquals(permissionsAt(account, "/a"), ["list"]);
});

Deno.test("mayAt: without a path, whether it is granted anywhere", () => {
  assertEquals(mayAt(ACCOUNT, "upload"), true);
  assertEquals(mayAt(ACCOUNT, "upload", "/a"), false);
  assertEquals(mayAt(ACCOUNT, "delete"), false);
});
