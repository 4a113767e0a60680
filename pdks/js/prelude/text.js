// TextEncoder and TextDecoder (encoding.spec.whatwg.org), for UTF-8, UTF-16LE and windows-1252.
import * as native from "plugwright:native";
import { define, mustBeBytes, tag } from "./values.js";

class TextEncoder {
  get encoding() {
    return "utf-8";
  }
  encode(text = "") {
    return native.encodeUtf8(String(text));
  }
  encodeInto(source, destination) {
    let read = 0;
    let written = 0;
    for (const character of String(source)) {
      const bytes = native.encodeUtf8(character);
      if (written + bytes.length > destination.length) break;
      destination.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}

const LABELS = {
  "utf-8": ["utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"],
  "utf-16le": ["utf-16le", "utf-16", "ucs-2", "iso-10646-ucs-2", "csunicode", "unicode", "unicodefeff"],
  "windows-1252": ["windows-1252", "ascii", "us-ascii", "latin1", "l1", "iso-8859-1", "iso8859-1", "iso_8859-1", "cp1252", "x-cp1252", "ansi_x3.4-1968", "cp819", "ibm819", "csisolatin1", "iso88591", "iso-ir-100", "iso_8859-1:1987"],
};

/** What windows-1252 has for the bytes from 0x80 on. */
const WINDOWS = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

function encodingOf(label) {
  const wanted = String(label).trim().toLowerCase();
  for (const [name, labels] of Object.entries(LABELS)) {
    if (labels.includes(wanted)) return name;
  }
  throw new RangeError(`TextDecoder: the encoding \`${label}\` is not known; there are utf-8, utf-16le and windows-1252`);
}

/** How many bytes at the end are the beginning of a sequence that is not complete. */
function incompleteUtf8(bytes) {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const wanted = byte < 0xc2 || byte > 0xf4 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    const isBeginning = wanted > back && native.decodeUtf8(bytes.subarray(bytes.length - back)) === "\ufffd";
    return isBeginning ? back : 0;
  }
  return 0;
}

function joined(first, second) {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  #rest = new Uint8Array(0);
  #begun = false;

  constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    this.#encoding = encodingOf(label);
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
  }
  get encoding() {
    return this.#encoding;
  }
  get fatal() {
    return this.#fatal;
  }
  get ignoreBOM() {
    return this.#ignoreBOM;
  }
  decode(input = new Uint8Array(0), { stream = false } = {}) {
    let bytes = mustBeBytes(input, "what TextDecoder decodes");
    if (this.#rest.length > 0) bytes = joined(this.#rest, bytes);
    const kept = stream ? this.#incomplete(bytes) : 0;
    this.#rest = bytes.slice(bytes.length - kept);
    let text = this.#whole(bytes.subarray(0, bytes.length - kept));
    if (!this.#begun && !this.#ignoreBOM && this.#encoding !== "windows-1252" && text.startsWith("\ufeff")) text = text.slice(1);
    this.#begun = stream && (this.#begun || text.length > 0);
    return text;
  }
  #incomplete(bytes) {
    if (this.#encoding === "utf-8") return incompleteUtf8(bytes);
    return this.#encoding === "utf-16le" ? bytes.length % 2 : 0;
  }
  #whole(bytes) {
    if (this.#encoding === "utf-8") {
      if (this.#fatal && native.validUtf8(bytes) < bytes.length) this.#refuse();
      return native.decodeUtf8(bytes);
    }
    if (this.#encoding === "windows-1252") {
      return native.decodeLatin1(bytes).replace(/[\x80-\x9f]/g, (character) => WINDOWS[character.charCodeAt(0) - 0x80]);
    }
    const units = [];
    for (let i = 0; i + 1 < bytes.length; i += 2) units.push(bytes[i] | (bytes[i + 1] << 8));
    let text = "";
    for (let i = 0; i < units.length; i += 4096) text += String.fromCharCode(...units.slice(i, i + 4096));
    // An odd byte and half a pair before it are one error.
    if (bytes.length % 2 === 1) text = `${text.replace(/[\ud800-\udbff]$/, "")}\ufffd`;
    if (this.#fatal && (bytes.length % 2 === 1 || !text.isWellFormed())) this.#refuse();
    return text.toWellFormed();
  }
  #refuse() {
    this.#rest = new Uint8Array(0);
    throw new TypeError(`TextDecoder: the bytes are not valid ${this.#encoding}`);
  }
}

tag(TextEncoder);
tag(TextDecoder);
define("TextEncoder", TextEncoder);
define("TextDecoder", TextDecoder);
