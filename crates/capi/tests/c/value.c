/* Values that host functions get and return, and their layout. */
#include "check.h"

#include <stddef.h>

/* The catalogue's function: the sum of its parameters, as unsigned and as they are. */
static void host_mix(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                     ExtismSize n_out, void *data) {
  (void)plugin;
  CHECK(data == NULL && n_in == 4 && n_out == 1);
  CHECK(in[0].t == ExtismValType_I32 && in[0].v.i32 == -1);
  CHECK(in[1].t == ExtismValType_I64 && in[1].v.i64 == 5000000000);
  CHECK(in[2].t == ExtismValType_F32 && in[2].v.f32 == 0.5f);
  CHECK(in[3].t == ExtismValType_F64 && in[3].v.f64 == 0.25);
  CHECK(out[0].t == ExtismValType_F64 && out[0].v.f64 == 0.0);
  out[0].v.f64 = 1e300;
}

static void ends(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                 ExtismSize n_out, void *data) {
  (void)plugin;
  (void)data;
  CHECK(n_in == 1 && n_out == 1);
  out[0].v = in[0].v;
}

/* A result of a type that was not declared, or that is none. */
static void lies(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                 ExtismSize n_out, void *data) {
  (void)plugin;
  (void)in;
  CHECK(n_in == 0 && n_out == 1);
  memcpy(&out[0].t, data, sizeof out[0].t);
}

static void mixed(void) {
  const ExtismValType inputs[] = {ExtismValType_I32, ExtismValType_I64, ExtismValType_F32, ExtismValType_F64};
  const ExtismValType outputs[] = {ExtismValType_F64};
  ExtismFunction *function = extism_function_new("mix", inputs, 4, outputs, 1, host_mix, NULL, NULL);
  const ExtismFunction *functions[1];
  ExtismPlugin *plugin;
  functions[0] = function;
  plugin = module_of("(import \"env\" \"mix\" (func $mix (param i32 i64 f32 f64) (result f64)))",
                     "(f64.ne (call $mix (i32.const -1) (i64.const 5000000000) (f32.const 0.5) (f64.const 0.25))"
                     " (f64.const 1e300))",
                     functions, 1);
  extism_function_free(function);
  CHECK(call(plugin, "run", "") == 0);
  extism_plugin_free(plugin);
}

static void extremes(void) {
  static const char *const types[] = {"i32", "i64", "f32", "f64"};
  static const char *const values[][2] = {{"0x80000000", "-1"},
                                          {"0x8000000000000000", "0x7fffffffffffffff"},
                                          {"-inf", "0x1p-149"},
                                          {"0x1.fffffffffffffp1023", "-0x0p0"}};
  int i, k;
  for (i = 0; i < 4; i++) {
    const ExtismValType type[] = {(ExtismValType)i};
    ExtismFunction *function = extism_function_new("same", type, 1, type, 1, ends, NULL, NULL);
    const ExtismFunction *functions[1];
    functions[0] = function;
    for (k = 0; k < 2; k++) {
      char imports[128], body[256];
      ExtismPlugin *plugin;
      snprintf(imports, sizeof imports, "(import \"env\" \"same\" (func $f (param %s) (result %s)))", types[i],
               types[i]);
      snprintf(body, sizeof body, "(%s.ne (call $f (%s.const %s)) (%s.const %s))", types[i], types[i],
               values[i][k], types[i], values[i][k]);
      plugin = module_of(imports, body, functions, 1);
      CHECK(call(plugin, "run", "") == 0);
      extism_plugin_free(plugin);
    }
    extism_function_free(function);
  }
}

static void wrong_results(void) {
  static const uint32_t wrong[] = {ExtismValType_I32, ExtismValType_F64, ExtismValType_V128, ExtismValType_FuncRef,
                                   ExtismValType_ExternRef, 7, UINT32_MAX};
  static const char *const names[] = {"I32", "F64", "V128", "FuncRef", "ExternRef", "type 7", "type 4294967295"};
  size_t i;
  for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    const ExtismValType type[] = {ExtismValType_I64};
    uint32_t number = wrong[i];
    ExtismFunction *function = extism_function_new("lies", NULL, 0, type, 1, lies, &number, NULL);
    const ExtismFunction *functions[1];
    ExtismPlugin *plugin;
    functions[0] = function;
    plugin = module_of("(import \"env\" \"lies\" (func $f (result i64)))", "(drop (call $f)) (i32.const 0)",
                       functions, 1);
    CHECK(call(plugin, "run", "") == -1);
    CHECK(plugwright_plugin_error_kind(plugin) == PlugwrightErrorKind_HostFunction);
    CHECK_CONTAINS(extism_plugin_error(plugin), "host function `lies` failed: result 0 was set to ");
    CHECK_CONTAINS(extism_plugin_error(plugin), names[i]);
    /* The plug-in lives on. */
    number = ExtismValType_I64;
    CHECK(call(plugin, "run", "") == 0);
    extism_function_free(function);
    extism_plugin_free(plugin);
  }
}

/* A type that cannot be passed: the function exists, and a plug-in that gets it is refused. */
static void types_that_cannot_be_passed(void) {
  static const uint32_t types[] = {ExtismValType_V128, ExtismValType_FuncRef, ExtismValType_ExternRef, 99};
  static const char *const names[] = {"V128", "FuncRef", "ExternRef", "type 99"};
  size_t i;
  for (i = 0; i < sizeof types / sizeof *types; i++) {
    const ExtismFunction *functions[1];
    ExtismFunction *function;
    ExtismValType type;
    PlugwrightOptions *options = plugwright_options_new();
    char *error = NULL;
    memcpy(&type, &types[i], sizeof type);
    function = extism_function_new("odd", &type, 1, NULL, 0, ends, NULL, NULL);
    CHECK(function != NULL);
    functions[0] = function;
    CHECK(extism_plugin_new((const uint8_t *)"(module)", 8, functions, 1, false, &error) == NULL);
    CHECK_CONTAINS(error, "`odd`");
    CHECK_CONTAINS(error, names[i]);
    extism_plugin_new_error_free(error);
    CHECK(!plugwright_options_function(options, function));
    CHECK_CONTAINS(plugwright_last_error(), names[i]);
    plugwright_options_free(options);
    extism_function_free(function);
  }
}

int main(void) {
  CHECK(sizeof(ExtismValType) == 4 && sizeof(ExtismVal) == 16);
  CHECK(offsetof(ExtismVal, t) == 0 && offsetof(ExtismVal, v) == 8);
  CHECK(sizeof(ExtismSize) == 8 && sizeof(ExtismMemoryHandle) == 8);
  CHECK(ExtismValType_I32 == 0 && ExtismValType_ExternRef == 6 && EXTISM_PTR == 1);
  mixed();
  extremes();
  wrong_results();
  types_that_cannot_be_passed();
  return 0;
}
