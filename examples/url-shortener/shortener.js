// A URL shortener: its links are in the key-value store that plugwright.toml grants it.
import * as kv from "plugwright/kv";

const answer = (status, body, headers = {}) => JSON.stringify({ status, headers: { "content-type": "text/plain", ...headers }, body: `${body}\n` });

/** POST /: the body is the address. */
export function shorten() {
  const { body = "" } = Host.inputJSON();
  const address = body.trim();
  if (!URL.canParse(address) || !/^https?:/.test(address)) return Host.outputString(answer(400, "send an address, such as https://example.com/"));
  // Nobody else gets the same number, however many ask at a time.
  const id = kv.increment("last").toString(36);
  kv.set(`link/${id}`, address);
  Host.outputString(answer(201, `/${id}`, { location: `/${id}` }));
}

/** GET /{id}: goes to the address, and counts who did. */
export function follow() {
  const { params } = Host.inputJSON();
  const address = kv.get(`link/${params.id}`);
  if (address === null) return Host.outputString(answer(404, "there is no such link"));
  kv.increment(`visits/${params.id}`);
  Host.outputString(answer(302, address, { location: address }));
}

/** GET /{id}/visits: how many went there. */
export function visits() {
  const { params } = Host.inputJSON();
  Host.outputString(answer(200, kv.get(`visits/${params.id}`) ?? "0"));
}
