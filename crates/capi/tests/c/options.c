/* What plug-ins may do and have, without a manifest. */
#include "check.h"

static ExtismPlugin *made(PlugwrightOptions *options, const char *name) {
  uint64_t size = 0;
  char *error = NULL;
  uint8_t *wat = read_guest(name, &size);
  ExtismPlugin *plugin = plugwright_plugin_new(options, wat, size, &error);
  if (plugin == NULL) {
    fprintf(stderr, "no plug-in %s: %s\n", name, error);
    exit(1);
  }
  free(wat);
  return plugin;
}

/* That plug-in cannot be made, for this reason. */
static void refused(PlugwrightOptions *options, const char *name, PlugwrightErrorKind kind, const char *reason) {
  uint64_t size = 0;
  char *error = NULL;
  uint8_t *wat = read_guest(name, &size);
  CHECK(plugwright_plugin_new(options, wat, size, &error) == NULL);
  CHECK(plugwright_last_error_kind() == kind);
  CHECK_CONTAINS(error, reason);
  extism_plugin_new_error_free(error);
  CHECK(plugwright_compiled_plugin_new(options, wat, size, NULL) == NULL);
  free(wat);
}

static void limits(void) {
  PlugwrightOptions *options = plugwright_options_new();
  ExtismPlugin *plugin;
  CHECK(plugwright_options_name(options, "spinner"));
  CHECK(plugwright_options_timeout_ms(options, 20));
  plugin = made(options, "spin");
  CHECK(call(plugin, "spin", "") == 134);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Timeout);
  CHECK_CONTAINS(extism_plugin_error(plugin), "`spinner`");
  extism_plugin_free(plugin);
  /* The options go on: the last one counts, and plug-ins keep theirs. */
  CHECK(plugwright_options_fuel(options, 1000) && plugwright_options_timeout_ms(options, 60000));
  plugin = made(options, "spin");
  plugwright_options_free(options);
  CHECK(call(plugin, "spin", "") == -1);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_OutOfFuel);
  extism_plugin_free(plugin);

  options = plugwright_options_new();
  CHECK(plugwright_options_max_output_bytes(options, 3) && plugwright_options_max_log_bytes(options, 10));
  CHECK(plugwright_options_max_http_response_bytes(options, 10) && plugwright_options_http_response_headers(options, true));
  CHECK(plugwright_options_allow_host(options, "*.example.com") && plugwright_options_cache_folder(options, NULL));
  plugin = made(options, "echo");
  CHECK(call(plugin, "echo", "two") == 0 && call(plugin, "echo", "four") == -1);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Limit);
  extism_plugin_free(plugin);
  CHECK(plugwright_options_max_pages(options, 1));
  refused(options, "hazard_09_initial_pages", PlugwrightErrorKind_OutOfMemory, "max_pages");
  CHECK(plugwright_options_allow_host(options, "exa mple.com"));
  refused(options, "echo", PlugwrightErrorKind_InvalidManifest, "exa mple.com");
  plugwright_options_free(options);

  options = plugwright_options_new();
  CHECK(plugwright_options_max_var_bytes(options, 1500));
  CHECK(plugwright_options_config(options, "color", "blue"));
  plugin = made(options, "abi_config_vars");
  CHECK(call(plugin, "config_get", "color") == 0 && output_is(plugin, "blue"));
  CHECK(call(plugin, "set_2000_bytes", "") != 0);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Limit);
  CHECK(call(plugin, "set_1000_bytes", "") == 0);
  extism_plugin_free(plugin);
  plugwright_options_free(options);
}

static void system_interface(void) {
  PlugwrightOptions *options = plugwright_options_new();
  ExtismPlugin *plugin;
  refused(options, "wasi_exit", PlugwrightErrorKind_Link, "WASI is off");
  CHECK(plugwright_options_wasi(options, true) && plugwright_options_inherit_output(options, true));
  CHECK(plugwright_options_env(options, "NAME", "value") && plugwright_options_allow_path(options, SCRATCH, "/mnt"));
  plugin = made(options, "wasi_exit");
  CHECK(call(plugin, "exit_3", "") == 3);
  extism_plugin_free(plugin);
  CHECK(plugwright_options_allow_path(options, SCRATCH "/no/such/folder", "/none"));
  refused(options, "wasi_exit", PlugwrightErrorKind_Load, "no/such/folder");
  plugwright_options_free(options);
}

static void answer(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                   ExtismSize n_out, void *data) {
  (void)plugin;
  (void)in;
  (void)data;
  CHECK(n_in == 0 && n_out == 1);
  out[0].v.i32 = 42;
}

static void functions(void) {
  const ExtismValType result[] = {ExtismValType_I32};
  static const char text[] = "(module (import \"env\" \"answer\" (func $f (result i32)))"
                             "(func (export \"run\") (result i32) (i32.sub (call $f) (i32.const 42))))";
  ExtismFunction *function = extism_function_new("answer", NULL, 0, result, 1, answer, NULL, NULL);
  PlugwrightOptions *options = plugwright_options_new();
  ExtismCompiledPlugin *compiled;
  ExtismPlugin *plugin;
  CHECK(!plugwright_options_function(options, NULL) && !plugwright_options_function(NULL, function));
  CHECK(plugwright_options_function(options, function));
  extism_function_free(function);
  compiled = plugwright_compiled_plugin_new(options, (const uint8_t *)text, strlen(text), NULL);
  CHECK(compiled != NULL);
  plugwright_options_free(options);
  plugin = extism_plugin_new_from_compiled(compiled, NULL);
  extism_compiled_plugin_free(compiled);
  CHECK(call(plugin, "run", "") == 0);
  extism_plugin_free(plugin);
}

int main(void) {
  PlugwrightOptions *options = plugwright_options_new();
  ExtismPlugin *plugin = made(NULL, "echo");
  CHECK(call(plugin, "echo", "x") == 0);
  extism_plugin_free(plugin);
  CHECK(!plugwright_options_name(options, "\xff"));
  CHECK_TEXT(plugwright_last_error(), "the name is not UTF-8");
  plugwright_options_free(options);
  plugwright_options_free(NULL);
  limits();
  system_interface();
  functions();
  return 0;
}
