/* Errors: texts, kinds, and who has them. */
#include "check.h"

#include <pthread.h>

static void *other_thread(void *unused) {
  (void)unused;
  CHECK(plugwright_last_error_kind() == PlugwrightErrorKind_None);
  CHECK(plugwright_last_error() == NULL);
  CHECK(!extism_plugin_reset(NULL));
  CHECK(plugwright_last_error_kind() == PlugwrightErrorKind_InvalidArgument);
  return NULL;
}

int main(void) {
  pthread_t thread;
  char *error = NULL;
  char kept[256];
  ExtismPlugin *plugin, *other;
  CHECK(plugwright_last_error_kind() == PlugwrightErrorKind_None && plugwright_last_error() == NULL);
  CHECK(extism_plugin_new((const uint8_t *)"x", 1, NULL, 0, false, &error) == NULL);
  CHECK(plugwright_last_error_kind() == PlugwrightErrorKind_Compile);
  CHECK_TEXT(plugwright_last_error(), error);
  extism_plugin_new_error_free(error);
  extism_plugin_new_error_free(NULL);
  /* Each thread has its own. */
  CHECK(pthread_create(&thread, NULL, other_thread, NULL) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(plugwright_last_error_kind() == PlugwrightErrorKind_Compile);

  /* Each plug-in has its own, and one with a name is named. */
  plugin = guest("traps", NULL, 0);
  other = guest("traps", NULL, 0);
  CHECK(call(plugin, "unreachable", "") == 134);
  CHECK(extism_plugin_error(other) == NULL);
  snprintf(kept, sizeof kept, "%s", extism_plugin_error(plugin));
  CHECK_CONTAINS(kept, "function `unreachable`");
  CHECK_TEXT(plugwright_last_error(), kept);
  /* Looking does not change it. */
  CHECK(extism_plugin_output_length(plugin) == 0 && extism_plugin_function_exists(plugin, "fine"));
  CHECK_TEXT(extism_plugin_error(plugin), kept);
  /* Where it happened. */
  CHECK_CONTAINS(plugwright_plugin_error_backtrace(plugin), "0: ");
  {
    /* The text stays when another function succeeds, though it is that one's error no more. */
    const char *text = extism_plugin_error(plugin);
    CHECK(extism_plugin_reset(plugin));
    CHECK(extism_plugin_error(plugin) == NULL && plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_None);
    CHECK_TEXT(text, kept);
    CHECK(call(plugin, "unreachable", "") == 134);
  }
  CHECK(call(plugin, "fine", "") == 0);
  CHECK(extism_plugin_error(plugin) == NULL && plugwright_plugin_error_backtrace(plugin) == NULL);
  CHECK(call(plugin, "nothing_of_that_name", "") == -1);
  CHECK(plugwright_plugin_error_backtrace(plugin) == NULL);
  extism_plugin_free(plugin);
  extism_plugin_free(other);
  return 0;
}
