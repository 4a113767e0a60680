/* Many threads cancel the same plug-in, again and again. Each call that runs ends, the next one is not cancelled, and a
 * neighbour of the same compiled code never is. */
#include "threads.h"

#include <string.h>

enum {
  ROUNDS = 100,
  SHORT_CALLS = 5000
};

static const char guest[] =
    "(module"
    "  (import \"extism:host/user\" \"running\" (func $running))"
    "  (func (export \"spin\") (call $running) (loop $next (br $next)))"
    "  (func (export \"run\")))";

struct storm {
  const ExtismCancelHandle *handle;
  ExtismPlugin *neighbour;
  struct signal running; /* The number of the call that is being made. */
  struct signal ended;   /* The number of the last one that ended. */
  struct signal calm;    /* How many threads have seen its end. */
  struct signal hits;    /* How often there was a call to cancel. */
};

static void running(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                    ExtismSize n_out, void *data) {
  (void)plugin, (void)in, (void)out, (void)n_in, (void)n_out;
  struct storm *storm = data;
  signal_add(&storm->running, 1);
}

/* The last thread calls the neighbour; the others cancel each call of the plug-in until it has ended. */
static void take_part(int number, void *shared) {
  struct storm *storm = shared;
  for (int round = 1; round <= ROUNDS; round++) {
    signal_wait(&storm->running, round);
    do {
      if (number == THREADS - 1) {
        CHECK(extism_plugin_call(storm->neighbour, "run", NULL, 0) == 0);
      } else if (extism_plugin_cancel(storm->handle)) {
        signal_add(&storm->hits, 1);
      }
    } while (signal_get(&storm->ended) < round);
    signal_add(&storm->calm, 1);
  }
}

/* Calls that run for ever, each of which ends by the storm. */
static void long_calls(ExtismPlugin *plugin, struct storm *storm) {
  struct threads threads;
  threads_start(&threads, take_part, storm);
  for (int round = 1; round <= ROUNDS; round++) {
    CHECK(extism_plugin_call(plugin, "spin", NULL, 0) == 134);
    const char *error = extism_plugin_error(plugin);
    CHECK(error != NULL && strstr(error, "cancel") != NULL);
    signal_set(&storm->ended, round);

    /* What came too late cancels nothing in advance. */
    signal_wait(&storm->calm, round * THREADS);
    CHECK(!extism_plugin_cancel(storm->handle));
    CHECK(signal_get(&storm->hits) >= round);
    CHECK(extism_plugin_call(plugin, "run", NULL, 0) == 0);
  }
  threads_join(&threads);
}

static void cancel_blindly(int number, void *shared) {
  (void)number;
  struct storm *storm = shared;
  while (signal_get(&storm->ended) == 0) {
    (void)extism_plugin_cancel(storm->handle);
  }
}

/* Calls that are over at once: each succeeds or was cancelled, whichever came first. */
static void short_calls(ExtismPlugin *plugin, struct storm *storm) {
  signal_set(&storm->ended, 0);
  struct threads threads;
  threads_start(&threads, cancel_blindly, storm);
  for (int i = 0; i < SHORT_CALLS; i++) {
    int32_t code = extism_plugin_call(plugin, "run", NULL, 0);
    CHECK(code == 0 || (code == 134 && strstr(extism_plugin_error(plugin), "cancel") != NULL));
    CHECK(extism_plugin_call(storm->neighbour, "run", NULL, 0) == 0);
  }
  signal_set(&storm->ended, 1);
  threads_join(&threads);
  CHECK(extism_plugin_call(plugin, "run", NULL, 0) == 0);
}

int main(void) {
  struct storm storm = {NULL,
                        NULL,
                        SIGNAL_INITIALIZER,
                        SIGNAL_INITIALIZER,
                        SIGNAL_INITIALIZER,
                        SIGNAL_INITIALIZER};
  ExtismFunction *function = extism_function_new("running", NULL, 0, NULL, 0, running, &storm, NULL);
  CHECK(function != NULL);
  const ExtismFunction *functions[] = {function};
  ExtismCompiledPlugin *compiled = compile(BYTES(guest), functions, 1);
  extism_function_free(function);
  ExtismPlugin *plugin = plugin_of(compiled);
  storm.neighbour = plugin_of(compiled);
  extism_compiled_plugin_free(compiled);
  storm.handle = extism_plugin_cancel_handle(plugin);
  CHECK(storm.handle != NULL);

  long_calls(plugin, &storm);
  short_calls(plugin, &storm);

  extism_plugin_free(plugin);
  extism_plugin_free(storm.neighbour);
  printf("%d calls cancelled by %d threads each\n", ROUNDS, THREADS - 1);
  return EXIT_SUCCESS;
}
