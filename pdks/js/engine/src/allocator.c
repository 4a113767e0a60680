/* Memory of the JavaScript engine: the C library's, with an eye on what was refused, and on what a snapshot would keep. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

static bool clear_freed;
static bool was_refused;

void allocator_clear_freed(bool clear)
{
    clear_freed = clear;
}

bool allocator_was_refused(void)
{
    bool result = was_refused;
    was_refused = false;
    return result;
}

void allocator_note_refusal(void)
{
    was_refused = true;
}

void allocator_clear(void *memory)
{
    if (memory == NULL)
        return;
    memset(memory, 0, malloc_usable_size(memory));
    /* Otherwise the compiler leaves it out: nobody is to read what is freed next. */
    __asm__ volatile("" : : "r"(memory) : "memory");
}

static void *note(void *memory)
{
    if (memory == NULL)
        was_refused = true;
    return memory;
}

static void *engine_calloc(void *opaque, size_t count, size_t size)
{
    (void)opaque;
    return note(calloc(count, size));
}

static void *engine_malloc(void *opaque, size_t size)
{
    (void)opaque;
    return note(malloc(size));
}

static void engine_free(void *opaque, void *memory)
{
    (void)opaque;
    if (clear_freed)
        allocator_clear(memory);
    free(memory);
}

static void *engine_realloc(void *opaque, void *memory, size_t size)
{
    if (!clear_freed || memory == NULL)
        return note(realloc(memory, size));
    /* Moving it would leave a copy behind. */
    void *moved = note(malloc(size));
    if (moved != NULL) {
        size_t old = malloc_usable_size(memory);
        memcpy(moved, memory, old < size ? old : size);
        engine_free(opaque, memory);
    }
    return moved;
}

static size_t engine_usable_size(const void *memory)
{
    return malloc_usable_size((void *)memory);
}

const JSMallocFunctions allocator = {
    engine_calloc, engine_malloc, engine_free, engine_realloc, engine_usable_size,
};

/* Not inlined, so that its own frame is the lowest. */
__attribute__((noinline)) void allocator_clear_stack(void)
{
    unsigned char *here = __builtin_frame_address(0);
    /* The stack begins at address 0, but a null pointer must not be written to: the first 16 bytes stay. */
    unsigned char *lowest = (unsigned char *)16;
    /* By a volatile pointer, since a call of memset would use the stack that it clears. */
    for (volatile unsigned char *byte = lowest; byte < here - 64; byte++)
        *byte = 0;
}
