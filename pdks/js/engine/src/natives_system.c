/* Time and chance, from WASI. A plug-in that does not need them is built without. */
#include <string.h>

#include "contract.h"
#include "engine.h"
#include "quickjs_wasm.h"

enum { CLOCK_OF_DAY = 0, CLOCK_STEADY = 1, NOT_OFFERED = 52 };

static JSValue refused(JSContext *ctx, const char *what, int32_t error)
{
    if (error == NOT_OFFERED)
        return JS_ThrowInternalError(ctx, "%s: this plug-in was built without access to it, since its source did not seem to need it: "
                                          "mention `globalThis` in the source to have it built in", what);
    return JS_ThrowInternalError(ctx, "%s: WASI error %d", what, error);
}

static JSValue read_clock(JSContext *ctx, int32_t clock)
{
    uint64_t nanoseconds;
    int32_t error = system_clock_time_get(clock, 1000, &nanoseconds);
    return error == 0 ? JS_NewFloat64(ctx, nanoseconds / 1e6) : refused(ctx, "the clock", error);
}

/* Milliseconds since 1970. */
NATIVE(time_of_day) { return read_clock(ctx, CLOCK_OF_DAY); }
/* Milliseconds since some moment, which never run backwards. */
NATIVE(steady_time) { return read_clock(ctx, CLOCK_STEADY); }

/* (milliseconds): waits. */
NATIVE(sleep_ms)
{
    /* `subscription` and `event` of WASI preview 1: a relative time on the steady clock. */
    struct {
        uint64_t user_data;
        uint64_t tag;
        uint64_t clock;
        uint64_t timeout;
        uint64_t precision;
        uint64_t flags;
    } subscription = { .clock = CLOCK_STEADY };
    uint8_t event[32];
    uint32_t happened;
    double milliseconds;
    if (JS_ToFloat64(ctx, &milliseconds, argv[0]) < 0)
        return JS_EXCEPTION;
    if (!(milliseconds > 0))
        return JS_UNDEFINED;
    subscription.timeout = milliseconds < 1e12 ? (uint64_t)(milliseconds * 1e6) : (uint64_t)1e18;
    int32_t error = system_poll_oneoff(&subscription, event, 1, &happened);
    return error == 0 ? JS_UNDEFINED : refused(ctx, "waiting for a timer", error);
}

/* (Uint8Array): fills it. */
NATIVE(random_bytes)
{
    size_t length;
    uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (bytes == NULL && JS_HasException(ctx))
        return JS_EXCEPTION;
    int32_t error = length == 0 ? 0 : system_random_get(bytes, length);
    return error == 0 ? JS_UNDEFINED : refused(ctx, "random numbers", error);
}

/* Math.random is seeded at its first use, so that the instances of one snapshot differ. */
static bool seeded;

void system_forget_seed(void)
{
    seeded = false;
}

NATIVE(random_number)
{
    if (!seeded) {
        uint64_t seed;
        int32_t error = system_random_get((uint8_t *)&seed, sizeof seed);
        if (error != 0)
            return refused(ctx, "random numbers", error);
        quickjs_seed_random(ctx, seed);
        seeded = true;
    }
    return JS_NewFloat64(ctx, quickjs_random(ctx));
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("timeOfDay", 0, time_of_day),
    JS_CFUNC_DEF("steadyTime", 0, steady_time),
    JS_CFUNC_DEF("sleep", 1, sleep_ms),
    JS_CFUNC_DEF("randomBytes", 1, random_bytes),
    JS_CFUNC_DEF("random", 0, random_number),
};
const Natives natives_system = { functions, sizeof functions / sizeof functions[0] };
