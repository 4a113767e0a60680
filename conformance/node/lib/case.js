/**
 * The format of a case: what `conformance/README.md` describes, with nothing unknown let through.
 *
 * @typedef {{ byte: number, count: number }} Repeat
 * @typedef {{ kind: string, code?: number, message_contains?: string[] }} ExpectError
 * @typedef {{ level: string, contains: string }} ExpectLog
 * @typedef {{ max_pages?: number, max_http_response_bytes?: number, max_var_bytes?: number }} Memory
 * @typedef {{
 *   wasi?: boolean, config?: Record<string, string>, allowed_hosts?: string[], allowed_paths?: Record<string, string>,
 *   env?: Record<string, string>, args?: string[], stdin?: string, stdio?: 'closed' | 'capture', memory?: Memory,
 *   timeout_ms?: number, fuel?: number, max_log_bytes?: number, max_output_bytes?: number,
 *   log_level?: string, http_response_headers?: boolean,
 * }} Options
 * @typedef {{ name: string, module?: string }} HostFunctionUse
 * @typedef {{
 *   output?: string, output_base64?: string, output_json?: unknown, output_contains?: string[],
 *   output_repeat?: Repeat, output_length?: number, error?: ExpectError,
 * }} Outcomes
 * @typedef {{
 *   function: string, input?: string, input_base64?: string, input_repeat?: Repeat, repeat?: number,
 *   expect: 'any_output' | Outcomes, expect_logs?: ExpectLog[], expect_stdout?: string, expect_stderr?: string,
 * }} Step
 * @typedef {{
 *   name: string, about?: string, guest?: string, manifest?: { wasm?: { path?: string }[] } & Record<string, unknown>,
 *   source?: string, source_base64?: string, options?: Options, host_functions?: (string | HostFunctionUse)[],
 *   kv?: Record<string, string>, files?: Record<string, string>, live_plugins?: number,
 *   load_error?: ExpectError, steps?: Step[],
 * }} Case
 */

const KINDS = new Set(
  `InvalidManifest Load HashMismatch Compile Link FunctionNotFound Signature Guest Trap Contract Timeout Cancelled
   OutOfFuel OutOfMemory Exit HostFunction Http Encode Decode Limit`.split(/\s+/),
);

const LEVELS = new Set(['trace', 'debug', 'info', 'warn', 'error', 'off']);

const OUTCOMES = new Set([
  'output',
  'output_base64',
  'output_json',
  'output_contains',
  'output_repeat',
  'output_length',
  'error',
]);

// What an object of each kind may have; `!` marks what it must have.
const FIELDS = {
  case: `name! about guest manifest source source_base64 options host_functions kv files live_plugins load_error steps`,
  options: `wasi config allowed_hosts allowed_paths env args stdin stdio memory timeout_ms fuel max_log_bytes
            max_output_bytes log_level http_response_headers`,
  memory: `max_pages max_http_response_bytes max_var_bytes`,
  function: `name! module`,
  step: `function! input input_base64 input_repeat repeat expect! expect_logs expect_stdout expect_stderr`,
  repeat: `byte! count!`,
  error: `kind! code message_contains`,
  log: `level! contains!`,
};

/** A case that does not follow the format; the message says where. */
export class InvalidCaseError extends Error {}

/**
 * Refuses a case that does not follow the format.
 *
 * @param {Case} raw
 * @throws {InvalidCaseError}
 */
export function check(raw) {
  fields('case', raw, 'the case');
  exactlyOne(raw, ['guest', 'manifest', 'source', 'source_base64']);
  require_((raw.load_error === undefined) === (raw.steps ?? []).length > 0, 'give either `load_error` or `steps`');
  require_((raw.live_plugins ?? 1) >= 1, '`live_plugins` must be at least 1');
  checkOptions(raw.options ?? {});
  for (const asked of raw.host_functions ?? []) {
    if (typeof asked !== 'string') fields('function', asked, 'host_functions');
  }
  if (raw.load_error) checkError(raw.load_error, 'load_error');
  raw.steps?.forEach((step, index) => checkStep(step, `steps[${index}]`));
}

/** @param {Options} options */
function checkOptions(options) {
  fields('options', options, 'options');
  fields('memory', options.memory ?? {}, 'options.memory');
  require_(['closed', 'capture'].includes(options.stdio ?? 'closed'), `\`stdio\` is \`${options.stdio}\``);
  require_(LEVELS.has(options.log_level ?? 'info'), `\`log_level\` is \`${options.log_level}\``);
}

/** @param {Step} step @param {string} where */
function checkStep(step, where) {
  fields('step', step, where);
  const inputs = [step.input, step.input_base64, step.input_repeat];
  require_(inputs.filter((given) => given !== undefined).length <= 1, `${where}: more than one input`);
  require_((step.repeat ?? 1) >= 1, `${where}: \`repeat\` must be at least 1`);
  if (step.input_repeat) fields('repeat', step.input_repeat, `${where}.input_repeat`);
  for (const log of step.expect_logs ?? []) {
    fields('log', log, `${where}.expect_logs`);
    require_(LEVELS.has(log.level), `${where}: \`${log.level}\` is not a level`);
  }
  if (step.expect === 'any_output') return;
  const names = Object.keys(step.expect);
  require_(names.length === 1 && OUTCOMES.has(String(names[0])), `${where}: \`expect\` is ${JSON.stringify(step.expect)}`);
  if (step.expect.error) checkError(step.expect.error, `${where}.expect.error`);
}

/** @param {ExpectError} error @param {string} where */
function checkError(error, where) {
  fields('error', error, where);
  require_(KINDS.has(error.kind), `${where}: \`${error.kind}\` is not an error kind`);
}

/** @param {keyof typeof FIELDS} kind @param {object} value @param {string} where */
function fields(kind, value, where) {
  const known = FIELDS[kind].split(/\s+/);
  const names = new Set(known.map((name) => name.replace('!', '')));
  const unknown = Object.keys(value).filter((name) => !names.has(name));
  require_(unknown.length === 0, `${where}: unknown fields: ${unknown.join(', ')}`);
  const missing = known.filter((name) => name.endsWith('!') && !(name.slice(0, -1) in value));
  require_(missing.length === 0, `${where}: missing fields: ${missing.join(', ').replaceAll('!', '')}`);
}

/** @param {object} value @param {string[]} names */
function exactlyOne(value, names) {
  require_(names.filter((name) => name in value).length === 1, `give exactly one of ${names.join(', ')}`);
}

/** @param {boolean} holds @param {string} problem */
function require_(holds, problem) {
  if (!holds) throw new InvalidCaseError(problem);
}

/** A call's input, as bytes. @param {Step} step */
export function inputBytes(step) {
  if (step.input !== undefined) return new TextEncoder().encode(step.input);
  if (step.input_base64 !== undefined) return bytesOfBase64(step.input_base64);
  return step.input_repeat ? repeated(step.input_repeat) : new Uint8Array();
}

/** The bytes of a field in Base64. @param {string} text */
export function bytesOfBase64(text) {
  const bytes = Buffer.from(text, 'base64');
  require_(bytes.toString('base64') === text, `not Base64: ${text.slice(0, 40)}`);
  return new Uint8Array(bytes);
}

/** One byte many times. @param {Repeat} repeat */
export function repeated(repeat) {
  return new Uint8Array(repeat.count).fill(repeat.byte);
}
