/** The rule that decides what a surface can express of a case, in one of its modes. */

/** @typedef {import('./case.js').Case} Case */
/** @typedef {import('./case.js').Options} Options */

/** What a surface may be able to do; the value says what is missing without it. */
export const ABILITY = {
  text: 'it takes no WebAssembly text',
  manifestText: 'it takes no manifest as text or TOML, and tells no kinds of errors',
  hostErrors: 'an exception in a host function does not end the call as an error of its own',
  errorsAsValues: 'the errors of host functions are no values for guests',
  asyncHostFunctions: 'a host function that waits cannot be interrupted',
  cancel: 'a call cannot be cancelled',
  checkedOffsets: 'a host function reads a block that does not exist as an empty one',
  wasiWorld: 'no environment, arguments and standard streams for WASI',
  otherLimits: 'no fuel, and no limits of log and output bytes',
  timeLimit: 'no time limit in this mode',
  http: 'no HTTP in this mode',
  logs: 'no log messages for the program',
  responseHeaders: 'no HTTP response headers',
};

/** @typedef {keyof typeof ABILITY} Ability */

const MANIFEST_AND_OPTIONS = 'a text is given as it stands, and has no place for what a manifest grants';

/**
 * The reason why a case cannot be expressed, if there is one.
 *
 * @param {Case} raw
 * @param {ReadonlySet<Ability>} abilities
 * @param {boolean} options whether the surface has options for what a manifest grants
 * @returns {string | undefined}
 */
export function leftOut(raw, abilities, options) {
  const missing = needs(raw).find((needed) => !abilities.has(needed));
  if (missing) return ABILITY[missing];
  const asItStands = raw.source !== undefined || raw.source_base64 !== undefined;
  const granted = Object.keys(limitsAndGrants(raw.options ?? {})).length > 0;
  return asItStands && granted && !options ? MANIFEST_AND_OPTIONS : undefined;
}

/** @param {Case} raw @returns {Ability[]} */
function needs(raw) {
  const { options = {}, steps = [] } = raw;
  const functions = new Set((raw.host_functions ?? []).map((asked) => (typeof asked === 'string' ? asked : asked.name)));
  const kinds = new Set(steps.map(({ expect }) => (expect === 'any_output' ? undefined : expect.error?.kind)));
  /** @type {[Ability, boolean][]} */
  const needed = [
    ['text', isText(raw)],
    ['manifestText', raw.source !== undefined || raw.source_base64 !== undefined],
    ['errorsAsValues', functions.has('host_try_fail')],
    ['hostErrors', functions.has('host_fail')],
    ['asyncHostFunctions', functions.has('host_sleep_ms')],
    ['cancel', functions.has('host_cancel')],
    ['checkedOffsets', functions.size > 0 && kinds.has('Contract')],
    ['wasiWorld', Boolean(options.env ?? options.args ?? options.stdin) || options.stdio === 'capture'],
    ['otherLimits', Boolean(options.fuel ?? options.max_log_bytes ?? options.max_output_bytes)],
    ['timeLimit', options.timeout_ms !== undefined],
    ['http', (options.allowed_hosts ?? []).length > 0 || kinds.has('Http')],
    ['logs', steps.some((step) => step.expect_logs)],
    ['responseHeaders', options.http_response_headers === true],
  ];
  return needed.filter(([, is]) => is).map(([ability]) => ability);
}

/** @param {Case} raw */
function isText(raw) {
  const paths = [raw.guest ?? '', ...(raw.manifest?.wasm ?? []).map((part) => part.path ?? '')];
  return paths.some((file) => file.endsWith('.wat')) || (raw.source ?? '').includes('(module');
}

/**
 * The options of a case that a manifest expresses, as it does.
 *
 * @param {Options} options
 */
export function limitsAndGrants(options) {
  const { config, allowed_hosts, allowed_paths, memory, timeout_ms } = options;
  const fields = { config, allowed_hosts, allowed_paths, memory, timeout_ms };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
