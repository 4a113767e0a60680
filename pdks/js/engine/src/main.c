/* The exports: working on the driver's request (INTERFACE.md), and calling what the plug-in exports. */
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "engine.h"

/* How much of the stack in memory JavaScript may use, as quickjs_wasm.c counts it. Measured with Wasmtime, whose stack has
 * 512 KiB as a rule: of all kinds of recursion those through getters come nearest to its end, and have a tenth of it left. It is
 * about 670 calls deep. */
enum { STACK_BYTES = 212 << 10 };

#define EXPORT(name) __attribute__((export_name(#name), visibility("default")))

JSContext *context;

static char *buffer;
static const char *result;
static size_t result_length;

EXPORT(plugwright_js_buffer) char *engine_buffer(size_t length)
{
    free(buffer);
    buffer = length == SIZE_MAX ? NULL : malloc(length + 1);
    /* JS_ParseJSON wants a zero at the end. */
    if (buffer != NULL)
        buffer[length] = 0;
    return buffer;
}

EXPORT(plugwright_js_result) const char *engine_result(void)
{
    return result;
}

EXPORT(plugwright_js_result_length) size_t engine_result_length(void)
{
    return result_length;
}

/* Keeps the text of a value as the result, or a fixed one when even that fails. */
static void set_result(JSContext *ctx, JSValue value)
{
    result = JS_ToCStringLen(ctx, &result_length, value);
    JS_FreeValue(ctx, value);
    if (result == NULL) {
        static const char unknown[] = "{\"error\":{\"name\":\"InternalError\",\"message\":\"out of memory\"}}";
        result = unknown;
        result_length = sizeof unknown - 1;
    }
}

static JSContext *start(void)
{
    JSRuntime *rt = JS_NewRuntime2(&allocator, NULL);
    if (rt == NULL)
        return NULL;
    JS_SetMaxStackSize(rt, STACK_BYTES);
    jobs_init(rt);
    JSContext *ctx = JS_NewContext(rt);
    if (ctx == NULL || modules_init(ctx) < 0)
        return NULL;
    return ctx;
}

/* Evaluates the prelude, whose main module sets the hooks. */
static JSValue start_prelude(JSContext *ctx, JSValueConst request)
{
    static const char main_module[] = "import 'plugwright:prelude/main.js'";
    JSValue list = JS_GetPropertyStr(ctx, request, "prelude"), sources = JS_NewObject(ctx);
    int64_t count;
    if (JS_GetLength(ctx, list, &count) < 0)
        count = -1;
    for (int64_t i = 0; i < count; i++) {
        JSValue file = JS_GetPropertyInt64(ctx, list, i), name = JS_GetPropertyStr(ctx, file, "name");
        const char *text = JS_ToCString(ctx, name);
        if (text == NULL || JS_SetPropertyStr(ctx, sources, text, JS_GetPropertyStr(ctx, file, "source")) < 0)
            count = -1;
        JS_FreeCString(ctx, text);
        JS_FreeValue(ctx, name);
        JS_FreeValue(ctx, file);
    }
    JS_FreeValue(ctx, list);
    modules_set_prelude(ctx, sources);
    if (count < 0)
        return JS_HasException(ctx) ? JS_EXCEPTION : JS_ThrowTypeError(ctx, "the request has no list `prelude`");
    JSValue module = module_compile(ctx, "plugwright:prelude/", main_module, sizeof main_module - 1);
    if (JS_IsException(module))
        return JS_EXCEPTION;
    /* It awaits nothing, so that it has been evaluated when this returns. */
    JSValue promise = JS_EvalFunction(ctx, module);
    if (!JS_IsException(promise) && JS_PromiseState(ctx, promise) == JS_PROMISE_REJECTED) {
        JS_Throw(ctx, JS_PromiseResult(ctx, promise));
        JS_FreeValue(ctx, promise);
        return JS_EXCEPTION;
    }
    return promise;
}

static JSValue build(JSContext *ctx, size_t length)
{
    JSValue request = JS_ParseJSON(ctx, buffer, length, "<request>");
    if (JS_IsException(request))
        return JS_EXCEPTION;
    JSValue done = start_prelude(ctx, request);
    if (!JS_IsException(done)) {
        JS_FreeValue(ctx, done);
        done = jobs_settle(ctx, hook_call(HOOK_BUILD, 1, (JSValueConst *)&request));
    }
    modules_set_prelude(ctx, JS_UNDEFINED);
    JS_FreeValue(ctx, request);
    if (JS_IsException(done))
        return JS_EXCEPTION;
    JS_FreeValue(ctx, done);
    return hook_call(HOOK_BUILT, 0, NULL);
}

