/* Nulls, for every function: nothing happens but an error. */
#include "check.h"

int main(void) {
  char *error = NULL;
  extism_plugin_new_error_free(NULL);
  CHECK(extism_plugin_new(NULL, 0, NULL, 0, false, &error) == NULL);
  CHECK_CONTAINS(error, "empty");
  extism_plugin_new_error_free(error);
  CHECK(extism_plugin_new(NULL, 1, NULL, 0, false, NULL) == NULL);
  CHECK(extism_plugin_new((const uint8_t *)"(module)", UINT64_MAX, NULL, 0, false, NULL) == NULL);
  CHECK(extism_plugin_new((const uint8_t *)"(module)", 8, NULL, 1, false, &error) == NULL);
  CHECK_TEXT(error, "the array of functions is null, but its length is 1");
  extism_plugin_new_error_free(error);
  CHECK(extism_plugin_new_with_fuel_limit(NULL, 0, NULL, 0, true, 1, NULL) == NULL);
  CHECK(extism_compiled_plugin_new(NULL, 0, NULL, 0, true, NULL) == NULL);
  CHECK(extism_compiled_plugin_new_with_fuel_limit(NULL, 0, NULL, 0, true, 1, NULL) == NULL);
  CHECK(extism_plugin_new_from_compiled(NULL, NULL) == NULL);

  extism_plugin_free(NULL);
  CHECK(extism_plugin_id(NULL) == NULL);
  CHECK(!extism_plugin_function_exists(NULL, NULL) && !extism_plugin_function_exists(NULL, "f"));
  CHECK(!extism_plugin_config(NULL, NULL, 0) && !extism_plugin_reset(NULL));
  extism_plugin_allow_http_response_headers(NULL);
  CHECK(extism_plugin_call(NULL, NULL, NULL, 0) == -1 && extism_plugin_call(NULL, "f", NULL, 0) == -1);
  CHECK(extism_plugin_call_with_host_context(NULL, "f", NULL, 0, NULL) == -1);
  CHECK(plugwright_plugin_call(NULL, "f", NULL, 0, 0, NULL) == -1);
  CHECK(extism_plugin_error(NULL) == NULL && extism_error(NULL) == NULL);
  CHECK(plugwright_plugin_error_kind(NULL) == PlugwrightErrorKind_None);
  CHECK(plugwright_plugin_error_backtrace(NULL) == NULL);
  CHECK(extism_plugin_output_length(NULL) == 0 && extism_plugin_output_data(NULL) == NULL);
  CHECK(plugwright_plugin_output_copy(NULL, NULL, 9) == 0);

  CHECK(extism_current_plugin_memory(NULL) == NULL && extism_current_plugin_memory_alloc(NULL, 1) == 0);
  CHECK(extism_current_plugin_memory_length(NULL, 1) == 0);
  extism_current_plugin_memory_free(NULL, 1);
  CHECK(extism_current_plugin_host_context(NULL) == NULL);
  CHECK(!plugwright_current_plugin_set_error(NULL, "e") && !plugwright_current_plugin_id(NULL, NULL));
  CHECK(plugwright_current_plugin_time_left_ms(NULL) == UINT64_MAX);
  CHECK(!plugwright_current_plugin_is_cancelled(NULL));
  extism_function_set_namespace(NULL, NULL);
  extism_function_free(NULL);
  extism_log_drain(NULL);
  return 0;
}
