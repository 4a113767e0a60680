/* Kernel memory: copies in and out, 8 bytes at a time. Our hosts turn these calls into loads and stores. */
#include <string.h>

#include "contract.h"
#include "engine.h"

void block_read(uint64_t offset, uint8_t *bytes, size_t length)
{
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word = host_load_u64(offset + i);
        memcpy(bytes + i, &word, 8);
    }
    for (; i < length; i++)
        bytes[i] = host_load_u8(offset + i);
}

void block_write(uint64_t offset, const uint8_t *bytes, size_t length)
{
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        host_store_u64(offset + i, word);
    }
    for (; i < length; i++)
        host_store_u8(offset + i, bytes[i]);
}

static void input_read(uint8_t *bytes, size_t length)
{
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word = host_input_load_u64(i);
        memcpy(bytes + i, &word, 8);
    }
    for (; i < length; i++)
        bytes[i] = host_input_load_u8(i);
}

static bool block_new(JSContext *ctx, size_t length, uint64_t *block)
{
    *block = length == 0 ? 0 : host_alloc(length);
    if (length != 0 && *block == 0) {
        allocator_note_refusal();
        JS_ThrowOutOfMemory(ctx);
        return false;
    }
    return true;
}

bool block_from_bytes(JSContext *ctx, const uint8_t *bytes, size_t length, uint64_t *block)
{
    if (!block_new(ctx, length, block))
        return false;
    block_write(*block, bytes, length);
    return true;
}

/* QuickJS writes an unpaired surrogate as the three bytes it would have, ED A0..BF xx, which is not UTF-8. */
static void replace_surrogates(uint64_t block, const uint8_t *text, size_t length)
{
    static const uint8_t replacement[3] = { 0xef, 0xbf, 0xbd };
    const uint8_t *found = text, *end = text + length;
    while ((found = memchr(found, 0xed, end - found)) != NULL) {
        if (end - found >= 3 && found[1] >= 0xa0)
            block_write(block + (found - text), replacement, 3);
        found++;
    }
}

bool block_from_text(JSContext *ctx, JSValueConst value, uint64_t *block)
{
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, value);
    if (text == NULL)
        return false;
    bool made = block_from_bytes(ctx, (const uint8_t *)text, length, block);
    if (made)
        replace_surrogates(*block, (const uint8_t *)text, length);
    JS_FreeCString(ctx, text);
    return made;
}

bool block_from_array(JSContext *ctx, JSValueConst value, uint64_t *block)
{
    *block = 0;
    if (JS_IsNull(value) || JS_IsUndefined(value))
        return true;
    size_t length;
    uint8_t *bytes = JS_GetUint8Array(ctx, &length, value);
    if (bytes == NULL && JS_HasException(ctx))
        return false;
    return block_from_bytes(ctx, bytes, length, block);
}

static void *resize_memory(JSRuntime *rt, void *opaque, void *memory, size_t size)
{
    (void)opaque;
    if (size == 0) {
        js_free_rt(rt, memory);
        return NULL;
    }
    return js_realloc_rt(rt, memory, size);
}

JSValue array_from_memory(JSContext *ctx, uint8_t *memory, size_t length)
{
    return JS_NewUint8Array(ctx, memory, length, resize_memory, NULL, false);
}

/* Memory for a copy of so many bytes and a zero after them, which JS_ParseJSON wants. NULL and an exception if there is none. */
static uint8_t *memory_for(JSContext *ctx, uint64_t length)
{
    if (length > INT32_MAX) {
        allocator_note_refusal();
        JS_ThrowOutOfMemory(ctx);
        return NULL;
    }
    uint8_t *memory = js_malloc(ctx, (size_t)length + 1);
    if (memory != NULL)
        memory[length] = 0;
    return memory;
}

JSValue block_to_array(JSContext *ctx, uint64_t offset, uint64_t length)
{
    uint8_t *memory = memory_for(ctx, length);
    if (memory == NULL)
        return JS_EXCEPTION;
    block_read(offset, memory, (size_t)length);
    return array_from_memory(ctx, memory, (size_t)length);
}

JSValue block_to_text(JSContext *ctx, uint64_t offset, uint64_t length)
{
    uint8_t *memory = memory_for(ctx, length);
    if (memory == NULL)
        return JS_EXCEPTION;
    block_read(offset, memory, (size_t)length);
    JSValue text = JS_NewStringLen(ctx, (const char *)memory, (size_t)length);
    js_free(ctx, memory);
    return text;
}

JSValue block_take_array(JSContext *ctx, uint64_t block)
{
    if (block == 0)
        return JS_NULL;
    JSValue array = block_to_array(ctx, block, host_length(block));
    host_free(block);
    return array;
}

JSValue block_take_text(JSContext *ctx, uint64_t block)
{
    if (block == 0)
        return JS_NULL;
    JSValue text = block_to_text(ctx, block, host_length(block));
    host_free(block);
    return text;
}

/* The input in memory of js_malloc; NULL and an exception if there is no room. */
static uint8_t *input_copy(JSContext *ctx, size_t *length)
{
    uint64_t whole = host_input_length();
    uint8_t *memory = memory_for(ctx, whole);
    if (memory != NULL) {
        *length = (size_t)whole;
        input_read(memory, *length);
    }
    return memory;
}

JSValue input_to_array(JSContext *ctx)
{
    size_t length;
    uint8_t *memory = input_copy(ctx, &length);
    return memory == NULL ? JS_EXCEPTION : array_from_memory(ctx, memory, length);
}

JSValue input_to_text(JSContext *ctx)
{
    size_t length;
    uint8_t *memory = input_copy(ctx, &length);
    if (memory == NULL)
        return JS_EXCEPTION;
    JSValue text = JS_NewStringLen(ctx, (const char *)memory, length);
    js_free(ctx, memory);
    return text;
}

JSValue input_to_json(JSContext *ctx)
{
    size_t length;
    uint8_t *memory = input_copy(ctx, &length);
    if (memory == NULL)
        return JS_EXCEPTION;
    JSValue value = JS_ParseJSON(ctx, (const char *)memory, length, "<input>");
    js_free(ctx, memory);
    return value;
}
