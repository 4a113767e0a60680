/* Calls of the plug-in's host functions. Their arguments are numbers here; the prelude has made blocks of texts and bytes. */
#include <string.h>

#include "contract.h"
#include "engine.h"

enum { MOST_PARAMETERS = 64 };

/* Writes a value of the type (i: i32, l: i64, f: f32, d: f64) into a slot. False with an exception if it is none. */
static bool slot_write(JSContext *ctx, char type, JSValueConst value, uint64_t *slot)
{
    int32_t integer;
    int64_t large;
    double number;
    float single;
    *slot = 0;
    switch (type) {
    case 'i':
        if (JS_ToInt32(ctx, &integer, value) < 0)
            return false;
        memcpy(slot, &integer, sizeof integer);
        return true;
    case 'l':
        if (JS_ToInt64Ext(ctx, &large, value) < 0)
            return false;
        memcpy(slot, &large, sizeof large);
        return true;
    default:
        if (JS_ToFloat64(ctx, &number, value) < 0)
            return false;
        single = (float)number;
        if (type == 'f')
            memcpy(slot, &single, sizeof single);
        else
            memcpy(slot, &number, sizeof number);
        return true;
    }
}

static JSValue slot_read(JSContext *ctx, char type, const uint64_t *slot)
{
    int32_t integer;
    int64_t large;
    double number;
    float single;
    switch (type) {
    case 'i':
        memcpy(&integer, slot, sizeof integer);
        return JS_NewInt32(ctx, integer);
    case 'l':
        memcpy(&large, slot, sizeof large);
        /* A number holds integers up to 2^53 exactly. */
        if (large > -((int64_t)1 << 53) && large < (int64_t)1 << 53)
            return JS_NewInt64(ctx, large);
        return JS_NewBigInt64(ctx, large);
    case 'f':
        memcpy(&single, slot, sizeof single);
        return JS_NewFloat64(ctx, single);
    case 'd':
        memcpy(&number, slot, sizeof number);
        return JS_NewFloat64(ctx, number);
    default:
        return JS_UNDEFINED;
    }
}

/* (index, type of the result or "", types of the parameters, arguments in an array) */
NATIVE(call_host)
{
    uint64_t slots[MOST_PARAMETERS + 1];
    uint32_t index;
    if (JS_ToUint32(ctx, &index, argv[0]) < 0)
        return JS_EXCEPTION;
    const char *result = JS_ToCString(ctx, argv[1]);
    if (result == NULL)
        return JS_EXCEPTION;
    char result_type = result[0];
    JS_FreeCString(ctx, result);
    size_t count;
    const char *types = JS_ToCStringLen(ctx, &count, argv[2]);
    if (types == NULL)
        return JS_EXCEPTION;
    bool converted = count <= MOST_PARAMETERS;
    if (!converted)
        JS_ThrowRangeError(ctx, "a host function may have %d parameters, this one has %zu", MOST_PARAMETERS, count);
    for (size_t i = 0; converted && i < count; i++) {
        JSValue argument = JS_GetPropertyUint32(ctx, argv[3], i);
        converted = !JS_IsException(argument) && slot_write(ctx, types[i], argument, &slots[i]);
        JS_FreeValue(ctx, argument);
    }
    JS_FreeCString(ctx, types);
    if (!converted)
        return JS_EXCEPTION;
    host_call(index, slots);
    return slot_read(ctx, result_type, slots);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("callHost", 4, call_host),
};
const Natives natives_host = { functions, sizeof functions / sizeof functions[0] };
