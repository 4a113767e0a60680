// Parsing and writing URLs (url.spec.whatwg.org).
import * as native from "plugwright:native";

const SPECIAL = { ftp: 21, file: null, http: 80, https: 443, ws: 80, wss: 443 };

/** Characters that are percent-encoded in each place, beyond control characters and those outside of ASCII. */
const FRAGMENT = ' "<>`';
const QUERY = ' "#<>';
const PATH = `${QUERY}?^\`{}`;
const USERINFO = `${PATH}/:;=@[\\]|`;
export const SETS = {
  control: "",
  fragment: FRAGMENT,
  query: QUERY,
  specialQuery: `${QUERY}'`,
  path: PATH,
  userinfo: USERINFO,
  form: `${USERINFO}$%&'()+,!~`,
};

const hex = (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;

export function percentEncode(text, set) {
  let result = "";
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0);
    if (code > 0x1f && code < 0x7f && !set.includes(character)) result += character;
    else for (const byte of native.encodeUtf8(character)) result += hex(byte);
  }
  return result;
}

function percentDecode(text) {
  if (!text.includes("%")) return text;
  const bytes = [];
  const source = native.encodeUtf8(text);
  for (let i = 0; i < source.length; i++) {
    const digits = source[i] === 0x25 ? String.fromCharCode(source[i + 1] ?? 0, source[i + 2] ?? 0) : "";
    if (/^[0-9a-f]{2}$/i.test(digits)) {
      bytes.push(parseInt(digits, 16));
      i += 2;
    } else bytes.push(source[i]);
  }
  return native.decodeUtf8(Uint8Array.from(bytes));
}

/** A number of an IPv4 address: decimal, octal or hexadecimal; NaN if it is none. */
function ipv4Number(part) {
  if (/^0x[0-9a-f]*$/i.test(part)) return part.length === 2 ? 0 : parseInt(part, 16);
  if (/^0[0-7]+$/.test(part)) return parseInt(part, 8);
  return /^[0-9]+$/.test(part) && !/^0[0-9]/.test(part) ? parseInt(part, 10) : NaN;
}

/** A host that ends in a number is an IPv4 address, or invalid (`null`). */
function parseIPv4(host) {
  const parts = host.replace(/\.$/, "").split(".");
  const last = parts.at(-1);
  if (!/^[0-9]+$/.test(last) && !/^0x[0-9a-f]*$/i.test(last)) return undefined;
  const numbers = parts.map(ipv4Number);
  if (parts.length > 4 || numbers.some(Number.isNaN) || numbers.slice(0, -1).some((number) => number > 255)) return null;
  const rest = numbers.at(-1);
  if (rest >= 256 ** (5 - numbers.length)) return null;
  const address = numbers.slice(0, -1).reduce((sum, number, i) => sum + number * 256 ** (3 - i), rest);
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** The eight pieces of an IPv6 address; `null` if it is none. */
function ipv6Pieces(text) {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const piecesOf = (half) => {
    if (half === "") return [];
    const pieces = half.split(":");
    const last = pieces.at(-1);
    if (last.includes(".")) {
      const numbers = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(last)?.slice(1);
      if (numbers === undefined || numbers.some((number) => Number(number) > 255 || /^0./.test(number))) return [NaN];
      const [a, b, c, d] = numbers.map(Number);
      pieces.splice(-1, 1, (a * 256 + b).toString(16), (c * 256 + d).toString(16));
    }
    return pieces.map((piece) => (/^[0-9a-f]{1,4}$/i.test(piece) ? parseInt(piece, 16) : NaN));
  };
  const [first, second = []] = halves.map(piecesOf);
  const missing = 8 - first.length - second.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const pieces = [...first, ...new Array(missing).fill(0), ...second];
  return pieces.some(Number.isNaN) ? null : pieces;
}

function serialiseIPv6(pieces) {
  // The longest run of at least two zeros is left out; of equals, the first.
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (pieces[i + length] === 0) length++;
    if (length > best.length) best = { start: i, length };
  }
  const text = (part) => part.map((piece) => piece.toString(16)).join(":");
  if (best.start < 0) return text(pieces);
  return `${text(pieces.slice(0, best.start))}::${text(pieces.slice(best.start + best.length))}`;
}

