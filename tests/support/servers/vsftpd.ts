/**
 * vsftpd for one test.
 *
 * @module
 */

import { join } from "@std/path";
import { requirePeer } from "../peers.ts";
import type { Launch, LaunchOptions } from "./launch.ts";

function listening(options: LaunchOptions): string[] {
  const v6 = options.host.includes(":");
  return [
    `listen=${v6 ? "NO" : "YES"}`,
    `listen_ipv6=${v6 ? "YES" : "NO"}`,
    `listen_address${v6 ? "6" : ""}=${options.host}`,
    `listen_port=${options.port}`,
    "background=NO",
  ];
}

/** Data connections must resume the session of the control connection. */
function tlsLines({ tls }: LaunchOptions): string[] {
  if (tls === undefined) return [];
  return [
    "ssl_enable=YES",
    "allow_anon_ssl=YES",
    "force_local_logins_ssl=YES",
    "force_local_data_ssl=YES",
    "require_ssl_reuse=YES",
    // What was cut is not whole, in either direction.
    "strict_ssl_read_eof=YES",
    "strict_ssl_write_shutdown=YES",
    "ssl_ciphers=HIGH",
    `rsa_cert_file=${tls.cert}`,
    `rsa_private_key_file=${tls.key}`,
  ];
}

/**
 * Writes its configuration.
 *
 * @param options Where and what.
 * @returns How to start it.
 */
export async function launchVsftpd(options: LaunchOptions): Promise<Launch> {
  const { path, env } = requirePeer("vsftpd");
  const empty = join(options.work, "empty");
  const config = join(options.work, "vsftpd.conf");
  await Deno.mkdir(empty, { recursive: true }); // it may be a second attempt
  const lines = [
    ...listening(options),
    "max_per_ip=0",
    "max_clients=0",
    "anonymous_enable=YES",
    // Its home must exist, and it must not be able to write in the root.
    "ftp_username=bin",
    `anon_root=${options.root}`,
    "anon_world_readable_only=NO",
    "local_enable=YES",
    "guest_enable=YES",
    "guest_username=daemon",
    "virtual_use_local_privs=YES",
    // The users of scripts/peers.sh.
    "pam_service_name=ftpkit-vsftpd",
    `local_root=${options.root}`,
    "local_umask=022",
    "chroot_local_user=YES",
    "allow_writeable_chroot=YES",
    "write_enable=YES",
    "delay_failed_login=0",
    `secure_chroot_dir=${empty}`,
    "connect_from_port_20=NO",
    // What containers often forbid.
    "seccomp_sandbox=NO",
    "isolate=NO",
    "isolate_network=NO",
    ...tlsLines(options),
  ];
  await Deno.writeTextFile(config, lines.join("\n") + "\n");
  return { program: path, args: [config], env };
}
