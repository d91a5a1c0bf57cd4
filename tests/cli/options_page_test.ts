/**
 * The page of the command line names the options that the programs have, and no others.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { CLIENT_OPTIONS } from "../../client/client_options.ts";
import { USAGE as GET } from "../../client/get_command.ts";
import { USAGE as LS } from "../../client/ls_command.ts";
import { USAGE as MIRROR } from "../../client/mirror_command.ts";
import { USAGE as PUT } from "../../client/put_command.ts";
import { USAGE as SHELL } from "../../client/shell_command.ts";
import { SERVE_USAGE as SERVE } from "../../server/configuration/serve_usage.ts";
import { USER_USAGE as USER } from "../../server/accounts/user_usage.ts";
import type { OptionSpec } from "../../shared/options.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/cli.md", import.meta.url));

/** The part of the page below a heading. */
function section(heading: string): string {
  return PAGE.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
}

/** As the page writes an option: `-c, --continue`. */
function written([name, { short }]: readonly [string, OptionSpec]): string {
  return `${short === undefined ? "" : `-${short}, `}--${name}`;
}

/** What the page calls options, in its code. */
function named(text: string): ReadonlySet<string> {
  const codes = Array.from(text.matchAll(/`([^`]+)`/g), ([, code = ""]) => code);
  return new Set(codes.flatMap((code) => code.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []));
}

function without(
  options: Readonly<Record<string, OptionSpec>>,
  others: Readonly<Record<string, OptionSpec>>,
): readonly (readonly [string, OptionSpec])[] {
  return Object.entries(options).filter(([name]) => !Object.hasOwn(others, name));
}

const SHARED = Object.entries(CLIENT_OPTIONS);
const FILES = [GET, PUT, MIRROR, LS].flatMap(({ options }) => without(options, CLIENT_OPTIONS));
const OWN = without(SHELL.options, CLIENT_OPTIONS);

for (
  const [heading, options] of [
    ["Options shared by get, put, ls, mirror and shell", SHARED],
    ["get, put, mirror", FILES],
    ["shell", OWN],
    ["serve", Object.entries(SERVE.options)],
    ["user", Object.entries(USER.options)],
  ] as const
) {
  Deno.test(`docs/cli.md, "${heading}": every option is named, with its letter`, () => {
    const text = section(heading);
    const missing = options.map(written).filter((option) =>
      !new RegExp(`[\`[ ]${option}[\`\\] ]`).test(text)
    );
    assertEquals(missing, []);
  });

  Deno.test(`docs/cli.md, "${heading}": what is named there is an option`, () => {
    const known = new Set(
      [...options, ...SHARED, ...FILES, ["help"] as const].map(([name]) => `--${name}`),
    );
    assertEquals([...named(section(heading))].filter((name) => !known.has(name)), []);
  });
}

for (const { name, options } of [GET, PUT, MIRROR]) {
  Deno.test(`docs/cli.md: what get, put and mirror have in common is an option of ${name}`, () => {
    const [list = ""] = section("get, put, mirror").split("; get also");
    const missing = [...named(list)].filter((option) => !Object.hasOwn(options, option.slice(2)));
    assertEquals(missing, []);
  });
}
