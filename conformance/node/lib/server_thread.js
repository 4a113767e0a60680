/** The thread of the web server: serves what `conformance/README.md` lists, and tells its port. */

import { createServer } from 'node:http';
import { parentPort } from 'node:worker_threads';

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */

// A function `run` that returns 0.
const WASM = Buffer.from('0061736d010000000105016000017f030201000707010372756e00000a0601040041000b', 'hex');

const PIECE = Buffer.alloc(4096, 'x');

/** @type {Record<string, (request: Request, response: Response, argument: string) => unknown>} */
const PATHS = {
  '/hello': (_, response) => text(response, 200, 'Hello from the conformance server'),
  '/echo': echo,
  '/status': (_, response, code) => text(response, Number(code), `status ${Number(code)}`),
  '/redirect': (_, response, to) => response.writeHead(302, { location: to }).end(),
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/big': (_, response, count) => sized(response, Buffer.alloc(Number(count), 'x')),
  '/endless': (_, response) => endless(response),
  '/slow': (_, response, milliseconds) => setTimeout(() => text(response, 200, 'slow'), Number(milliseconds)),
  '/wasm': (_, response) => response.setHeader('content-type', 'application/wasm') && sized(response, WASM),
  '/close': (request) => request.socket.destroy(),
};

const server = createServer((request, response) => {
  const [path = '', query = ''] = split(request.url ?? '', '?');
  response.setHeader('x-conformance', 'yes').setHeader('connection', 'close');
  // All that follows the name, as it stands.
  const [, argument = ''] = split(query, '=');
  const serve = PATHS[path];
  if (serve) serve(request, response, argument);
  else text(response, 404, 'no such path');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error(`the server has no port, but ${address}`);
  parentPort?.postMessage(address.port);
});

/** A text at the first place where `mark` is. @param {string} whole @param {string} mark */
function split(whole, mark) {
  const at = whole.indexOf(mark);
  return at < 0 ? [whole] : [whole.slice(0, at), whole.slice(at + 1)];
}

/** @param {Response} response @param {number} status @param {string} body */
function text(response, status, body) {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain');
  sized(response, Buffer.from(body));
}

/** @param {Response} response @param {Buffer} body */
function sized(response, body) {
  response.setHeader('content-length', body.length).end(body);
}

/** @param {Request} request @param {Response} response */
async function echo(request, response) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const path = split(request.url ?? '', '?')[0];
  const seen = { body: Buffer.concat(pieces).toString(), headers: request.headers, method: request.method, path };
  response.setHeader('content-type', 'application/json');
  sized(response, Buffer.from(JSON.stringify(seen)));
}

/** Without `content-length`, until the client goes away. @param {Response} response */
function endless(response) {
  response.useChunkedEncodingByDefault = false;
  const write = () => {
    while (!response.destroyed && response.write(PIECE));
  };
  response.on('drain', write);
  write();
}
