/*
 * Functions of QuickJS that are called from one place, the interpreter, and rarely. A compiler puts such functions into their caller, and
 * each then takes room in the frame of every call of JavaScript: 560 bytes of the host's stack with all of them, 480 without.
 *
 * To be included before quickjs.c. A declaration here that is not as there does not compile.
 */
#ifndef QUICKJS_COLD_H
#define QUICKJS_COLD_H

#include "quickjs.h"

typedef struct JSFunctionBytecode JSFunctionBytecode;
typedef struct JSStackFrame JSStackFrame;
typedef struct JSVarRef JSVarRef;

#define COLD __attribute__((noinline))

COLD static JSValue JS_ThrowReferenceErrorUninitialized2(JSContext *ctx, JSFunctionBytecode *b, int idx, bool is_ref);
COLD static int js_operator_private_in(JSContext *ctx, JSValue *sp);
COLD static int js_operator_instanceof(JSContext *ctx, JSValue *sp);
COLD static int js_operator_in(JSContext *ctx, JSValue *sp);
COLD static int js_operator_delete(JSContext *ctx, JSValue *sp);
COLD static int js_op_using_check(JSContext *ctx, JSValueConst val, int hint, JSValue *pmethod);
COLD static int js_op_define_class(JSContext *ctx, JSValue *sp, JSAtom class_name, int class_flags,
    JSVarRef **cur_var_refs, JSStackFrame *sf, bool is_computed_name);
COLD static int js_method_set_properties(JSContext *ctx, JSValue func_obj, JSAtom name, int flags, JSValue home_obj);
COLD static int js_has_unscopable(JSContext *ctx, JSValue obj, JSAtom atom);
COLD static int js_for_in_start(JSContext *ctx, JSValue *sp);
COLD static JSValue js_dynamic_import(JSContext *ctx, JSValueConst specifier, JSValueConst options);
COLD static JSValue JS_ThrowTypeErrorNotAnObject(JSContext *ctx);
COLD static JSValue JS_ThrowTypeErrorNotAFunction(JSContext *ctx);
COLD static JSValue JS_ThrowSyntaxErrorVarRedeclaration(JSContext *ctx, JSAtom prop);
COLD static JSValue JS_ThrowStackOverflow(JSContext *ctx);
COLD static int JS_ThrowTypeErrorReadOnly(JSContext *ctx, int flags, JSAtom atom);
COLD static int JS_SetPrivateField(JSContext *ctx, JSValueConst obj, JSValueConst name, JSValue val);
COLD static JSValue JS_NewSymbolFromAtom(JSContext *ctx, JSAtom descr, int atom_type);
COLD static JSValue JS_GetPrivateField(JSContext *ctx, JSValueConst obj, JSValueConst name);
COLD static int JS_GetGlobalVarRef(JSContext *ctx, JSAtom prop, JSValue *sp);
COLD static int JS_DeleteGlobalVar(JSContext *ctx, JSAtom prop);
COLD static int JS_DefinePrivateField(JSContext *ctx, JSValueConst obj, JSValue name, JSValue val);
COLD static int JS_DefineGlobalVar(JSContext *ctx, JSAtom prop, int def_flags);
COLD static int JS_DefineGlobalFunction(JSContext *ctx, JSAtom prop, JSValue func, int def_flags);
COLD static int JS_CheckDefineGlobalVar(JSContext *ctx, JSAtom prop, int flags);
COLD static int JS_AddBrand(JSContext *ctx, JSValueConst obj, JSValueConst home_obj);
COLD JSValue JS_Throw(JSContext *ctx, JSValue obj);
COLD JSValue JS_GetException(JSContext *ctx);
COLD JSValue JS_AtomToString(JSContext *ctx, JSAtom atom);

#undef COLD

#endif
