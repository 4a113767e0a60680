// Plug-ins on workers elsewhere, as an ECMAScript module.
import remote from './remote.js';

export const { Nats, RemotePlugin, connect } = remote;
