/*
 * The C library of Plugwright: WebAssembly plug-ins, written in any language, for programs that can call C.
 *
 * The functions `extism_*` are those of the public library libextism 1.x, with the same meaning; `plugwright_*` are more.
 *
 * All texts are UTF-8 and end with a zero byte. Null, and what else no function can work with, is never undefined: each function
 * says what it does then. What is undefined is a pointer to something that has been freed, or that never was what the function
 * asks for.
 *
 * What a function returns as new ("it is freed by ...") is the caller's. What it takes as an argument stays the caller's, and is
 * needed only until the function returns, unless it says otherwise.
 *
 * A callback must return: no C++ exception and no longjmp may leave it.
 */

#ifndef PLUGWRIGHT_H
#define PLUGWRIGHT_H

/* Made by `cargo xtask header` from the sources in crates/capi/src. Change those, not this. */

#include <stdbool.h>
#include <stdint.h>

/**
 * What went wrong, for programs. The numbers stay the same in later versions, which may add some.
 */
typedef enum {
  /**
   * Nothing went wrong.
   */
  PlugwrightErrorKind_None = 0,
  /**
   * The manifest is not valid: an unknown field, a wrong type, a value out of range.
   */
  PlugwrightErrorKind_InvalidManifest = 1,
  /**
   * The plug-in's code could not be read: a missing file, an unreachable URL, too many bytes.
   */
  PlugwrightErrorKind_Load = 2,
  /**
   * The code does not have the SHA-256 that the manifest gives.
   */
  PlugwrightErrorKind_HashMismatch = 3,
  /**
   * The code is not valid WebAssembly, or uses a feature that is not supported.
   */
  PlugwrightErrorKind_Compile = 4,
  /**
   * Imports of the plug-in that nothing satisfies. No guest code has run.
   */
  PlugwrightErrorKind_Link = 5,
  /**
   * The plug-in exports no function of this name.
   */
  PlugwrightErrorKind_FunctionNotFound = 6,
  /**
   * A function exists but its type is not the one that is needed.
   */
  PlugwrightErrorKind_Signature = 7,
  /**
   * The plug-in's function returned a code other than 0.
   */
  PlugwrightErrorKind_Guest = 8,
  /**
   * The plug-in did something that WebAssembly forbids. Its next call gets a fresh instance.
   */
  PlugwrightErrorKind_Trap = 9,
  /**
   * The plug-in broke the contract, for example by an output that lies outside its memory.
   */
  PlugwrightErrorKind_Contract = 10,
  /**
   * The call did not end before its deadline.
   */
  PlugwrightErrorKind_Timeout = 11,
  /**
   * The call was cancelled.
   */
  PlugwrightErrorKind_Cancelled = 12,
  /**
   * The call used up its fuel.
   */
  PlugwrightErrorKind_OutOfFuel = 13,
  /**
   * The plug-in needs more memory than it may have.
   */
  PlugwrightErrorKind_OutOfMemory = 14,
  /**
   * The plug-in left by `proc_exit` with a code other than 0.
   */
  PlugwrightErrorKind_Exit = 15,
  /**
   * A limit other than time, fuel and memory was reached; the message names it.
   */
  PlugwrightErrorKind_Limit = 16,
  /**
   * A host function failed.
   */
  PlugwrightErrorKind_HostFunction = 17,
  /**
   * An HTTP request of the plug-in was refused or failed.
   */
  PlugwrightErrorKind_Http = 18,
  /**
   * A value could not be turned into bytes.
   */
  PlugwrightErrorKind_Encode = 19,
  /**
   * Bytes could not be turned into the value asked for.
   */
  PlugwrightErrorKind_Decode = 20,
  /**
   * No instance of a pool became free in time.
   */
  PlugwrightErrorKind_PoolTimeout = 21,
  /**
   * The compiled code is not from this version and configuration of the library.
   */
  PlugwrightErrorKind_Incompatible = 22,
  /**
   * A snapshot of the plug-in cannot be made.
   */
  PlugwrightErrorKind_Snapshot = 23,
  /**
   * Whoever runs the plug-in elsewhere could not be reached, or took no call. Nothing has run.
   */
  PlugwrightErrorKind_Unavailable = 24,
  /**
   * Whoever ran the call elsewhere is gone, or the connection to it. The call may have run.
   */
  PlugwrightErrorKind_Lost = 25,
  /**
   * An argument of a function of this library is not valid: null, not UTF-8, out of range.
   */
  PlugwrightErrorKind_InvalidArgument = 100,
  /**
   * A host function used the plug-in that was calling it.
   */
  PlugwrightErrorKind_Reentered = 101,
  /**
   * The library has a bug.
   */
  PlugwrightErrorKind_Panic = 102,
  /**
   * Something that this list does not have.
   */
  PlugwrightErrorKind_Other = 255,
} PlugwrightErrorKind;

