/* Calls, their codes, and what came out. */
#include "check.h"

#include <pthread.h>

static void outputs(void) {
  ExtismPlugin *plugin = guest("echo", NULL, 0);
  char buffer[8] = "unused";
  /* Before any call there is an output without bytes. */
  CHECK(extism_plugin_output_length(plugin) == 0 && extism_plugin_output_data(plugin) != NULL);
  CHECK(extism_plugin_call(plugin, "echo", NULL, 0) == 0);
  CHECK(extism_plugin_output_length(plugin) == 0 && extism_plugin_output_data(plugin) != NULL);
  CHECK(call(plugin, "echo", "hello") == 0 && output_is(plugin, "hello"));
  CHECK(extism_plugin_output_data(plugin) == extism_plugin_output_data(plugin));
  /* Too little room: nothing is written, and nothing is lost. */
  CHECK(plugwright_plugin_output_copy(plugin, (uint8_t *)buffer, 4) == 5);
  CHECK_TEXT(buffer, "unused");
  CHECK(plugwright_plugin_output_copy(plugin, NULL, 0) == 5);
  CHECK(plugwright_plugin_output_copy(plugin, NULL, 99) == 5);
  CHECK(plugwright_plugin_output_copy(plugin, (uint8_t *)buffer, 5) == 5);
  CHECK(memcmp(buffer, "hellod", 6) == 0);
  extism_plugin_free(plugin);
}

static void large(void) {
  const size_t size = 1 << 20;
  ExtismPlugin *plugin = guest("echo", NULL, 0);
  uint8_t *input = (uint8_t *)malloc(size), *output = (uint8_t *)malloc(size);
  size_t i;
  for (i = 0; i < size; i++) {
    input[i] = (uint8_t)(i * 7 + i / 251);
  }
  CHECK(extism_plugin_call(plugin, "echo", input, size) == 0);
  CHECK(extism_plugin_output_length(plugin) == size);
  CHECK(memcmp(extism_plugin_output_data(plugin), input, size) == 0);
  CHECK(plugwright_plugin_output_copy(plugin, output, size) == size);
  CHECK(memcmp(output, input, size) == 0);
  free(input);
  free(output);
  extism_plugin_free(plugin);
}

/* What came out may go in again: what a call leaves is gone when the next one begins, above 4 MiB its memory too. */
static void output_as_input(void) {
  const size_t size = 12 << 20;
  ExtismPlugin *plugin = guest("echo", NULL, 0);
  uint8_t *input = (uint8_t *)malloc(size);
  const uint8_t *output;
  size_t i;
  for (i = 0; i < size; i++) {
    input[i] = (uint8_t)(i * 7 + i / 251);
  }
  CHECK(extism_plugin_call(plugin, "echo", input, size) == 0);
  for (i = 0; i < 3; i++) {
    CHECK(extism_plugin_call(plugin, "echo", extism_plugin_output_data(plugin), size) == 0);
    CHECK(extism_plugin_output_length(plugin) == size);
    CHECK(memcmp(extism_plugin_output_data(plugin), input, size) == 0);
  }
  /* A part of it. */
  output = extism_plugin_output_data(plugin);
  CHECK(extism_plugin_call(plugin, "echo", output + size - 9, 9) == 0);
  CHECK(extism_plugin_output_length(plugin) == 9);
  CHECK(memcmp(extism_plugin_output_data(plugin), input + size - 9, 9) == 0);
  free(input);
  extism_plugin_free(plugin);
}

static void arguments(void) {
  ExtismPlugin *plugin = guest("echo", NULL, 0);
  static const uint8_t byte = 1;
  CHECK(call(plugin, "echo", "before") == 0);
  CHECK(extism_plugin_call(plugin, NULL, &byte, 1) == -1);
  CHECK_TEXT(extism_plugin_error(plugin), "the function's name is null");
  CHECK(extism_plugin_output_length(plugin) == 0);
  CHECK(extism_plugin_call(plugin, "\xff\xfe", &byte, 1) == -1);
  CHECK_TEXT(extism_plugin_error(plugin), "the function's name is not UTF-8");
  CHECK(extism_plugin_call(plugin, "echo", NULL, 1) == -1);
  CHECK_TEXT(extism_plugin_error(plugin), "the input is null, but its length is 1");
  CHECK(extism_plugin_call(plugin, "echo", &byte, UINT64_MAX) == -1);
  CHECK_TEXT(extism_plugin_error(plugin), "the input cannot have the length 18446744073709551615");
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_InvalidArgument);
  CHECK(extism_plugin_call_with_host_context(plugin, NULL, NULL, 0, NULL) == -1);
  CHECK(plugwright_plugin_call(plugin, NULL, NULL, 0, 1000, NULL) == -1);
  CHECK(call(plugin, "no_such_function", "") == -1);
  CHECK_CONTAINS(extism_plugin_error(plugin), "no_such_function");
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_FunctionNotFound);
  CHECK(extism_error(plugin) == extism_plugin_error(plugin));
  /* None of it has hurt the plug-in. */
  CHECK(call(plugin, "echo", "after") == 0 && output_is(plugin, "after"));
  CHECK(extism_plugin_error(plugin) == NULL && extism_error(plugin) == NULL);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_None);
  extism_plugin_free(plugin);
}

