// Errors: stacks that show the author's lines, and what a person or the driver is told.
import { errorText, inspect } from "./inspect.js";

/** Source maps by file name, as text until they are needed. */
const maps = new Map();

export function setSourceMap(file, map) {
  maps.set(file, { sources: map.sources, mappings: map.mappings });
}

/** How many characters stand before a file's own first one in what was compiled. */
const prefixes = new Map();

export function setPrefix(file, length) {
  prefixes.set(file, length);
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The numbers of one segment: base 64, 5 bits a digit, the sign in the lowest bit. */
function numbersOf(segment) {
  const numbers = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if ((bits & 32) === 0) {
      numbers.push(value % 2 === 1 ? -Math.floor(value / 2) : value / 2);
      value = 0;
      shift = 0;
    }
  }
  return numbers;
}

/** Where a line and column (both from 1) of a file were written: those of the last segment at or before it. */
function original(file, line, compiledColumn) {
  const map = maps.get(file);
  const column = line === 1 ? Math.max(compiledColumn - (prefixes.get(file) ?? 0), 1) : compiledColumn;
  if (map === undefined) return { file, line, column };
  const lines = map.mappings.split(";");
  let [source, sourceLine, sourceColumn] = [0, 0, 0];
  let found;
  for (let i = 0; i < line && i < lines.length; i++) {
    let generated = 0;
    for (const segment of lines[i] === "" ? [] : lines[i].split(",")) {
      const [advance, ...origin] = numbersOf(segment);
      generated += advance;
      if (origin.length < 3) continue;
      source += origin[0];
      sourceLine += origin[1];
      sourceColumn += origin[2];
      if (i === line - 1 && (generated < column || found === undefined)) {
        found = { file: map.sources[source] ?? file, line: sourceLine + 1, column: sourceColumn + 1 };
      }
    }
  }
  return found ?? { file, line, column };
}

/** `    at name (file:line:column)`, or without a name and parentheses where a syntax error is. */
const PLACES = [/^(\s*at .*\()(.+):(\d+):(\d+)(\))$/, /^(\s*at )(.+):(\d+):(\d+)()$/];

/** The parts of a frame's line: what stands before the place, file, line, column, and what stands after; `null` if it has no place. */
const partsOf = (frame) => PLACES[0].exec(frame)?.slice(1) ?? PLACES[1].exec(frame)?.slice(1) ?? null;

/** A frame's line with its place mapped; undefined for frames of the engine and the prelude. */
function mappedFrame(frame) {
  if (frame.includes("plugwright:prelude/") || /\((native|<request>|<input>)\)$/.test(frame)) return undefined;
  const parts = partsOf(frame);
  if (parts === null) return frame;
  const [before, file, line, column, after] = parts;
  const place = original(file, Number(line), Number(column));
  return `${before}${place.file}:${place.line}:${place.column}${after}`;
}

/** The frames of an error that are the author's, one a line, each indented. */
export function mappedStack(error) {
  const stack = error.stack;
  if (typeof stack !== "string") return "";
  return stack.split("\n").filter((frame) => frame !== "").map(mappedFrame).filter((frame) => frame !== undefined).join("\n");
}

/** What a call that failed says. */
export function describe(error) {
  if (error instanceof Error) return errorText(error, mappedStack);
  return typeof error === "string" ? error : inspect(error);
}

/** What the driver is told when building failed, as JSON. */
export function locate(error) {
  const isError = error instanceof Error;
  const stack = isError ? mappedStack(error) : "";
  const first = partsOf(stack.split("\n")[0]);
  const place = first === null ? {} : { file: first[1], line: Number(first[2]), column: Number(first[3]) };
  return JSON.stringify({
    error: {
      name: isError ? String(error.name) : "Error",
      message: isError ? String(error.message) : describe(error),
      ...place,
      stack,
    },
  });
}
