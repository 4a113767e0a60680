// A value as text for a person to read: console and error messages.

const MOST_DEPTH = 4;
const MOST_ITEMS = 100;
const LINE = 72;

const isName = (key) => /^[A-Za-z_$][\w$]*$/.test(key);
const keyText = (key) => (typeof key === "symbol" ? `[${String(key)}]` : isName(key) ? key : JSON.stringify(key));

function leaf(value) {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "function":
      return `[function ${value.name || "(anonymous)"}]`;
    default:
      return String(value);
  }
}

/** An error with its stack, and what caused it. `stackOf` gives the stack as text. */
export function errorText(error, stackOf) {
  const stack = stackOf(error);
  let text = error.message === "" ? String(error.name) : `${error.name}: ${error.message}`;
  if (stack !== "") text += `\n${stack}`;
  if (error.cause !== undefined) {
    text += `\nCaused by: ${error.cause instanceof Error ? errorText(error.cause, stackOf) : inspect(error.cause)}`;
  }
  return text;
}

function wrapped(open, items, close, indent) {
  if (items.length === 0) return open + close;
  const line = `${open} ${items.join(", ")} ${close}`;
  if (line.length <= LINE && !line.includes("\n")) return line;
  const inner = `${indent}  `;
  return `${open}\n${items.map((item) => inner + item).join(",\n")}\n${indent}${close}`;
}

function limited(iterable, size, show) {
  const items = [];
  for (const item of iterable) {
    if (items.length === MOST_ITEMS) {
      items.push(`… ${size - MOST_ITEMS} more`);
      break;
    }
    items.push(show(item));
  }
  return items;
}

function nested(value, depth, indent, seen) {
  if (value === null || typeof value !== "object") return leaf(value);
  if (seen.includes(value)) return "[circular]";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) return errorText(value, (error) => error.stack?.trimEnd() ?? "");
  const name = value.constructor?.name ?? "null prototype";
  if (depth > MOST_DEPTH) return `[${name}]`;
  const within = [...seen, value];
  const show = (item) => nested(item, depth + 1, `${indent}  `, within);
  if (Array.isArray(value)) return wrapped("[", limited(value, value.length, show), "]", indent);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return wrapped(`${name}(${value.length}) [`, limited(value, value.length, show), "]", indent);
  }
  if (value instanceof ArrayBuffer) return `ArrayBuffer { ${value.byteLength} bytes }`;
  if (value instanceof Map) {
    const items = limited(value, value.size, ([key, item]) => `${show(key)} => ${show(item)}`);
    return wrapped(`Map(${value.size}) {`, items, "}", indent);
  }
  if (value instanceof Set) return wrapped(`Set(${value.size}) {`, limited(value, value.size, show), "}", indent);
  if (value instanceof Promise) return "Promise {}";
  const keys = Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  const items = limited(keys, keys.length, (key) => `${keyText(key)}: ${show(value[key])}`);
  return wrapped(name === "Object" ? "{" : `${name} {`, items, "}", indent);
}

/** Any value. Texts have quotes. */
export const inspect = (value) => nested(value, 0, "", []);

const FORMATS = {
  s: (value) => (typeof value === "string" ? value : typeof value === "object" ? inspect(value) : String(value)),
  d: (value) => String(typeof value === "bigint" ? value : Number(value)),
  i: (value) => String(parseInt(value, 10)),
  f: (value) => String(parseFloat(value)),
  j: (value) => JSON.stringify(value),
  o: inspect,
  O: inspect,
  c: () => "",
};

/** What console.log makes of its arguments. */
export function format(values) {
  let rest = values;
  const parts = [];
  if (typeof values[0] === "string" && values.length > 1) {
    rest = values.slice(1);
    parts.push(values[0].replace(/%([sdifjoOc%])/g, (found, kind) => {
      if (kind === "%") return "%";
      return rest.length === 0 ? found : FORMATS[kind](rest.shift());
    }));
  }
  for (const value of rest) parts.push(typeof value === "string" ? value : inspect(value));
  return parts.join(" ");
}
