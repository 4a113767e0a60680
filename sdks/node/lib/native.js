'use strict';

// What `addon.js` makes, once for each thread. A program may load this package again, as test runners do when they forget modules; for each
// thread the addon has one memory to pass things through all the same.

const LOADED = Symbol.for(`plugwright ${__filename}`);

process[LOADED] ??= require('./addon');

module.exports = process[LOADED];
