/** ftpkit's server inside TLS, driven by the clients of others. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readCertificate } from "../../shared/certificate.ts";
import { makeSelfSigned } from "../../shared/self_signed.ts";
import { serve, type Serving } from "../support/cli.ts";
import { hashFile, makeFile, tempFolder } from "../support/files.ts";
import { peerTest } from "../support/peers.ts";
import { run } from "../support/run.ts";
import { LOCAL_IDENTITY } from "../support/tls_pair.ts";
import type { FtpClient, Mode, Step } from "./client.ts";
import { curl } from "./clients/curl.ts";
import { ftplib } from "./clients/ftplib.ts";
import { lftp } from "./clients/lftp.ts";

const LOGIN = { user: "writer", password: "secret:word" };
const VERSIONS = ["1.2", "1.3"] as const;
const MIB = 2 ** 20;

interface Trial {
  readonly client: FtpClient;
  readonly modes: readonly Mode[];
  /** It takes its control connection's session up again by itself. */
  readonly resumes: boolean;
}

const TRIALS: readonly Trial[] = [
  // Active mode with TLS is broken in curl 7.88 against every server.
  { client: curl, modes: ["EPSV", "PASV"], resumes: true },
  { client: lftp, modes: ["EPSV", "PORT"], resumes: true },
  { client: ftplib, modes: ["PASV", "PORT"], resumes: false },
];

/** A server that takes nothing but TLS. */
async function startServer(folder: string, args: readonly string[] = []): Promise<Serving> {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  await Deno.writeTextFile(cert, LOCAL_IDENTITY.cert);
  await Deno.writeTextFile(key, LOCAL_IDENTITY.key);
  const user = ["--user", `${LOGIN.user}:${LOGIN.password}:write`];
  return await serve({
    args: [...user, "--tls", "require", "--cert", cert, "--key", key, ...args],
  });
}

for (const { client, modes, resumes } of TRIALS) {
  for (const version of VERSIONS) {
    for (const mode of modes) {
      peerTest(
        `serve: ${client.name} over TLS ${version} by ${mode} lists, and moves 0 B, 1 B and 64 MiB`,
        { needs: client.needs },
        async () => {
          await using folder = await tempFolder();
          await using server = await startServer(
            folder.path,
            resumes ? ["--require-tls-reuse"] : [],
          );
          const tls = { version, ca: join(folder.path, "cert.pem") };
          const { host, port, root } = server;
          const session = { ...LOGIN, host, port, mode, folder: folder.path, tls };
          for (const size of [0, 1, 64 * MIB]) {
            await makeFile(join(folder.path, "here.bin"), size);
            const steps: Step[] = [
              { do: "put", local: "here.bin", remote: `${size}.bin` },
              { do: "get", remote: `${size}.bin`, local: `${size}.bin` },
              { do: "list" },
            ];
            const transcript = await client.run(session, steps);
            const sent = await hashFile(join(folder.path, "here.bin"));
            assertEquals(await hashFile(join(root, `${size}.bin`)), sent, transcript);
            assertEquals(await hashFile(join(folder.path, `${size}.bin`)), sent, transcript);
            assertStringIncludes(transcript, `${size}.bin`);
          }
        },
      );
    }
  }
}

for (const version of VERSIONS) {
  peerTest(
    `serve: openssl s_client -starttls ftp over TLS ${version}, and twenty uploads in a row`,
    {
      needs: ["openssl", "python3"],
    },
    async () => {
      await using folder = await tempFolder();
      await using server = await startServer(folder.path);
      const at = `${server.host}:${server.port}`;
      const ca = join(folder.path, "cert.pem");
      const args = ["s_client", "-starttls", "ftp", "-connect", at, "-CAfile", ca, "-crlf"];
      const only = `-tls${version.replace(".", "_")}`;
      const login = `USER ${LOGIN.user}\nPASS ${LOGIN.password}\nPWD\nQUIT\n`;
      const result = await run("openssl", [...args, only, "-verify_return_error", "-ign_eof"], {
        stdin: login,
      });
      assertMatch(result.stdout, /^230 Logged in\r?$/m);
      assertMatch(result.stdout, /^257 "\/"/m);
      assertMatch(result.stdout, /^221 /m);
      assertStringIncludes(result.stdout, "Verify return code: 0 (ok)");

      // Its end is the part of an upload that gets lost most easily.
      const session = { ...LOGIN, host: server.host, port: server.port, folder: folder.path };
      await makeFile(join(folder.path, "here.bin"), 300_001);
      const steps = Array.from({ length: 20 }, (_, number): Step => ({
        do: "put",
        local: "here.bin",
        remote: `${number}.bin`,
      }));
      await ftplib.run({ ...session, mode: "PASV", tls: { version, ca } }, steps);
      const sent = await hashFile(join(folder.path, "here.bin"));
      for (let number = 0; number < 20; number++) {
        assertEquals(await hashFile(join(server.root, `${number}.bin`)), sent);
      }
    },
  );
}

