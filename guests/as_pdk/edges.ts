// What the helpers do at their edges: sizes around 8 bytes, text that needs escapes, memory that runs out. Compiled with
// and without PLUGWRIGHT_BULK.
import { Config, Host, Http, HttpRequest, LogLevel, Memory, Var, error, log, parseHeaders, quote } from "../../pdks/assemblyscript/plugwright";

/** Takes the input into the plug-in's memory and back. */
export function copy(): i32 {
  Host.output(Host.input());
  return 0;
}

/** The same as text. */
export function copy_text(): i32 {
  Host.outputString(Host.inputString());
  return 0;
}

/** The input as a JSON string. */
export function quote_input(): i32 {
  Host.outputString(quote(Host.inputString()));
  return 0;
}

/** Nothing at all, where bytes may be given. */
export function nothing(): i32 {
  const empty = new Uint8Array(0);
  if (Memory.allocateBytes(empty).offset != 0) return error("a block of no bytes");
  Var.set("empty", empty);
  if (Var.get("empty") !== null) return error("an empty variable");
  if (Var.getString("empty") !== null) return error("an empty variable as text");
  if (Memory.at(0).toUint8Array().length != 0) return error("bytes of no block");
  Memory.at(0).free();
  Host.log(LogLevel.Error, "");
  Host.output(empty);
  return 0;
}

/** Posts the input to the configured URL, with a header that needs escapes. The response is the output. */
export function post(): i32 {
  const url = Config.get("url");
  const header = Config.get("header");
  if (url === null) return error("no URL");
  const request = new HttpRequest(url);
  request.method = "post";
  request.headers.set("X-Quoted", 'say "hi" \\ to C:\\');
  request.headers.set("X-Config", header === null ? "" : header);
  Host.output(Http.request(request, Host.input()).body);
  return 0;
}

/** A header of the response to a GET of the configured URL; the input is its name in lower case. */
export function header(): i32 {
  const url = Config.get("url");
  if (url === null) return error("no URL");
  const headers = Http.get(url).headers;
  const name = Host.inputString();
  if (headers.has(name)) Host.outputString(headers.get(name));
  return 0;
}

/** The input is headers in JSON: a line for each. */
export function lines(): i32 {
  const headers = parseHeaders(Host.inputString());
  const names = headers.keys();
  let text = "";
  for (let i = 0; i < names.length; i++) text += names[i] + "=" + headers.get(names[i]) + "\n";
  Host.outputString(text);
  return 0;
}

/** Bytes by hand, through blocks of values. */
export function by_block(): i32 {
  const configured = Config.getMemory("kept");
  if (configured === null) return error("no config");
  if (Config.getMemory("missing") !== null || Var.getMemory("missing") !== null) return error("a block of nothing");
  Var.setString("kept", configured.toString());
  const kept = Var.getMemory("kept");
  if (kept === null || kept.length != configured.length) return error("no variable");
  kept.store(Host.input());
  const changed = new Uint8Array(<i32>kept.length);
  kept.load(changed);
  configured.load(changed.subarray(1, 3));
  Host.output(changed);
  return 0;
}

/** Reads more than a block has. */
export function load_too_much(): i32 {
  const block = Memory.allocate(9);
  Memory.allocate(100);
  block.load(new Uint8Array(10));
  return 0;
}

/** Writes more than a block has room for. */
export function store_too_much(): i32 {
  const block = Memory.allocate(9);
  Memory.allocate(100);
  block.store(new Uint8Array(10));
  return 0;
}

/** Writes until no kernel memory is left, which must end the call rather than write to offset 0. */
export function exhaust(): i32 {
  const zeros = new Uint8Array(4096);
  while (true) Memory.allocateBytes(zeros);
}

/** A check of the compiler fails. */
export function out_of_bounds(): i32 {
  const bytes = Host.input();
  return bytes[bytes.length];
}

export function fail_with_zero(): i32 {
  return error("code 0 would be success", 0);
}

export function log_info(): i32 {
  log(Host.inputString());
  return 0;
}
