/* Pools: several plug-ins of the same code, for many threads. */
#include "check.h"

#include <pthread.h>

enum { THREADS = 8, CALLS = 200, MOST = 3 };

static void *work(void *pool) {
  int i;
  for (i = 0; i < CALLS; i++) {
    char *error = NULL;
    ExtismPlugin *plugin = plugwright_pool_acquire((const PlugwrightPool *)pool, UINT64_MAX, &error);
    char text[32];
    CHECK(plugin != NULL && error == NULL);
    snprintf(text, sizeof text, "%d %p", i, (void *)&text);
    CHECK(call(plugin, "echo", text) == 0 && output_is(plugin, text));
    plugwright_pool_release(plugin);
  }
  return NULL;
}

/* The handle, from an earlier borrower, has nothing to do with the call that this is in. */
static void cancel_in_vain(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                           ExtismSize n_out, void *data) {
  (void)in;
  (void)out;
  CHECK(n_in == 0 && n_out == 0);
  CHECK(!extism_plugin_cancel(*(const ExtismCancelHandle **)data));
  CHECK(!plugwright_current_plugin_is_cancelled(plugin));
}

static void cancel_handles(void) {
  static const char text[] = "(module (import \"env\" \"f\" (func $f)) (func (export \"run\") (call $f)))";
  ExtismCancelHandle *handle = NULL;
  ExtismFunction *function = extism_function_new("f", NULL, 0, NULL, 0, cancel_in_vain, (void *)&handle, NULL);
  const ExtismFunction *functions[1];
  ExtismCompiledPlugin *compiled;
  PlugwrightPool *pool;
  ExtismPlugin *plugin;
  uint8_t first[16];
  functions[0] = function;
  compiled = extism_compiled_plugin_new((const uint8_t *)text, strlen(text), functions, 1, false, NULL);
  pool = plugwright_pool_new(compiled, 1);
  plugin = plugwright_pool_acquire(pool, 0, NULL);
  CHECK(plugin != NULL);
  memcpy(first, extism_plugin_id(plugin), sizeof first);
  handle = plugwright_cancel_handle_new(plugin);
  CHECK(handle != NULL && !extism_plugin_cancel(handle));
  plugwright_pool_release(plugin);
  plugin = plugwright_pool_acquire(pool, 0, NULL);
  CHECK(plugin != NULL && memcmp(first, extism_plugin_id(plugin), sizeof first) == 0);
  CHECK(call(plugin, "run", "") == 0);
  plugwright_pool_release(plugin);
  plugwright_cancel_handle_free(handle);
  plugwright_pool_free(pool);
  extism_compiled_plugin_free(compiled);
  extism_function_free(function);
}

int main(void) {
  uint64_t size = 0;
  char *error = NULL;
  uint8_t *wat = read_guest("echo", &size);
  ExtismCompiledPlugin *compiled = extism_compiled_plugin_new(wat, size, NULL, 0, false, &error);
  PlugwrightPool *pool = plugwright_pool_new(compiled, MOST);
  ExtismPlugin *out[MOST], *again;
  pthread_t threads[THREADS];
  int i;
  free(wat);
  extism_compiled_plugin_free(compiled);
  CHECK(pool != NULL && plugwright_pool_max(pool) == MOST && plugwright_pool_available(pool) == MOST);
  for (i = 0; i < MOST; i++) {
    out[i] = plugwright_pool_acquire(pool, 0, NULL);
    CHECK(out[i] != NULL && plugwright_pool_available(pool) == (uint64_t)(MOST - 1 - i));
  }
  CHECK(memcmp(extism_plugin_id(out[0]), extism_plugin_id(out[1]), 16) != 0);
  /* No more: at once, and in time. */
  CHECK(plugwright_pool_acquire(pool, 0, &error) == NULL);
  CHECK_CONTAINS(error, "instances are in use");
  extism_plugin_new_error_free(error);
  CHECK(plugwright_pool_acquire(pool, 10, NULL) == NULL);
  CHECK(plugwright_last_error_kind() == PlugwrightErrorKind_PoolTimeout);
  /* All that plug-ins can, but what one borrower put out is not for the next. */
  CHECK(call(out[1], "echo", "hello") == 0 && output_is(out[1], "hello"));
  CHECK(extism_plugin_cancel_handle(out[1]) != NULL && extism_plugin_function_exists(out[1], "echo"));
  plugwright_pool_release(out[1]);
  again = plugwright_pool_acquire(pool, 0, NULL);
  CHECK(again != NULL && extism_plugin_output_length(again) == 0);
  extism_plugin_free(again);
  extism_plugin_free(out[0]);
  plugwright_pool_release(out[2]);
  CHECK(plugwright_pool_available(pool) == MOST);

  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_create(&threads[i], NULL, work, pool) == 0);
  }
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
  }
  CHECK(plugwright_pool_available(pool) == MOST);

  /* A plug-in may come home after its pool is gone. */
  again = plugwright_pool_acquire(pool, 0, NULL);
  plugwright_pool_free(pool);
  CHECK(call(again, "echo", "still") == 0 && output_is(again, "still"));
  plugwright_pool_release(again);

  cancel_handles();

  plugwright_pool_free(NULL);
  plugwright_pool_release(NULL);
  CHECK(plugwright_pool_new(NULL, 1) == NULL && plugwright_pool_acquire(NULL, 0, NULL) == NULL);
  CHECK(plugwright_pool_max(NULL) == 0 && plugwright_pool_available(NULL) == 0);
  return 0;
}
