/* A key-value store of the host. */
#include "shared.h"

PW_HOST_FN(pw_block, kv_read, (pw_block key));
PW_HOST_FN(void, kv_write, (pw_block key, pw_block value));
PW_HOST_FN_IN("env", pw_block, hostMemoryGet, (pw_block key));

PW_EXPORT(kv_get) { return pw_output_block(kv_read(pw_input_block())); }

PW_EXPORT(kv_set) {
  uint64_t split = split_input();
  if (split == pw_input_length()) return pw_fail("expected key=value");
  kv_write(pw_input_part(0, split), pw_input_part(split + 1, pw_input_length()));
  return 0;
}

/* The same as `kv_get`, through a function in another module. */
PW_EXPORT(env_get) { return pw_output_block(hostMemoryGet(pw_input_block())); }
