'use strict';

/** The surface of the first Node.js SDK of Extism: `plugwright/classic`. */

const { PluginError } = require('./index.js');
const { version } = require('./package.json');
const { Context, withContext } = require('./classic/context.js');
const { HostFunction } = require('./classic/host_function.js');
const { CancelHandle, Plugin } = require('./classic/plugin.js');
const { ValType } = require('./classic/values.js');

module.exports = {
  CancelHandle,
  Context,
  HostFunction,
  Plugin,
  PluginError,
  ValType,
  withContext,
  extismVersion: () => version,
};
