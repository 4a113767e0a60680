/* A log of a plug-in's own. */
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

struct Logged {
  ExtismPlugin *plugin;
  int messages[5];
  int freed;
};

static void log_message(const char *message, ExtismSize length, PlugwrightLogLevel level, const uint8_t *id,
                        void *data) {
  struct Logged *logged = (struct Logged *)data;
  CHECK(length == 9 && strcmp(message, "a message") == 0);
  CHECK(memcmp(id, extism_plugin_id(logged->plugin), 16) == 0);
  CHECK(level <= PlugwrightLogLevel_Error);
  logged->messages[level]++;
  /* The plug-in that logs is in a call. */
  CHECK(call(logged->plugin, "log_all", "") == -1);
  CHECK(plugwright_plugin_error_kind(logged->plugin) == PlugwrightErrorKind_Reentered);
}

static void log_freed(void *data) { ((struct Logged *)data)->freed++; }

int main(void) {
  PlugwrightOptions *options = plugwright_options_new();
  struct Logged logged;
  ExtismPlugin *quiet;
  memset(&logged, 0, sizeof logged);
  CHECK(!plugwright_options_log(options, NULL, &logged, log_freed));
  CHECK(!plugwright_options_log(NULL, log_message, &logged, log_freed));
  CHECK(logged.freed == 0);
  CHECK(plugwright_options_log(options, log_message, &logged, log_freed));
  CHECK(plugwright_options_log_level(options, PlugwrightLogLevel_Info));
  logged.plugin = made(options, "abi_log");
  CHECK(call(logged.plugin, "log_all", "") == 0);
  CHECK(extism_plugin_error(logged.plugin) == NULL);
  CHECK(logged.messages[0] == 0 && logged.messages[1] == 0);
  CHECK(logged.messages[2] == 1 && logged.messages[3] == 1 && logged.messages[4] == 1);
  CHECK(call(logged.plugin, "get_log_level", "") == 0 && output_is(logged.plugin, "2"));
  /* `extism_log_file` and its like do not concern it. */
  CHECK(extism_log_custom("trace"));
  CHECK(call(logged.plugin, "get_log_level", "") == 0 && output_is(logged.plugin, "2"));
  CHECK(plugwright_options_log_level(options, PlugwrightLogLevel_Off) && !plugwright_options_log_level(options, 6));
  quiet = made(options, "abi_log");
  CHECK(call(quiet, "log_all", "") == 0 && logged.messages[4] == 1);
  CHECK(call(quiet, "get_log_level", "") == 0 && output_is(quiet, "-"));
  extism_plugin_free(quiet);
  plugwright_options_free(options);
  CHECK(logged.freed == 0);
  extism_plugin_free(logged.plugin);
  CHECK(logged.freed == 1);
  return 0;
}
