/* ES modules: the prelude's from the request, the author's by the hooks. */
#include <string.h>

#include "engine.h"
#include "quickjs_wasm.h"

#define PRELUDE "plugwright:prelude/"
#define NATIVE_MODULE "plugwright:native"

/* Sources of the prelude by file name. */
static JSValue prelude_sources = JS_UNDEFINED;

void modules_set_prelude(JSContext *ctx, JSValue sources)
{
    JS_FreeValue(ctx, prelude_sources);
    prelude_sources = sources;
}

static bool is_prelude(const char *name)
{
    return strncmp(name, PRELUDE, strlen(PRELUDE)) == 0;
}

/* The full name of what `base` imports as `name`, in memory of js_malloc. */
static char *normalize(JSContext *ctx, const char *base, const char *name, void *opaque)
{
    (void)opaque;
    if (is_prelude(base) && (strcmp(name, NATIVE_MODULE) == 0 || is_prelude(name)))
        return js_strdup(ctx, name);
    if (strncmp(name, "./", 2) == 0 && is_prelude(base)) {
        size_t prefix = strlen(PRELUDE), rest = strlen(name + 2) + 1;
        char *full = js_malloc(ctx, prefix + rest);
        if (full != NULL) {
            memcpy(full, PRELUDE, prefix);
            memcpy(full + prefix, name + 2, rest);
        }
        return full;
    }
    JSValue arguments[2] = { JS_NewString(ctx, base), JS_NewString(ctx, name) };
    JSValue resolved = hook_call(HOOK_RESOLVE, 2, (JSValueConst *)arguments);
    JS_FreeValue(ctx, arguments[0]);
    JS_FreeValue(ctx, arguments[1]);
    if (JS_IsException(resolved))
        return NULL;
    const char *text = JS_ToCString(ctx, resolved);
    JS_FreeValue(ctx, resolved);
    if (text == NULL)
        return NULL;
    char *full = js_strdup(ctx, text);
    JS_FreeCString(ctx, text);
    return full;
}

JSValue module_compile(JSContext *ctx, const char *name, const char *source, size_t length)
{
    JSValue module = JS_Eval(ctx, source, length, name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(module))
        return JS_EXCEPTION;
    quickjs_drop_sources(ctx, module);
    JSValue meta = JS_GetImportMeta(ctx, JS_VALUE_GET_PTR(module));
    JSValue url = JS_NewString(ctx, name);
    bool failed = JS_IsException(meta) || JS_DefinePropertyValueStr(ctx, meta, "url", url, JS_PROP_C_W_E) < 0;
    JS_FreeValue(ctx, meta);
    if (failed) {
        JS_FreeValue(ctx, module);
        return JS_EXCEPTION;
    }
    return module;
}

/* Sets what a module exports to the properties of the object that it has. */
static int export_properties(JSContext *ctx, JSModuleDef *module)
{
    JSValue object = JS_GetModulePrivateValue(ctx, module);
    JSPropertyEnum *properties;
    uint32_t count;
    if (JS_GetOwnPropertyNames(ctx, &properties, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
        JS_FreeValue(ctx, object);
        return -1;
    }
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; i++) {
        const char *name = JS_AtomToCString(ctx, properties[i].atom);
        JSValue value = JS_GetProperty(ctx, object, properties[i].atom);
        if (name == NULL || JS_IsException(value) || JS_SetModuleExport(ctx, module, name, value) < 0)
            result = -1;
        JS_FreeCString(ctx, name);
    }
    JS_FreePropertyEnum(ctx, properties, count);
    JS_FreeValue(ctx, object);
    return result;
}

