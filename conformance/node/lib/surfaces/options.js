/** Options as modules with the surface of `@extism/extism` take them. */

/** @typedef {import('../case.js').Options} Options */
/** @typedef {import('./surface.js').Given} Given */

// Where a host function is that chooses no module: guests import from either.
const ANY_MODULE = ['extism:host/user', 'env'];

/** What a manifest could say as well. @param {Options} options */
export function manifestOptions(options) {
  return {
    config: options.config ?? {},
    allowedHosts: options.allowed_hosts ?? [],
    allowedPaths: options.allowed_paths ?? {},
    ...(options.timeout_ms === undefined ? {} : { timeoutMs: options.timeout_ms }),
  };
}

/** @param {import('../case.js').Memory} memory */
export function memoryOptions(memory) {
  const named = {
    maxPages: memory.max_pages,
    maxHttpResponseBytes: memory.max_http_response_bytes,
    maxVarBytes: memory.max_var_bytes,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** The host functions of a case, by module and name. @param {Given} given */
export function functionsByModule({ functions }) {
  /** @type {Record<string, Record<string, unknown>>} */
  const modules = {};
  for (const { name, module, call } of functions) {
    for (const each of module === undefined ? ANY_MODULE : [module]) {
      modules[each] = { ...modules[each], [name]: call };
    }
  }
  return modules;
}

/** A logger that hands on what it gets. @param {(line: import('../expect.js').LogLine) => void} log */
export function recordingLogger(log) {
  const at = (/** @type {string} */ level) => (/** @type {unknown[]} */ ...parts) =>
    log({ level, message: parts.join(' ') });
  return { trace: at('trace'), debug: at('debug'), info: at('info'), log: at('info'), warn: at('warn'), error: at('error') };
}