/**
 * How severe a message is.
 */
typedef enum {
  /**
   * The finest detail.
   */
  PlugwrightLogLevel_Trace = 0,
  /**
   * For whoever debugs the plug-in.
   */
  PlugwrightLogLevel_Debug = 1,
  /**
   * What the plug-in does.
   */
  PlugwrightLogLevel_Info = 2,
  /**
   * Something is odd.
   */
  PlugwrightLogLevel_Warn = 3,
  /**
   * Something failed.
   */
  PlugwrightLogLevel_Error = 4,
  /**
   * As a level to be logged: nothing.
   */
  PlugwrightLogLevel_Off = 5,
} PlugwrightLogLevel;

/**
 * The type of a WebAssembly value. Host functions take and return `I32`, `I64`, `F32` and `F64`; an `I64` is also an offset in
 * the memory that a plug-in shares with its host.
 */
typedef enum {
  /**
   * A 32-bit integer.
   */
  ExtismValType_I32 = 0,
  /**
   * A 64-bit integer.
   */
  ExtismValType_I64 = 1,
  /**
   * A 32-bit float.
   */
  ExtismValType_F32 = 2,
  /**
   * A 64-bit float.
   */
  ExtismValType_F64 = 3,
  /**
   * A 128-bit vector. A plug-in that gets a host function with such a value is refused.
   */
  ExtismValType_V128 = 4,
  /**
   * A reference to a function. A plug-in that gets a host function with such a value is refused.
   */
  ExtismValType_FuncRef = 5,
  /**
   * A reference to a value of the host. A plug-in that gets a host function with such a value is refused.
   */
  ExtismValType_ExternRef = 6,
} ExtismValType;

/**
 * Cancels the calls of a plug-in.
 */
typedef struct ExtismCancelHandle ExtismCancelHandle;

/**
 * The code of a plug-in, compiled, with its settings and host functions. Threads may use it at the same time.
 */
typedef struct ExtismCompiledPlugin ExtismCompiledPlugin;

/**
 * The plug-in that is calling a host function. It is valid in that call, on that thread, and not afterwards.
 */
typedef struct ExtismCurrentPlugin ExtismCurrentPlugin;

/**
 * A host function, to be lent to any number of plug-ins.
 */
typedef struct ExtismFunction ExtismFunction;

/**
 * A plug-in: one instance of its code, with its variables.
 *
 * Threads may use it at the same time: each call waits until those before it are done. What a call left (the output, the error)
 * is then that of whichever call was last, and a pointer to it ends with another thread's next call; so threads that want their
 * results should have plug-ins of their own, or take them from a pool. A host function cannot use the plug-in that is calling it: it
 * gets an error.
 */
typedef struct ExtismPlugin ExtismPlugin;

/**
 * Bytes that the library has made.
 */
typedef struct PlugwrightBytes PlugwrightBytes;

/**
 * What plug-ins may do and have. At first they may do nothing, as with a manifest that says nothing about it.
 *
 * Options can be used for any number of plug-ins, and changed in between. What they say comes before what a manifest says; config
 * keys, hosts and paths are added to the manifest's. One thread at a time may use them.
 */
typedef struct PlugwrightOptions PlugwrightOptions;

/**
 * Plug-ins of the same code, at most a fixed number at a time, handed out first come, first served. Threads may use it at the
 * same time.
 */
typedef struct PlugwrightPool PlugwrightPool;

/**
 * A length in bytes, or a number of elements.
 */
typedef uint64_t ExtismSize;

/**
 * The offset of a block in the memory that a plug-in shares with its host. 0 is no block.
 */
typedef uint64_t ExtismMemoryHandle;

/**
 * The number inside of a value: the field that its type names.
 */
typedef union {
  /**
   * Of type `I32`.
   */
  int32_t i32;
  /**
   * Of type `I64`.
   */
  int64_t i64;
  /**
   * Of type `F32`.
   */
  float f32;
  /**
   * Of type `F64`.
   */
  double f64;
} ExtismValUnion;

/**
 * A WebAssembly value.
 */
typedef struct {
  /**
   * The type.
   */
  ExtismValType t;
  /**
   * The number.
   */
  ExtismValUnion v;
} ExtismVal;

