/**
 * The project's own lint rules: which layer may import which, and no reply code written by hand.
 *
 * @module
 */

/** What each layer may import from inside the repository. `main.ts` has a rule of its own. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  shared: ["shared"],
  server: ["server", "shared"],
  client: ["client", "shared"],
};

/** The folders of a layer: each may import those before it, and the rooms that are in none. */
const FOLDERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["client", [
    "listing",
    "output",
    "connection",
    "session",
    "directory",
    "transfer",
    "tree",
    "shell",
  ]],
  ["server", [
    "system",
    "toml",
    "accounts",
    "configuration",
    "events",
    "storage",
    "admission",
    "data",
    "listing",
    "session",
    "transfer",
    "commands",
    "control",
    "supervisor",
  ]],
]);

/** What `main.ts` may import: the command-line entries, and the errors that it turns into exit codes. */
const MAIN_IMPORTS = /^((server|client)\/[a-z_/]*_command\.ts|shared\/[a-z_]+\.ts|deno\.json)$/;

const REPLY_LITERAL = /^[1-5]\d\d(?:[ -]|$)/;

/** Names of places that hold a reply code, and of functions that take one. */
const CODE_NAME = /\b(?:reply)?code\b/i;
const REPLY_FUNCTION = /reply$/i;

/** The repository is the folder above this plugin. */
const ROOT = new URL("..", import.meta.url);

/** A path inside the repository, from its top folder, or undefined. */
function insideRepository(path: string): string | undefined {
  const root = decodeURIComponent(ROOT.pathname);
  return path.startsWith(root) ? path.slice(root.length) : undefined;
}

/** What a specifier in the file `from` leads to. */
function resolveImport(from: string, specifier: string): string {
  const base = new URL(from.split("/").map(encodeURIComponent).join("/"), ROOT);
  const path = decodeURIComponent(new URL(specifier, base).pathname);
  return insideRepository(path) ?? path;
}

function layerProblem(from: string, to: string): string | undefined {
  if (from === "main.ts") {
    return MAIN_IMPORTS.test(to) ? undefined : `main.ts must not import ${to}`;
  }
  const allowed = ALLOWED[from.split("/")[0] ?? ""];
  if (allowed === undefined) return undefined;
  if (allowed.includes(to.split("/")[0] ?? "")) return folderProblem(from, to);
  return `${from.split("/")[0]}/ must not import ${to}`;
}

function folderProblem(from: string, to: string): string | undefined {
  const [layer = "", folder] = from.split("/");
  const rank = folderRank(from);
  return rank >= 0 && to.startsWith(`${layer}/`) && folderRank(to) > rank
    ? `${layer}/${folder}/ must not import ${to}`
    : undefined;
}

/** The place of a room's folder in the order of its layer; -1 where it has none. */
function folderRank(path: string): number {
  const [layer = "", folder = "", room] = path.split("/");
  return room === undefined ? -1 : FOLDERS.get(layer)?.indexOf(folder) ?? -1;
}

const layerDirection: Deno.lint.Rule = {
  create(context) {
    const from = insideRepository(context.filename);
    if (from === undefined) return {};
    const check = (node: Deno.lint.Node, specifier: unknown): void => {
      if (typeof specifier !== "string" || !/^(?:\.|\/|file:)/.test(specifier)) return;
      const problem = layerProblem(from, resolveImport(from, specifier));
      if (problem === undefined) return;
      context.report({
        node,
        message: problem,
        hint: "shared/ imports nothing above it, server/ and client/ only shared/, main.ts only " +
          "entries, a folder only those before it in its layer",
      });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source.value),
      ExportNamedDeclaration: (node) => check(node, node.source?.value),
      ExportAllDeclaration: (node) => check(node, node.source.value),
      ImportExpression: (node) => check(node, textOfLiteral(node.source)),
      TSImportType(node) {
        if (node.argument.type === "TSLiteralType") {
          check(node, textOfLiteral(node.argument.literal));
        }
      },
    };
  },
};

/** The value of a string or of a template without holes. */
function textOfLiteral(node: Deno.lint.Node): unknown {
  if (node.type === "Literal") return node.value;
  return node.type === "TemplateLiteral" && node.quasis.length === 1
    ? node.quasis[0]?.cooked
    : undefined;
}

/** The part of the code that says what the number in `place` is for, and how that would be called. */
function purposeOf(place: Deno.lint.Node): [Deno.lint.Node, RegExp] | undefined {
  switch (place.type) {
    case "Property":
    case "PropertyDefinition":
      return [place.key, CODE_NAME];
    case "VariableDeclarator":
      return [place.id, CODE_NAME];
    case "AssignmentExpression":
    case "AssignmentPattern":
      return [place.left, CODE_NAME];
    case "BinaryExpression":
      return [place, CODE_NAME];
    case "SwitchCase":
      return place.parent.type === "SwitchStatement"
        ? [place.parent.discriminant, CODE_NAME]
        : undefined;
    case "CallExpression":
    case "NewExpression":
      return [place.callee, REPLY_FUNCTION];
    default:
      return undefined;
  }
}

const replyLiteral: Deno.lint.Rule = {
  create(context) {
    const from = insideRepository(context.filename);
    if (from === undefined || !from.startsWith("server/")) return {};
    const report = (node: Deno.lint.Node): void =>
      context.report({
        node,
        message: "Reply codes are written in shared/reply_code.ts alone",
        hint: 'Use reply("name") with a name from the table',
      });
    return {
      Literal(node) {
        if (typeof node.value === "string" && REPLY_LITERAL.test(node.value)) report(node);
        if (typeof node.value !== "number" || !/^[1-5]\d\d$/.test(node.raw)) return;
        const [purpose, name] = purposeOf(node.parent) ?? [];
        if (purpose !== undefined && name?.test(context.sourceCode.getText(purpose))) report(node);
      },
      TemplateLiteral(node) {
        const first = node.quasis[0];
        if (first !== undefined && REPLY_LITERAL.test(first.cooked)) report(node);
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "ftpkit",
  rules: { "layer-direction": layerDirection, "reply-literal": replyLiteral },
};

export default plugin;
