/* Calls a plug-in from C, for `cargo xtask bench --clients`: the same program for the public library and for ours.
 *
 *     client LIBRARY WASM FUNCTION INPUT_BYTES CALLS
 *
 * Each line on standard input makes it call the function so many times, with an input of so many bytes, and print the
 * nanoseconds that a call took. The end of the input ends it.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct ExtismPlugin ExtismPlugin;

/* The part of the library that is used. No header: the library is chosen when the program runs. */
static struct {
  ExtismPlugin *(*plugin_new)(const uint8_t *wasm, uint64_t wasm_size, const void *functions, uint64_t n_functions,
                              bool with_wasi, char **errmsg);
  int32_t (*plugin_call)(ExtismPlugin *plugin, const char *name, const uint8_t *data, uint64_t size);
  uint64_t (*plugin_output_length)(ExtismPlugin *plugin);
  const uint8_t *(*plugin_output_data)(ExtismPlugin *plugin);
  const char *(*plugin_error)(ExtismPlugin *plugin);
  void (*plugin_free)(ExtismPlugin *plugin);
} library;

/* What is called with what. */
struct job {
  ExtismPlugin *plugin;
  const char *function;
  uint8_t *input;
  uint64_t input_bytes;
  uint64_t output_bytes;
  long calls;
};

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why != NULL ? why : "no reason was given");
  exit(EXIT_FAILURE);
}

static void open_library(const char *path) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) {
    fail(path, dlerror());
  }
  const struct {
    const char *name;
    void *place;
  } symbols[] = {
      {"extism_plugin_new", &library.plugin_new},
      {"extism_plugin_call", &library.plugin_call},
      {"extism_plugin_output_length", &library.plugin_output_length},
      {"extism_plugin_output_data", &library.plugin_output_data},
      {"extism_plugin_error", &library.plugin_error},
      {"extism_plugin_free", &library.plugin_free},
  };
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
    void *symbol = dlsym(handle, symbols[i].name);
    if (symbol == NULL) {
      fail(path, dlerror());
    }
    /* C has no conversion of one into the other; POSIX says that they are alike. */
    memcpy(symbols[i].place, &symbol, sizeof symbol);
  }
}

/* A manifest with a path would do, but for names with quotation marks. */
static uint8_t *read_file(const char *path, uint64_t *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
    fail(path, "cannot be read");
  }
  long end = ftell(file);
  rewind(file);
  uint8_t *bytes = end > 0 ? malloc((size_t)end) : NULL;
  if (bytes == NULL || fread(bytes, 1, (size_t)end, file) != (size_t)end || fclose(file) != 0) {
    fail(path, "cannot be read");
  }
  *size = (uint64_t)end;
  return bytes;
}

static ExtismPlugin *load(const char *path) {
  uint64_t size = 0;
  uint8_t *wasm = read_file(path, &size);
  char *error = NULL;
  ExtismPlugin *plugin = library.plugin_new(wasm, size, NULL, 0, false, &error);
  free(wasm);
  if (plugin == NULL) {
    fail(path, error);
  }
  return plugin;
}

static long number(const char *text, long least) {
  char *end = NULL;
  long value = strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < least) {
    fail(text, "is not such a number");
  }
  return value;
}

static void call(const struct job *job) {
  if (library.plugin_call(job->plugin, job->function, job->input, job->input_bytes) != 0) {
    fail(job->function, library.plugin_error(job->plugin));
  }
}

/* One call that says what each of them puts out, which is nothing or the input. */
static void try_out(struct job *job) {
  call(job);
  job->output_bytes = library.plugin_output_length(job->plugin);
  if (job->output_bytes == 0) {
    return;
  }
  if (job->output_bytes != job->input_bytes ||
      memcmp(library.plugin_output_data(job->plugin), job->input, job->input_bytes) != 0) {
    fail(job->function, "the output is not the input");
  }
}

static double nanoseconds(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
    fail("the clock", "cannot be read");
  }
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* As long as a call takes: with the questions for its output, which every program asks. */
static double round_of_calls(const struct job *job) {
  double start = nanoseconds();
  for (long i = 0; i < job->calls; i++) {
    call(job);
    if (library.plugin_output_length(job->plugin) != job->output_bytes ||
        (library.plugin_output_data(job->plugin) == NULL && job->output_bytes != 0)) {
      fail(job->function, "the output has changed");
    }
  }
  return (nanoseconds() - start) / (double)job->calls;
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fail("usage", "client LIBRARY WASM FUNCTION INPUT_BYTES CALLS");
  }
  /* It makes libraries in Rust capture a backtrace with each error. */
  unsetenv("RUST_BACKTRACE");
  open_library(argv[1]);

  struct job job = {load(argv[2]), argv[3], NULL, (uint64_t)number(argv[4], 0), 0, number(argv[5], 1)};
  job.input = malloc(job.input_bytes > 0 ? (size_t)job.input_bytes : 1);
  if (job.input == NULL) {
    fail(argv[4], "so much memory is not there");
  }
  for (uint64_t i = 0; i < job.input_bytes; i++) {
    job.input[i] = (uint8_t)(i * 31 + i / 251);
  }
  try_out(&job);

  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    printf("%.1f\n", round_of_calls(&job));
    fflush(stdout);
  }
  library.plugin_free(job.plugin);
  free(job.input);
  return EXIT_SUCCESS;
}
