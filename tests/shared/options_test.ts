import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UsageError } from "../../shared/errors.ts";
import { type CommandUsage, helpText, nearest, parseOptions } from "../../shared/options.ts";

const USAGE: CommandUsage = {
  name: "play",
  synopsis: "[OPTIONS] FILE",
  summary: "Plays.",
  examples: ["ftpkit play one", "ftpkit play -P 2121 two"],
  operands: { min: 1, max: 2, missing: "FILE" },
  options: {
    port: { short: "P", value: "N", help: "a port" },
    user: { short: "u", value: "NAME", repeatable: true, help: "who" },
    mode: { value: "MODE", choices: ["slow", "fast"], help: "how" },
    wait: { value: "S", help: "how long" },
    verbose: { short: "v", repeatable: true, help: "say more" },
    "no-wait": { help: "at once" },
  },
};

const VALUES:
  readonly (readonly [args: readonly string[], option: string, values: readonly string[]])[] = [
    [["x"], "port", []],
    [["-P", "2121", "x"], "port", ["2121"]],
    [["-P2121", "x"], "port", ["2121"]],
    [["x", "--port=2121"], "port", ["2121"]],
    [["--port", "2121", "x"], "port", ["2121"]],
    [["-u", "a", "--user=b", "-uc", "x"], "user", ["a", "b", "c"]],
    [["--user=", "x"], "user", [""]],
    [["-vv", "x", "-v"], "verbose", ["", "", ""]],
    [["--mode", "fast", "x"], "mode", ["fast"]],
    [["-vP", "7", "x"], "port", ["7"]],
  ];

for (const [args, option, values] of VALUES) {
  Deno.test(`parseOptions: ${args.join(" ")} gives --${option}`, () => {
    const parsed = parseOptions(USAGE, args);
    assertEquals(parsed?.all(option), values);
    assertEquals(parsed?.count(option), values.length);
    assertEquals(parsed?.has(option), values.length > 0);
    assertEquals(parsed?.operands, ["x"]);
  });
}

const REFUSED: readonly (readonly [args: readonly string[], message: string])[] = [
  [[], "Missing FILE: ftpkit play [OPTIONS] FILE"],
  [["a", "b", "c"], 'Unexpected argument "c"'],
  [["a", "b", "ftp://me:se@cret@h/"], 'Unexpected argument "ftp://me:***@h/"'],
  [["--prot", "1", "a"], "Unknown option --prot (did you mean --port?)"],
  [["--zzzzzzzzzz", "a"], "Unknown option --zzzzzzzzzz"],
  [["-x", "a"], "Unknown option -x"],
  [["--constructor", "a"], "Unknown option --constructor"],
  [["a", "--port"], "Option --port needs a value: N"],
  [["--no-wait=1", "a"], "Option --no-wait takes no value"],
  [["--mode", "middling", "a"], 'Invalid --mode "middling": must be one of slow, fast'],
  [["-P", "1", "-P", "2", "a"], "Option -P is given twice"],
];

for (const [args, message] of REFUSED) {
  Deno.test(`parseOptions: "${args.join(" ")}" is refused`, () => {
    assertEquals(assertThrows(() => parseOptions(USAGE, args), UsageError).message, message);
  });
}

Deno.test("parseOptions: everything behind -- is an argument", () => {
  assertEquals(parseOptions(USAGE, ["--", "-P", "--help"])?.operands, ["-P", "--help"]);
});

Deno.test("parseOptions: help wins over what is missing", () => {
  assertEquals(parseOptions(USAGE, ["--help"]), null);
  assertEquals(parseOptions(USAGE, ["-h"]), null);
});

const NUMBERS: readonly (readonly [string, number | null])[] = [
  ["0", null],
  ["1", 1],
  ["65535", 65535],
  ["65536", null],
  ["-1", null],
  ["1.5", null],
  ["1e3", null],
  [" 7", null],
  ["", null],
  ["0x10", null],
];

for (const [text, expected] of NUMBERS) {
  Deno.test(`ParsedOptions.integer: "${text}" from 1 to 65535`, () => {
    const parsed = parseOptions(USAGE, [`--port=${text}`, "x"]);
    const read = (): number | undefined =>
      parsed?.integer("port", { min: 1, max: 65535, default: 9 });
    if (expected !== null) return assertEquals(read(), expected);
    const { message } = assertThrows(read, UsageError);
    assertEquals(message, `Invalid --port "${text}": not a whole number from 1 to 65535`);
  });
}

const SECONDS: readonly (readonly [string, number | null])[] = [
  ["1", 1000],
  ["0.25", 250],
  ["1000000", 1_000_000_000],
  ["1000001", null],
  ["0", null],
  ["-1", null],
  ["1s", null],
  ["Infinity", null],
];

for (const [text, expected] of SECONDS) {
  Deno.test(`ParsedOptions.seconds: "${text}"`, () => {
    const parsed = parseOptions(USAGE, [`--wait=${text}`, "x"]);
    const read = (): number | undefined => parsed?.seconds("wait", 5);
    if (expected === null) assertThrows(read, UsageError, `Invalid --wait "${text}"`);
    else assertEquals(read(), expected);
  });
}

Deno.test("ParsedOptions: defaults stand where nothing was given", () => {
  const parsed = parseOptions(USAGE, ["x"]);
  assertEquals(parsed?.seconds("wait", 5), 5000);
  assertEquals(parsed?.integer("port", { min: 1, max: 9, default: 7 }), 7);
  assertEquals(parsed?.text("mode"), undefined);
});

Deno.test("parseOptions: any arguments are parsed or refused, never anything else", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom("--", "-", "--port", "-P", "-v", "--mode=fast", "--no-wait", "-h", "-vvP"),
  );
  fc.assert(fc.property(fc.array(word), (args) => {
    try {
      parseOptions(USAGE, args);
    } catch (error) {
      assert(error instanceof UsageError, String(error));
    }
  }));
});

Deno.test("helpText: examples first, then every option with its value and its help", () => {
  const text = helpText(USAGE);
  assert(text.startsWith("  ftpkit play one\n  ftpkit play -P 2121 two\n\nUsage: ftpkit play "));
  for (const [name, { value, choices, help }] of Object.entries(USAGE.options)) {
    const shown = choices?.join("|") ?? value;
    assert(text.includes(`--${name}${shown === undefined ? "" : ` ${shown}`}`), name);
    assert(text.includes(help), name);
  }
  assert(text.includes("-h, --help"));
});

Deno.test("helpText: -h is not the help where an option has that letter", () => {
  const options = { human: { short: "h", help: "sizes" } };
  const usage = { ...USAGE, options };
  assert(helpText(usage).includes("-h, --human"));
  assert(helpText(usage).includes("    --help"));
  assertEquals(parseOptions(usage, ["-h", "x"])?.has("human"), true);
});

Deno.test("nearest: close names only", () => {
  assertEquals(nearest("servr", ["serve", "get"]), "serve");
  assertEquals(nearest("xyzzy", ["serve", "get"]), undefined);
  assertEquals(nearest("x", []), undefined);
});
