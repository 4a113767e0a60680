// Work of the usual kind: calls, strings, objects, arrays.
export function words(text) {
  const counts = new Map();
  for (const word of text.split(" ")) {
    const key = word.toLowerCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return sorted.slice(0, 10).map(([word, count]) => `${word} ${count}`).join(", ");
}
