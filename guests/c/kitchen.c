/* One function for each service of the host, without any library: wasm32-freestanding. */
#include "plugin.h"

EXPORT(echo) {
  host_output_set(host_input_offset(), host_input_length());
  return 0;
}

EXPORT(config_get) { return output_block(host_config_get(input_block())); }

EXPORT(log_all) {
  host_log_trace(input_block());
  host_log_debug(input_block());
  host_log_info(input_block());
  host_log_warn(input_block());
  host_log_error(input_block());
  return 0;
}

EXPORT(fail_message) { return fail(input_block(), 1); }

EXPORT(fail_code) { return fail(BLOCK("refused with code 42"), 42); }
