/* The contract's functions for the prelude: input, output, config, variables, HTTP, log, blocks. */
#include "contract.h"
#include "engine.h"

NATIVE(input_text) { return input_to_text(ctx); }
NATIVE(input_bytes) { return input_to_array(ctx); }
NATIVE(input_json) { return input_to_json(ctx); }

/* The block stays: the host reads the output when the call has ended. */
static JSValue set_output(uint64_t block)
{
    host_output_set(block, block == 0 ? 0 : host_length(block));
    return JS_UNDEFINED;
}

NATIVE(output_text)
{
    uint64_t block;
    return block_from_text(ctx, argv[0], &block) ? set_output(block) : JS_EXCEPTION;
}

NATIVE(output_bytes)
{
    uint64_t block;
    return block_from_array(ctx, argv[0], &block) ? set_output(block) : JS_EXCEPTION;
}

NATIVE(config_get)
{
    uint64_t key;
    if (!block_from_text(ctx, argv[0], &key))
        return JS_EXCEPTION;
    return block_take_text(ctx, host_config_get(key));
}

NATIVE(var_get)
{
    uint64_t key;
    if (!block_from_text(ctx, argv[0], &key))
        return JS_EXCEPTION;
    return block_take_array(ctx, host_var_get(key));
}

NATIVE(var_set)
{
    uint64_t key, value;
    if (!block_from_text(ctx, argv[0], &key))
        return JS_EXCEPTION;
    if (!block_from_array(ctx, argv[1], &value)) {
        host_free(key);
        return JS_EXCEPTION;
    }
    host_var_set(key, value);
    return JS_UNDEFINED;
}

/* (request as JSON, body or null): the response's body, null when it is empty. */
NATIVE(http_request)
{
    uint64_t request, body;
    if (!block_from_text(ctx, argv[0], &request))
        return JS_EXCEPTION;
    if (!block_from_array(ctx, argv[1], &body)) {
        host_free(request);
        return JS_EXCEPTION;
    }
    return block_take_array(ctx, host_http_request(request, body));
}

NATIVE(http_status) { return JS_NewInt32(ctx, host_http_status_code()); }
NATIVE(http_headers) { return block_take_text(ctx, host_http_headers()); }

/* (level from 0, message) */
NATIVE(log_message)
{
    static void (*const levels[])(uint64_t) = {
        host_log_trace, host_log_debug, host_log_info, host_log_warn, host_log_error,
    };
    uint32_t level;
    uint64_t message;
    if (JS_ToUint32(ctx, &level, argv[0]) < 0 || !block_from_text(ctx, argv[1], &message))
        return JS_EXCEPTION;
    if (level >= sizeof levels / sizeof levels[0])
        return JS_ThrowRangeError(ctx, "there is no log level %u", level);
    levels[level](message);
    return JS_UNDEFINED;
}

static int to_offset(JSContext *ctx, JSValueConst value, uint64_t *offset)
{
    return JS_ToInt64Ext(ctx, (int64_t *)offset, value);
}

NATIVE(block_of_text)
{
    uint64_t block;
    return block_from_text(ctx, argv[0], &block) ? JS_NewInt64(ctx, block) : JS_EXCEPTION;
}

NATIVE(block_of_bytes)
{
    uint64_t block;
    return block_from_array(ctx, argv[0], &block) ? JS_NewInt64(ctx, block) : JS_EXCEPTION;
}

NATIVE(block_length)
{
    uint64_t offset;
    if (to_offset(ctx, argv[0], &offset) < 0)
        return JS_EXCEPTION;
    return JS_NewInt64(ctx, host_length(offset));
}

NATIVE(block_free)
{
    uint64_t offset;
    if (to_offset(ctx, argv[0], &offset) < 0)
        return JS_EXCEPTION;
    host_free(offset);
    return JS_UNDEFINED;
}

/* The whole block at an offset; empty when none starts there. */
NATIVE(block_bytes)
{
    uint64_t offset;
    if (to_offset(ctx, argv[0], &offset) < 0)
        return JS_EXCEPTION;
    return block_to_array(ctx, offset, host_length(offset));
}

NATIVE(block_text)
{
    uint64_t offset;
    if (to_offset(ctx, argv[0], &offset) < 0)
        return JS_EXCEPTION;
    return block_to_text(ctx, offset, host_length(offset));
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("inputText", 0, input_text),
    JS_CFUNC_DEF("inputBytes", 0, input_bytes),
    JS_CFUNC_DEF("inputJSON", 0, input_json),
    JS_CFUNC_DEF("outputText", 1, output_text),
    JS_CFUNC_DEF("outputBytes", 1, output_bytes),
    JS_CFUNC_DEF("configGet", 1, config_get),
    JS_CFUNC_DEF("varGet", 1, var_get),
    JS_CFUNC_DEF("varSet", 2, var_set),
    JS_CFUNC_DEF("httpRequest", 2, http_request),
    JS_CFUNC_DEF("httpStatus", 0, http_status),
    JS_CFUNC_DEF("httpHeaders", 0, http_headers),
    JS_CFUNC_DEF("log", 2, log_message),
    JS_CFUNC_DEF("blockOfText", 1, block_of_text),
    JS_CFUNC_DEF("blockOfBytes", 1, block_of_bytes),
    JS_CFUNC_DEF("blockLength", 1, block_length),
    JS_CFUNC_DEF("blockFree", 1, block_free),
    JS_CFUNC_DEF("blockBytes", 1, block_bytes),
    JS_CFUNC_DEF("blockText", 1, block_text),
};
const Natives natives_contract = { functions, sizeof functions / sizeof functions[0] };
