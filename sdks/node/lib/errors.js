'use strict';

/**
 * Why a plug-in could not be loaded or called: see `kind`.
 */
class PluginError extends Error {
  /**
   * @param {object} failure What the addon tells, or a kind and a message.
   * @param {unknown} [cause] What was thrown where the error comes from.
   */
  constructor(failure, cause) {
    super(failure.message, cause === undefined ? undefined : { cause });
    this.kind = failure.kind;
    this.exitCode = failure.exitCode ?? -1;
    this.pluginName = failure.pluginName ?? undefined;
    this.functionName = failure.functionName ?? undefined;
    this.hostFunction = failure.hostFunction ?? undefined;
    this.guestMessage = failure.guestMessage ?? undefined;
    this.backtrace = failure.backtrace ?? undefined;
  }
}

Object.defineProperty(PluginError.prototype, 'name', {
  value: 'PluginError',
  writable: true,
  enumerable: false,
  configurable: true,
});

/**
 * The error for what the addon tells of a failed call or compilation.
 *
 * @param {object} failure
 * @param {unknown} [cause]
 * @returns {PluginError}
 */
function pluginError(failure, cause) {
  if (failure.guestMessage) {
    // What programs written for the public SDK look for.
    failure = { ...failure, message: `Plugin-originated error: ${failure.guestMessage}` };
  }
  return new PluginError(failure, cause);
}

/**
 * What the addon returned, unless it is a failure.
 *
 * @template T
 * @param {T} result
 * @returns {T}
 */
function checked(result) {
  if (result !== null && typeof result === 'object' && 'exitCode' in result) throw pluginError(result);
  return result;
}

const closed = () => new PluginError({ kind: 'Closed', message: 'the plug-in has been closed; make a new one' });

const busy = (message) => new PluginError({ kind: 'Busy', message });

/** The most functions that an error lists. */
const SHOWN = 20;

/** The error for a function that cannot be called. */
function noFunction(code, name) {
  const found = code.native.exports().find((exported) => exported.name === name);
  const start = `plug-in \`${code.name}\`, function \`${name}\`: `;
  const fields = { pluginName: code.name, functionName: name };
  if (found !== undefined) {
    const message = `${start}it has the type \`${found.type}\` or runs by itself at the start, so that it cannot be called`;
    return new PluginError({ kind: 'Signature', message, ...fields });
  }
  const names = [...code.entries.keys()];
  const list = names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ', …' : '');
  const message = `${start}the plug-in exports no such function; it exports: ${list || 'none that can be called'}`;
  return new PluginError({ kind: 'FunctionNotFound', message, ...fields });
}

/** The error for a call that was cancelled before it began, by a signal if there is one. */
function abortedBefore(code, name, signal) {
  const message = `plug-in \`${code.name}\`, function \`${name}\`: the call was cancelled before it began`;
  return new PluginError({ kind: 'Cancelled', message, pluginName: code.name, functionName: name }, signal?.reason);
}

module.exports = { PluginError, pluginError, checked, closed, busy, noFunction, abortedBefore };
