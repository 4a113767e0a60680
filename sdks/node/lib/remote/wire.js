'use strict';

// What is in messages besides inputs and outputs. The user guide, docs/remote.md, has all of it.

const HEADER = {
  timeout: 'Plugwright-Timeout-Ms',
  heartbeat: 'Plugwright-Heartbeat-Ms',
  notBegun: 'Plugwright-Not-Begun',
  inputBytes: 'Plugwright-Input-Bytes',
  takesBytes: 'Plugwright-Takes-Bytes',
  outputBytes: 'Plugwright-Output-Bytes',
  outputAt: 'Plugwright-Output-At',
  part: 'Plugwright-Part',
  errorCode: 'Nats-Service-Error-Code',
};

/** What the subjects begin with of calls, of cancellations, and of outputs in parts. */
const [CALLS, CANCELLATIONS, OUTPUTS] = ['plugwright', 'plugwright-cancel', 'plugwright-part'];

/** The status of NATS itself when nobody serves a subject. */
const NO_RESPONDERS = 503;

/** The bytes that headers may need of a message. */
const HEADER_BYTES = 1024;

/** The largest number that travels: ten digits. */
const MAX_NUMBER = 9_999_999_999;

/** How much of what somebody sent is in messages of errors. */
const MAX_SHOWN = 64;

/** Whether this can be a part of a subject. */
const isName = (name) => typeof name === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(name);

/** The value of a message's header; `undefined` without one. */
const header = (message, name) => (message.headers?.has(name) ? message.headers.get(name) : undefined);

/** The number that a header says; `undefined` if it says none. */
const numberOf = (text) => (/^[0-9]{1,10}$/.test(text ?? '') ? Number(text) : undefined);

/** A number for a header, or the largest that can be said. */
const digits = (number) => String(Math.min(Math.floor(number), MAX_NUMBER));

/** Whether it is NATS that answers, because nobody else does. */
const isNobody = ({ headers, data }) => headers?.code === NO_RESPONDERS && data.byteLength === 0;

/** Whether a caller may send something there because a worker says so: it may publish what workers may not. */
function isReply(subject) {
  const [first] = (subject ?? '').split('.', 1);
  return first !== '' && !first.startsWith('$') && ![CALLS, CANCELLATIONS, OUTPUTS].includes(first);
}

/** Whether a worker of the plug-in may have an output in parts there: a caller asks there and nowhere else. */
function hasParts(plugin, subject) {
  const [first, name, worker, number, ...rest] = subject.split('.');
  return first === OUTPUTS && name === plugin && isName(worker) && isName(number) && rest.length === 0;
}

/** How many bytes of an input or output fit into a message. */
const roomOf = (connection) => Math.max((connection.info?.max_payload ?? Infinity) - HEADER_BYTES, 1);

/** What somebody sent, for a message of an error, which must not grow with it. */
function shown(text = '') {
  const quoted = JSON.stringify(text.slice(0, MAX_SHOWN));
  return text.length > MAX_SHOWN ? `${quoted}…` : quoted;
}

module.exports = { HEADER, CALLS, CANCELLATIONS, MAX_NUMBER, isName, header, numberOf, digits, isNobody, isReply, hasParts, roomOf, shown };
