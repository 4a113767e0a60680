'use strict';

/** The file that plug-ins of the classic surface log to. */

const { appendFileSync } = require('node:fs');

/** The file and the level, for plug-ins that are made from now on. */
let chosen = null;

/**
 * Lets the plug-ins that are made from now on log to a file.
 *
 * @param {string} file is made when it is missing
 * @param {'trace' | 'debug' | 'info' | 'warn' | 'error'} [level] the least severe messages that are wanted
 */
function setLogFile(file, level = 'info') {
  // A file that cannot be written to is told now, and not to a plug-in.
  appendFileSync(file, '');
  chosen = { file, level };
}

/** The options of a plug-in that log to the file, if one has been set. */
function logOptions() {
  if (chosen === null) return {};
  const { file, level } = chosen;
  const at = (name) => (message) => {
    appendFileSync(file, `${new Date().toISOString()} ${name} ${message}\n`);
  };
  const logger = { trace: at('TRACE'), debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
  return { logger, logLevel: level };
}

module.exports = { logOptions, setLogFile };
