// The workshop's plug-in.
export function hello() {
  const name = Host.inputString();
  console.log(`💛 Hello ${name}`);
  Host.outputString(JSON.stringify({ message: `💛 Hello ${name}`, from: "JavaScript" }));
}
