/* Makes, calls and frees plug-ins in a loop, and fails when the process grows.
 *
 *     soak CYCLES
 *
 * Resident memory may grow while the first tenth of the cycles runs: allocators and pools fill up. After it, by less
 * than 5 %.
 */
#include "check.h"

#include <string.h>
#include <unistd.h>

enum {
  /* Most cycles take a plug-in from compiled code, as servers do. So many cycles apart, one compiles. */
  COMPILING = 100,
  /* So many apart, a call traps, and a plug-in cannot be loaded. */
  FAILING = 50
};

/* Echoes its input through a host function; traps on request. */
static const char guest[] =
    "(module"
    "  (import \"extism:host/env\" \"input_offset\" (func $input_offset (result i64)))"
    "  (import \"extism:host/env\" \"input_length\" (func $input_length (result i64)))"
    "  (import \"extism:host/env\" \"output_set\" (func $output_set (param i64 i64)))"
    "  (import \"extism:host/user\" \"through\" (func $through (param i64) (result i64)))"
    "  (memory 1)"
    "  (func (export \"echo\") (result i32)"
    "    (call $output_set (call $through (call $input_offset)) (call $input_length))"
    "    (i32.const 0))"
    "  (func (export \"trap\") (unreachable)))";

static const char input[] = "the input of a call, and therefore its output";

/* The number of functions whose data was not freed yet. */
static long functions_alive = 0;

/* A new block with what the given one holds. */
static void through(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                    ExtismSize n_out, void *data) {
  CHECK(n_in == 1 && n_out == 1 && *(int *)data == 42);
  ExtismMemoryHandle from = (ExtismMemoryHandle)in[0].v.i64;
  ExtismSize length = extism_current_plugin_memory_length(plugin, from);
  ExtismMemoryHandle to = extism_current_plugin_memory_alloc(plugin, length);
  CHECK(to != 0);
  uint8_t *memory = extism_current_plugin_memory(plugin);
  memcpy(memory + to, memory + from, (size_t)length);
  out[0].v.i64 = (int64_t)to;
}

static void free_data(void *data) {
  free(data);
  functions_alive--;
}

static ExtismFunction *make_function(void) {
  int *data = malloc(sizeof *data);
  CHECK(data != NULL);
  *data = 42;
  const ExtismValType block = ExtismValType_I64;
  ExtismFunction *function = extism_function_new("through", &block, 1, &block, 1, through, data, free_data);
  CHECK(function != NULL);
  functions_alive++;
  return function;
}

static void call(ExtismPlugin *plugin, long cycle) {
  CHECK(extism_plugin_call(plugin, "echo", BYTES(input)) == 0);
  CHECK(extism_plugin_output_length(plugin) == sizeof input - 1);
  CHECK(memcmp(extism_plugin_output_data(plugin), input, sizeof input - 1) == 0);
  if (cycle % FAILING == 0) {
    CHECK(extism_plugin_call(plugin, "trap", NULL, 0) != 0);
    CHECK(extism_plugin_error(plugin) != NULL);
  }
}

/* A plug-in that is compiled for this cycle alone, with a function of its own. */
static void compile_and_call(long cycle) {
  ExtismFunction *function = make_function();
  const ExtismFunction *functions[] = {function};
  char *error = NULL;
  ExtismPlugin *plugin = extism_plugin_new(BYTES(guest), functions, 1, false, &error);
  CHECK(plugin != NULL && error == NULL);
  extism_function_free(function);
  call(plugin, cycle);
  extism_plugin_free(plugin);
}

/* The function is missing. */
static void fail_to_load(void) {
  char *error = NULL;
  CHECK(extism_plugin_new(BYTES(guest), NULL, 0, false, &error) == NULL);
  CHECK(error != NULL && strstr(error, "through") != NULL);
  extism_plugin_new_error_free(error);
}

/* Resident memory, in KiB. */
static long resident(void) {
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL);
  long pages = 0;
  CHECK(fscanf(file, "%*d %ld", &pages) == 1);
  CHECK(fclose(file) == 0);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  long cycles = strtol(argv[1], NULL, 10);
  CHECK(cycles >= 10 && cycles % 10 == 0);

  ExtismFunction *function = make_function();
  const ExtismFunction *functions[] = {function};
  ExtismCompiledPlugin *compiled = compile(BYTES(guest), functions, 1);
  extism_function_free(function);

  long first = 0;
  long now = 0;
  for (long cycle = 1; cycle <= cycles; cycle++) {
    if (cycle % COMPILING == 0) {
      compile_and_call(cycle);
    } else {
      ExtismPlugin *plugin = plugin_of(compiled);
      call(plugin, cycle);
      extism_plugin_free(plugin);
    }
    if (cycle % FAILING == 0) {
      fail_to_load();
    }
    if (cycle % (cycles / 10) == 0) {
      now = resident();
      first = first == 0 ? now : first;
      printf("%7ld cycles: %ld KiB\n", cycle, now);
    }
  }

  CHECK(functions_alive == 1);
  extism_compiled_plugin_free(compiled);
  CHECK(functions_alive == 0);
  if (now - first >= first / 20) {
    fprintf(stderr, "resident memory grew from %ld to %ld KiB\n", first, now);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