for (const mode of ["active", "passive"]) {
  for (const version of VERSIONS) {
    peerTest(`serve: curl over TLS ${version} goes on in the clear (CCC, ${mode})`, {
      needs: ["curl"],
    }, async () => {
      await using folder = await tempFolder();
      await using server = await startServer(folder.path, ["--allow-ccc"]);
      await makeFile(join(server.root, "down.bin"), MIB);
      const only = [`--tlsv${version}`, "--tls-max", version, "--cacert", "cert.pem"];
      const ccc = ["--ssl-reqd", "--ftp-ssl-ccc", "--ftp-ssl-ccc-mode", mode];
      const url = `ftp://${server.host}:${server.port}/down.bin`;
      const login = ["--user", `${LOGIN.user}:${LOGIN.password}`];
      const args = ["--silent", "--show-error", "--verbose", ...login, ...only, ...ccc];
      const result = await run("curl", [...args, "--output", "got.bin", url], { cwd: folder.path });
      assertEquals(result.code, 0, result.stderr);
      assertMatch(result.stderr, /^< 200 The control connection goes on in the clear\r?$/m);
      assertEquals(
        await hashFile(join(folder.path, "got.bin")),
        await hashFile(join(server.root, "down.bin")),
      );
    });
  }
}

peerTest("serve: curl over implicit TLS, with a certificate that was made for it", {
  needs: ["curl"],
}, async () => {
  await using folder = await tempFolder();
  const config = join(folder.path, "ftpkit.toml");
  await Deno.writeTextFile(config, 'self-signed = true\nimplicit-port = 0\ntls = "require"\n');
  await using server = await serve({ args: ["--config", config] });
  const [, port = ""] = await server.child.waitFor("stdout", /^listening ftps:\/\/\S+:(\d+)\/$/m);
  const [, shown] = await server.child.waitFor("stderr", /^ {2}certificate (sha256:\w+)$/m);
  const kept = join(folder.path, "ftpkit-server.pem");
  assertEquals(readCertificate(await Deno.readTextFile(kept)).fingerprint, shown);
  await makeFile(join(server.root, "down.bin"), MIB);
  const url = `ftps://${server.host}:${port}/down.bin`;
  const args = ["--silent", "--show-error", "--cacert", kept, "--output", "got.bin", url];
  assertEquals(await run("curl", args, { cwd: folder.path }), { code: 0, stdout: "", stderr: "" });
  assertEquals(
    await hashFile(join(folder.path, "got.bin")),
    await hashFile(join(server.root, "down.bin")),
  );
});

peerTest("serve: SIGHUP reads certificates again", { needs: ["openssl"] }, async () => {
  await using folder = await tempFolder();
  await using server = await startServer(folder.path);
  const shown = async (): Promise<string> => {
    const at = `${server.host}:${server.port}`;
    const args = ["s_client", "-starttls", "ftp", "-connect", at];
    const { stdout } = await run("openssl", args, { stdin: "" });
    const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(stdout)?.[0] ?? "";
    return readCertificate(pem).fingerprint;
  };
  assertEquals(await shown(), readCertificate(LOCAL_IDENTITY.cert).fingerprint);
  const next = await makeSelfSigned({ names: ["localhost"], days: 1 });
  await Deno.writeTextFile(join(folder.path, "cert.pem"), next.cert);
  server.child.signal("SIGHUP");
  await server.child.waitFor("stderr", /not read again: .*the key does not belong to/);
  assertEquals(await shown(), readCertificate(LOCAL_IDENTITY.cert).fingerprint);
  await Deno.writeTextFile(join(folder.path, "key.pem"), next.key);
  server.child.signal("SIGHUP");
  await server.child.waitFor("stderr", /configuration read again/);
  assertEquals(await shown(), readCertificate(next.cert).fingerprint);
});
