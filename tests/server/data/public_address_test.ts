import { assertEquals } from "@std/assert";
import { AddressLookup } from "../../../server/system/address_lookup.ts";
import { PublicAddress } from "../../../server/data/public_address.ts";
import { parsePasvReply } from "../../../shared/endpoint.ts";
import { RawClient } from "../../support/raw_client.ts";
import { Supervised, testConfig } from "../../support/supervised.ts";

const settings = (part: Parameters<typeof testConfig>[1] = {}) => testConfig("/srv", part).session;

Deno.test("PublicAddress.of: the first network that fits, else the public address, else the reached one", () => {
  const addresses = new PublicAddress(settings({
    session: {
      publicAddress: "203.0.113.5",
      publicAddresses: [
        { network: "192.168.7.0/24", address: "192.168.7.1" },
        { network: "192.168.0.0/16", address: "local" },
      ],
    },
  }));
  const reached = "10.0.0.1";
  assertEquals(addresses.of({ client: "192.168.7.9", reached }), "192.168.7.1");
  assertEquals(addresses.of({ client: "192.168.8.9", reached }), "10.0.0.1");
  assertEquals(addresses.of({ client: "8.8.8.8", reached }), "203.0.113.5");
  addresses.tell("203.0.113.6");
  assertEquals(addresses.of({ client: "8.8.8.8", reached }), "203.0.113.6");
  addresses.use(settings());
  assertEquals(addresses.of({ client: "192.168.7.9", reached }), reached);
});

Deno.test("AddressLookup: an address is itself, nothing is nothing", async () => {
  using lookup = new AddressLookup({ onChange: () => {}, resolve: () => Promise.reject("asked") });
  await lookup.use("192.0.2.1");
  assertEquals(lookup.address, "192.0.2.1");
  await lookup.use(undefined);
  assertEquals(lookup.address, undefined);
});

Deno.test("AddressLookup: a change is told; a failure, and another order of the same, are none", async () => {
  const answers: (readonly string[] | Error)[] = [
    ["192.0.2.1"],
    new Error("no such host"),
    ["192.0.2.2", "192.0.2.1"],
    ["192.0.2.3"],
  ];
  const told = Promise.withResolvers<string | undefined>();
  using lookup = new AddressLookup({
    onChange: told.resolve,
    interval: 1,
    resolve: () => {
      const answer = answers.shift() ?? ["192.0.2.3"];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  await lookup.use("ftp.example");
  assertEquals(lookup.address, "192.0.2.1");
  assertEquals(await told.promise, "192.0.2.3");
});

async function passiveHost(client: RawClient): Promise<string> {
  return parsePasvReply((await client.command("PASV", 227)).lines[0] ?? "").hostname;
}

Deno.test("supervise: a host name as public address is looked up, again at a reload, and running sessions follow", async () => {
  let found = ["203.0.113.1"];
  const session = { publicAddress: "ftp.example" };
  await using server = await Supervised.start({ session, resolve: () => Promise.resolve(found) });
  using client = await RawClient.login(server.address);
  assertEquals(await passiveHost(client), "203.0.113.1");
  found = ["203.0.113.2"];
  await server.reload(() => testConfig(server.root, { session }));
  using after = await RawClient.login(server.address);
  assertEquals(await passiveHost(after), "203.0.113.2");
  assertEquals(await passiveHost(client), "203.0.113.2");
});

Deno.test("supervise: a host name that cannot be found is one line in the log, and the last address stays", async () => {
  let fails = true;
  const session = { publicAddress: "ftp.example" };
  await using server = await Supervised.start({
    session,
    resolve: () =>
      fails ? Promise.reject(new Error("no such host")) : Promise.resolve(["192.0.2.7"]),
  });
  await server.log.find(
    /warning public address ftp\.example cannot be found, clients are told the address that they reached: no such host/,
  );
  using client = await RawClient.login(server.address);
  assertEquals(await passiveHost(client), "127.0.0.1");
  fails = false;
  await server.reload(() => testConfig(server.root, { session }));
  fails = true;
  await server.reload(() => testConfig(server.root, { session }));
  await server.log.find(/cannot be found, 192\.0\.2\.7 stays: no such host/);
  using after = await RawClient.login(server.address);
  assertEquals(await passiveHost(after), "192.0.2.7");
});
