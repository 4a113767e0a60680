/* Greets the people named on the command line.
 *
 * A plug-in writes the greetings (../greet.wat). It asks this program for people's titles by a function that this
 * program lends to it, `title_of`.
 */
#ifdef USE_EXTISM
#include <extism.h> /* The same program, for a library with the name of the public one. */
#else
#include <plugwright.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the library reads the plug-in from: a manifest, in JSON. It could be the plug-in's bytes as well. */
static const char manifest[] = "{\"wasm\": [{\"path\": \"../greet.wat\"}]}";

/* Who has which title. */
struct person {
  const char *name;
  const char *title;
};

struct people {
  const struct person *entries;
  size_t count;
};

static const char *find_title(const struct people *people, const uint8_t *name, ExtismSize length) {
  for (size_t i = 0; i < people->count; i++) {
    const struct person *person = &people->entries[i];
    if (strlen(person->name) == length && memcmp(person->name, name, (size_t)length) == 0) {
      return person->title;
    }
  }
  return NULL;
}

/* The function that the plug-in calls. Its parameter and its result are offsets of blocks in the memory that the
 * program shares with the plug-in; 0 says that there is no block. `data` is what `extism_function_new` was given. */
static void title_of(ExtismCurrentPlugin *plugin, const ExtismVal *inputs, ExtismSize n_inputs, ExtismVal *outputs,
                     ExtismSize n_outputs, void *data) {
  if (n_inputs != 1 || n_outputs != 1) {
    return; /* Cannot be: the library checks calls against what was declared. */
  }
  ExtismMemoryHandle name = (ExtismMemoryHandle)inputs[0].v.i64;
  ExtismSize length = extism_current_plugin_memory_length(plugin, name);
  outputs[0].v.i64 = 0;
  if (length == 0) {
    return; /* No such block. */
  }
  const char *title = find_title(data, extism_current_plugin_memory(plugin) + name, length);
  if (title == NULL) {
    return;
  }
  ExtismMemoryHandle answer = extism_current_plugin_memory_alloc(plugin, strlen(title));
  if (answer == 0) {
    return; /* The plug-in's memory is full. */
  }
  /* Asked for again: the memory may have moved when it grew. */
  memcpy(extism_current_plugin_memory(plugin) + answer, title, strlen(title));
  outputs[0].v.i64 = (int64_t)answer;
}

/* Prints one greeting. False when there is none. */
static bool greet(ExtismPlugin *plugin, const char *name) {
  if (extism_plugin_call(plugin, "greet", (const uint8_t *)name, strlen(name)) != 0) {
    /* Ours until the next call, as the output is. */
    const char *error = extism_plugin_error(plugin);
    fprintf(stderr, "cannot greet: %s\n", error != NULL ? error : "no reason was given");
    return false;
  }
  /* Not a string: bytes, and how many. */
  fwrite(extism_plugin_output_data(plugin), 1, (size_t)extism_plugin_output_length(plugin), stdout);
  putchar('\n');
  fflush(stdout); /* Before an error that comes after it. */
  return true;
}

int main(int argc, char **argv) {
  static const struct person entries[] = {{"Ada", "Countess"}, {"Grace", "Rear Admiral"}};
  struct people people = {entries, sizeof entries / sizeof *entries};

  const ExtismValType offset = ExtismValType_I64;
  ExtismFunction *function = extism_function_new("title_of", &offset, 1, &offset, 1, title_of, &people, NULL);
  if (function == NULL) {
    fputs("cannot make a function\n", stderr);
    return EXIT_FAILURE;
  }
  const ExtismFunction *functions[] = {function};
  char *error = NULL;
  ExtismPlugin *plugin =
      extism_plugin_new((const uint8_t *)manifest, sizeof manifest - 1, functions, 1, false, &error);
  /* The plug-in keeps what it needs of it. */
  extism_function_free(function);
  if (plugin == NULL) {
    fprintf(stderr, "cannot load the plug-in: %s\n", error != NULL ? error : "no reason was given");
    extism_plugin_new_error_free(error);
    return EXIT_FAILURE;
  }

  bool good = true;
  for (int i = 1; i < argc; i++) {
    good = greet(plugin, argv[i]) && good;
  }
  extism_plugin_free(plugin);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
