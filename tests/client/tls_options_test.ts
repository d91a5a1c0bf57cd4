/**
 * The options that say how sessions are protected.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { TLS_OPTIONS, type TlsOptions, tlsOptions } from "../../client/tls_options.ts";
import { UsageError } from "../../shared/errors.ts";
import { parsedOptions } from "./client_arguments.ts";

function parsed(args: string): TlsOptions {
  return tlsOptions(parsedOptions(args.split(" ").filter((arg) => arg !== ""), TLS_OPTIONS));
}

const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${"b".repeat(64)}`;

const GIVEN: readonly (readonly [args: string, options: Partial<TlsOptions>])[] = [
  ["", { mode: "auto", insecure: false, clearData: false, identity: undefined }],
  ["--tls off", { mode: "off" }],
  ["--tls implicit --insecure --clear-data", {
    mode: "implicit",
    insecure: true,
    clearData: true,
  }],
  ["--ca-file x", { authorities: "x", mode: "auto" }],
  ["--cert x", { identity: { cert: "x", key: undefined } }],
  ["--cert x --key y", { identity: { cert: "x", key: "y" } }],
  [`--pin ${A} --pin ${B.toUpperCase()}`, { pins: new Set([A, B]), mode: "require" }],
  [`--pin ${A} --tls implicit`, { pins: new Set([A]), mode: "implicit" }],
];

for (const [args, options] of GIVEN) {
  Deno.test(`tlsOptions: ${args || "nothing"}`, () => {
    const all = parsed(args);
    assertEquals({ ...all, ...options }, all);
  });
}

const REFUSED: readonly (readonly [args: string, message: string])[] = [
  ["--tls maybe", 'Invalid --tls "maybe": must be one of auto, require, implicit, off'],
  ["--pin sha256:12", 'Invalid --pin "sha256:12": not sha256: and 64 hexadecimal digits'],
  ["--key x", "Cannot use --key without --cert"],
  [`--insecure --pin ${A}`, "Cannot use --insecure and --pin together"],
  ["--insecure --ca-file x", "Cannot use --insecure and --ca-file together"],
  [`--ca-file x --pin ${A}`, "Cannot use --ca-file and --pin together"],
  [`--tls off --pin ${A}`, "Cannot use --pin with --tls off"],
];

for (const [args, message] of REFUSED) {
  Deno.test(`tlsOptions: ${args} is refused`, () => {
    assertThrows(() => parsed(args), UsageError, message);
  });
}
