// The package as an ECMAScript module: the same objects as those of `require`.
import createPlugin from './index.js';

export const {
  CAPABILITIES,
  CompiledPlugin,
  CurrentPlugin,
  EXTISM_ENV,
  EXTISM_USER,
  PLUGWRIGHT_ENV,
  Plugin,
  PluginError,
  PluginOutput,
  Pool,
  ValType,
  compile,
  compileSync,
  createPluginSync,
  createPool,
  fromManifestFile,
  newPlugin,
  trustedCompiledCode,
} = createPlugin;
export { createPlugin };
export default createPlugin;
