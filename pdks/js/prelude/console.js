// console: each message goes to the host's log, at the level of its method.
import * as native from "plugwright:native";
import { mappedStack } from "./errors.js";
import { format, inspect } from "./inspect.js";
import { define } from "./values.js";

const [TRACE, DEBUG, INFO, WARN, ERROR] = [0, 1, 2, 3, 4];

let indent = "";
const counts = new Map();
const started = new Map();

const write = (level, text) => native.log(level, indent === "" ? text : indent + text.replaceAll("\n", `\n${indent}`));
const at = (level) => (...values) => write(level, format(values));

/** Rows and columns of what console.table shows; undefined if it has none. */
function cells(data, columns) {
  if (data === null || typeof data !== "object") return undefined;
  const entries = data instanceof Map ? [...data] : data instanceof Set ? [...data].entries() : Object.entries(data);
  const names = new Set(columns);
  let hasValues = false;
  const rows = [];
  for (const [index, row] of entries) {
    const isRow = row !== null && typeof row === "object";
    if (isRow && columns === undefined) Object.keys(row).forEach((name) => names.add(name));
    hasValues ||= !isRow;
    rows.push({ index: String(index), row, isRow });
  }
  const head = ["(index)", ...names, ...(hasValues ? ["Values"] : [])];
  const body = rows.map(({ index, row, isRow }) => [
    index,
    ...[...names].map((name) => (isRow && Object.hasOwn(row, name) ? inspect(row[name]) : "")),
    ...(hasValues ? [isRow ? "" : inspect(row)] : []),
  ]);
  return [head, ...body];
}

function table(data, columns) {
  const rows = cells(data, columns);
  if (rows === undefined) return format([data]);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)) + 2);
  const rule = (left, middle, right) => left + widths.map((width) => "─".repeat(width)).join(middle) + right;
  const line = (row) => `│${row.map((cell, column) => ` ${cell}`.padEnd(widths[column])).join("│")}│`;
  const [head, ...body] = rows.map(line);
  return [rule("┌", "┬", "┐"), head, rule("├", "┼", "┤"), ...body, rule("└", "┴", "┘")].join("\n");
}

function sinceStart(label) {
  const start = started.get(label);
  return start === undefined ? undefined : `${label}: ${(native.steadyTime() - start).toFixed(3)} ms`;
}

const missing = (label) => write(WARN, `console.time was not called for \`${label}\``);

function group(...values) {
  if (values.length > 0) write(INFO, format(values));
  indent += "  ";
}

const console = {
  trace: (...values) => write(TRACE, `Trace: ${format(values)}\n${mappedStack(new Error())}`),
  debug: at(DEBUG),
  log: at(INFO),
  info: at(INFO),
  warn: at(WARN),
  error: at(ERROR),
  assert(condition, ...values) {
    if (!condition) write(ERROR, values.length === 0 ? "Assertion failed" : `Assertion failed: ${format(values)}`);
  },
  count(label = "default") {
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    write(INFO, `${label}: ${count}`);
  },
  countReset: (label = "default") => void counts.delete(label),
  dir: (value) => write(INFO, inspect(value)),
  dirxml: at(INFO),
  group,
  groupCollapsed: group,
  groupEnd() {
    indent = indent.slice(2);
  },
  table: (data, columns) => write(INFO, table(data, columns)),
  time: (label = "default") => void started.set(label, native.steadyTime()),
  timeLog(label = "default", ...values) {
    const text = sinceStart(label);
    if (text === undefined) missing(label);
    else write(INFO, format([text, ...values]));
  },
  timeEnd(label = "default") {
    const text = sinceStart(label);
    if (text === undefined) missing(label);
    else write(INFO, text);
    started.delete(label);
  },
};

define("console", console);
