/*
 * The public header's name, types and macros, for programs that were written for libextism 1.x. What it declares is in plugwright.h.
 */
#ifndef PLUGWRIGHT_EXTISM_H
#define PLUGWRIGHT_EXTISM_H

#include "plugwright.h"

/** What extism_plugin_call returns when the call succeeded. */
#define EXTISM_SUCCESS 0

/** The type of an offset in the memory that a plug-in shares with its host. */
#define EXTISM_PTR ExtismValType_I64

/** Declares a host function of this name. */
#define EXTISM_FUNCTION(name)                                                                                  \
  extern void name(ExtismCurrentPlugin *, const ExtismVal *, ExtismSize, ExtismVal *, ExtismSize, void *)

/** Declares a host function of this name as cgo exports it. */
#define EXTISM_GO_FUNCTION(name) extern void name(void *, ExtismVal *, ExtismSize, ExtismVal *, ExtismSize, uintptr_t)

/*
 * The short names that value types had in early versions of 1.x. They are common words, so a program that needs them asks for them.
 */
#ifdef EXTISM_SHORT_NAMES
#define I32 ExtismValType_I32
#define I64 ExtismValType_I64
#define F32 ExtismValType_F32
#define F64 ExtismValType_F64
#define V128 ExtismValType_V128
#define FuncRef ExtismValType_FuncRef
#define ExternRef ExtismValType_ExternRef
#define PTR ExtismValType_I64
#endif

#endif
