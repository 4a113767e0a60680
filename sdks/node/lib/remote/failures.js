'use strict';

// What goes wrong in a call elsewhere, as the errors of a local one.

const { PluginError, pluginError } = require('../errors');

/** The code of a trap, and of what failed on the side of the host. */
const [TRAP_CODE, HOST_CODE] = [134, -1];

const decoder = new TextDecoder();

/**
 * An error that is found out here.
 *
 * @param {{ pluginName: string, functionName: string }} names
 */
function failure({ pluginName, functionName }, kind, message, cause) {
  const about = `plug-in \`${pluginName}\`, function \`${functionName}\``;
  return new PluginError({ kind, message: `${about}: ${message}`, pluginName, functionName }, cause);
}

/** The error for more bytes than the caller allows. */
function tooMany(names, what, bytes, max) {
  return failure(names, 'Limit', `the ${what} has ${bytes} bytes, and the caller allows ${max}; raise its \`maxBytes\``);
}

/** The error for what no worker sends. */
function stranger(names, message) {
  return failure(names, 'Incompatible', `${message}; check that nothing else serves this subject`);
}

const isObject = (value) => typeof value === 'object' && value !== null;

const text = (value) => (typeof value === 'string' ? value : undefined);

/** The report that a worker sent, if it is one. */
function parse(data) {
  try {
    const report = JSON.parse(decoder.decode(data));
    return typeof report?.kind === 'string' ? report : undefined;
  } catch {
    return undefined;
  }
}

/** The error that a worker sent. */
function sent(names, data) {
  const report = parse(data);
  if (report === undefined) return stranger(names, 'the worker\'s error is not one of Plugwright');
  const { kind, code, backtrace } = report;
  const pluginName = text(report.plugin) ?? names.pluginName;
  const functionName = text(report.function) ?? names.functionName;
  const frame = ({ function: name, function_index: functionIndex, ...rest }) => ({ functionName: name, functionIndex, ...rest });
  return pluginError({
    kind,
    message: `plug-in \`${pluginName}\`, function \`${functionName}\`: ${text(report.message) ?? kind}`,
    exitCode: Number.isInteger(code) ? code : kind === 'Trap' ? TRAP_CODE : HOST_CODE,
    pluginName,
    functionName,
    hostFunction: text(report.host_function),
    guestMessage: text(report.said),
    backtrace: Array.isArray(backtrace) ? backtrace.filter(isObject).map(frame) : undefined,
  });
}

module.exports = { failure, tooMany, stranger, sent };
