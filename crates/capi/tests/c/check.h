/* What the tests have in common. Each is compiled as C99 and as C++17. */
#ifndef CHECK_H
#define CHECK_H

#include <extism.h>
#include <plugwright.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                       \
  do {                                                                                                         \
    if (!(condition)) {                                                                                        \
      fprintf(stderr, "%s:%d: this does not hold: %s\n", __FILE__, __LINE__, #condition);                      \
      exit(1);                                                                                                 \
    }                                                                                                          \
  } while (0)

/* Two texts are the same. */
#define CHECK_TEXT(found, wanted) check_text(__FILE__, __LINE__, (found), (wanted), 0)
/* The first text has the second in it. */
#define CHECK_CONTAINS(found, wanted) check_text(__FILE__, __LINE__, (found), (wanted), 1)

static inline void check_text(const char *file, int line, const char *found, const char *wanted, int inside) {
  if (found == NULL || (inside ? strstr(found, wanted) == NULL : strcmp(found, wanted) != 0)) {
    fprintf(stderr, "%s:%d: found \"%s\", wanted \"%s\"\n", file, line, found ? found : "(null)", wanted);
    exit(1);
  }
}

/* The file guests/wat/<name>.wat, to be freed. */
static inline uint8_t *read_guest(const char *name, uint64_t *size) {
  char path[1024];
  FILE *file;
  uint8_t *bytes;
  snprintf(path, sizeof path, "%s/%s.wat", GUESTS, name);
  file = fopen(path, "rb");
  CHECK(file != NULL);
  bytes = (uint8_t *)malloc(1 << 20);
  CHECK(bytes != NULL);
  *size = fread(bytes, 1, 1 << 20, file);
  CHECK(*size > 0 && *size < (1 << 20));
  fclose(file);
  return bytes;
}

/* A plug-in from a text, which is a module or a manifest. */
static inline ExtismPlugin *plugin_of(const char *text, const ExtismFunction **functions, uint64_t n) {
  char *error = NULL;
  ExtismPlugin *plugin =
      extism_plugin_new((const uint8_t *)text, strlen(text), functions, n, false, &error);
  if (plugin == NULL) {
    fprintf(stderr, "no plug-in: %s\n", error);
    exit(1);
  }
  CHECK(error == NULL);
  return plugin;
}

/* A plug-in from guests/wat. */
static inline ExtismPlugin *guest(const char *name, const ExtismFunction **functions, uint64_t n) {
  uint64_t size = 0;
  char *error = NULL;
  uint8_t *wat = read_guest(name, &size);
  ExtismPlugin *plugin = extism_plugin_new(wat, size, functions, n, false, &error);
  if (plugin == NULL) {
    fprintf(stderr, "no plug-in %s: %s\n", name, error);
    exit(1);
  }
  free(wat);
  return plugin;
}

/* Calls a function with a text. */
static inline int32_t call(ExtismPlugin *plugin, const char *function, const char *input) {
  return extism_plugin_call(plugin, function, (const uint8_t *)input, strlen(input));
}

/* The output of the last call is this text. */
static inline bool output_is(ExtismPlugin *plugin, const char *wanted) {
  uint64_t length = extism_plugin_output_length(plugin);
  return length == strlen(wanted) && memcmp(extism_plugin_output_data(plugin), wanted, length) == 0;
}

/* A module whose one function, `run`, does this. `imports` come before it. */
static inline ExtismPlugin *module_of(const char *imports, const char *body, const ExtismFunction **functions,
                                      uint64_t n) {
  char text[4096];
  snprintf(text, sizeof text, "(module %s (func (export \"run\") (result i32) %s))", imports, body);
  return plugin_of(text, functions, n);
}

#endif
