// The contract, as plug-in authors know it: Host, Config, Var, Http.
import * as native from "plugwright:native";
import { hostFunctions } from "./host_functions.js";
import { define, mustBeBytes, toBytes, toJSON } from "./values.js";

let outputWasSet = false;

/** Whether the plug-in has set the call's output by itself since this was last asked. */
export function takeOutputWasSet() {
  const result = outputWasSet;
  outputWasSet = false;
  return result;
}

const Host = {
  inputBytes: () => native.inputBytes().buffer,
  inputString: () => native.inputText(),
  inputJSON: () => native.inputJSON(),
  outputBytes(bytes) {
    native.outputBytes(mustBeBytes(bytes, "what Host.outputBytes writes"));
    outputWasSet = true;
  },
  outputString(text) {
    native.outputText(String(text));
    outputWasSet = true;
  },
  outputJSON(value) {
    native.outputText(toJSON(value, "what Host.outputJSON writes"));
    outputWasSet = true;
  },
  getFunctions: () => ({ ...hostFunctions() }),
  arrayBufferToBase64: (bytes) => mustBeBytes(bytes, "what Host.arrayBufferToBase64 encodes").toBase64(),
  base64ToArrayBuffer: (text) => Uint8Array.fromBase64(text).buffer,
};

const Config = {
  get: (key) => native.configGet(String(key)),
};

const textOf = (bytes) => (bytes === null ? null : native.decodeUtf8(bytes));

const Var = {
  get: (key) => textOf(native.varGet(String(key))),
  getString: (key) => textOf(native.varGet(String(key))),
  getBytes: (key) => native.varGet(String(key))?.buffer ?? null,
  set(key, value) {
    const bytes = value === null || value === undefined ? null : toBytes(value, `the variable \`${key}\``);
    native.varSet(String(key), bytes);
  },
};

/** Sends a request: `{status, headers, bytes}`. `body` is text, bytes or nothing. */
export function send(request, body) {
  const { url, method, headers } = request;
  const bytes = body === null || body === undefined ? null : toBytes(body, "the body of a request");
  const answer = native.httpRequest(JSON.stringify({ url: String(url), method, headers }), bytes);
  const answered = native.httpHeaders();
  return {
    status: native.httpStatus(),
    headers: answered === null ? {} : JSON.parse(answered),
    bytes: answer ?? new Uint8Array(0),
  };
}

const Http = {
  /** `body` of the response is its text, `bytes` what arrived. */
  request(request, body) {
    const { status, headers, bytes } = send(request, body);
    return { status, headers, bytes, body: native.decodeUtf8(bytes) };
  },
};

define("Host", Host);
define("Config", Config);
define("Var", Var);
define("Http", Http);
