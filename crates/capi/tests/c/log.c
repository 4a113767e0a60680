/* What plug-ins log: into a buffer, to files, and nowhere. */
#include "check.h"

/* The drained lines, and a zero byte after each. */
static char lines[1 << 16];
static size_t used, count;

static void keep(const char *line, ExtismSize length) {
  CHECK(strlen(line) == length && line[length - 1] == '\n');
  CHECK(used + length + 1 <= sizeof lines);
  memcpy(lines + used, line, length + 1);
  used += length + 1;
  count++;
}

static size_t drain(void) {
  used = count = 0;
  memset(lines, 0, sizeof lines);
  extism_log_drain(keep);
  return count;
}

/* The plug-in that `calls_while_draining` calls. */
static ExtismPlugin *other;

static void calls_while_draining(const char *line, ExtismSize length) {
  (void)line;
  (void)length;
  /* No lock is held: this may log, and drain. */
  CHECK(call(other, "log_all", "") == 0);
}

static void level_is(ExtismPlugin *plugin, const char *digit) {
  CHECK(call(plugin, "get_log_level", "") == 0 && output_is(plugin, digit));
}

static void buffered(ExtismPlugin *plugin) {
  /* Nobody has listened so far. */
  level_is(plugin, "-");
  CHECK(call(plugin, "log_all", "") == 0);
  CHECK(drain() == 0);

  CHECK(extism_log_custom("trace"));
  level_is(plugin, "0");
  CHECK(call(plugin, "log_all", "") == 0);
  CHECK(drain() == 5);
  /* 2026-11-21T14:26:59.191889Z TRACE plugwright::guest: a message plugin="d2b43ef9-..." */
  CHECK(lines[4] == '-' && lines[10] == 'T' && lines[26] == 'Z');
  CHECK(strncmp(lines + 27, " TRACE plugwright::guest: a message plugin=\"", 44) == 0);
  CHECK(drain() == 0);

  /* The level of a living plug-in, and of the same message. */
  CHECK(extism_log_custom("warn"));
  level_is(plugin, "3");
  CHECK(call(plugin, "log_all", "") == 0);
  CHECK(drain() == 2);
  CHECK_CONTAINS(lines, "  WARN plugwright::guest: a message");
  CHECK_CONTAINS(lines + strlen(lines) + 1, " ERROR plugwright::guest: a message");

  CHECK(extism_log_custom(NULL));
  level_is(plugin, "4");
  CHECK(extism_log_custom("extism=info,cranelift=trace"));
  level_is(plugin, "2");
  CHECK(extism_log_custom("off"));
  level_is(plugin, "-");
  CHECK(call(plugin, "log_all", "") == 0);
  CHECK(drain() == 0);

  /* What is not known changes nothing. */
  CHECK(!extism_log_custom("loud"));
  CHECK_CONTAINS(plugwright_last_error(), "`loud`");
  CHECK(!extism_log_custom("\xff"));
  level_is(plugin, "-");

  CHECK(extism_log_custom("trace"));
  CHECK(call(plugin, "log_two_lines", "") == 0);
  CHECK(drain() == 1);
  CHECK_CONTAINS(lines, "one\ntwo");
}

static void bounded(ExtismPlugin *plugin) {
  int i;
  CHECK(extism_log_custom("trace"));
  plugwright_log_buffer_limit(300);
  for (i = 0; i < 10; i++) {
    CHECK(call(plugin, "log_all", "") == 0);
  }
  CHECK(drain() <= 4 && count >= 2);
  CHECK_CONTAINS(lines, "plugwright::log: dropped ");
  plugwright_log_buffer_limit(4 << 20);
  CHECK(call(plugin, "log_all", "") == 0);
  CHECK(drain() == 5);
}

static void while_draining(ExtismPlugin *plugin) {
  other = plugin;
  CHECK(call(plugin, "log_all", "") == 0);
  extism_log_drain(calls_while_draining);
  /* What was logged meanwhile waits for the next time. */
  CHECK(drain() == 25);
  extism_log_drain(NULL);
}

static void to_files(ExtismPlugin *plugin) {
  char path[1024], text[4096];
  FILE *file;
  size_t length;
  snprintf(path, sizeof path, "%s/plugins.log", SCRATCH);
  remove(path);
  CHECK(extism_log_file(path, "error"));
  level_is(plugin, "4");
  CHECK(call(plugin, "log_all", "") == 0);
  /* It is appended to. */
  CHECK(extism_log_file(path, "info"));
  CHECK(call(plugin, "log_all", "") == 0);
  file = fopen(path, "rb");
  CHECK(file != NULL);
  length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  CHECK(strncmp(text + 27, " ERROR plugwright::guest: a message", 35) == 0);
  CHECK_CONTAINS(text, "  INFO plugwright::guest: a message");
  CHECK(strstr(text, "DEBUG") == NULL);
  CHECK(drain() == 0);
  /* A file that cannot be written changes nothing. */
  snprintf(path, sizeof path, "%s/no/such/folder.log", SCRATCH);
  CHECK(!extism_log_file(path, "trace"));
  CHECK_CONTAINS(plugwright_last_error(), "folder.log");
  CHECK(!extism_log_file("\xff", "trace"));
  level_is(plugin, "2");
  /* Streams of the process. */
  CHECK(extism_log_file("stdout", "warn"));
  CHECK(call(plugin, "log_all", "") == 0);
  CHECK(extism_log_file("/dev/stderr", "warn") && extism_log_file("-", "warn") && extism_log_file(NULL, "off"));
  remove(path);
}

int main(void) {
  ExtismPlugin *plugin = guest("abi_log", NULL, 0);
  buffered(plugin);
  bounded(plugin);
  while_draining(plugin);
  to_files(plugin);
  extism_plugin_free(plugin);
  return 0;
}
