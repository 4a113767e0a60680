// JSON in, the same out.
export function same(text) {
  return JSON.stringify(JSON.parse(text));
}
