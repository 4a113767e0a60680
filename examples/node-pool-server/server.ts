// A web server whose plug-ins run on all cores: the event loop only hands requests to the pool, and answers back.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { availableParallelism } from 'node:os';

import { createPool, PluginError } from 'plugwright';

const [file = '../plugins/rust-hello/rust_hello.wasm', port = '8080'] = process.argv.slice(2);

const MAX_BODY_BYTES = 1 << 20;

const pool = await createPool(file, {
  max: availableParallelism(),
  useWasi: true,
  // A plug-in that loops ends with an error, and another instance takes its place.
  timeoutMs: 1000,
});

async function body(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    // What is too much is read to its end, so that the client reads the answer.
    if (bytes <= MAX_BODY_BYTES) pieces.push(piece);
  }
  if (bytes > MAX_BODY_BYTES) throw new RangeError(`a body has at most ${MAX_BODY_BYTES} bytes`);
  return Buffer.concat(pieces);
}

/** Calls the plug-in, and gives up when the client does. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const output = await pool.call('hello', await body(request), undefined, { signal: gone.signal });
  response.setHeader('content-type', 'text/plain; charset=utf-8').end(output?.bytes());
}

function status(error: unknown): number {
  if (error instanceof RangeError) return 413;
  // What the plug-in refuses is the request's fault, all else is the server's.
  return error instanceof PluginError && error.kind === 'Guest' ? 400 : 500;
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    if (response.destroyed) return;
    response.writeHead(status(error), { 'content-type': 'text/plain' });
    response.end(error instanceof Error ? error.message : String(error));
  });
});

server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening on port ${typeof address === 'object' && address !== null ? address.port : port}`);
});

process.on('SIGTERM', () => {
  server.close();
  void pool.close();
});