/**
 * A host function's code.
 *
 * `plugin` is the plug-in that calls, for this call only. `inputs` are the parameters. `outputs` are the results to be filled in:
 * their types are set and their values are zero. Either is null if there are none. `data` is the function's user data.
 *
 * It runs on the thread that called the plug-in. It must return: no exception and no `longjmp` may leave it.
 */
typedef void (*ExtismFunctionType)(ExtismCurrentPlugin *plugin,
                                   const ExtismVal *inputs,
                                   ExtismSize n_inputs,
                                   ExtismVal *outputs,
                                   ExtismSize n_outputs,
                                   void *data);

/**
 * Frees what a program attached to something of this library. It runs once, on the thread that let go of it last.
 */
typedef void (*PlugwrightFree)(void *data);

/**
 * Gets the lines of `extism_log_drain`: `line` has `len` bytes, the last of which ends the line; and a zero byte after them.
 */
typedef void (*ExtismLogDrainFunctionType)(const char *line, ExtismSize len);

/**
 * Gets a message of a plug-in: `message` has `len` bytes of UTF-8, and a zero byte after them. `plugin_id` are the 16 bytes that
 * `extism_plugin_id` gives.
 *
 * It runs on the thread that called the plug-in, during the call. It cannot use that plug-in, but all else.
 */
typedef void (*PlugwrightLogFunction)(const char *message,
                                      ExtismSize len,
                                      PlugwrightLogLevel level,
                                      const uint8_t *plugin_id,
                                      void *data);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Calls a function of the plug-in, as `extism_plugin_call_with_host_context` without a context.
 */
int32_t extism_plugin_call(ExtismPlugin *plugin,
                           const char *func_name,
                           const uint8_t *data,
                           ExtismSize data_len);

/**
 * Calls a function of the plug-in.
 *
 * - `func_name`: its name, in UTF-8.
 * - `data`: the input, `data_len` bytes, which are copied; may be null if there are none. It may be the output of the plug-in's
 *   last call.
 * - `host_context`: what host functions get by `extism_current_plugin_host_context` during this call; may be null.
 *
 * Returns 0 if the function succeeded. Otherwise it returns the function's own code, or the code that the plug-in exited with, or
 * 134 if the plug-in was ended in the middle by a trap, by its deadline or by being cancelled, or -1 if something else went
 * wrong. `extism_plugin_error` says what did; so -1 and 134 can be told from the plug-in's own codes by
 * `plugwright_plugin_error_kind`. The plug-in can be called again after any of this.
 *
 * It returns -1 if the plug-in is null, the name is null or not UTF-8, or the input is null with a length other than 0, and if a
 * host function calls the plug-in that is calling it.
 */
int32_t extism_plugin_call_with_host_context(ExtismPlugin *plugin,
                                             const char *func_name,
                                             const uint8_t *data,
                                             ExtismSize data_len,
                                             void *host_context);

/**
 * Calls a function of the plug-in like `extism_plugin_call_with_host_context`, with a deadline for this call instead of the
 * plug-in's own: it ends after `timeout_ms` milliseconds, or never for `UINT64_MAX`.
 */
int32_t plugwright_plugin_call(ExtismPlugin *plugin,
                               const char *func_name,
                               const uint8_t *data,
                               ExtismSize data_len,
                               uint64_t timeout_ms,
                               void *host_context);

/**
 * The length in bytes of the last call's output: 0 if it failed, or had no output, and for null.
 */
ExtismSize extism_plugin_output_length(const ExtismPlugin *plugin);

/**
 * The last call's output: as many bytes as `extism_plugin_output_length` says. It is null only for null.
 *
 * The bytes are valid until the next call of the plug-in, and until `extism_plugin_reset`; they are not written to.
 */
const uint8_t *extism_plugin_output_data(const ExtismPlugin *plugin);

/**
 * Copies the last call's output to `buffer`, which has room for `capacity` bytes, and returns the output's length.
 *
 * If that is more than `capacity`, or `buffer` is null, nothing is copied: ask again with more room. 0 for null.
 */
ExtismSize plugwright_plugin_output_copy(const ExtismPlugin *plugin,
                                         uint8_t *buffer,
                                         ExtismSize capacity);

/**
 * The plug-in's cancel handle, which is valid until the plug-in is freed, and is not freed itself. Null for null.
 *
 * For a thread that may come later than that there is `plugwright_cancel_handle_new`.
 */
const ExtismCancelHandle *extism_plugin_cancel_handle(const ExtismPlugin *plugin);

