'use strict';

/** The surface of the first Node.js SDK of Extism: `plugwright/classic`. */

const { PluginError } = require('./errors');
const { Context, withContext } = require('./classic/context');
const { HostFunction } = require('./classic/host_function');
const { setLogFile } = require('./classic/log_file');
const { CancelHandle, Plugin } = require('./classic/plugin');
const { ValType } = require('./classic/values');
const { version } = require('../package.json');

/** The version of this package. */
function extismVersion() {
  return version;
}

module.exports = {
  CancelHandle,
  Context,
  HostFunction,
  Plugin,
  PluginError,
  ValType,
  extismVersion,
  setLogFile,
  withContext,
};
