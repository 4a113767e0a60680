'use strict';

/** The package for NATS, which only those need who call plug-ins elsewhere. */
function nats() {
  try {
    return require('@nats-io/transport-node');
  } catch (cause) {
    throw new Error('install @nats-io/transport-node, which calls plug-ins over NATS', { cause });
  }
}

module.exports = { nats };
