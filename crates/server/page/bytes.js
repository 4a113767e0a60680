/** Bytes as text. */

/** How many bytes of what is no text are shown. */
const SHOWN = 2048;

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  let text = '';
  // In pieces: a function takes only so many arguments.
  for (let start = 0; start < bytes.length; start += 8192) text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return btoa(text);
}

/** @param {string} text */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/**
 * Addresses, bytes and letters, sixteen to a line.
 * @param {Uint8Array} bytes
 */
export function dump(bytes) {
  const lines = [];
  for (let start = 0; start < Math.min(bytes.length, SHOWN); start += 16) {
    const part = [...bytes.subarray(start, start + 16)];
    const codes = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${start.toString(16).padStart(6, '0')}  ${codes.padEnd(47)}  ${letters}`);
  }
  if (bytes.length > SHOWN) lines.push('…');
  return lines.join('\n');
}
