// A plug-in that does what most plug-ins do: it answers with JSON, logs, gets a page, and counts.

let calls = 0;

/** The input is a name. */
export function hello(name) {
  console.log(`greeting ${name}`);
  return { message: `💛 Hello ${name}`, from: Config.get("from") ?? "JavaScript" };
}

/** The output is the page at the address that the config has under `url`. */
export async function page() {
  const url = Config.get("url");
  if (url === null) throw new Error("the config has no url");
  const response = await fetch(url);
  console.log(`${url} answered with status ${response.status}`);
  return response.text();
}

/** The output is how often the plug-in was called: by this instance, and in all, which is a variable. */
export function count() {
  calls += 1;
  const total = Number(Var.get("total") ?? 0) + 1;
  Var.set("total", String(total));
  return { calls, total };
}
