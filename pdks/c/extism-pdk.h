/* extism-pdk.h: the names of the public C PDK over plugwright.h, so that a plug-in moves by taking these two headers
 * instead of that one.
 *
 * Covered are the names of the public header since it has `ExtismHandle` (2024): all of its functions, those of
 * EXTISM_USE_LIBC and EXTISM_ENABLE_LOW_LEVEL_API included. The header before that, with `extism_load_input(buffer, n)` of
 * two arguments, is not.
 *
 * Differences: EXTISM_IMPLEMENTATION has no effect, for all functions are `static inline`; bounds are checked without
 * wrapping; functions that copy to a new block end the call when no kernel memory is left, rather than write to offset 0;
 * `extism_length` asks `length`, which is as quick. It is C++ as well. Functions without a comment of their own do what
 * their namesakes do: `buf` stands for bytes and a length, `sz` for a string that ends with a NUL byte. */
#ifndef EXTISM_PDK_H
#define EXTISM_PDK_H

#include "plugwright.h"

typedef uint64_t ExtismHandle;

#define EXTISM_ENV_MODULE "extism:host/env"
#define EXTISM_USER_MODULE "extism:host/user"
#define EXTISM_EXPORT_AS(name) __attribute__((export_name(name)))
#define EXTISM_EXPORTED_FUNCTION(name) EXTISM_EXPORT_AS(#name) name(void)
#define EXTISM_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXTISM_IMPORT_ENV(name) EXTISM_IMPORT(EXTISM_ENV_MODULE, name)
#define EXTISM_IMPORT_USER(name) EXTISM_IMPORT(EXTISM_USER_MODULE, name)

/* ---- The contract's own functions ---- */

static inline uint64_t extism_length(const ExtismHandle handle) { return pw_length(handle); }
static inline ExtismHandle extism_alloc(const uint64_t length) { return pw_alloc(length); }
static inline void extism_free(ExtismHandle handle) { pw_free(handle); }
static inline void extism_error_set(const ExtismHandle message) { pw_env_error_set(message); }
static inline ExtismHandle extism_config_get(const ExtismHandle key) { return pw_env_config_get(key); }
static inline ExtismHandle extism_var_get(const ExtismHandle key) { return pw_env_var_get(key); }
static inline void extism_var_set(ExtismHandle key, const ExtismHandle value) { pw_env_var_set(key, value); }
static inline ExtismHandle extism_http_request(const ExtismHandle request, const ExtismHandle body) {
  return pw_env_http_request(request, body);
}
static inline int32_t extism_http_status_code(void) { return pw_env_http_status_code(); }
static inline void extism_log_info(const ExtismHandle message) { pw_env_log_info(message); }
static inline void extism_log_debug(const ExtismHandle message) { pw_env_log_debug(message); }
static inline void extism_log_warn(const ExtismHandle message) { pw_env_log_warn(message); }
static inline void extism_log_error(const ExtismHandle message) { pw_env_log_error(message); }
static inline ExtismHandle extism_input_offset(void) { return pw_env_input_offset(); }
static inline uint64_t extism_input_length(void) { return pw_input_length(); }

/* ---- Copies, checked against the block ---- */

/* Whether `n` bytes from `offset` lie in the block. */
static inline bool pw_extism_inside(ExtismHandle handle, uint64_t offset, uint64_t n) {
  uint64_t length = pw_length(handle);
  return offset <= length && n <= length - offset;
}

/* False, and nothing is copied, when the range leaves the block. */
static inline bool extism_load_from_handle(const ExtismHandle src, const uint64_t src_offset, void *dest,
                                           const size_t n) {
  if (!pw_extism_inside(src, src_offset, n)) return false;
  pw_load(dest, src + src_offset, n);
  return true;
}

static inline bool extism_load_input(const uint64_t src_offset, void *dest, const size_t n) {
  return extism_load_from_handle(pw_env_input_offset(), src_offset, dest, n);
}

/* Copies `n` - 1 bytes and a NUL byte; false, and nothing is copied, when they leave the block or `n` is 0. */
static inline bool extism_load_sz(const ExtismHandle src, uint64_t src_offset, char *dest, const size_t n) {
  if (n == 0 || !extism_load_from_handle(src, src_offset, dest, n - 1)) return false;
  dest[n - 1] = '\0';
  return true;
}

static inline bool extism_load_input_sz(const uint64_t src_offset, char *dest, const size_t n) {
  return extism_load_sz(pw_env_input_offset(), src_offset, dest, n);
}

/* False, and nothing is copied, when the range leaves the block. */
static inline bool extism_store_to_handle(ExtismHandle dest, const uint64_t dest_offset, const void *buffer,
                                          const size_t n) {
  if (!pw_extism_inside(dest, dest_offset, n)) return false;
  pw_store(dest + dest_offset, buffer, n);
  return true;
}

static inline ExtismHandle extism_alloc_buf(const void *src, const size_t n) { return pw_block_from(src, n); }

static inline ExtismHandle extism_alloc_buf_from_sz(const char *sz) { return pw_block_from_string(sz); }

__attribute__((deprecated("use extism_alloc_buf"))) static inline ExtismHandle extism_alloc_string(const char *s,
                                                                                                   const size_t n) {
  return pw_block_from(s, n);
}

