/**
 * ProFTPD for one test.
 *
 * @module
 */

import { join } from "@std/path";
import { peersFolder, requirePeer } from "../peers.ts";
import { type Launch, type LaunchOptions, PASSWORD_HASH, USER } from "./launch.ts";

/** `NoSessionReuseRequired` is not among the options: the data must resume the session. */
function secured({ tls, work }: LaunchOptions): string {
  if (tls === undefined) return "";
  return `
LoadModule mod_tls.c
TLSEngine on
TLSRequired on
TLSProtocol TLSv1.2 TLSv1.3
TLSECCertificateFile ${tls.cert}
TLSECCertificateKeyFile ${tls.key}
TLSLog ${join(work, "tls-log")}
`;
}

/**
 * Writes its configuration.
 *
 * @param options Where and what.
 * @returns How to start it.
 */
export async function launchProftpd(options: LaunchOptions): Promise<Launch> {
  const { path, env } = requirePeer("proftpd");
  const file = (name: string): string => join(options.work, name);
  const users = [
    `${USER}:${PASSWORD_HASH}:1:1::${options.root}:/bin/sh`,
    `ftp:*:1:1::${options.root}:/bin/sh`,
  ];
  // It refuses a file of passwords that others may read.
  await Deno.writeTextFile(file("users"), users.join("\n") + "\n", { mode: 0o600 });
  const modules = join(peersFolder(), "usr/lib/proftpd");
  const hashes = await Deno.stat(join(modules, "mod_digest.so")).then(() => true, () => false);
  const config = `
ServerName ftpkit
ServerType standalone
DefaultAddress ${options.host}
Port ${options.port}
SocketBindTight on
UseIPv6 on
User daemon
Group daemon
ModulePath ${modules}
PidFile ${file("pid")}
ScoreboardFile ${file("scoreboard")}
SystemLog ${file("log")}
TransferLog none
WtmpLog off
DelayEngine off
UseReverseDNS off
AuthOrder mod_auth_file.c
AuthUserFile ${file("users")}
RequireValidShell off
DefaultRoot ~
AllowOverwrite on
AllowRetrieveRestart on
AllowStoreRestart on
${hashes ? "LoadModule mod_digest.c" : ""}
${secured(options)}
<Anonymous ${options.root}>
  User ftp
  UserAlias anonymous ftp
  <Limit WRITE>
    DenyAll
  </Limit>
</Anonymous>
`;
  await Deno.writeTextFile(file("proftpd.conf"), config);
  return { program: path, args: ["--nodaemon", "--quiet", "--config", file("proftpd.conf")], env };
}