/* What the driver is told of an error in the prelude itself, which has no hooks yet. */
static JSValue locate_plainly(JSContext *ctx, JSValueConst error)
{
    JS_FreeValue(ctx, JS_GetException(ctx));
    JSValue details = JS_NewObject(ctx), outer = JS_NewObject(ctx);
    JS_SetPropertyStr(ctx, details, "name", JS_NewString(ctx, "InternalError"));
    JS_SetPropertyStr(ctx, details, "message", JS_ToString(ctx, error));
    JS_SetPropertyStr(ctx, details, "stack", JS_GetPropertyStr(ctx, error, "stack"));
    JS_SetPropertyStr(ctx, outer, "error", details);
    JSValue text = JS_JSONStringify(ctx, outer, JS_UNDEFINED, JS_UNDEFINED);
    JS_FreeValue(ctx, outer);
    return text;
}

EXPORT(plugwright_js_build) int engine_build(size_t length)
{
    allocator_clear_freed(true);
    context = start();
    if (context == NULL)
        __builtin_trap();
    JSValue built = build(context, length);
    if (!JS_IsException(built)) {
        set_result(context, built);
        return 0;
    }
    JSValue error = JS_GetException(context);
    JSValue located = hook_call(HOOK_LOCATE, 1, (JSValueConst *)&error);
    if (JS_IsException(located))
        located = locate_plainly(context, error);
    JS_FreeValue(context, error);
    set_result(context, located);
    return 1;
}

EXPORT(plugwright_js_finish) void engine_finish(void)
{
    allocator_clear(buffer);
    free(buffer);
    buffer = NULL;
    JS_FreeCString(context, result);
    result = NULL;
    result_length = 0;
    system_forget_seed();
    JS_RunGC(JS_GetRuntime(context));
    allocator_was_refused();
    allocator_clear_freed(false);
    allocator_clear_stack();
}

/* Whether an error is that there was no memory. The engine's own error, that is: an author's of the same text is thrown when
 * memory was not refused. */
static bool is_out_of_memory(JSContext *ctx, JSValueConst error)
{
    if (!allocator_was_refused() || !JS_IsObject(error))
        return false;
    JSValue message = JS_GetPropertyStr(ctx, error, "message");
    const char *text = JS_ToCString(ctx, message);
    bool result = text != NULL && strcmp(text, "out of memory") == 0;
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, message);
    return result;
}

/* A block with an error's text. An error may have a hostile `message`, or lie too deep: then there is a fixed text. */
static uint64_t describe(JSContext *ctx, JSValueConst error)
{
    static const char indescribable[] = "InternalError: the error that was thrown cannot be described";
    uint64_t block = 0;
    JSValue text = hook_call(HOOK_DESCRIBE, 1, (JSValueConst *)&error);
    if (JS_IsException(text) || !block_from_text(ctx, text, &block)) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        if (!block_from_bytes(ctx, (const uint8_t *)indescribable, sizeof indescribable - 1, &block))
            JS_FreeValue(ctx, JS_GetException(ctx));
    }
    JS_FreeValue(ctx, text);
    return block;
}

/* Makes the exception the call's error. */
static int fail(JSContext *ctx)
{
    JSValue error = JS_GetException(ctx);
    if (is_out_of_memory(ctx, error))
        /* As every language does, so that hosts tell it from an error of the author's. */
        __builtin_trap();
    uint64_t block = describe(ctx, error);
    JS_FreeValue(ctx, error);
    jobs_discard(ctx);
    host_error_set(block);
    return 1;
}

EXPORT(plugwright_js_call) int engine_call(uint32_t index)
{
    JSContext *ctx = context;
    JS_UpdateStackTop(JS_GetRuntime(ctx));
    JSValue argument = JS_NewUint32(ctx, index);
    JSValue value = hook_call(HOOK_CALL, 1, (JSValueConst *)&argument);
    if (JS_IsException(value))
        return fail(ctx);
    value = jobs_settle(ctx, value);
    if (JS_IsException(value))
        return fail(ctx);
    JSValue code = hook_call(HOOK_SETTLE, 1, (JSValueConst *)&value);
    JS_FreeValue(ctx, value);
    int32_t number;
    if (JS_IsException(code) || JS_ToInt32(ctx, &number, code) < 0)
        return fail(ctx);
    JS_FreeValue(ctx, code);
    return number;
}

/* What else the prelude needs of the program as a whole. */
static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("setHooks", 1, hooks_set),
    JS_CFUNC_DEF("evaluateModule", 1, module_evaluate),
    JS_CFUNC_DEF("prepareModule", 1, module_prepare),
    JS_CFUNC_DEF("compileFunction", 2, function_compile),
};
const Natives natives_program = { functions, sizeof functions / sizeof functions[0] };
