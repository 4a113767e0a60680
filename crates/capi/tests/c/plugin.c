/* A plug-in: what it is, its config, and what it forgets. */
#include "check.h"

static void config(void) {
  ExtismPlugin *plugin = guest("abi_config_vars", NULL, 0);
  static const char set[] = "{\"color\": \"blue\"}", removed[] = "{\"color\": null}";
  static const char *const bad[] = {"", "{", "[]", "{\"a\": 1}", "{\"a\": {}}", "null", "{\"color\": \"red\", \"b\": 2}"};
  size_t i;
  CHECK(extism_plugin_config(plugin, (const uint8_t *)set, strlen(set)));
  CHECK(extism_plugin_error(plugin) == NULL);
  CHECK(call(plugin, "config_get", "color") == 0 && output_is(plugin, "blue"));
  for (i = 0; i < sizeof bad / sizeof *bad; i++) {
    CHECK(!extism_plugin_config(plugin, (const uint8_t *)bad[i], strlen(bad[i])));
    CHECK_CONTAINS(extism_plugin_error(plugin), "must be a JSON object of texts");
    CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_InvalidArgument);
  }
  CHECK(!extism_plugin_config(plugin, NULL, 3));
  CHECK_CONTAINS(extism_plugin_error(plugin), "is null, but its length is 3");
  /* None of that has changed anything, and what succeeds has no error. */
  CHECK(call(plugin, "config_get", "color") == 0 && output_is(plugin, "blue"));
  CHECK(extism_plugin_error(plugin) == NULL);
  CHECK(extism_plugin_config(plugin, (const uint8_t *)removed, strlen(removed)));
  CHECK(call(plugin, "config_get", "color") == 0 && output_is(plugin, ""));
  extism_plugin_free(plugin);
}

static void ids(void) {
  ExtismPlugin *one = guest("echo", NULL, 0), *other = guest("echo", NULL, 0);
  const uint8_t *id = extism_plugin_id(one);
  CHECK(id == extism_plugin_id(one));
  CHECK(memcmp(id, extism_plugin_id(other), 16) != 0);
  CHECK((id[6] & 0xf0) == 0x40); /* version 4 */
  CHECK((id[8] & 0xc0) == 0x80);
  extism_plugin_free(one);
  extism_plugin_free(other);
}

static void names(void) {
  ExtismPlugin *plugin = guest("echo", NULL, 0);
  CHECK(extism_plugin_function_exists(plugin, "echo"));
  CHECK(!extism_plugin_function_exists(plugin, "ech"));
  CHECK(!extism_plugin_function_exists(plugin, ""));
  CHECK(!extism_plugin_function_exists(plugin, NULL));
  CHECK(!extism_plugin_function_exists(plugin, "\xff"));
  extism_plugin_free(plugin);
}

static void reset(void) {
  ExtismPlugin *plugin = guest("echo", NULL, 0);
  CHECK(extism_plugin_reset(plugin));
  CHECK(call(plugin, "echo", "hello") == 0 && output_is(plugin, "hello"));
  CHECK(extism_plugin_reset(plugin));
  CHECK(extism_plugin_output_length(plugin) == 0);
  CHECK(call(plugin, "echo", "again") == 0 && output_is(plugin, "again"));
  extism_plugin_allow_http_response_headers(plugin);
  extism_plugin_free(plugin);
}

static void fuel(void) {
  static const char loop[] = "(module (func (export \"run\") (loop $l (br $l))))";
  char *error = NULL;
  ExtismPlugin *plugin =
      extism_plugin_new_with_fuel_limit((const uint8_t *)loop, strlen(loop), NULL, 0, false, 10000, &error);
  CHECK(plugin != NULL && error == NULL);
  CHECK(call(plugin, "run", "") == -1);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_OutOfFuel);
  CHECK_CONTAINS(extism_plugin_error(plugin), "fuel");
  extism_plugin_free(plugin);
}

int main(void) {
  config();
  ids();
  names();
  reset();
  fuel();
  return 0;
}