/**
 * Cancels the call that the plug-in is in, from any thread, and returns whether there was one; false for null.
 *
 * The call ends within about 10 ms, with the code 134 and an error of kind `Cancelled`; if a host function is running, when that
 * returns. Calls that come later, or that wait for this one, are not affected.
 */
bool extism_plugin_cancel(const ExtismCancelHandle *handle);

/**
 * A cancel handle that may outlive the plug-in: when that has been freed, or given back to its pool, there is no call to cancel. It
 * is freed by `plugwright_cancel_handle_free`. Null for null.
 */
ExtismCancelHandle *plugwright_cancel_handle_new(const ExtismPlugin *plugin);

/**
 * Frees a handle of `plugwright_cancel_handle_new`, and no other. Nothing happens for null. A handle is freed once.
 */
void plugwright_cancel_handle_free(ExtismCancelHandle *handle);

/**
 * Compiles a plug-in, for `extism_plugin_new_from_compiled`. The arguments, and the errors, are those of `extism_plugin_new`. It is
 * freed by `extism_compiled_plugin_free`.
 */
ExtismCompiledPlugin *extism_compiled_plugin_new(const uint8_t *wasm,
                                                 ExtismSize wasm_size,
                                                 const ExtismFunction *const *functions,
                                                 ExtismSize n_functions,
                                                 bool with_wasi,
                                                 char **errmsg);

/**
 * Like `extism_compiled_plugin_new`, with a limit for each call: it ends after about `fuel_limit` WebAssembly instructions.
 */
ExtismCompiledPlugin *extism_compiled_plugin_new_with_fuel_limit(const uint8_t *wasm,
                                                                 ExtismSize wasm_size,
                                                                 const ExtismFunction *const *functions,
                                                                 ExtismSize n_functions,
                                                                 bool with_wasi,
                                                                 uint64_t fuel_limit,
                                                                 char **errmsg);

/**
 * Frees compiled code. Plug-ins and pools that were made of it keep what they need.
 *
 * Nothing happens for null. Compiled code is freed once.
 */
void extism_compiled_plugin_free(ExtismCompiledPlugin *plugin);

/**
 * The bytes of compiled code, for `plugwright_compiled_plugin_from_trusted_bytes`. They are freed by `plugwright_bytes_free`.
 *
 * They run on this version of the library, on processors with this one's features. Settings and host functions are not part of
 * them. Returns null if there is an error, which goes to `errmsg` as with `extism_plugin_new`; it is one if `compiled` is null.
 */
PlugwrightBytes *plugwright_compiled_plugin_to_bytes(const ExtismCompiledPlugin *compiled,
                                                     char **errmsg);

/**
 * Compiled code from the bytes that `plugwright_compiled_plugin_to_bytes` made, which are trusted like a program: they are
 * machine code that runs with all rights of this process, and nothing checks them. Use it for files that you made yourself and
 * that nobody else can change.
 *
 * - `options`: what plug-ins of this code may do, and the host functions that they have; null for the strictest.
 * - `bytes`: `size` bytes, which are copied.
 *
 * It is freed by `extism_compiled_plugin_free`. Returns null if there is an error, which goes to `errmsg` as with
 * `extism_plugin_new`: of kind `Incompatible` if the bytes are from another version, or no such bytes.
 */
ExtismCompiledPlugin *plugwright_compiled_plugin_from_trusted_bytes(const PlugwrightOptions *options,
                                                                    const uint8_t *bytes,
                                                                    ExtismSize size,
                                                                    char **errmsg);

/**
 * How many bytes these are; 0 for null.
 */
ExtismSize plugwright_bytes_length(const PlugwrightBytes *bytes);

/**
 * Where these bytes begin. They stay until they are freed, and are not written to. Null for null.
 */
const uint8_t *plugwright_bytes_data(const PlugwrightBytes *bytes);

/**
 * Frees bytes. Nothing happens for null. They are freed once.
 */
void plugwright_bytes_free(PlugwrightBytes *bytes);

/**
 * The memory that the plug-in shares with its host, from its start: a block lies at its offset. Null if there is none.
 *
 * It may move when a block is allocated, so ask again after that. It must not be used after the host function has returned.
 */
uint8_t *extism_current_plugin_memory(ExtismCurrentPlugin *plugin);

/**
 * Allocates a block of `n` bytes, whose content is unspecified. It is freed with `extism_current_plugin_memory_free`, or by the
 * plug-in that gets it, or when the plug-in's next call begins.
 *
 * Returns 0 if `n` is 0, if the plug-in may have no more memory, or for null.
 */