#ifdef EXTISM_USE_LIBC
#include <stdlib.h>

/* A copy of the block from `malloc`, which the caller frees, and its length in `*outSize` unless that is NULL. NULL when
 * there is no memory for it. */
static inline void *extism_load_dup(const ExtismHandle h, size_t *outSize) {
  uint64_t n = pw_length(h);
  void *copy = n > SIZE_MAX ? NULL : malloc((size_t)n);
  if (copy == NULL) return NULL;
  pw_load(copy, h, (size_t)n);
  if (outSize != NULL) *outSize = (size_t)n;
  return copy;
}

static inline void *extism_load_input_dup(size_t *outSize) { return extism_load_dup(pw_env_input_offset(), outSize); }

/* The same with a NUL byte behind it, which counts in `*outSize`. */
static inline char *extism_load_sz_dup(const ExtismHandle h, size_t *outSize) {
  uint64_t n = pw_length(h);
  char *copy = n >= SIZE_MAX ? NULL : (char *)malloc((size_t)n + 1);
  if (copy == NULL) return NULL;
  pw_load(copy, h, (size_t)n);
  copy[n] = '\0';
  if (outSize != NULL) *outSize = (size_t)n + 1;
  return copy;
}

static inline char *extism_load_input_sz_dup(size_t *outSize) {
  return extism_load_sz_dup(pw_env_input_offset(), outSize);
}
#endif

/* ---- Log, output, error, config, variables ---- */

typedef enum { ExtismLogInfo, ExtismLogDebug, ExtismLogWarn, ExtismLogError } ExtismLog;

static inline void extism_log(const char *s, const size_t len, const ExtismLog level) {
  static const pw_level levels[] = {PW_INFO, PW_DEBUG, PW_WARN, PW_ERROR};
  pw_log_bytes(levels[level], s, len);
}

static inline void extism_log_sz(const char *s, const ExtismLog level) { extism_log(s, pw_string_length(s), level); }

/* False, and nothing is set, when the range leaves the block. */
static inline bool extism_output_set_from_handle(const ExtismHandle handle, const uint64_t offset, const uint64_t n) {
  if (!pw_extism_inside(handle, offset, n)) return false;
  pw_env_output_set(handle + offset, n);
  return true;
}

static inline void extism_output_handle(const ExtismHandle handle) { (void)pw_output_block(handle); }
static inline void extism_output_buf(const void *src, const size_t n) { (void)pw_output(src, n); }
static inline void extism_output_buf_from_sz(const char *sz) { (void)pw_output_string(sz); }

static inline void extism_error_set_buf(const char *message, const size_t messageLen) {
  (void)pw_fail_bytes(1, message, messageLen);
}

static inline void extism_error_set_buf_from_sz(const char *message) { (void)pw_fail(message); }

static inline ExtismHandle extism_config_get_buf(const char *name, const size_t nameLen) {
  return pw_env_config_get(pw_block_from(name, nameLen));
}

static inline ExtismHandle extism_config_get_buf_from_sz(const char *name) { return pw_config_get(name); }

static inline ExtismHandle extism_var_get_buf(const char *name, const size_t nameLen) {
  return pw_env_var_get(pw_block_from(name, nameLen));
}

static inline ExtismHandle extism_var_get_buf_from_sz(const char *name) { return pw_var_get(name); }

/* The host takes `value`. */
static inline void extism_var_set_buf(const char *name, const size_t nameLen, const ExtismHandle value) {
  pw_env_var_set(pw_block_from(name, nameLen), value);
}

static inline void extism_var_set_buf_from_sz(const char *name, const ExtismHandle value) {
  pw_env_var_set(pw_block_from_string(name), value);
}

/* ---- Without bounds of blocks ---- */

#ifdef EXTISM_ENABLE_LOW_LEVEL_API
typedef uint64_t ExtismPointer;

static inline uint8_t extism_input_load_u8(const uint64_t index) { return pw_input_byte(index); }
static inline uint64_t extism_input_load_u64(const uint64_t index) { return pw_env_input_load_u64(index); }
static inline void extism_output_set(const ExtismPointer at, const uint64_t n) { pw_env_output_set(at, n); }
static inline uint8_t extism_load_u8(const ExtismPointer at) { return (uint8_t)pw_env_load_u8(at); }
static inline uint64_t extism_load_u64(const ExtismPointer at) { return pw_env_load_u64(at); }
static inline void extism_store_u8(ExtismPointer at, const uint8_t value) { pw_env_store_u8(at, value); }
static inline void extism_store_u64(ExtismPointer at, const uint64_t value) { pw_env_store_u64(at, value); }
static inline void extism_load(const ExtismPointer at, void *dest, const size_t n) { pw_load(dest, at, n); }
static inline void extism_store(ExtismPointer at, const void *buffer, const size_t n) { pw_store(at, buffer, n); }
static inline uint64_t extism_length_safe(const ExtismPointer at) { return pw_length(at); }

/* Copies `n` - 1 bytes and a NUL byte; `n` must not be 0. */
static inline void extism_load_sz_unsafe(const ExtismPointer src, char *dest, const size_t n) {
  pw_load(dest, src, n - 1);
  dest[n - 1] = '\0';
}
#endif

#endif
