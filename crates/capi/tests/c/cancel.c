/* Cancelling calls. */
#include "check.h"

#include <pthread.h>

/* The host function that a guest calls before it runs for ever: by then the call has begun. */
static void host_cancel(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                        ExtismSize n_out, void *data) {
  (void)plugin;
  (void)in;
  (void)out;
  CHECK(n_in == 0 && n_out == 0);
  CHECK(extism_plugin_cancel(*(const ExtismCancelHandle **)data));
  /* There is nothing more to cancel. */
  CHECK(!extism_plugin_cancel(*(const ExtismCancelHandle **)data));
}

/* The same from another thread, which must have done it before the guest goes on. */
static void *cancel(void *handle) {
  CHECK(extism_plugin_cancel((const ExtismCancelHandle *)handle));
  return NULL;
}

static void host_cancel_elsewhere(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in,
                                  ExtismVal *out, ExtismSize n_out, void *data) {
  pthread_t thread;
  (void)plugin;
  (void)in;
  (void)out;
  CHECK(n_in == 0 && n_out == 0);
  CHECK(pthread_create(&thread, NULL, cancel, *(void **)data) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
}

static void cancels(ExtismFunctionType body) {
  const ExtismCancelHandle *handle = NULL;
  ExtismFunction *function = extism_function_new("host_cancel", NULL, 0, NULL, 0, body, (void *)&handle, NULL);
  const ExtismFunction *functions[1];
  ExtismPlugin *plugin;
  functions[0] = function;
  plugin = guest("host_cancel", functions, 1);
  handle = extism_plugin_cancel_handle(plugin);
  CHECK(handle != NULL && handle == extism_plugin_cancel_handle(plugin));
  /* Nothing is running: that is not kept for later. */
  CHECK(!extism_plugin_cancel(handle));
  CHECK(call(plugin, "run", "") == 0);
  CHECK(call(plugin, "cancel_me", "") == 134);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Cancelled);
  CHECK_CONTAINS(extism_plugin_error(plugin), "cancelled");
  CHECK(call(plugin, "run", "") == 0);
  extism_function_free(function);
  extism_plugin_free(plugin);
}

int main(void) {
  ExtismPlugin *plugin;
  ExtismCancelHandle *owned;
  cancels(host_cancel);
  cancels(host_cancel_elsewhere);
  CHECK(!extism_plugin_cancel(NULL));
  CHECK(extism_plugin_cancel_handle(NULL) == NULL);
  /* A handle of one's own outlives the plug-in. */
  plugin = guest("echo", NULL, 0);
  owned = plugwright_cancel_handle_new(plugin);
  CHECK(owned != NULL && !extism_plugin_cancel(owned));
  extism_plugin_free(plugin);
  CHECK(!extism_plugin_cancel(owned));
  plugwright_cancel_handle_free(owned);
  plugwright_cancel_handle_free(NULL);
  CHECK(plugwright_cancel_handle_new(NULL) == NULL);
  return 0;
}
