/* Text to bytes and back, for TextEncoder, TextDecoder and Buffer. */
#include <string.h>

#include "engine.h"

/* (text): its UTF-8 as a Uint8Array; unpaired surrogates are replaced. */
NATIVE(encode_utf8)
{
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
    if (text == NULL)
        return JS_EXCEPTION;
    uint8_t *memory = js_malloc(ctx, length == 0 ? 1 : length);
    if (memory == NULL) {
        JS_FreeCString(ctx, text);
        return JS_EXCEPTION;
    }
    memcpy(memory, text, length);
    JS_FreeCString(ctx, text);
    /* QuickJS writes an unpaired surrogate as ED A0..BF xx. */
    uint8_t *found = memory, *end = memory + length;
    while ((found = memchr(found, 0xed, end - found)) != NULL) {
        if (end - found >= 3 && found[1] >= 0xa0)
            memcpy(found, "\xef\xbf\xbd", 3);
        found++;
    }
    return array_from_memory(ctx, memory, length);
}

/* Whether a byte may follow the first one of a sequence. */
static bool second_is_valid(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0: return second >= 0xa0 && second <= 0xbf;
    case 0xed: return second >= 0x80 && second <= 0x9f;
    case 0xf0: return second >= 0x90 && second <= 0xbf;
    case 0xf4: return second >= 0x80 && second <= 0x8f;
    default: return (second & 0xc0) == 0x80;
    }
}

/* How many bytes the sequence at the beginning has, and whether it is complete. An invalid one is as long as what of it is
 * valid, at least one byte: that is what one replacement character stands for. */
static size_t sequence(const uint8_t *bytes, size_t left, bool *valid)
{
    uint8_t first = bytes[0];
    size_t wanted = first < 0x80 ? 1 : first >= 0xc2 && first <= 0xdf ? 2 : (first & 0xf0) == 0xe0 ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
    *valid = wanted == 1;
    if (wanted < 2)
        return 1;
    size_t length = 1;
    while (length < wanted && length < left &&
           (length == 1 ? second_is_valid(first, bytes[1]) : (bytes[length] & 0xc0) == 0x80))
        length++;
    *valid = length == wanted;
    return length;
}

/* (Uint8Array): how many bytes from the start are valid UTF-8, as a number; the whole length if all of it is. */
NATIVE(valid_utf8)
{
    size_t length, i = 0;
    const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (bytes == NULL && JS_HasException(ctx))
        return JS_EXCEPTION;
    while (i < length) {
        bool valid;
        size_t next = sequence(bytes + i, length - i, &valid);
        if (!valid)
            break;
        i += next;
    }
    return JS_NewInt64(ctx, i);
}

/* (Uint8Array): its text; each invalid sequence becomes one U+FFFD, as the encoding standard has it. */
NATIVE(decode_utf8)
{
    size_t length;
    const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (bytes == NULL && JS_HasException(ctx))
        return JS_EXCEPTION;
    size_t invalid = 0;
    for (size_t i = 0; i < length;) {
        bool valid;
        i += sequence(bytes + i, length - i, &valid);
        invalid += !valid;
    }
    if (invalid == 0)
        return JS_NewStringLen(ctx, (const char *)bytes, length);
    uint8_t *repaired = js_malloc(ctx, length + invalid * 2);
    if (repaired == NULL)
        return JS_EXCEPTION;
    size_t to = 0;
    for (size_t i = 0; i < length;) {
        bool valid;
        size_t next = sequence(bytes + i, length - i, &valid);
        memcpy(repaired + to, valid ? (const char *)bytes + i : "\xef\xbf\xbd", valid ? next : 3);
        to += valid ? next : 3;
        i += next;
    }
    JSValue text = JS_NewStringLen(ctx, (const char *)repaired, to);
    js_free(ctx, repaired);
    return text;
}

/* (Uint8Array): each byte as the character of that number. */
NATIVE(decode_latin1)
{
    size_t length;
    const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (bytes == NULL && JS_HasException(ctx))
        return JS_EXCEPTION;
    uint16_t *characters = js_malloc(ctx, length * 2 + 2);
    if (characters == NULL)
        return JS_EXCEPTION;
    for (size_t i = 0; i < length; i++)
        characters[i] = bytes[i];
    JSValue text = JS_NewStringUTF16(ctx, characters, length);
    js_free(ctx, characters);
    return text;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("encodeUtf8", 1, encode_utf8),
    JS_CFUNC_DEF("validUtf8", 1, valid_utf8),
    JS_CFUNC_DEF("decodeUtf8", 1, decode_utf8),
    JS_CFUNC_DEF("decodeLatin1", 1, decode_latin1),
};
const Natives natives_text = { functions, sizeof functions / sizeof functions[0] };