/** Punycode (RFC 3492) of one label. */
function punycode(label) {
  const [base, lowest, highest, skew, damping] = [36, 1, 26, 38, 700];
  const points = Array.from(label, (character) => character.codePointAt(0));
  const digit = (value) => String.fromCharCode(value < 26 ? value + 97 : value + 22);
  let output = points.filter((point) => point < 128).map((point) => String.fromCodePoint(point)).join("");
  const basic = output.length;
  let [handled, next, delta, bias] = [basic, 128, 0, 72];
  if (basic > 0) output += "-";
  while (handled < points.length) {
    const smallest = Math.min(...points.filter((point) => point >= next));
    delta += (smallest - next) * (handled + 1);
    next = smallest;
    for (const point of points) {
      if (point < next) delta++;
      if (point !== next) continue;
      let rest = delta;
      for (let k = base; ; k += base) {
        const threshold = Math.min(Math.max(k - bias, lowest), highest);
        if (rest < threshold) break;
        output += digit(threshold + ((rest - threshold) % (base - threshold)));
        rest = Math.floor((rest - threshold) / (base - threshold));
      }
      output += digit(rest);
      delta = handled === basic ? Math.floor(delta / damping) : delta >> 1;
      delta += Math.floor(delta / (handled + 1));
      let k = 0;
      for (; delta > ((base - lowest) * highest) >> 1; k += base) delta = Math.floor(delta / (base - lowest));
      bias = k + Math.floor(((base - lowest + 1) * delta) / (delta + skew));
      delta = 0;
      handled++;
    }
    delta++;
    next++;
  }
  return output;
}

/** A domain in ASCII. Names outside of ASCII are normalised and put into punycode, without the tables of UTS 46. */
function domainToASCII(domain) {
  const plain = domain.normalize("NFKC").toLowerCase().replace(/[。．｡]/g, ".").replaceAll("\u00ad", "");
  const isASCII = (text) => !/[^\0-\x7f]/.test(text);
  return plain.normalize("NFC").split(".").map((label) => (isASCII(label) ? label : `xn--${punycode(label)}`)).join(".");
}

/** A host as it is written in a URL; `null` if it is none. */
export function parseHost(text, scheme) {
  if (text.startsWith("[")) {
    const pieces = text.endsWith("]") ? ipv6Pieces(text.slice(1, -1)) : null;
    return pieces === null ? null : `[${serialiseIPv6(pieces)}]`;
  }
  if (!(scheme in SPECIAL)) return /[\0\t\n\r #/:<>?@[\\\]^|]/.test(text) ? null : percentEncode(text, SETS.control);
  const domain = domainToASCII(percentDecode(text));
  if (domain === "" || /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/.test(domain)) return null;
  const address = parseIPv4(domain);
  return address === undefined ? domain : address;
}

const isDriveLetter = (segment) => /^[A-Za-z][:|]$/.test(segment);

/** The segments of a path after those of `start`, with `.` and `..` resolved. */
function resolvePath(text, start, scheme) {
  const special = scheme in SPECIAL;
  const segments = [...start];
  const parts = text.split(special ? /[/\\]/ : "/");
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1;
    const plain = part.toLowerCase().replaceAll("%2e", ".");
    if (plain === "..") {
      if (!(scheme === "file" && segments.length === 1 && isDriveLetter(segments[0]))) segments.pop();
      if (isLast) segments.push("");
    } else if (plain === ".") {
      if (isLast) segments.push("");
    } else {
      const isDrive = scheme === "file" && segments.length === 0 && isDriveLetter(part);
      segments.push(isDrive ? `${part[0]}:` : percentEncode(part, SETS.path));
    }
  }
  return segments;
}

/** Everything between `//` and the path: credentials, host, port. `null` if it is invalid. */
function parseAuthority(text, scheme) {
  const at = text.lastIndexOf("@");
  const credentials = at < 0 ? "" : text.slice(0, at);
  const colon = credentials.indexOf(":");
  const username = percentEncode(colon < 0 ? credentials : credentials.slice(0, colon), SETS.userinfo);
  const password = colon < 0 ? "" : percentEncode(credentials.slice(colon + 1), SETS.userinfo);
  const parts = /^((?:\[[^\]]*\])|[^:]*)(?::([0-9]*))?$/.exec(text.slice(at + 1));
  if (parts === null) return null;
  const [, name, digits] = parts;
  const isEmpty = name === "";
  if (isEmpty && (scheme in SPECIAL || at >= 0 || digits !== undefined)) return null;
  const host = isEmpty ? "" : parseHost(name, scheme);
  const number = digits === undefined || digits === "" ? null : Number(digits);
  if (host === null || number > 65535) return null;
  return { username, password, host, port: number === SPECIAL[scheme] ? null : number };
}