ExtismMemoryHandle extism_current_plugin_memory_alloc(ExtismCurrentPlugin *plugin,
                                                      ExtismSize n);

/**
 * The length in bytes of the block at this offset; 0 if no block begins there, or for null.
 */
ExtismSize extism_current_plugin_memory_length(ExtismCurrentPlugin *plugin, ExtismMemoryHandle n);

/**
 * Frees the block at this offset. Nothing happens if no block begins there, or for null.
 */
void extism_current_plugin_memory_free(ExtismCurrentPlugin *plugin, ExtismMemoryHandle ptr);

/**
 * The context that was given to `extism_plugin_call_with_host_context`; null if none was, or for null.
 */
void *extism_current_plugin_host_context(ExtismCurrentPlugin *plugin);

/**
 * Makes the running host function fail, once it returns: its results are ignored, and the plug-in's call ends with an error of
 * kind `HostFunction` and this message. The last message counts; null takes it back.
 *
 * Returns whether the message was taken: not if the plug-in is null, or the message not UTF-8.
 */
bool plugwright_current_plugin_set_error(ExtismCurrentPlugin *plugin,
                                         const char *message);

/**
 * The 16 bytes of the id of the plug-in that is calling, written to `id`: those of `extism_plugin_id`.
 *
 * Returns false, and writes nothing, if one of the two is null.
 */
bool plugwright_current_plugin_id(ExtismCurrentPlugin *plugin, uint8_t *id);

/**
 * The time in milliseconds until the call's deadline: 0 once it has passed, `UINT64_MAX` if the call has none, or for null.
 *
 * A host function that waits for something should not wait longer.
 */
uint64_t plugwright_current_plugin_time_left_ms(ExtismCurrentPlugin *plugin);

/**
 * Whether the call has been cancelled, so that nobody waits for the host function any more; false for null.
 */
bool plugwright_current_plugin_is_cancelled(ExtismCurrentPlugin *plugin);

/**
 * Frees a message that a function wrote to its `errmsg`.
 *
 * Nothing happens for null. A message is freed once, and is not made longer or shorter before.
 */
void extism_plugin_new_error_free(char *err);

/**
 * The kind of this thread's last error: of any function of this library that failed on this thread.
 *
 * It is not reset by what succeeds, so look at it only after a failure.
 */
PlugwrightErrorKind plugwright_last_error_kind(void);

/**
 * The text of this thread's last error, or null if there has been none.
 *
 * It is valid until the next failure on this thread.
 */
const char *plugwright_last_error(void);

/**
 * Makes a host function. It is freed by `extism_function_free`.
 *
 * - `name`: what plug-ins import it as, in UTF-8.
 * - `inputs`, `outputs`: the types of the `n_inputs` parameters and `n_outputs` results; null if there are none. At most 1000
 *   each. They are copied. A type that cannot be passed is no error here, but of the plug-in that gets the function.
 * - `func`: its code. It may run on any thread that calls a plug-in, and on several at once.
 * - `user_data`: passed to each call of `func`; may be null.
 * - `free_user_data`: called once with `user_data`, when the function and all plug-ins that have it are freed; may be null.
 *
 * Returns null, and takes nothing over, if `name` is null or not UTF-8, `func` is null, or an array is null with a length
 * other than 0 or too long. `plugwright_last_error` says why.
 */
ExtismFunction *extism_function_new(const char *name,
                                    const ExtismValType *inputs,
                                    ExtismSize n_inputs,
                                    const ExtismValType *outputs,
                                    ExtismSize n_outputs,
                                    ExtismFunctionType func,
                                    void *user_data,
                                    PlugwrightFree free_user_data);

/**
 * Names the module that plug-ins import the function from. Without this it is `extism:host/user`, and `env`.
 *
 * It concerns plug-ins that are made afterwards. Nothing happens if one of the two is null or the name is not UTF-8.
 */
void extism_function_set_namespace(ExtismFunction *ptr,
                                   const char *namespace_);

/**
 * Frees a host function. Plug-ins that have it keep what they need of it; so it may be freed as soon as they are made.
 *
 * Nothing happens for null. A function is freed once.
 */
void extism_function_free(ExtismFunction *f);

/**
 * Writes what plug-ins log to a file from now on, instead of where it went before. That of living plug-ins too, but for those that
 * have a log of their own.
 *
 * - `filename`: the file, which is made if it does not exist and appended to if it does. `stdout` and `stderr` (also null and `-`)
 *   are the streams of the process.
 * - `log_level`: the least severe level that is written: `trace`, `debug`, `info`, `warn`, `error` or `off`; `error` for null.
 *   A list as `error,extism=info` is understood too: what it says about `extism`, `extism::pdk` or `plugwright` counts, what it
 *   says about others does not.
 *
 * Returns whether it was done: not if the file cannot be written or the level is not known. Then nothing changes, and
 * `plugwright_last_error` says why.
 */
