/* What a host function can do with the plug-in that calls it. */
#include "check.h"

static const char IMPORTS[] = "(import \"extism:host/user\" \"f\" (func $f (param i64) (result i64)))"
                              "(import \"extism:host/env\" \"input_offset\" (func $in (result i64)))"
                              "(import \"extism:host/env\" \"length\" (func $length (param i64) (result i64)))"
                              "(import \"extism:host/env\" \"output_set\" (func $out (param i64 i64)))";
/* Passes the input's block, and puts out the block that it gets. */
static const char BODY[] = "(local i64) (local.set 0 (call $f (call $in)))"
                           "(call $out (local.get 0) (call $length (local.get 0))) (i32.const 0)";

typedef void Body(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                  ExtismSize n_out, void *data);

static ExtismPlugin *with(Body *body, void *data) {
  const ExtismValType type[] = {EXTISM_PTR};
  ExtismFunction *function = extism_function_new("f", type, 1, type, 1, body, data, NULL);
  const ExtismFunction *functions[1];
  ExtismPlugin *plugin;
  functions[0] = function;
  plugin = module_of(IMPORTS, BODY, functions, 1);
  extism_function_free(function);
  return plugin;
}

/* The block in capitals, in a new block. */
static void capitals(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                     ExtismSize n_out, void *data) {
  ExtismMemoryHandle from = (ExtismMemoryHandle)in[0].v.i64, to;
  ExtismSize length = extism_current_plugin_memory_length(plugin, from), i;
  uint8_t *memory;
  (void)data;
  CHECK(n_in == 1 && n_out == 1);
  to = extism_current_plugin_memory_alloc(plugin, length);
  CHECK(extism_current_plugin_memory_length(plugin, to) == length);
  memory = extism_current_plugin_memory(plugin);
  CHECK(memory != NULL);
  for (i = 0; i < length; i++) {
    memory[to + i] = (uint8_t)(memory[from + i] - 32);
  }
  out[0].v.i64 = (int64_t)to;
}

/* Numbers that are no blocks do no harm. */
static void odd_blocks(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                       ExtismSize n_out, void *data) {
  const uint64_t odd[] = {0, 1, (uint64_t)in[0].v.i64 + 1, UINT64_MAX, UINT64_MAX - 7, (uint64_t)1 << 63, (uint64_t)1 << 40};
  size_t i;
  ExtismMemoryHandle block;
  (void)data;
  CHECK(n_in == 1 && n_out == 1);
  for (i = 0; i < sizeof odd / sizeof *odd; i++) {
    CHECK(extism_current_plugin_memory_length(plugin, odd[i]) == 0);
    extism_current_plugin_memory_free(plugin, odd[i]);
  }
  CHECK(extism_current_plugin_memory_alloc(plugin, 0) == 0);
  CHECK(extism_current_plugin_memory_alloc(plugin, UINT64_MAX) == 0);
  CHECK(extism_current_plugin_memory_alloc(plugin, (uint64_t)1 << 62) == 0);
  CHECK(plugwright_last_error_kind() == PlugwrightErrorKind_OutOfMemory);
  block = extism_current_plugin_memory_alloc(plugin, 100);
  CHECK(block != 0 && extism_current_plugin_memory_length(plugin, block) == 100);
  extism_current_plugin_memory_free(plugin, block);
  CHECK(extism_current_plugin_memory_length(plugin, block) == 0);
  extism_current_plugin_memory_free(plugin, block);
  out[0].v.i64 = in[0].v.i64;
}

/* Blocks that need more memory than there was: it may move. */
static void growing(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                    ExtismSize n_out, void *data) {
  const uint64_t size = 3 << 20;
  int i;
  (void)data;
  CHECK(n_in == 1 && n_out == 1);
  for (i = 0; i < 5; i++) {
    ExtismMemoryHandle block = extism_current_plugin_memory_alloc(plugin, size);
    CHECK(block != 0);
    memset(extism_current_plugin_memory(plugin) + block, 'a' + i, size);
  }
  out[0].v.i64 = in[0].v.i64;
}

static void context(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                    ExtismSize n_out, void *data) {
  int *number = (int *)extism_current_plugin_host_context(plugin);
  CHECK(n_in == 1 && n_out == 1);
  *(int **)data = number;
  if (number != NULL) {
    *number += 1;
  }
  out[0].v.i64 = in[0].v.i64;
}

static void fails(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                  ExtismSize n_out, void *data) {
  CHECK(n_in == 1 && n_out == 1);
  out[0].v.i64 = in[0].v.i64;
  CHECK(!plugwright_current_plugin_set_error(plugin, "\xff"));
  CHECK(plugwright_current_plugin_set_error(plugin, "first"));
  CHECK(plugwright_current_plugin_set_error(plugin, (const char *)data));
}

static void asks(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                 ExtismSize n_out, void *data) {
  uint8_t id[16];
  uint64_t left = plugwright_current_plugin_time_left_ms(plugin);
  CHECK(n_in == 1 && n_out == 1);
  CHECK(plugwright_current_plugin_id(plugin, id) && !plugwright_current_plugin_id(plugin, NULL));
  CHECK(memcmp(id, extism_plugin_id(*(ExtismPlugin **)data), 16) == 0);
  CHECK(!plugwright_current_plugin_is_cancelled(plugin));
  CHECK(extism_plugin_cancel(extism_plugin_cancel_handle(*(ExtismPlugin **)data)));
  CHECK(plugwright_current_plugin_is_cancelled(plugin));
  out[0].v.i64 = left == UINT64_MAX ? 0 : in[0].v.i64;
}

int main(void) {
  int number = 41;
  int *seen = &number;
  ExtismPlugin *plugin = with(capitals, NULL);
  CHECK(call(plugin, "run", "hello") == 0 && output_is(plugin, "HELLO"));
  CHECK(call(plugin, "run", "") == 0 && output_is(plugin, ""));
  extism_plugin_free(plugin);

  plugin = with(odd_blocks, NULL);
  CHECK(call(plugin, "run", "hello") == 0 && output_is(plugin, "hello"));
  extism_plugin_free(plugin);

  plugin = with(growing, NULL);
  CHECK(call(plugin, "run", "kept") == 0 && output_is(plugin, "kept"));
  extism_plugin_free(plugin);

  plugin = with(context, &seen);
  CHECK(extism_plugin_call_with_host_context(plugin, "run", NULL, 0, &number) == 0);
  CHECK(seen == &number && number == 42);
  CHECK(plugwright_plugin_call(plugin, "run", NULL, 0, UINT64_MAX, &number) == 0 && number == 43);
  /* It is that call's, and not the next one's. */
  CHECK(extism_plugin_call(plugin, "run", NULL, 0) == 0);
  CHECK(seen == NULL && number == 43);
  extism_plugin_free(plugin);

  {
    char message[] = "no \xf0\x9f\x8d\xb0 left";
    plugin = with(fails, message);
    CHECK(call(plugin, "run", "x") == -1);
    CHECK_CONTAINS(extism_plugin_error(plugin), "host function `f` failed: no \xf0\x9f\x8d\xb0 left");
    CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_HostFunction);
    extism_plugin_free(plugin);
    /* Taken back. */
    plugin = with(fails, NULL);
    CHECK(call(plugin, "run", "x") == 0 && output_is(plugin, "x"));
    extism_plugin_free(plugin);
  }

  plugin = with(asks, &plugin);
  CHECK(plugwright_plugin_call(plugin, "run", (const uint8_t *)"x", 1, 60000, NULL) == 134 ||
        output_is(plugin, "x"));
  extism_plugin_free(plugin);
  return 0;
}
