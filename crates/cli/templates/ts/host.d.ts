// The functions of the host that this plug-in calls. `plugwright build` reads it.
declare module "extism:host/user" {
  /** The value that the host stores under the key; `null` if there is none. */
  export function kv_read(key: string): string | null;
}
