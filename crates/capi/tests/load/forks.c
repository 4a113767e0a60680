/* Processes forked from one that has called plug-ins go on calling them, under their deadlines, and so do theirs. Ids of
 * plug-ins that different processes make are different. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  CHILDREN = 20,
  GENERATIONS = 2,
  ID_BYTES = 16,
  DEADLINE_MS = 20
};

static const char guest[] =
    "(module"
    "  (import \"extism:host/env\" \"alloc\" (func $alloc (param i64) (result i64)))"
    "  (import \"extism:host/env\" \"output_set\" (func $output_set (param i64 i64)))"
    "  (memory 1)"
    "  (func (export \"answer\") (call $output_set (call $alloc (i64.const 3)) (i64.const 3)))"
    "  (func (export \"loop\") (loop $for_ever (br $for_ever))))";

static void answers(ExtismPlugin *plugin) {
  CHECK(extism_plugin_call(plugin, "answer", NULL, 0) == 0);
  CHECK(extism_plugin_output_length(plugin) == 3);
}

static void is_stopped(ExtismPlugin *plugin) {
  CHECK(plugwright_plugin_call(plugin, "loop", NULL, 0, DEADLINE_MS, NULL) == 134);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Timeout);
}

/* What a process does with a plug-in that it has inherited, and with one of its own, whose id it writes to `ids`. */
static void use(const ExtismCompiledPlugin *compiled, ExtismPlugin *inherited, int ids) {
  /* In the middle of a call first: the clock must run without a new plug-in. */
  is_stopped(inherited);
  answers(inherited);
  ExtismPlugin *own = plugin_of(compiled);
  CHECK(write(ids, extism_plugin_id(own), ID_BYTES) == ID_BYTES);
  answers(own);
  is_stopped(own);
  extism_plugin_free(own);
}

static void spawn(const ExtismCompiledPlugin *compiled, ExtismPlugin *plugin, int ids, int generations) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    use(compiled, plugin, ids);
    if (generations > 1) {
      spawn(compiled, plugin, ids, generations - 1);
    }
    _exit(EXIT_SUCCESS);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
}

int main(void) {
  ExtismCompiledPlugin *compiled = compile(BYTES(guest), NULL, 0);
  ExtismPlugin *plugin = plugin_of(compiled);
  answers(plugin);
  is_stopped(plugin);

  int ids[2];
  CHECK(pipe(ids) == 0);
  for (int i = 0; i < CHILDREN; i++) {
    spawn(compiled, plugin, ids[1], GENERATIONS);
    /* The parent's clock runs as before. */
    is_stopped(plugin);
  }

  uint8_t seen[CHILDREN * GENERATIONS][ID_BYTES];
  for (int i = 0; i < CHILDREN * GENERATIONS; i++) {
    CHECK(read(ids[0], seen[i], ID_BYTES) == ID_BYTES);
    for (int other = 0; other < i; other++) {
      CHECK(memcmp(seen[i], seen[other], ID_BYTES) != 0);
    }
  }
  printf("%d processes, forked in %d generations\n", CHILDREN * GENERATIONS, GENERATIONS);
  extism_plugin_free(plugin);
  extism_compiled_plugin_free(compiled);
  return EXIT_SUCCESS;
}
