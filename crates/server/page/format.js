/** Numbers for people. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** @param {number} count */
export function count(count) {
  return whole.format(count);
}

/** A count for which there is little room. @param {number} count */
export function about(count) {
  return count < 10_000 ? whole.format(count) : short.format(count);
}

/** @param {number | null} rate */
export function perSecond(rate) {
  if (rate === null) return '–';
  return rate > 0 && rate < 10 ? rate.toFixed(1) : about(rate);
}

/** @param {number | null} micros */
export function time(micros) {
  if (micros === null) return '–';
  if (micros < 1000) return `${three(micros)} µs`;
  return micros < 1_000_000 ? `${three(micros / 1000)} ms` : `${three(micros / 1_000_000)} s`;
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1 << 20) return `${three(bytes / 1024)} KiB`;
  return bytes < 1 << 30 ? `${three(bytes / (1 << 20))} MiB` : `${three(bytes / (1 << 30))} GiB`;
}

/** How long something runs already. @param {number} seconds */
export function span(seconds) {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** The time of day of a moment in RFC 3339. @param {string} moment */
export function clock(moment) {
  return new Date(moment).toLocaleTimeString('en-GB');
}

/** About three digits. @param {number} value */
function three(value) {
  if (value >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}
