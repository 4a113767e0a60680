/* What the programs in this folder have in common. */
#ifndef CHECK_H
#define CHECK_H

#include <plugwright.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the program, with a failure, unless the condition holds. Unlike `assert`, it is never compiled away. */
#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) {                                                              \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                       \
    }                                                                                \
  } while (0)

/* The bytes of a text that the compiler knows, and how many: two arguments. */
#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* A plug-in of this compiled code. */
static inline ExtismPlugin *plugin_of(const ExtismCompiledPlugin *compiled) {
  char *error = NULL;
  ExtismPlugin *plugin = extism_plugin_new_from_compiled(compiled, &error);
  if (plugin == NULL) {
    fprintf(stderr, "cannot make a plug-in: %s\n", error != NULL ? error : "no reason was given");
    abort();
  }
  return plugin;
}

/* Compiled code of a text or binary, without WASI. */
static inline ExtismCompiledPlugin *compile(const uint8_t *source, size_t size, const ExtismFunction **functions,
                                            size_t n_functions) {
  char *error = NULL;
  ExtismCompiledPlugin *compiled = extism_compiled_plugin_new(source, size, functions, n_functions, false, &error);
  if (compiled == NULL) {
    fprintf(stderr, "cannot compile: %s\n", error != NULL ? error : "no reason was given");
    abort();
  }
  return compiled;
}

#endif
