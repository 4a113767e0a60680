/* Each thread has plug-ins of its own, all of the same compiled code, which is freed while they live. What one thread
 * makes, another one calls and frees. */
#include "threads.h"

#include <string.h>

enum {
  ROUNDS = 20,
  CALLS = 100,
  LARGEST = 5000 /* bytes of an input */
};

static const char guest[] =
    "(module"
    "  (import \"extism:host/env\" \"input_offset\" (func $input_offset (result i64)))"
    "  (import \"extism:host/env\" \"input_length\" (func $input_length (result i64)))"
    "  (import \"extism:host/env\" \"output_set\" (func $output_set (param i64 i64)))"
    "  (memory 1)"
    "  (func (export \"echo\")"
    "    (call $output_set (call $input_offset) (call $input_length))))";

struct round {
  const ExtismCompiledPlugin *compiled;
  ExtismPlugin *plugins[THREADS];
  struct signal made;  /* How many of them there are. */
  struct signal freed; /* 1 when the compiled code is gone. */
};

static void make_and_use(int number, void *shared) {
  struct round *round = shared;
  round->plugins[number] = plugin_of(round->compiled);
  signal_add(&round->made, 1);
  signal_wait(&round->freed, 1);

  /* The neighbour's. */
  ExtismPlugin *plugin = round->plugins[(number + 1) % THREADS];
  uint8_t input[LARGEST];
  for (int i = 0; i < CALLS; i++) {
    size_t size = (size_t)(i * 997 + number * 131) % LARGEST;
    memset(input, number * CALLS + i, size);
    CHECK(extism_plugin_call(plugin, "echo", input, size) == 0);
    CHECK(extism_plugin_output_length(plugin) == size);
    CHECK(size == 0 || memcmp(extism_plugin_output_data(plugin), input, size) == 0);
  }
  extism_plugin_free(plugin);
}

int main(void) {
  for (int i = 0; i < ROUNDS; i++) {
    ExtismCompiledPlugin *compiled = compile(BYTES(guest), NULL, 0);
    struct round round = {compiled, {NULL}, SIGNAL_INITIALIZER, SIGNAL_INITIALIZER};
    struct threads threads;
    threads_start(&threads, make_and_use, &round);
    signal_wait(&round.made, THREADS);
    extism_compiled_plugin_free(compiled);
    signal_set(&round.freed, 1);
    threads_join(&threads);
  }
  printf("%d plug-ins of %d threads, %d calls each\n", ROUNDS * THREADS, THREADS, CALLS);
  return EXIT_SUCCESS;
}
