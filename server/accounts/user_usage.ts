/**
 * The options of `ftpkit user`: the one table that its command line and help are read from.
 *
 * @module
 */
import type { CommandUsage, OptionSpec } from "../../shared/options.ts";

/** What a user can be given, by the names of the options. */
export const USER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  permissions: {
    value: "WORDS",
    help: "read (default), upload or write, or single ones: list,read,mkdir",
  },
  directory: {
    value: "PATH=WORDS",
    repeatable: true,
    help: "other permissions in a directory and below: /incoming=upload",
  },
  home: { value: "PATH", help: "the user's root in the shared directory (default /)" },
  "make-home": { help: "make the home at the first login" },
  quota: { value: "SIZE", help: "bytes that the user may keep: 500M, 5G" },
  "quota-files": { value: "N", help: "files that the user may keep" },
  "limit-rate": { value: "RATE", help: "bytes per second of each transfer: 500K, 5M" },
  "limit-rate-total": {
    value: "RATE",
    help: "bytes per second of all the user's transfers together",
  },
  "max-sessions": { value: "N", help: "sessions at once" },
  "allow-from": {
    value: "NETWORK",
    repeatable: true,
    help: "where the user may come from: 192.168.0.0/16 (default: anywhere)",
  },
  tls: { value: "MODE", choices: ["require"], help: "the user may log in only over TLS" },
  "certificate-login": { help: "a client certificate of that name stands for the password" },
  disabled: { help: "the user may not come in" },
  expires: { value: "DATE", help: "the last day: 2027-12-31" },
};

/** What `ftpkit user` takes. */
export const USER_USAGE: CommandUsage = {
  name: "user",
  synopsis: "add|passwd|remove|list [NAME] --users FILE [OPTIONS]",
  summary: "Keep the users of a server. A running server takes changes over within a second.",
  examples: [
    "ftpkit user add alice --users users.toml --permissions write --home /home/alice --make-home",
    "ftpkit user passwd alice --users users.toml --password-file new.txt",
    "ftpkit user list --users users.toml",
  ],
  operands: {
    min: 1,
    max: 2,
    missing: "add, passwd, remove or list",
    complete: ["add", "passwd", "remove", "list"],
  },
  options: {
    users: { value: "FILE", help: "the user file; add makes it where it is missing" },
    "password-file": {
      value: "FILE",
      help: "its first line is the password (-: standard input); else asked for on a terminal",
    },
    ...USER_OPTIONS,
    json: { help: "list as one JSON object a line" },
  },
};
