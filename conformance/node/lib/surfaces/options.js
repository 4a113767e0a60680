/** Options as modules with the surface of `@extism/extism` take them. */

/** @typedef {import('../case.js').Options} Options */

// Where a host function is that chooses no module: guests import from either.
const ANY_MODULE = ['extism:host/user', 'env'];

/** What a manifest could say as well. @param {Options} options */
export function manifestOptions(options) {
  return {
    config: options.config ?? {},
    allowedHosts: options.allowed_hosts ?? [],
    // By the guest's folders, other than in a manifest.
    allowedPaths: Object.fromEntries(Object.entries(options.allowed_paths ?? {}).map(([host, guest]) => [guest, host])),
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

/** Host functions by module and name. @param {{ name: string, module?: string | undefined, call: unknown }[]} functions */
export function functionsByModule(functions) {
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
