/* Compiled plug-ins: code that is compiled once, for any number of plug-ins. */
#include "check.h"

int main(void) {
  uint64_t size = 0;
  char *error = NULL;
  uint8_t *wat = read_guest("abi_config_vars", &size);
  ExtismPlugin *plugins[50];
  ExtismCompiledPlugin *compiled = extism_compiled_plugin_new(wat, size, NULL, 0, false, &error);
  static const char loop[] = "(module (func (export \"run\") (loop $l (br $l))))";
  static const char blue[] = "{\"color\": \"blue\"}";
  int i;
  CHECK(compiled != NULL && error == NULL);
  free(wat);
  for (i = 0; i < 50; i++) {
    plugins[i] = extism_plugin_new_from_compiled(compiled, &error);
    CHECK(plugins[i] != NULL && error == NULL);
  }
  /* Plug-ins go on without it, and what one has is not another's. */
  extism_compiled_plugin_free(compiled);
  CHECK(extism_plugin_config(plugins[0], (const uint8_t *)blue, strlen(blue)));
  for (i = 0; i < 50; i++) {
    CHECK(call(plugins[i], "config_get", "color") == 0);
    CHECK(output_is(plugins[i], i == 0 ? "blue" : ""));
  }
  for (i = 0; i < 50; i++) {
    extism_plugin_free(plugins[i]);
  }

  compiled = extism_compiled_plugin_new_with_fuel_limit((const uint8_t *)loop, strlen(loop), NULL, 0, false, 10000,
                                                        &error);
  CHECK(compiled != NULL);
  plugins[0] = extism_plugin_new_from_compiled(compiled, NULL);
  CHECK(call(plugins[0], "run", "") == -1);
  CHECK(plugwright_plugin_error_kind(plugins[0]) == PlugwrightErrorKind_OutOfFuel);
  extism_plugin_free(plugins[0]);
  extism_compiled_plugin_free(compiled);

  CHECK(extism_compiled_plugin_new((const uint8_t *)"(modul)", 7, NULL, 0, false, &error) == NULL);
  CHECK_CONTAINS(error, "not valid WebAssembly text");
  CHECK(strchr(error, '\n') == NULL);
  extism_plugin_new_error_free(error);
  CHECK(extism_compiled_plugin_new((const uint8_t *)"(modul)", 7, NULL, 0, false, NULL) == NULL);
  CHECK(extism_plugin_new_from_compiled(NULL, &error) == NULL);
  CHECK_TEXT(error, "the compiled plug-in is null");
  extism_plugin_new_error_free(error);
  extism_compiled_plugin_free(NULL);
  return 0;
}
