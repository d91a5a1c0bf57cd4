/**
 * What a user may do at which path.
 *
 * @module
 */
import type { Account } from "./accounts.ts";
import type { Permission } from "./permissions.ts";

/**
 * The permissions at a path: those of the override with the longest path that is the path itself or
 * above it, else the account's own.
 *
 * @example Usage
 * ```ts
 * import { permissionsAt } from "./path_rights.ts";
 * const overrides = [{ path: "/incoming", permissions: ["upload" as const] }];
 * const found = permissionsAt({ permissions: ["read"], overrides }, "/incoming/scan.pdf");
 * if (found[0] !== "upload") throw new Error("unexpected");
 * ```
 *
 * @param account Who.
 * @param path Virtual path in the user's own tree.
 * @returns What the user may do there.
 */
export function permissionsAt(
  account: Pick<Account, "permissions" | "overrides">,
  path: string,
): readonly Permission[] {
  let found: readonly Permission[] = account.permissions;
  let length = -1;
  for (const override of account.overrides) {
    if (override.path.length <= length || !holds(override.path, path)) continue;
    found = override.permissions;
    length = override.path.length;
  }
  return found;
}

/**
 * Whether a user has a permission at a path, or anywhere.
 *
 * @param account Who.
 * @param permission Which.
 * @param path Where; without it, in any directory.
 * @returns Whether it is granted.
 */
export function mayAt(
  account: Pick<Account, "permissions" | "overrides">,
  permission: Permission,
  path?: string,
): boolean {
  if (path !== undefined) return permissionsAt(account, path).includes(permission);
  return account.permissions.includes(permission) ||
    account.overrides.some(({ permissions }) => permissions.includes(permission));
}

function holds(directory: string, path: string): boolean {
  return directory === "/" || path === directory || path.startsWith(`${directory}/`);
}