/** A URL's parts: {scheme, username, password, host, port, path, opaque, query, fragment}; `null` if it is invalid. */
export function parseURL(input, base) {
  let text = input.toWellFormed().replace(/^[\0-\x20]+|[\0-\x20]+$/g, "").replace(/[\t\n\r]/g, "");
  let fragment = null;
  const hash = text.indexOf("#");
  if (hash >= 0) {
    fragment = percentEncode(text.slice(hash + 1), SETS.fragment);
    text = text.slice(0, hash);
  }
  const named = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text);
  const scheme = named === null ? base?.scheme : named[1].toLowerCase();
  if (scheme === undefined) return null;
  let rest = named === null ? text : text.slice(named[0].length);
  const special = scheme in SPECIAL;
  const slash = special ? /^[/\\]/ : /^\//;
  const slashes = special ? /^[/\\]{2}/ : /^\/\//;
  let isRelative = named === null;
  // `http:a` against a base of the same special scheme is relative, too.
  if (!isRelative && special && base?.scheme === scheme && !slashes.test(rest)) isRelative = true;
  let query = null;
  const question = rest.indexOf("?");
  const takeQuery = () => {
    if (question < 0) return;
    query = percentEncode(rest.slice(question + 1), special ? SETS.specialQuery : SETS.query);
    rest = rest.slice(0, question);
  };
  takeQuery();
  const made = (parts) => ({ scheme, username: "", password: "", host: null, port: null, opaque: false, query, fragment, ...parts });
  if (isRelative && base.opaque) {
    if (text !== "" || fragment === null) return null;
    return { ...base, fragment };
  }
  if (!isRelative && !special && !slash.test(rest)) {
    // Without a slash the path is opaque; spaces at its end would be lost when it is written.
    const kept = query === null && fragment === null ? rest : rest.replace(/ $/, "%20");
    return made({ opaque: true, path: percentEncode(kept, SETS.control) });
  }
  if (scheme === "file") return parseFile(rest, isRelative ? base : null, made, question >= 0);
  if (slashes.test(rest) || (special && !isRelative)) {
    const after = special ? rest.replace(/^[/\\]*/, "") : rest.slice(2);
    const end = after.search(special ? /[/\\]/ : /\//);
    const authority = parseAuthority(end < 0 ? after : after.slice(0, end), scheme);
    if (authority === null) return null;
    const path = end < 0 ? (special ? [""] : []) : resolvePath(after.slice(end + 1), [], scheme);
    return made({ ...authority, path });
  }
  if (!isRelative) return made({ path: resolvePath(rest.slice(1), [], scheme) });
  const { username, password, host, port } = base;
  const inherited = { username, password, host, port };
  if (slash.test(rest)) return made({ ...inherited, path: resolvePath(rest.slice(1), [], scheme) });
  if (rest === "") return made({ ...inherited, path: [...base.path], query: question >= 0 ? query : base.query });
  return made({ ...inherited, path: resolvePath(rest, base.path.slice(0, -1), scheme) });
}

function parseFile(rest, base, made, hasQuery) {
  if (/^[/\\]{2}/.test(rest)) {
    const after = rest.slice(2);
    const end = after.search(/[/\\]/);
    const name = end < 0 ? after : after.slice(0, end);
    if (isDriveLetter(name)) return made({ host: "", path: resolvePath(after, [], "file") });
    const host = name === "" ? "" : parseHost(name, "file");
    if (host === null) return null;
    return made({ host: host === "localhost" ? "" : host, path: end < 0 ? [""] : resolvePath(after.slice(end + 1), [], "file") });
  }
  if (/^[/\\]/.test(rest)) {
    const drive = base !== null && isDriveLetter(base.path[0] ?? "") && !/^[/\\][A-Za-z][:|](?:[/\\]|$)/.test(rest) ? [base.path[0]] : [];
    return made({ host: base?.host ?? "", path: resolvePath(rest.slice(1), drive, "file") });
  }
  if (base === null) return made({ host: "", path: resolvePath(rest, [], "file") });
  if (rest === "") return made({ host: base.host, path: [...base.path], query: hasQuery ? made({}).query : base.query });
  if (/^[A-Za-z][:|](?:[/\\]|$)/.test(rest)) return made({ host: base.host, path: resolvePath(rest, [], "file") });
  return made({ host: base.host, path: resolvePath(rest, base.path.slice(0, -1), "file") });
}

/** The path as it is written. */
export function pathOf(url) {
  return url.opaque ? url.path : url.path.map((segment) => `/${segment}`).join("");
}

export function serialise(url) {
  const { scheme, username, password, host, port, query, fragment } = url;
  let text = `${scheme}:`;
  if (host !== null) {
    const credentials = username === "" && password === "" ? "" : `${username}${password === "" ? "" : `:${password}`}@`;
    text += `//${credentials}${host}${port === null ? "" : `:${port}`}`;
  } else if (!url.opaque && url.path.length > 1 && url.path[0] === "") text += "/.";
  text += pathOf(url);
  if (query !== null) text += `?${query}`;
  return fragment === null ? text : `${text}#${fragment}`;
}
