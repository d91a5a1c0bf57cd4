/** ftpkit's client through proxies, against the servers of others. */

import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { join } from "@std/path";
import { ftpkit } from "../support/cli.ts";
import { hashFile, makeFile, tempFolder } from "../support/files.ts";
import { peerTest } from "../support/peers.ts";
import { SERVER_NAMES, startServer } from "../support/servers.ts";
import { TestProxy } from "../support/test_proxy.ts";

const WAYS = [
  { kind: "socks", scheme: "socks5h" },
  { kind: "http", scheme: "http" },
] as const;

for (const name of SERVER_NAMES) {
  for (const { kind, scheme } of WAYS) {
    peerTest(
      `ftpkit --proxy ${scheme}: put, get and ls with ${name}`,
      { needs: [name] },
      async () => {
        await using server = await startServer(name);
        await using proxy = new TestProxy(kind, { hosts: { "ftp.invalid": server.host } });
        await using folder = await tempFolder();
        const [here, back] = [join(folder.path, "here"), join(folder.path, "back")];
        await makeFile(here, 3_000_000);
        const call = async (command: string, ...args: readonly string[]): Promise<string> => {
          const options = ["--port", String(server.port), "--user", server.user, "--no-netrc"];
          const result = await ftpkit([command, ...options, "--retries", "0", ...args], {
            env: {
              FTPKIT_PASSWORD: server.password,
              ALL_PROXY: `${scheme}://${proxy.authority}`,
            },
          });
          assertEquals(result.code, 0, result.stderr);
          return result.stdout;
        };
        await call("put", here, "ftp.invalid:there");
        await call("get", "ftp.invalid:there", back);
        assertEquals(await hashFile(back), await hashFile(here));
        assertEquals(await call("ls", "-1", "ftp.invalid:"), "there\n");
        const control = `ftp.invalid:${server.port}`;
        const data = proxy.asked.filter((target) => target !== control);
        // Where a port of EPSV is taken by somebody else, PASV opens another.
        assertEquals(proxy.asked.length - data.length, 3);
        assertGreaterOrEqual(data.length, 3);
        assertEquals(data.filter((target) => !target.startsWith("ftp.invalid:")), []);
      },
    );
  }
}
