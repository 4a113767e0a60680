/* A key-value store of the host, without any library: wasm32-freestanding. */
#include "plugin.h"

#define USER(name) IMPORT("extism:host/user", name)

USER("kv_read") offset kv_read(offset key);
USER("kv_write") void kv_write(offset key, offset value);

EXPORT(kv_get) {
  offset key = input_block();
  offset value = kv_read(key);
  host_free(key);
  return output_block(value);
}

EXPORT(kv_set) {
  uint64_t split = input_split(), length = host_input_length();
  if (split == length) return fail(BLOCK("expected key=value"), 1);
  offset key = block_from_input(0, split);
  offset value = block_from_input(split + 1, length);
  kv_write(key, value);
  host_free(value);
  host_free(key);
  return 0;
}
