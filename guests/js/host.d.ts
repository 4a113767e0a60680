declare module "extism:host/user" {
  export function kv_read(key: string): string | null;
  export function kv_write(key: string, value: string): void;
}
