/* Many threads use one plug-in: its calls take place one after the other, and each thread gets its own call's code. */
#include "threads.h"

#include <string.h>

enum { CALLS = 1000 };

/* Each function meets the others, if calls overlap, in the host function. */
static const char guest[] =
    "(module"
    "  (import \"extism:host/user\" \"alone\" (func $alone))"
    "  (func (export \"good\") (result i32) (call $alone) (i32.const 0))"
    "  (func (export \"seven\") (result i32) (call $alone) (i32.const 7))"
    "  (func (export \"trap\") (call $alone) (unreachable)))";

/* Only the library keeps threads apart from each other here. */
struct room {
  volatile int inside;
  volatile int visits;
};

static void alone(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out, ExtismSize n_out,
                  void *data) {
  (void)plugin, (void)in, (void)out;
  struct room *room = data;
  CHECK(n_in == 0 && n_out == 0);
  room->inside++;
  CHECK(room->inside == 1);
  for (volatile int i = 0; i < 100; i++) {
    CHECK(room->inside == 1);
  }
  room->visits++;
  room->inside--;
}

/* The output and the error are another thread's, at any time: this only asks for them. */
static void look(ExtismPlugin *plugin) {
  CHECK(extism_plugin_output_length(plugin) == 0);
  (void)extism_plugin_output_data(plugin);
  (void)extism_plugin_error(plugin);
  CHECK(extism_plugin_id(plugin) != NULL);
  CHECK(extism_plugin_function_exists(plugin, "good"));
  CHECK(!extism_plugin_function_exists(plugin, "bad"));
  CHECK(extism_plugin_config(plugin, BYTES("{\"key\": \"value\"}")));
  CHECK(extism_plugin_cancel_handle(plugin) != NULL);
}

static void use(int number, void *shared) {
  ExtismPlugin *plugin = shared;
  for (int i = 0; i < CALLS; i++) {
    switch ((number + i) % 4) {
      case 0:
        CHECK(extism_plugin_call(plugin, "seven", NULL, 0) == 7);
        break;
      case 1:
        CHECK(extism_plugin_call(plugin, "trap", NULL, 0) == 134);
        break;
      default:
        CHECK(extism_plugin_call(plugin, "good", BYTES("an input")) == 0);
    }
    look(plugin);
  }
}

int main(void) {
  struct room room = {0, 0};
  ExtismFunction *function = extism_function_new("alone", NULL, 0, NULL, 0, alone, &room, NULL);
  CHECK(function != NULL);
  const ExtismFunction *functions[] = {function};
  ExtismPlugin *plugin = extism_plugin_new(BYTES(guest), functions, 1, false, NULL);
  CHECK(plugin != NULL);
  extism_function_free(function);

  struct threads threads;
  threads_start(&threads, use, plugin);
  threads_join(&threads);

  CHECK(room.inside == 0 && room.visits == THREADS * CALLS);
  extism_plugin_free(plugin);
  printf("%d calls of one plug-in by %d threads, one at a time\n", room.visits, THREADS);
  return EXIT_SUCCESS;
}