static void codes(void) {
  uint64_t size = 0;
  char *error = NULL;
  uint8_t *wat;
  ExtismPlugin *plugin = guest("hazard_11_return_code", NULL, 0);
  CHECK(call(plugin, "zero", "") == 0 && call(plugin, "none", "") == 0);
  CHECK(call(plugin, "one", "") == 1);
  CHECK_CONTAINS(extism_plugin_error(plugin), "returned the code 1");
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Guest);
  CHECK(call(plugin, "two_hundred", "") == 200);
  CHECK(call(plugin, "smallest", "") == INT32_MIN);
  extism_plugin_free(plugin);

  plugin = guest("traps", NULL, 0);
  CHECK(call(plugin, "divide_by_zero", "") == 134);
  CHECK_CONTAINS(extism_plugin_error(plugin), "divide by zero");
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Trap);
  CHECK(call(plugin, "infinite_recursion", "") == 134);
  CHECK(call(plugin, "memory_far_out_of_bounds", "") == 134);
  CHECK(call(plugin, "fine", "") == 0);
  extism_plugin_free(plugin);

  wat = read_guest("wasi_exit", &size);
  plugin = extism_plugin_new(wat, size, NULL, 0, true, &error);
  CHECK(plugin != NULL);
  CHECK(call(plugin, "exit_0", "") == 0);
  CHECK(call(plugin, "exit_3", "") == 3);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Exit);
  CHECK(call(plugin, "fine", "") == 0);
  extism_plugin_free(plugin);
  /* Without WASI it cannot be had. */
  CHECK(extism_plugin_new(wat, size, NULL, 0, false, &error) == NULL);
  CHECK_CONTAINS(error, "WASI is off");
  extism_plugin_new_error_free(error);
  free(wat);

  /* To exit with 0 before the function has begun is no success. */
  {
    static const char early[] = "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))"
                                "(memory (export \"memory\") 1)"
                                "(func (export \"_initialize\") (call $exit (i32.const 0)))"
                                "(func (export \"run\")))";
    plugin = extism_plugin_new((const uint8_t *)early, strlen(early), NULL, 0, true, &error);
    CHECK(plugin != NULL);
    CHECK(call(plugin, "run", "") == -1);
    CHECK_CONTAINS(extism_plugin_error(plugin), "exited with code 0 while it started up");
    CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Exit);
    extism_plugin_free(plugin);
  }
}

/* What a guest says as its error comes as it is: with line breaks, but without what would end the text. */
static void guest_errors(void) {
  ExtismPlugin *plugin = module_of("(import \"extism:host/env\" \"alloc\" (func $alloc (param i64) (result i64)))"
                                   "(import \"extism:host/env\" \"error_set\" (func $error (param i64)))"
                                   "(import \"extism:host/env\" \"store_u8\" (func $store (param i64 i32)))",
                                   "(local i64) (local.set 0 (call $alloc (i64.const 4)))"
                                   "(call $store (local.get 0) (i32.const 65))"
                                   "(call $store (i64.add (local.get 0) (i64.const 1)) (i32.const 10))"
                                   "(call $store (i64.add (local.get 0) (i64.const 2)) (i32.const 0))"
                                   "(call $store (i64.add (local.get 0) (i64.const 3)) (i32.const 66))"
                                   "(call $error (local.get 0)) (i32.const 7)",
                                   NULL, 0);
  CHECK(call(plugin, "run", "") == 7);
  CHECK_TEXT(extism_plugin_error(plugin), "A\n\xef\xbf\xbd" "B");
  extism_plugin_free(plugin);
}

static void deadlines(void) {
  ExtismPlugin *plugin = guest("spin", NULL, 0), *other;
  CHECK(plugwright_plugin_call(plugin, "spin", NULL, 0, 20, NULL) == 134);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Timeout);
  CHECK(plugwright_plugin_call(plugin, "spin", NULL, 0, 0, NULL) == 134);
  CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_Timeout);
  extism_plugin_free(plugin);
  /* The plug-in's own deadline holds before and after, and not during a call with another one. */
  other = plugin_of("{\"wasm\": [{\"data\": \"AGFzbQEAAAABBAFgAAADAgEABwcBA3J1bgAACgkBBwADQAwACws=\"}], \"timeout_ms\": 10}",
                    NULL, 0);
  CHECK(call(other, "run", "") == 134);
  CHECK(plugwright_plugin_call(other, "run", NULL, 0, 30, NULL) == 134);
  CHECK(call(other, "run", "") == 134);
  CHECK(plugwright_plugin_error_kind(other) == PlugwrightErrorKind_Timeout);
  extism_plugin_free(other);
}

static void *recurse(void *plugin) {
  CHECK(call((ExtismPlugin *)plugin, "run", "") != 0);
  return NULL;
}

/* Recurses for ever on a thread with a stack of so many KiB, or up to four times as many: the system reuses stacks. Returns the
   error's kind. */
static PlugwrightErrorKind on_a_stack_of(ExtismPlugin *plugin, size_t kib) {
  pthread_attr_t attributes;
  pthread_t thread;
  CHECK(pthread_attr_init(&attributes) == 0);
  CHECK(pthread_attr_setstacksize(&attributes, kib << 10) == 0);
  CHECK(pthread_create(&thread, &attributes, recurse, plugin) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  pthread_attr_destroy(&attributes);
  return plugwright_plugin_error_kind(plugin);
}

/* A guest that recurses for ever ends its call, on a thread with any stack. */
static void stacks(void) {
  ExtismPlugin *plugin = module_of("", "(call 0)", NULL, 0);
  CHECK(on_a_stack_of(plugin, 128) == PlugwrightErrorKind_Limit);
  CHECK_CONTAINS(extism_plugin_error(plugin), "stack");
  CHECK(on_a_stack_of(plugin, 1024) == PlugwrightErrorKind_Trap);
  CHECK(on_a_stack_of(plugin, 128) == PlugwrightErrorKind_Limit);
  extism_plugin_free(plugin);
}

int main(void) {
  outputs();
  large();
  output_as_input();
  arguments();
  codes();
  guest_errors();
  deadlines();
  stacks();
  return 0;
}
