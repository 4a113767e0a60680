/* What QuickJS does not offer: see quickjs_wasm.c. */
#ifndef QUICKJS_WASM_H
#define QUICKJS_WASM_H

#include <stdint.h>

#include "quickjs.h"

/* Frees the source text that a compiled module or function, and all within it, keep for Function.prototype.toString. */
void quickjs_drop_sources(JSContext *ctx, JSValueConst compiled);

/* Makes Math.random() begin anew. */
void quickjs_seed_random(JSContext *ctx, uint64_t seed);

/* The next number of Math.random(), from 0 to 1. */
double quickjs_random(JSContext *ctx);

/* The module of this name, if it has been loaded; NULL otherwise, perhaps with an exception. */
JSModuleDef *quickjs_find_module(JSContext *ctx, const char *name);

#endif
