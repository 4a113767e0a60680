// Functions of the host with text in and out.
import { kv_read, kv_write } from "extism:host/user";

export function kv(key: string): string {
  kv_write(key, `${kv_read(key) ?? "nothing"}, ${key}`);
  return kv_read(key) ?? "nothing";
}
