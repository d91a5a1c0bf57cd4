/**
 * pyftpdlib for one test.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { requirePeer } from "../peers.ts";
import { type Launch, type LaunchOptions, PASSWORD, USER } from "./launch.ts";

/**
 * Says how to start it.
 *
 * @param options Where and what.
 * @returns How to start it.
 */
export function launchPyftpdlib(options: LaunchOptions): Launch {
  const script = fromFileUrl(new URL("pyftpdlib_server.py", import.meta.url));
  const args = [script, options.host, String(options.port), options.root, USER, PASSWORD];
  if (options.tls !== undefined) args.push(options.tls.both);
  return { program: requirePeer("python3").path, args, env: {} };
}
