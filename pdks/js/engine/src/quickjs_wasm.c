/*
 * QuickJS-ng, compiled into this file so that what its interface lacks can be added behind it.
 *
 * A runaway recursion is to be a JavaScript error. QuickJS measures its depth by the stack in its memory, and has no limit
 * on WASI, since what runs out there is the host's stack, which nothing in here can see. So it is compiled as for
 * Emscripten, with a limit (no threads there, either), after the system's headers have been included as for WASI; and
 * every function that checks the limit takes ROOM bytes more of the stack in memory, in proportion to the host's. More of it
 * makes recursions through functions in C less deep than they could be, less of it those through functions in JavaScript.
 */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#undef __wasi__
#define EMSCRIPTEN 1
#ifndef FE_DOWNWARD
#define FE_DOWNWARD 0
#define FE_UPWARD 0
#endif

enum { ROOM = 256 };

/* It must be part of its caller's frame. */
static inline __attribute__((always_inline)) void *frame_with_room(void)
{
    volatile char room[ROOM];
    room[0] = 0;
    return (void *)room;
}

#include "quickjs_cold.h"

#define __builtin_frame_address(level) frame_with_room()
#include "quickjs.c"
#undef __builtin_frame_address

#include "quickjs_wasm.h"

static void drop_source(JSRuntime *rt, JSFunctionBytecode *function)
{
    js_free_rt(rt, function->source);
    function->source = NULL;
    function->source_len = 0;
    for (int i = 0; i < function->cpool_count; i++) {
        if (JS_VALUE_GET_TAG(function->cpool[i]) == JS_TAG_FUNCTION_BYTECODE)
            drop_source(rt, JS_VALUE_GET_PTR(function->cpool[i]));
    }
}

void quickjs_drop_sources(JSContext *ctx, JSValueConst compiled)
{
    if (JS_VALUE_GET_TAG(compiled) == JS_TAG_MODULE) {
        JSModuleDef *module = JS_VALUE_GET_PTR(compiled);
        compiled = module->func_obj;
    }
    if (JS_VALUE_GET_TAG(compiled) == JS_TAG_FUNCTION_BYTECODE)
        drop_source(ctx->rt, JS_VALUE_GET_PTR(compiled));
}

void quickjs_seed_random(JSContext *ctx, uint64_t seed)
{
    ctx->random_state = seed == 0 ? 1 : seed;
}

double quickjs_random(JSContext *ctx)
{
    union { double number; uint64_t bits; } value;
    /* 52 random bits as the fraction of a number from 1 to 2. */
    value.bits = (uint64_t)0x3ff << 52 | xorshift64star(&ctx->random_state) >> 12;
    return value.number - 1.0;
}

JSModuleDef *quickjs_find_module(JSContext *ctx, const char *name)
{
    JSAtom atom = JS_NewAtom(ctx, name);
    if (atom == JS_ATOM_NULL)
        return NULL;
    JSModuleDef *module = js_find_loaded_module_by_name(ctx, atom);
    JS_FreeAtom(ctx, atom);
    return module;
}
