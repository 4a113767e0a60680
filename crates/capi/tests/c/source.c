/* The code of a plug-in: binaries, text, manifests, and pointers in manifests. */
#include "check.h"

static void refused(const char *text, PlugwrightErrorKind kind, const char *reason) {
  char *error = NULL;
  CHECK(extism_plugin_new((const uint8_t *)text, strlen(text), NULL, 0, false, &error) == NULL);
  CHECK_CONTAINS(error, reason);
  CHECK(plugwright_last_error_kind() == kind);
  CHECK_TEXT(plugwright_last_error(), error);
  extism_plugin_new_error_free(error);
  /* Who does not want the message gets none. */
  CHECK(extism_plugin_new((const uint8_t *)text, strlen(text), NULL, 0, false, NULL) == NULL);
}

int main(void) {
  static const uint8_t binary[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  static const char text[] = "(module (func (export \"run\")))";
  char manifest[512];
  char *error = NULL;
  ExtismPlugin *plugin = extism_plugin_new(binary, sizeof binary, NULL, 0, false, &error);
  CHECK(plugin != NULL && error == NULL);
  extism_plugin_free(plugin);

  plugin = plugin_of(text, NULL, 0);
  CHECK(call(plugin, "run", "") == EXTISM_SUCCESS);
  extism_plugin_free(plugin);

  plugin = plugin_of("{\"wasm\": [{\"data\": \"AGFzbQEAAAA=\"}], \"timeout_ms\": 1000}", NULL, 0);
  extism_plugin_free(plugin);

  /* A module that lies in this program's memory, which may go as soon as the plug-in is made. */
  {
    char *copy = (char *)malloc(sizeof text);
    memcpy(copy, text, sizeof text);
    snprintf(manifest, sizeof manifest, "{\"wasm\": [{\"data\": {\"ptr\": %llu, \"len\": %llu}}]}",
             (unsigned long long)(uintptr_t)copy, (unsigned long long)strlen(text));
    plugin = plugin_of(manifest, NULL, 0);
    memset(copy, 0, sizeof text);
    free(copy);
    CHECK(call(plugin, "run", "") == 0);
    extism_plugin_free(plugin);
  }

  refused("{\"wasm\": [{\"data\": {\"ptr\": 0, \"len\": 8}}]}", PlugwrightErrorKind_InvalidArgument,
          "is null, but its length is 8");
  refused("{\"wasm\": [{\"data\": {\"ptr\": 0, \"len\": 0}}]}", PlugwrightErrorKind_InvalidArgument,
          "has the length 0");
  refused("{\"wasm\": [{\"data\": {\"ptr\": 16, \"len\": 0}}]}", PlugwrightErrorKind_InvalidArgument,
          "has the length 0");
  refused("{\"wasm\": [{\"data\": {\"ptr\": 16, \"len\": 18446744073709551615}}]}",
          PlugwrightErrorKind_InvalidArgument, "cannot have the length");
  refused("{\"wasm\": [], \"hosts\": []}", PlugwrightErrorKind_InvalidManifest, "invalid manifest");
  refused("{\"wasm\": [{\"path\": \"no/such/file.wasm\"}]}", PlugwrightErrorKind_Load, "no/such/file.wasm");
  refused("hello", PlugwrightErrorKind_Compile, "not WebAssembly");
  refused("", PlugwrightErrorKind_Compile, "empty");
  refused("(module (import \"a\" \"b\" (func)))", PlugwrightErrorKind_Link, "a.b");
  return 0;
}
