import { testContract } from "./contract.ts";
import { Shared } from "./support.ts";

testContract("LocalStorage", async () => {
  const shared = await Shared.open();
  return {
    storage: shared.storage,
    age: () => shared.age(),
    [Symbol.asyncDispose]: () => shared[Symbol.asyncDispose](),
  };
});
