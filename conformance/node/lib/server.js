/** The web server of the cases. It has a thread of its own, as a call may keep the main thread until it is answered. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A running server. */
export class Server {
  /** @param {Worker} worker @param {number} port */
  constructor(worker, port) {
    this.worker = worker;
    /** The server's base URL, by number. */
    this.url = `http://127.0.0.1:${port}`;
    /** The same server under another host name. */
    this.otherUrl = `http://localhost:${port}`;
  }

  /** Starts a server on a free port. */
  static async start() {
    const worker = new Worker(new URL('server_thread.js', import.meta.url));
    const [port] = await once(worker, 'message');
    return new Server(worker, port);
  }

  /** Stops it, in the middle of answers that are slow or endless. */
  async stop() {
    await this.worker.terminate();
  }
}
