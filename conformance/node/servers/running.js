/** Programs of the folder `examples`, started as their READMEs say, and asked. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';

/**
 * A server that runs.
 *
 * @typedef {{ port: number, stop(): Promise<void> }} Running
 */

/**
 * Starts a program, and waits until it has said its port.
 *
 * @param {string} folder
 * @param {string[]} command for `node`
 * @param {RegExp} says the line with the port, which is the first group
 * @returns {Promise<Running>}
 */
export async function started(folder, command, says) {
  const child = spawn(process.execPath, command, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const said = [];
  for await (const line of lines) {
    said.push(line);
    const port = says.exec(line)?.[1];
    if (port !== undefined) {
      // Nobody reads what else it says, which must not stop it.
      child.stdout.resume();
      return {
        port: Number(port),
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    }
  }
  throw new Error(`${command.join(' ')} has ended without saying its port:\n${said.join('\n')}`);
}

/**
 * Posts a text.
 *
 * @param {number} port
 * @param {http.Agent | undefined} agent
 * @param {string} text
 * @returns {Promise<{ status: number | undefined, body: string }>}
 */
export async function ask(port, agent, text) {
  const request = http.request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(text) },
    ...(agent ? { agent } : {}),
  });
  request.end(text);
  const [response] = await once(request, 'response');
  const pieces = [];
  for await (const piece of response) pieces.push(piece);
  return { status: response.statusCode, body: Buffer.concat(pieces).toString() };
}

/**
 * Does something on so many connections at once, so many times on each.
 *
 * @param {number} connections
 * @param {number} turns
 * @param {(connection: number, turn: number, agent: http.Agent) => Promise<void>} action
 */
export async function many(connections, turns, action) {
  const one = async (/** @type {number} */ connection) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = 0; turn < turns; turn += 1) await action(connection, turn, agent);
    agent.destroy();
  };
  await Promise.all(Array.from({ length: connections }, (_, connection) => one(connection)));
}
