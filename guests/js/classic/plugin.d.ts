declare module "main" {
  export function count_vowels(): I32;
  export function through_host(): I32;
  export function returns_code(): I32;
}

declare module "extism:host" {
  interface user {
    host_echo(block: I64): I64;
    host_add(a: I64, b: I64): I64;
    host_mix(a: I32, b: I64, c: F32, d: F64): F64;
  }
}
