/* One thread at a time, and none twice. */
#include "check.h"

#include <pthread.h>

enum { THREADS = 4, CALLS = 300 };

/* Threads that use one plug-in. What each call left is somebody's, so only codes are looked at. */
static void *work(void *plugin) {
  int i;
  for (i = 0; i < CALLS; i++) {
    CHECK(call((ExtismPlugin *)plugin, "echo", "hello") == 0);
    CHECK(extism_plugin_output_length((ExtismPlugin *)plugin) == 5);
  }
  return NULL;
}

static void threads(void) {
  ExtismPlugin *plugin = guest("echo", NULL, 0);
  pthread_t running[THREADS];
  int i;
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_create(&running[i], NULL, work, plugin) == 0);
  }
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_join(running[i], NULL) == 0);
  }
  extism_plugin_free(plugin);
}

struct Plugins {
  ExtismPlugin *own, *other;
};

/* Everything that a host function could do to the plug-in that calls it is refused, or does no harm. */
static void reenter(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                    ExtismSize n_out, void *data) {
  struct Plugins *plugins = (struct Plugins *)data;
  ExtismPlugin *own = plugins->own;
  (void)in;
  (void)out;
  CHECK(n_in == 0 && n_out == 0);
  CHECK(call(own, "run", "") == -1);
  CHECK_CONTAINS(extism_plugin_error(own), "cannot use the plug-in that calls it");
  CHECK(plugwright_plugin_error_kind(own) == PlugwrightErrorKind_Reentered);
  CHECK(plugwright_plugin_call(own, "run", NULL, 0, 10, NULL) == -1);
  CHECK(!extism_plugin_config(own, (const uint8_t *)"{}", 2) && !extism_plugin_reset(own));
  extism_plugin_allow_http_response_headers(own);
  CHECK(extism_plugin_output_length(own) == 0 && extism_plugin_output_data(own) != NULL);
  CHECK(plugwright_plugin_output_copy(own, NULL, 0) == 0);
  extism_plugin_free(own); /* which does nothing */
  CHECK(extism_plugin_function_exists(own, "run") && extism_plugin_id(own) != NULL);
  CHECK(extism_current_plugin_memory_alloc(plugin, 10) != 0);
  /* Another plug-in can be called, from within too. */
  CHECK(call(plugins->other, "echo", "from within") == 0 && output_is(plugins->other, "from within"));
}

static void reentrance(void) {
  struct Plugins plugins;
  ExtismFunction *function = extism_function_new("f", NULL, 0, NULL, 0, reenter, &plugins, NULL);
  const ExtismFunction *functions[1];
  int i;
  functions[0] = function;
  plugins.own = module_of("(import \"env\" \"f\" (func $f))", "(call $f) (i32.const 0)", functions, 1);
  plugins.other = guest("echo", NULL, 0);
  for (i = 0; i < 3; i++) {
    CHECK(call(plugins.own, "run", "") == 0);
    /* What was refused is not this call's error. */
    CHECK(extism_plugin_error(plugins.own) == NULL);
  }
  extism_function_free(function);
  extism_plugin_free(plugins.own);
  extism_plugin_free(plugins.other);
}

int main(void) {
  threads();
  reentrance();
  return 0;
}
