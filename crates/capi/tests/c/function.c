/* Host functions: where they are offered, who has them, and when their data is freed. */
#include "check.h"

static const char IMPORT[] = "(import \"extism:host/user\" \"next\" (func $f (result i64)))";
static const char BODY[] = "(i32.wrap_i64 (call $f))";

static void count(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                  ExtismSize n_out, void *data) {
  (void)plugin;
  CHECK(in == NULL && n_in == 0 && n_out == 1);
  out[0].v.i64 = ++*(int *)data;
}

static void freed(void *data) {
  /* Once: what has been freed has not been freed before. */
  CHECK(*(int *)data < 1000);
  *(int *)data += 1000;
}

static ExtismFunction *counter(const char *name, int *number) {
  const ExtismValType result[] = {ExtismValType_I64};
  ExtismFunction *function = extism_function_new(name, NULL, 0, result, 1, count, number, freed);
  CHECK(function != NULL);
  return function;
}

static void shared(void) {
  int number = 0;
  ExtismFunction *function = counter("next", &number);
  const ExtismFunction *functions[1];
  ExtismPlugin *one, *two;
  functions[0] = function;
  one = module_of(IMPORT, BODY, functions, 1);
  two = module_of(IMPORT, BODY, functions, 1);
  CHECK(call(one, "run", "") == 1 && call(two, "run", "") == 2);
  /* The function is freed first, then one plug-in, then the last. */
  extism_function_free(function);
  CHECK(call(one, "run", "") == 3 && number == 3);
  extism_plugin_free(one);
  CHECK(call(two, "run", "") == 4 && number == 4);
  extism_plugin_free(two);
  CHECK(number == 1004);
}

static void function_freed_last(void) {
  int number = 0;
  ExtismFunction *function = counter("next", &number);
  const ExtismFunction *functions[1];
  functions[0] = function;
  extism_plugin_free(module_of(IMPORT, BODY, functions, 1));
  CHECK(number == 0);
  extism_function_free(function);
  CHECK(number == 1000);
}

static void by_compiled_code(void) {
  int number = 0;
  ExtismFunction *function = counter("next", &number);
  const ExtismFunction *functions[1];
  ExtismCompiledPlugin *compiled;
  ExtismPlugin *plugin;
  char text[256];
  functions[0] = function;
  snprintf(text, sizeof text, "(module %s (func (export \"run\") (result i32) %s))", IMPORT, BODY);
  compiled = extism_compiled_plugin_new((const uint8_t *)text, strlen(text), functions, 1, false, NULL);
  CHECK(compiled != NULL);
  extism_function_free(function);
  plugin = extism_plugin_new_from_compiled(compiled, NULL);
  extism_compiled_plugin_free(compiled);
  CHECK(call(plugin, "run", "") == 1 && number == 1);
  extism_plugin_free(plugin);
  CHECK(number == 1001);
}

static void without_a_plugin(void) {
  int number = 0;
  ExtismFunction *function = counter("next", &number);
  const ExtismFunction *functions[2];
  char *error = NULL;
  functions[0] = function;
  /* A plug-in that cannot be made takes nothing with it. */
  CHECK(extism_plugin_new((const uint8_t *)"nothing", 7, functions, 1, false, &error) == NULL);
  extism_plugin_new_error_free(error);
  CHECK(number == 0);
  functions[1] = NULL;
  CHECK(extism_plugin_new((const uint8_t *)"(module)", 8, functions, 2, false, &error) == NULL);
  CHECK_TEXT(error, "function 1 is null");
  extism_plugin_new_error_free(error);
  CHECK(number == 0);
  extism_function_free(function);
  CHECK(number == 1000);
}

/* Of functions with the same name the last one counts. */
static void replaced(void) {
  int first = 0, second = 0;
  ExtismFunction *functions[3];
  ExtismPlugin *plugin;
  functions[0] = counter("next", &first);
  functions[1] = counter("other", &first);
  functions[2] = counter("next", &second);
  plugin = module_of(IMPORT, BODY, (const ExtismFunction **)functions, 3);
  CHECK(call(plugin, "run", "") == 1 && first == 0 && second == 1);
  extism_plugin_free(plugin);
  extism_function_free(functions[0]);
  extism_function_free(functions[2]);
  CHECK(first == 1000 && second == 1001);
  first = 0;
  extism_function_free(functions[1]);
}

static void not_made(void) {
  const ExtismValType type[] = {ExtismValType_I64};
  int number = 0;
  /* What is not made frees nothing. */
  CHECK(extism_function_new(NULL, type, 1, type, 1, count, &number, freed) == NULL);
  CHECK(extism_function_new("\xff", type, 1, type, 1, count, &number, freed) == NULL);
  CHECK_TEXT(plugwright_last_error(), "the function's name is not UTF-8");
  CHECK(extism_function_new("f", NULL, 1, type, 1, count, &number, freed) == NULL);
  CHECK(extism_function_new("f", type, 1, NULL, 1, count, &number, freed) == NULL);
  CHECK(extism_function_new("f", type, 1, type, 1, NULL, &number, freed) == NULL);
  CHECK(extism_function_new("f", type, UINT64_MAX, type, 1, count, &number, freed) == NULL);
  CHECK(number == 0);
}

static void modules(void) {
  int number = 0;
  ExtismFunction *function = counter("next", &number);
  const ExtismFunction *functions[1];
  ExtismPlugin *before, *after;
  char *error = NULL;
  functions[0] = function;
  before = module_of("(import \"env\" \"next\" (func $f (result i64)))", BODY, functions, 1);
  extism_function_set_namespace(function, "my:module");
  extism_function_set_namespace(function, NULL);
  extism_function_set_namespace(function, "\xff");
  after = module_of("(import \"my:module\" \"next\" (func $f (result i64)))", BODY, functions, 1);
  CHECK(call(before, "run", "") == 1 && call(after, "run", "") == 2);
  /* It is there alone now. */
  {
    static const char text[] = "(module (import \"env\" \"next\" (func (result i64))))";
    CHECK(extism_plugin_new((const uint8_t *)text, strlen(text), functions, 1, false, &error) == NULL);
    CHECK_CONTAINS(error, "env.next");
    extism_plugin_new_error_free(error);
  }
  extism_function_free(function);
  extism_plugin_free(before);
  extism_plugin_free(after);
  CHECK(number == 1002);
}

int main(void) {
  shared();
  function_freed_last();
  by_compiled_code();
  without_a_plugin();
  replaced();
  not_made();
  modules();
  return 0;
}