bool extism_log_file(const char *filename,
                     const char *log_level);

/**
 * Keeps what plug-ins log from now on in a buffer, for `extism_log_drain`. The rest is as with `extism_log_file`.
 *
 * The buffer has room for 4 MiB, see `plugwright_log_buffer_limit`. When it is full the oldest lines are dropped, and a line says
 * how many.
 */
bool extism_log_custom(const char *log_level);

/**
 * Passes the lines in the buffer to `handler`, oldest first, and removes them. Nothing happens for null.
 *
 * The handler may use this library in any way. What plug-ins log meanwhile waits for the next time.
 */
void extism_log_drain(ExtismLogDrainFunctionType handler);

/**
 * Sets how many bytes of lines are kept for `extism_log_drain`: 4 MiB by default. If there are more, the oldest are dropped.
 */
void plugwright_log_buffer_limit(ExtismSize bytes);

/**
 * Makes options that allow nothing. They are freed by `plugwright_options_free`.
 */
PlugwrightOptions *plugwright_options_new(void);

/**
 * Frees options. Plug-ins that were made with them keep what they need. Nothing happens for null. Options are freed once.
 */
void plugwright_options_free(PlugwrightOptions *options);

/**
 * Makes a plug-in as the options say, which may be null. The other arguments, the result and its errors are those of
 * `extism_plugin_new`.
 */
ExtismPlugin *plugwright_plugin_new(const PlugwrightOptions *options,
                                    const uint8_t *wasm,
                                    ExtismSize wasm_size,
                                    char **errmsg);

/**
 * Compiles a plug-in as the options say, which may be null. The other arguments, the result and its errors are those of
 * `extism_compiled_plugin_new`.
 */
ExtismCompiledPlugin *plugwright_compiled_plugin_new(const PlugwrightOptions *options,
                                                     const uint8_t *wasm,
                                                     ExtismSize wasm_size,
                                                     char **errmsg);

/**
 * Names the plug-in in errors and logs.
 *
 * This function, and those below that return `bool`, return whether the option was set: not if the options are null, or an
 * argument is not valid (null, not UTF-8, out of range). Then `plugwright_last_error` says why.
 */
bool plugwright_options_name(PlugwrightOptions *options,
                             const char *name);

/**
 * Lends the plug-in a host function, which may be freed afterwards. Not one with a type that cannot be passed. Of functions with
 * the same name and module the last one counts.
 */
bool plugwright_options_function(PlugwrightOptions *options,
                                 const ExtismFunction *function);

/**
 * Whether the plug-in may use WASI preview 1: clocks, random numbers, and what other options grant. Off at first.
 */
bool plugwright_options_wasi(PlugwrightOptions *options,
                             bool on);

/**
 * Whether what a WASI plug-in writes to its standard output and error goes to those of the process. Off at first.
 */
bool plugwright_options_inherit_output(PlugwrightOptions *options,
                                       bool on);

/**
 * Limits the memory of the plug-in to so many pages of 64 KiB, all its memories together. 65536 at first.
 */
bool plugwright_options_max_pages(PlugwrightOptions *options, uint32_t pages);

/**
 * Ends each call after so many milliseconds. No limit at first.
 */
bool plugwright_options_timeout_ms(PlugwrightOptions *options, uint64_t milliseconds);

/**
 * Ends each call after so much work, about a unit for each WebAssembly instruction. No limit at first; counting costs time.
 */
bool plugwright_options_fuel(PlugwrightOptions *options,
                             uint64_t units);

/**
 * Limits the bytes of the plug-in's variables, keys and values together. 1 MiB at first; 0 turns them off.
 */
bool plugwright_options_max_var_bytes(PlugwrightOptions *options, uint64_t bytes);

/**
 * Limits the body of an answer to one of the plug-in's HTTP requests, in bytes. 50 MiB at first.
 */
bool plugwright_options_max_http_response_bytes(PlugwrightOptions *options, uint64_t bytes);

/**
 * Limits what the plug-in may log in a call, in bytes. 1 MiB at first; what is more is dropped, and a message says so.
 */
bool plugwright_options_max_log_bytes(PlugwrightOptions *options,
                                      uint64_t bytes);

/**
 * Limits the output of a call, in bytes. No limit at first, other than that of memory.
 */