/* A module that exports the properties of an object. */
static JSModuleDef *module_of_object(JSContext *ctx, const char *name, JSValue object)
{
    JSPropertyEnum *properties;
    uint32_t count;
    if (JS_GetOwnPropertyNames(ctx, &properties, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
        JS_FreeValue(ctx, object);
        return NULL;
    }
    JSModuleDef *module = JS_NewCModule(ctx, name, export_properties);
    bool failed = module == NULL || JS_SetModulePrivateValue(ctx, module, JS_DupValue(ctx, object)) < 0;
    for (uint32_t i = 0; i < count && !failed; i++) {
        const char *exported = JS_AtomToCString(ctx, properties[i].atom);
        failed = exported == NULL || JS_AddModuleExport(ctx, module, exported) < 0;
        JS_FreeCString(ctx, exported);
    }
    JS_FreePropertyEnum(ctx, properties, count);
    JS_FreeValue(ctx, object);
    return failed ? NULL : module;
}

static JSModuleDef *load(JSContext *ctx, const char *name, void *opaque)
{
    (void)opaque;
    JSValue content;
    if (is_prelude(name)) {
        content = JS_GetPropertyStr(ctx, prelude_sources, name + strlen(PRELUDE));
    } else {
        JSValue argument = JS_NewString(ctx, name);
        content = hook_call(HOOK_LOAD, 1, (JSValueConst *)&argument);
        JS_FreeValue(ctx, argument);
    }
    if (JS_IsException(content))
        return NULL;
    if (JS_IsObject(content))
        return module_of_object(ctx, name, content);
    size_t length;
    const char *source = JS_ToCStringLen(ctx, &length, content);
    JS_FreeValue(ctx, content);
    if (source == NULL)
        return NULL;
    JSValue module = module_compile(ctx, name, source, length);
    JS_FreeCString(ctx, source);
    if (JS_IsException(module))
        return NULL;
    JSModuleDef *definition = JS_VALUE_GET_PTR(module);
    /* The context has a reference of its own. */
    JS_FreeValue(ctx, module);
    return definition;
}

static JSModuleDef *find_or_load(JSContext *ctx, JSValueConst name)
{
    const char *text = JS_ToCString(ctx, name);
    if (text == NULL)
        return NULL;
    JSModuleDef *module = quickjs_find_module(ctx, text);
    if (module == NULL && !JS_HasException(ctx))
        module = load(ctx, text, NULL);
    JS_FreeCString(ctx, text);
    return module;
}

/* (name): evaluates a module and what it imports; {promise, namespace}. The promise may be settled already. */
JSValue module_evaluate(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    JSModuleDef *module = find_or_load(ctx, argv[0]);
    if (module == NULL)
        return JS_EXCEPTION;
    JSValue promise = JS_EvalFunction(ctx, JS_DupValue(ctx, JS_MKPTR(JS_TAG_MODULE, module)));
    if (JS_IsException(promise))
        return JS_EXCEPTION;
    JSValue result = JS_NewObject(ctx), namespace = JS_GetModuleNamespace(ctx, module);
    if (JS_IsException(namespace) || JS_DefinePropertyValueStr(ctx, result, "namespace", namespace, JS_PROP_C_W_E) < 0 ||
        JS_DefinePropertyValueStr(ctx, result, "promise", promise, JS_PROP_C_W_E) < 0) {
        JS_FreeValue(ctx, result);
        return JS_EXCEPTION;
    }
    return result;
}

/* (name): compiles a module, if it has not been, so that it can be imported when its source is gone. */
JSValue module_prepare(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    return find_or_load(ctx, argv[0]) == NULL ? JS_EXCEPTION : JS_UNDEFINED;
}

/* (name, source of a function expression): the function. */
JSValue function_compile(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    const char *name = JS_ToCString(ctx, argv[0]);
    size_t length;
    const char *source = JS_ToCStringLen(ctx, &length, argv[1]);
    JSValue function = JS_EXCEPTION;
    if (name != NULL && source != NULL)
        function = JS_Eval(ctx, source, length, name, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    JS_FreeCString(ctx, name);
    JS_FreeCString(ctx, source);
    if (JS_IsException(function))
        return JS_EXCEPTION;
    quickjs_drop_sources(ctx, function);
    return JS_EvalFunction(ctx, function);
}

static const Natives *const natives[] = {
    &natives_contract, &natives_text, &natives_digest, &natives_system, &natives_host, &natives_program,
};
enum { NATIVES_COUNT = sizeof natives / sizeof natives[0] };

static int export_natives(JSContext *ctx, JSModuleDef *module)
{
    for (int i = 0; i < NATIVES_COUNT; i++) {
        if (JS_SetModuleExportList(ctx, module, natives[i]->functions, natives[i]->count) < 0)
            return -1;
    }
    return 0;
}

int modules_init(JSContext *ctx)
{
    JS_SetModuleLoaderFunc(JS_GetRuntime(ctx), normalize, load, NULL);
    JSModuleDef *module = JS_NewCModule(ctx, NATIVE_MODULE, export_natives);
    if (module == NULL)
        return -1;
    for (int i = 0; i < NATIVES_COUNT; i++) {
        if (JS_AddModuleExportList(ctx, module, natives[i]->functions, natives[i]->count) < 0)
            return -1;
    }
    return 0;
}
