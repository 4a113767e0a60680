/* A plug-in with the names of the public C PDK, which moved to ours by its header alone. */
#define EXTISM_IMPLEMENTATION
#define EXTISM_ENABLE_LOW_LEVEL_API
#include "extism-pdk.h"

int32_t EXTISM_EXPORTED_FUNCTION(echo) {
  extism_output_handle(extism_input_offset());
  return 0;
}

int32_t EXTISM_EXPORTED_FUNCTION(greet) {
  char name[32];
  uint64_t length = extism_input_length();
  if (!extism_load_input_sz(0, name, (size_t)length + 1 < sizeof name ? (size_t)length + 1 : sizeof name)) {
    extism_error_set_buf_from_sz("cannot load the name");
    return 1;
  }
  ExtismHandle greeting = extism_config_get_buf_from_sz("greeting");
  uint64_t before = extism_length(greeting);
  ExtismPointer answer = extism_alloc(before + 2 + length);
  for (uint64_t i = 0; i < before; i++) extism_store_u8(answer + i, extism_load_u8(greeting + i));
  extism_store(answer + before, ", ", 2);
  extism_store(answer + before + 2, name, (size_t)length);
  extism_output_set(answer, before + 2 + length);
  return 0;
}

int32_t EXTISM_EXPORTED_FUNCTION(count) {
  uint64_t count = 0;
  ExtismHandle stored = extism_var_get_buf_from_sz("count");
  if (stored != 0 && !extism_load_from_handle(stored, 0, &count, sizeof count)) return 1;
  count += 1;
  extism_var_set_buf_from_sz("count", extism_alloc_buf(&count, sizeof count));
  extism_output_buf(&count, sizeof count);
  return 0;
}

int32_t EXTISM_EXPORTED_FUNCTION(log_all) {
  extism_log_sz("debug", ExtismLogDebug);
  extism_log_sz("info", ExtismLogInfo);
  extism_log_sz("warn", ExtismLogWarn);
  extism_log_sz("error", ExtismLogError);
  return 0;
}

/* Ranges that leave the block, or wrap around, are refused. */
int32_t EXTISM_EXPORTED_FUNCTION(bounds) {
  uint8_t byte = 0;
  ExtismHandle block = extism_alloc(4);
  bool refused = !extism_load_from_handle(block, 4, &byte, 1) && !extism_load_from_handle(block, UINT64_MAX, &byte, 2) &&
                 !extism_store_to_handle(block, UINT64_MAX, &byte, 1) && !extism_load_input(UINT64_MAX, &byte, 1) &&
                 !extism_output_set_from_handle(block, 3, UINT64_MAX - 1) && !extism_load_sz(block, 0, NULL, 0);
  extism_output_buf_from_sz(refused ? "refused" : "granted");
  return 0;
}
