/* What the prelude does for the engine. It hands over its functions by native.setHooks. */
#include <string.h>

#include "engine.h"

static const char *const NAMES[HOOK_COUNT] = {
    "build", "built", "resolve", "load", "call", "settle", "timer", "discard", "describe", "locate",
};

static JSValue hooks[HOOK_COUNT];
static bool set;

/* (object with a function for each name) */
JSValue hooks_set(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    for (int i = 0; i < HOOK_COUNT; i++) {
        hooks[i] = JS_GetPropertyStr(ctx, argv[0], NAMES[i]);
        if (!JS_IsFunction(ctx, hooks[i]))
            return JS_ThrowTypeError(ctx, "the prelude has no hook `%s`", NAMES[i]);
    }
    set = true;
    return JS_UNDEFINED;
}

JSValue hook_call(Hook hook, int argc, JSValueConst *argv)
{
    if (!set)
        return JS_ThrowInternalError(context, "the prelude has set no hooks");
    return JS_Call(context, hooks[hook], JS_UNDEFINED, argc, argv);
}