bool plugwright_options_max_output_bytes(PlugwrightOptions *options, uint64_t bytes);

/**
 * Sets a value of the config that the plug-in reads.
 */
bool plugwright_options_config(PlugwrightOptions *options, const char *key, const char *value);

/**
 * Lets the plug-in send HTTP requests to hosts whose name matches this glob, such as `*.example.com`. None at first. A pattern that
 * is no glob is an error of the plug-in that is made.
 */
bool plugwright_options_allow_host(PlugwrightOptions *options,
                                   const char *pattern);

/**
 * Shows a folder of the host to a WASI plug-in under the path `guest`. `ro:` in front of `host` makes it read-only. None at first.
 */
bool plugwright_options_allow_path(PlugwrightOptions *options,
                                   const char *host,
                                   const char *guest);

/**
 * Sets an environment variable that a WASI plug-in sees. None at first.
 */
bool plugwright_options_env(PlugwrightOptions *options, const char *name, const char *value);

/**
 * Whether the plug-in sees the headers of the answers to its HTTP requests. Off at first.
 */
bool plugwright_options_http_response_headers(PlugwrightOptions *options, bool on);

/**
 * Says where compiled code is kept, so that a plug-in is compiled once on a machine: in this folder; nowhere for null. At first it
 * is `$PLUGWRIGHT_CACHE_DIR`, else a folder in the user's cache folder.
 */
bool plugwright_options_cache_folder(PlugwrightOptions *options,
                                     const char *folder);

/**
 * Makes a plug-in. It is freed by `extism_plugin_free`.
 *
 * - `wasm`: `wasm_size` bytes, which are a WebAssembly binary, WebAssembly text, or a manifest in JSON or TOML. They are copied,
 *   and so is what a manifest refers to as `{"ptr": ..., "len": ...}`.
 * - `functions`: the `n_functions` host functions that the plug-in may import; null if there are none. They remain the
 *   caller's, who may free them as soon as this returns. Of functions with the same name and module the last one counts.
 * - `with_wasi`: whether the plug-in may use WASI preview 1.
 * - `errmsg`: if it is not null, it gets null, or the error if there is one: a text that is freed by
 *   `extism_plugin_new_error_free`.
 *
 * Returns null if there is an error. It is one if `wasm` is null or empty, if `functions` is null with a length other than 0 or
 * has a null in it, or if one of the functions has a type that cannot be passed.
 */
ExtismPlugin *extism_plugin_new(const uint8_t *wasm,
                                ExtismSize wasm_size,
                                const ExtismFunction *const *functions,
                                ExtismSize n_functions,
                                bool with_wasi,
                                char **errmsg);

/**
 * Like `extism_plugin_new`, with a limit for each call: it ends after about `fuel_limit` WebAssembly instructions.
 */
ExtismPlugin *extism_plugin_new_with_fuel_limit(const uint8_t *wasm,
                                                ExtismSize wasm_size,
                                                const ExtismFunction *const *functions,
                                                ExtismSize n_functions,
                                                bool with_wasi,
                                                uint64_t fuel_limit,
                                                char **errmsg);

/**
 * Makes a plug-in of compiled code, which may be freed before the plug-in. It is freed by `extism_plugin_free`.
 *
 * Returns null if there is an error, which goes to `errmsg` as with `extism_plugin_new`; it is one if `compiled` is null.
 */
ExtismPlugin *extism_plugin_new_from_compiled(const ExtismCompiledPlugin *compiled,
                                              char **errmsg);

/**
 * Frees a plug-in, and with it its output, its error and its cancel handle. A plug-in from a pool returns there.
 *
 * A call that another thread is in is waited for; none may be waiting for that one to end. Nothing happens for null, nor if a host
 * function does this to the plug-in that is calling it. A plug-in is freed once, and not used afterwards.
 */
void extism_plugin_free(ExtismPlugin *plugin);

/**
 * The plug-in's id: 16 bytes, a random UUID, which stay until the plug-in is freed. Null for null.
 */
const uint8_t *extism_plugin_id(const ExtismPlugin *plugin);

/**
 * Whether the plug-in has a function of this name that can be called; false if one of the two is null.
 */
bool extism_plugin_function_exists(const ExtismPlugin *plugin, const char *func_name);

/**
 * Changes the config that the plug-in reads: `json` is an object of `json_size` bytes. A key with a text is set, one with `null`
 * is removed, others stay.
 *
 * Returns whether it was done. If not, `extism_plugin_error` says why, and nothing has changed: when it is no such object, or
 * null, or a host function does this to the plug-in that is calling it.
 */
