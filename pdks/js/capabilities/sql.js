// The database that the host granted the plug-in.
import { sql_begin, sql_commit, sql_execute, sql_query, sql_rollback } from "extism:host/user";
import { CapabilityError, json, result } from "./reply.js";

export { CapabilityError };

/** Parameters as the host reads them: bytes are an object, and a bigint is an integer. */
function encoded(params) {
  if (!Array.isArray(params)) throw new CapabilityError("invalid", "the parameters are not an array");
  return `[${params.map(encodedOne).join(",")}]`;
}

function encodedOne(value) {
  if (typeof value === "bigint") return value.toString();
  if (value === undefined) return "null";
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return JSON.stringify({ base64: base64(value) });
  return JSON.stringify(value);
}

function base64(value) {
  const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The rows of a query, each an object with the columns' names. */
export function query(statement, params = []) {
  const { columns, rows } = json(sql_query(statement, encoded(params)));
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
}

/** How many rows a statement has changed. */
export const execute = (statement, params = []) => json(sql_execute(statement, encoded(params))).rows_affected;

/** Does something as one transaction, which is rolled back if it fails. */
export function transaction(work) {
  result(sql_begin());
  let value;
  try {
    value = work();
  } catch (error) {
    result(sql_rollback());
    throw error;
  }
  result(sql_commit());
  return value;
}
