/** The classic surface as a module of ECMAScript. */

import classic from './classic.js';

export const { CancelHandle, Context, HostFunction, Plugin, PluginError, ValType, extismVersion, setLogFile, withContext } = classic;
export default classic;
