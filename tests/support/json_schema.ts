/**
 * Checks values against a JSON Schema: the part of draft 2020-12 that `docs/json.schema.json` uses.
 *
 * @module
 */

/** A schema: an object of keywords. */
export type Schema = Readonly<Record<string, unknown>>;

/** What is wrong with a value; nothing, if it is valid. */
type Problems = readonly string[];

interface Checked {
  readonly value: unknown;
  /** Where the value is, for messages. */
  readonly at: string;
  /** The schema that holds the definitions. */
  readonly root: Schema;
  /** Its neighbours among the keywords. */
  readonly schema: Schema;
}

/** What each keyword demands. One that is not here would be taken for checked, so it is an error. */
const KEYWORDS: Readonly<Record<string, (wanted: unknown, checked: Checked) => Problems>> = {
  $schema: () => [],
  $defs: () => [],
  title: () => [],
  description: () => [],
  $ref: (wanted, { value, at, root }) => {
    const name = String(wanted).match(/^#\/\$defs\/(\w+)$/)?.[1] ?? "";
    return check(value, { at, root, schema: objectOf(objectOf(root["$defs"])[name]) });
  },
  oneOf: (wanted, { value, at, root }) => {
    const all = listOf(wanted).map((each) => check(value, { at, root, schema: objectOf(each) }));
    const valid = all.filter((problems) => problems.length === 0).length;
    return valid === 1 ? [] : [`${at}: ${valid} of ${all.length} fit`, ...all.flat()];
  },
  type: (wanted, { value, at }) =>
    typesOf(value).includes(String(wanted)) ? [] : [`${at}: no ${wanted}`],
  enum: (wanted, { value, at }) => listOf(wanted).includes(value) ? [] : [`${at}: ${value}`],
  const: (wanted, { value, at }) => value === wanted ? [] : [`${at}: ${value}`],
  minimum: (wanted, { value, at }) => Number(value) >= Number(wanted) ? [] : [`${at}: ${value}`],
  minLength: (wanted, { value, at }) =>
    String(value).length >= Number(wanted) ? [] : [`${at}: "${value}"`],
  pattern: (wanted, { value, at }) =>
    new RegExp(String(wanted), "u").test(String(value)) ? [] : [`${at}: "${value}"`],
  properties: (wanted, { value, at, root }) => {
    const schemas = objectOf(wanted);
    return Object.entries(objectOf(value)).flatMap(([name, member]) =>
      Object.hasOwn(schemas, name)
        ? check(member, { at: `${at}.${name}`, root, schema: objectOf(schemas[name]) })
        : []
    );
  },
  required: (wanted, { value, at }) =>
    listOf(wanted).filter((name) => !Object.hasOwn(objectOf(value), String(name)))
      .map((name) => `${at}.${name} is missing`),
  additionalProperties: (wanted, { value, at, schema }) => {
    if (wanted !== false) throw new TypeError("additionalProperties: only false");
    const known = objectOf(schema["properties"]);
    return Object.keys(objectOf(value)).filter((name) => !Object.hasOwn(known, name))
      .map((name) => `${at}.${name} is not described`);
  },
};

/**
 * Checks a value.
 *
 * @param value From `JSON.parse`.
 * @param schema The whole schema.
 * @returns What is wrong, a line each.
 * @throws {TypeError} If the schema holds a keyword that is not checked here.
 */
export function schemaProblems(value: unknown, schema: Schema): Problems {
  return check(value, { at: "$", root: schema, schema });
}

function check(value: unknown, place: Omit<Checked, "value">): Problems {
  return Object.entries(place.schema).flatMap(([keyword, wanted]) => {
    const demand = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
    if (demand === undefined) throw new TypeError(`unknown keyword ${keyword}`);
    return demand(wanted, { ...place, value });
  });
}

function typesOf(value: unknown): readonly string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  return Number.isInteger(value) ? ["integer", "number"] : [typeof value];
}

function objectOf(value: unknown): Schema {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