bool extism_plugin_config(ExtismPlugin *plugin,
                          const uint8_t *json,
                          ExtismSize json_size);

/**
 * Frees what calls have left in the memory that the plug-in shares with its host, the output for one. Variables, and the plug-in's
 * own memory, stay.
 *
 * Returns whether it was done: not for null, nor if a host function does this to the plug-in that is calling it.
 */
bool extism_plugin_reset(ExtismPlugin *plugin);

/**
 * Shows the plug-in the headers of the answers to its HTTP requests, from now on. Nothing happens for null.
 */
void extism_plugin_allow_http_response_headers(ExtismPlugin *plugin);

/**
 * The error of the plug-in's last call, or of what else was done with it last; null if it went well, or for null.
 *
 * The text is valid until the next call of the plug-in, or until something else that is done with it fails. It is not freed.
 */
const char *extism_plugin_error(const ExtismPlugin *plugin);

/**
 * An older name of `extism_plugin_error`.
 */
const char *extism_error(const ExtismPlugin *plugin);

/**
 * What kind of error `extism_plugin_error` has the text of; `None` if there is none, or for null.
 */
PlugwrightErrorKind plugwright_plugin_error_kind(const ExtismPlugin *plugin);

/**
 * Where in the plug-in the error happened: a line for each of its functions that were running, innermost first. Null if that is
 * not known, if there is no error, or for null.
 *
 * The text is valid as long as that of `extism_plugin_error`.
 */
const char *plugwright_plugin_error_backtrace(const ExtismPlugin *plugin);

/**
 * Passes what the plug-in logs to `log`, instead of to where `extism_log_file` and `extism_log_custom` say.
 *
 * `user_data` is passed to each call of `log`. `free_user_data` is called once with it, when the options and all plug-ins that
 * were made with them are freed; it may be null. If this returns false, nothing is taken over.
 */
bool plugwright_options_log(PlugwrightOptions *options,
                            PlugwrightLogFunction log,
                            void *user_data,
                            PlugwrightFree free_user_data);

/**
 * Drops messages of the plug-in that are less severe than `level`, a `PlugwrightLogLevel`. Everything is passed on at first.
 */
bool plugwright_options_log_level(PlugwrightOptions *options,
                                  uint32_t level);

/**
 * Makes a pool of at most `max` plug-ins of this code, which may be freed before the pool; 0 is taken as 1. Plug-ins are made
 * when they are needed. It is freed by `plugwright_pool_free`. Null for null.
 */
PlugwrightPool *plugwright_pool_new(const ExtismCompiledPlugin *compiled,
                                    ExtismSize max);

/**
 * Takes a plug-in, waiting for one to become free for at most `timeout_ms` milliseconds, or for ever for `UINT64_MAX`. It is given
 * back by `plugwright_pool_release`; all functions for plug-ins can be used with it until then.
 *
 * What belongs to a plug-in stays with it from one borrower to the next: variables, changed config, and whether it sees the headers of
 * HTTP responses.
 *
 * Returns null if there is an error, which goes to `errmsg` as with `extism_plugin_new`: of kind `PoolTimeout` if none became
 * free in time. It is one if `pool` is null.
 */
ExtismPlugin *plugwright_pool_acquire(const PlugwrightPool *pool,
                                      uint64_t timeout_ms,
                                      char **errmsg);

/**
 * Gives a plug-in back to its pool, which may have been freed already. It is the same as `extism_plugin_free`.
 */
void plugwright_pool_release(ExtismPlugin *plugin);

/**
 * The most plug-ins that are out at a time; 0 for null.
 */
ExtismSize plugwright_pool_max(const PlugwrightPool *pool);

/**
 * How many plug-ins could be taken now without waiting; 0 for null. It is an estimate while other threads use the pool.
 */
ExtismSize plugwright_pool_available(const PlugwrightPool *pool);

/**
 * Frees a pool. Plug-ins that are out can still be used, and are given back as otherwise.
 *
 * Nothing happens for null. A pool is freed once, and no thread may be waiting for a plug-in of it.
 */
void plugwright_pool_free(PlugwrightPool *pool);

/**
 * The version of the public interface that this library answers to, then that of this library, as in `1.41.0+plugwright.0.1.0`.
 *
 * The text is there for ever and is not freed.
 */
const char *extism_version(void);

/**
 * The version of this library, as in `0.1.0`.
 *
 * The text is there for ever and is not freed.
 */
const char *plugwright_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* PLUGWRIGHT_H */
