/* What goes on after a function has returned: promises and timers. */
#include "engine.h"

/* Rejected promises that nobody has handled: an array of [promise, reason]. */
enum { MOST_REJECTIONS = 256 };
static JSValue rejected[MOST_REJECTIONS][2];
static int rejected_count;

static void note_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool is_handled, void *opaque)
{
    (void)opaque;
    if (!is_handled) {
        /* Of more, the first are enough to fail the call. */
        if (rejected_count < MOST_REJECTIONS) {
            rejected[rejected_count][0] = JS_DupValue(ctx, promise);
            rejected[rejected_count++][1] = JS_DupValue(ctx, reason);
        }
        return;
    }
    for (int i = 0; i < rejected_count; i++) {
        if (JS_VALUE_GET_PTR(rejected[i][0]) == JS_VALUE_GET_PTR(promise)) {
            JS_FreeValue(ctx, rejected[i][0]);
            JS_FreeValue(ctx, rejected[i][1]);
            rejected_count--;
            for (int k = i; k < rejected_count; k++) {
                rejected[k][0] = rejected[k + 1][0];
                rejected[k][1] = rejected[k + 1][1];
            }
            return;
        }
    }
}

static void forget_rejections(JSContext *ctx)
{
    while (rejected_count > 0) {
        rejected_count--;
        JS_FreeValue(ctx, rejected[rejected_count][0]);
        JS_FreeValue(ctx, rejected[rejected_count][1]);
    }
}

void jobs_init(JSRuntime *rt)
{
    JS_SetHostPromiseRejectionTracker(rt, note_rejection, NULL);
}

/* False, with an exception, when a job threw: that ends a call at once. */
static bool run_jobs(JSContext *ctx)
{
    JSContext *of_job;
    int result;
    while ((result = JS_ExecutePendingJob(JS_GetRuntime(ctx), &of_job)) > 0)
        ;
    return result == 0;
}

static bool run_timers(JSContext *ctx)
{
    for (;;) {
        if (!run_jobs(ctx))
            return false;
        JSValue ran = hook_call(HOOK_TIMER, 0, NULL);
        if (JS_IsException(ran))
            return false;
        bool done = !JS_ToBool(ctx, ran);
        JS_FreeValue(ctx, ran);
        if (done)
            return true;
    }
}

JSValue jobs_settle(JSContext *ctx, JSValue value)
{
    if (JS_IsPromise(value))
        /* Its rejection is what the caller gets. */
        JS_PromiseMarkAsHandled(ctx, value);
    if (!run_timers(ctx))
        goto failed;
    if (JS_IsPromise(value)) {
        switch (JS_PromiseState(ctx, value)) {
        case JS_PROMISE_FULFILLED: {
            JSValue result = JS_PromiseResult(ctx, value);
            JS_FreeValue(ctx, value);
            value = result;
            break;
        }
        case JS_PROMISE_REJECTED:
            JS_Throw(ctx, JS_PromiseResult(ctx, value));
            goto failed;
        default:
            JS_ThrowPlainError(ctx, "the promise is never settled: nothing is left to run, and it still waits");
            goto failed;
        }
    }
    if (rejected_count > 0) {
        JS_Throw(ctx, JS_DupValue(ctx, rejected[0][1]));
        goto failed;
    }
    return value;
failed:
    JS_FreeValue(ctx, value);
    return JS_EXCEPTION;
}

void jobs_discard(JSContext *ctx)
{
    /* What is pending belongs to the call that failed. It cannot be taken away, so it runs, and nobody hears of its errors. */
    JSContext *of_job;
    JS_FreeValue(ctx, hook_call(HOOK_DISCARD, 0, NULL));
    while (JS_IsJobPending(JS_GetRuntime(ctx))) {
        if (JS_ExecutePendingJob(JS_GetRuntime(ctx), &of_job) < 0)
            JS_FreeValue(ctx, JS_GetException(ctx));
    }
    JS_FreeValue(ctx, hook_call(HOOK_DISCARD, 0, NULL));
    forget_rejections(ctx);
}
