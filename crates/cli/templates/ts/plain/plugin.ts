// Exported functions are the plug-in's: they take the input of a call, and return its output.

/** Greets whoever the input names. */
export function greet(name: string): string {
  const greeting = Config.get("greeting") ?? "Hello";
  console.debug(`greeting ${name}`);
  return `${greeting}, ${name}!`;
}
