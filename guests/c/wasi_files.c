/* Reads and writes files, and reads the environment, through the C library: a WASI reactor. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

/* Copies part of the input into a string, which the caller frees. */
static char *input_string(uint64_t from, uint64_t to) {
  char *string = malloc(to - from + 1);
  if (string == NULL) abort();
  for (uint64_t i = from; i < to; i++) string[i - from] = (char)host_input_load_u8(i);
  string[to - from] = '\0';
  return string;
}

static int32_t cannot(const char *what, const char *path) {
  char message[512];
  snprintf(message, sizeof message, "cannot %s %s: %s", what, path, strerror(errno));
  return fail(block_from(message, strlen(message)), 1);
}

static int32_t output_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return cannot("read", path);
  char *content = NULL;
  size_t length = 0, got;
  char chunk[4096];
  while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
    content = realloc(content, length + got);
    if (content == NULL) abort();
    memcpy(content + length, chunk, got);
    length += got;
  }
  int failed = ferror(file);
  fclose(file);
  int32_t result = failed ? cannot("read", path) : output_block(block_from(content, length));
  free(content);
  return result;
}

EXPORT(read_file) {
  char *path = input_string(0, host_input_length());
  int32_t result = output_file(path);
  free(path);
  return result;
}

EXPORT(write_file) {
  uint64_t split = input_split(), length = host_input_length();
  if (split == length) return fail(BLOCK("expected path=content"), 1);
  char *path = input_string(0, split), *content = input_string(split + 1, length);
  size_t size = (size_t)(length - split - 1);
  int32_t result;
  FILE *file = fopen(path, "wb");
  int failed = file == NULL;
  if (file != NULL) {
    failed = fwrite(content, 1, size, file) != size;
    failed |= fclose(file) != 0;
  }
  result = failed ? cannot("write", path) : output_file(path);
  free(content);
  free(path);
  return result;
}

EXPORT(env_get) {
  char *name = input_string(0, host_input_length());
  const char *value = getenv(name);
  free(name);
  return value == NULL ? 0 : output_block(block_from(value, strlen(value)));
}
