// One type for several JSON values.

/** What a set of values looks like: which kinds occur, what their members look like. */
interface Shape {
  boolean: boolean;
  number: boolean;
  string: boolean;
  null: boolean;
  /** Of all elements of all arrays. */
  array: Shape | null;
  object: { count: number; members: Map<string, { count: number; shape: Shape }> } | null;
}

function emptyShape(): Shape {
  return { boolean: false, number: false, string: false, null: false, array: null, object: null };
}

function look(value: unknown, into: Shape): void {
  if (value === null) into.null = true;
  else if (Array.isArray(value)) {
    into.array ??= emptyShape();
    for (const element of value) look(element, into.array);
  } else if (typeof value === "object") {
    into.object ??= { count: 0, members: new Map() };
    into.object.count += 1;
    for (const [name, member] of Object.entries(value as object)) {
      let known = into.object.members.get(name);
      if (known === undefined) into.object.members.set(name, (known = { count: 0, shape: emptyShape() }));
      known.count += 1;
      look(member, known.shape);
    }
  } else if (typeof value === "boolean" || typeof value === "number" || typeof value === "string") {
    into[typeof value as "boolean"] = true;
  }
}

function write(shape: Shape): string {
  const kinds: string[] = [];
  for (const kind of ["boolean", "number", "string"] as const) if (shape[kind]) kinds.push(kind);
  if (shape.array !== null) kinds.push(`readonly (${write(shape.array)})[]`);
  if (shape.object !== null) {
    const { count, members } = shape.object;
    const written = [...members]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      // `| undefined`: absent members read as undefined, with exactOptionalPropertyTypes as without.
      .map(([name, member]) => {
        const isOptional = member.count < count;
        const type = write(member.shape);
        return `readonly ${quoted(name)}${isOptional ? "?" : ""}: ${type}${isOptional ? " | undefined" : ""}`;
      });
    kinds.push(written.length === 0 ? "{ readonly [name: string]: never }" : `{ ${written.join("; ")} }`);
  }
  if (shape.null) kinds.push("null");
  return kinds.length === 0 ? "never" : kinds.join(" | ");
}

/**
 * A type that every one of the values has: kinds as a union, objects merged into one with optional members.
 * Strings and numbers keep no literals, so that another color is not another type.
 */
export function typeOf(values: readonly unknown[]): string {
  const shape = emptyShape();
  for (const value of values) look(value, shape);
  return write(shape);
}

/** A string literal that cannot end early, nor a line or comment around it. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7e]|\*\/|\/\*|\/\//g, (found) =>
    [...Array(found.length).keys()]
      .map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
