/* Compiled code as bytes. */
#include "check.h"

int main(void) {
  uint64_t size = 0;
  char *error = NULL;
  uint8_t *wat = read_guest("echo", &size), *copy;
  ExtismCompiledPlugin *compiled = extism_compiled_plugin_new(wat, size, NULL, 0, false, &error), *again;
  PlugwrightBytes *bytes = plugwright_compiled_plugin_to_bytes(compiled, &error);
  PlugwrightOptions *options = plugwright_options_new();
  ExtismPlugin *plugin;
  CHECK(bytes != NULL && error == NULL);
  extism_compiled_plugin_free(compiled);
  free(wat);
  size = plugwright_bytes_length(bytes);
  CHECK(size > 1000);
  copy = (uint8_t *)malloc(size);
  memcpy(copy, plugwright_bytes_data(bytes), size);
  plugwright_bytes_free(bytes);

  CHECK(plugwright_options_max_output_bytes(options, 4));
  again = plugwright_compiled_plugin_from_trusted_bytes(options, copy, size, &error);
  CHECK(again != NULL && error == NULL);
  plugin = extism_plugin_new_from_compiled(again, NULL);
  CHECK(call(plugin, "echo", "four") == 0 && output_is(plugin, "four"));
  /* What it may do is for the options to say. */
  CHECK(call(plugin, "echo", "fiver") == -1);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Limit);
  extism_plugin_free(plugin);
  extism_compiled_plugin_free(again);

  again = plugwright_compiled_plugin_from_trusted_bytes(NULL, copy, size, NULL);
  plugin = extism_plugin_new_from_compiled(again, NULL);
  CHECK(call(plugin, "echo", "fiver") == 0);
  extism_plugin_free(plugin);
  extism_compiled_plugin_free(again);

  /* What is not compiled code, or is cut off, is refused. */
  CHECK(plugwright_compiled_plugin_from_trusted_bytes(NULL, copy, size / 2, &error) == NULL);
  CHECK(plugwright_last_error_kind() == PlugwrightErrorKind_Incompatible);
  extism_plugin_new_error_free(error);
  CHECK(plugwright_compiled_plugin_from_trusted_bytes(NULL, NULL, 0, &error) == NULL);
  extism_plugin_new_error_free(error);
  CHECK(plugwright_compiled_plugin_from_trusted_bytes(NULL, NULL, 7, &error) == NULL);
  CHECK_TEXT(error, "the compiled code is null, but its length is 7");
  extism_plugin_new_error_free(error);
  CHECK(plugwright_compiled_plugin_to_bytes(NULL, NULL) == NULL);
  CHECK(plugwright_bytes_length(NULL) == 0 && plugwright_bytes_data(NULL) == NULL);
  plugwright_bytes_free(NULL);
  plugwright_options_free(options);
  free(copy);
  return 0;
}
