/* What the files of the engine share. */
#ifndef ENGINE_H
#define ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quickjs.h"

/* The one context, from plugwright_js_build on. */
extern JSContext *context;

/* What the prelude does for the engine, as functions (hooks.c). */
typedef enum {
    HOOK_BUILD,     /* (request): evaluates the plug-in's top level; a promise */
    HOOK_BUILT,     /* (): the list of the plug-in's exports */
    HOOK_RESOLVE,   /* (file, specifier): the name of the module that is imported */
    HOOK_LOAD,      /* (module): its source, or the object that it exports */
    HOOK_CALL,      /* (index): calls an export */
    HOOK_SETTLE,    /* (value): makes what an export returned the call's output; the return code */
    HOOK_TIMER,     /* (): runs the next timer, waiting for it; false when there is none */
    HOOK_DISCARD,   /* (): forgets timers */
    HOOK_DESCRIBE,  /* (error): text for a person */
    HOOK_LOCATE,    /* (error): name, message, file, line, column, stack */
    HOOK_COUNT,
} Hook;

JSValue hook_call(Hook hook, int argc, JSValueConst *argv);
JSValue hooks_set(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv);

/* allocator.c */
extern const JSMallocFunctions allocator;
/* Whether freed memory is cleared: garbage would be part of the snapshot. */
void allocator_clear_freed(bool clear);
/* Clears what malloc gave. */
void allocator_clear(void *memory);
/* Whether memory was refused since this was last asked. */
bool allocator_was_refused(void);
void allocator_note_refusal(void);
/* Clears the part of the stack that nobody uses. */
void allocator_clear_stack(void);

/* block.c: kernel memory. Blocks that could not be made throw "out of memory". */

/* A block with these bytes; 0 if there are none. False, with an exception, when there is no room. */
bool block_from_bytes(JSContext *ctx, const uint8_t *bytes, size_t length, uint64_t *block);
/* A block with the value's text in UTF-8; unpaired surrogates are replaced. */
bool block_from_text(JSContext *ctx, JSValueConst value, uint64_t *block);
/* A block with a Uint8Array's bytes; 0 for null and undefined. */
bool block_from_array(JSContext *ctx, JSValueConst value, uint64_t *block);
void block_read(uint64_t offset, uint8_t *bytes, size_t length);
void block_write(uint64_t offset, const uint8_t *bytes, size_t length);
/* What lies in kernel memory, as a Uint8Array or a string. */
JSValue block_to_array(JSContext *ctx, uint64_t offset, uint64_t length);
JSValue block_to_text(JSContext *ctx, uint64_t offset, uint64_t length);
/* The same of a whole block, which is then freed; null if there is none. */
JSValue block_take_array(JSContext *ctx, uint64_t block);
JSValue block_take_text(JSContext *ctx, uint64_t block);
JSValue input_to_array(JSContext *ctx);
JSValue input_to_text(JSContext *ctx);
JSValue input_to_json(JSContext *ctx);

/* A Uint8Array that takes memory of js_malloc. */
JSValue array_from_memory(JSContext *ctx, uint8_t *memory, size_t length);

/* modules.c */
int modules_init(JSContext *ctx);
/* Finds a prelude module in the request, until it is cleared with undefined. */
void modules_set_prelude(JSContext *ctx, JSValue sources);
/* Compiles a module; its source is not kept. An exception, or a module value. */
JSValue module_compile(JSContext *ctx, const char *name, const char *source, size_t length);
JSValue module_evaluate(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv);
JSValue module_prepare(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv);
JSValue function_compile(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv);

/* jobs.c */
void jobs_init(JSRuntime *rt);
/* Runs what is pending, and timers, until there is nothing left; then gives what `value`, perhaps a promise, settled to. */
JSValue jobs_settle(JSContext *ctx, JSValue value);
/* Forgets what an unsuccessful call left behind. */
void jobs_discard(JSContext *ctx);

/* natives_system.c: what Math.random gave while the plug-in was built is not continued. */
void system_forget_seed(void);

/* The natives of the prelude, by file. */
typedef struct {
    const JSCFunctionListEntry *functions;
    int count;
} Natives;
extern const Natives natives_contract, natives_text, natives_digest, natives_system, natives_host, natives_program;

#define NATIVE(name) static JSValue name(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)

#endif
