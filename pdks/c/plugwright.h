/* plugwright.h: write plug-ins in C (C99 and later) or C++ (C++17 and later). One header, no C library needed.
 *
 *   #include "plugwright.h"
 *
 *   PW_EXPORT(greet) {
 *     pw_writer text = PW_WRITER;
 *     pw_write_string(&text, "Hello, ");
 *     pw_write_input(&text);
 *     return pw_output_writer(&text);
 *   }
 *
 *   zig cc -target wasm32-freestanding -nostdlib -Os -Wl,--no-entry -Wl,--strip-all -o greet.wasm greet.c
 *   clang --target=wasm32 -ffreestanding -nostdlib -Os -Wl,--no-entry -Wl,--strip-all -o greet.wasm greet.c
 *
 * Words
 *   kernel memory  what host and plug-in exchange bytes through. It is not the memory that C pointers address: functions
 *                  of this header copy between the two.
 *   block          a piece of kernel memory, named by the offset at which it starts. 0 means "no block".
 *
 * Rules that hold for all functions
 *   - Lengths are bytes. Text is UTF-8; `const char *` parameters end with a NUL byte and must not be NULL unless said so.
 *   - An empty value and a missing one are the same to the host: both are block 0, of length 0.
 *   - All blocks are freed when the plug-in's next call begins, so freeing is needed only to save memory. Nothing that
 *     is a block may be kept for the next call; variables are for that.
 *   - A function that must allocate kernel memory when there is none left ends the call: the host gets an error that
 *     says so. Only `pw_alloc` reports it to its caller.
 *   - What the host refuses (a variable that does not fit, a forbidden HTTP request, ...) ends the call too.
 *
 * Define before including it
 *   PLUGWRIGHT_BULK  copies are single calls of the host (`plugwright:host/mem`) rather than loops over 8 bytes. Such a
 *                    plug-in runs on hosts that know Plugwright's functions, and no others. */
#ifndef PLUGWRIGHT_H
#define PLUGWRIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define PW_EXTERN_C extern "C"
#define PW_EXTERN extern "C"
#else
#define PW_EXTERN_C
#define PW_EXTERN extern
#endif

/* The offset of a block in kernel memory; 0 is "no block". */
typedef uint64_t pw_block;

/* ------------------------------------------------------------------------------------------------------------------
 * Exports and imports
 * --------------------------------------------------------------------------------------------------------------- */

/* Begins the definition of a function that the host can call. It takes nothing, and returns 0 for success or another
 * code for failure (1 to 125 by custom; see `pw_fail`):
 *
 *   PW_EXPORT(greet) { return pw_output_string("Hello!"); } */
#define PW_EXPORT(function) PW_EXPORT_AS(function, #function)

/* The same for an export whose name is taken, as that of a function of the C library, or is no identifier of C:
 *
 *   PW_EXPORT_AS(read_export, "read") { ... } */
#define PW_EXPORT_AS(function, name)                           \
  PW_EXTERN_C int32_t function(void);                          \
  PW_EXTERN_C __attribute__((export_name(name))) int32_t function(void)

/* Declares a host function of the module `extism:host/user`, where hosts put theirs unless they chose another:
 *
 *   PW_HOST_FN(pw_block, kv_read, (pw_block key));
 *
 * Types are int32_t, int64_t, float, double and their unsigned forms; bytes and text travel as a `pw_block`. By custom
 * the plug-in keeps the blocks that it passes, and owns the block that it gets. */
#define PW_HOST_FN(result, name, parameters) PW_HOST_FN_IN("extism:host/user", result, name, parameters)

/* The same for a host function of another module: PW_HOST_FN_IN("env", pw_block, hostMemoryGet, (pw_block key)); */
#define PW_HOST_FN_IN(module, result, name, parameters) \
  PW_EXTERN __attribute__((import_module(module), import_name(#name))) result name parameters

/* The contract's own functions, for what the rest of this header does not do. Each is described in docs/contract.md.
 * "Takes" means that the host frees the block: the plug-in must not use it any more. */
#define PW_ENV(name) PW_EXTERN __attribute__((import_module("extism:host/env"), import_name(name)))
PW_ENV("alloc") pw_block pw_env_alloc(uint64_t length);
PW_ENV("free") void pw_env_free(pw_block block);
PW_ENV("length") uint64_t pw_env_length(pw_block block);
PW_ENV("load_u8") uint32_t pw_env_load_u8(uint64_t offset);
PW_ENV("load_u64") uint64_t pw_env_load_u64(uint64_t offset);
PW_ENV("store_u8") void pw_env_store_u8(uint64_t offset, uint32_t value);
PW_ENV("store_u64") void pw_env_store_u64(uint64_t offset, uint64_t value);
PW_ENV("input_length") uint64_t pw_env_input_length(void);
PW_ENV("input_offset") uint64_t pw_env_input_offset(void);
PW_ENV("input_load_u8") uint32_t pw_env_input_load_u8(uint64_t index);
PW_ENV("input_load_u64") uint64_t pw_env_input_load_u64(uint64_t index);
PW_ENV("output_set") void pw_env_output_set(uint64_t offset, uint64_t length);
PW_ENV("error_set") void pw_env_error_set(pw_block message);
PW_ENV("config_get") pw_block pw_env_config_get(pw_block key);              /* takes key */
PW_ENV("var_get") pw_block pw_env_var_get(pw_block key);                    /* takes key */
PW_ENV("var_set") void pw_env_var_set(pw_block key, pw_block value);        /* takes both */
PW_ENV("http_request") pw_block pw_env_http_request(pw_block request, pw_block body); /* takes both */
PW_ENV("http_status_code") int32_t pw_env_http_status_code(void);
PW_ENV("http_headers") pw_block pw_env_http_headers(void);
PW_ENV("log_trace") void pw_env_log_trace(pw_block message);                /* takes message, as do the next four */
PW_ENV("log_debug") void pw_env_log_debug(pw_block message);
PW_ENV("log_info") void pw_env_log_info(pw_block message);
PW_ENV("log_warn") void pw_env_log_warn(pw_block message);
PW_ENV("log_error") void pw_env_log_error(pw_block message);
PW_ENV("get_log_level") int32_t pw_env_get_log_level(void);
#undef PW_ENV

/* Imported into plug-ins that use it only. */
PW_EXTERN __attribute__((import_module("plugwright:host/env"), import_name("host_error_take"))) pw_block
pw_env_host_error_take(void);

#ifdef PLUGWRIGHT_BULK
#define PW_MEM(name) PW_EXTERN __attribute__((import_module("plugwright:host/mem"), import_name(name)))
PW_MEM("read") void pw_mem_read(void *to, uint64_t offset, uint64_t length);
PW_MEM("write") void pw_mem_write(uint64_t offset, const void *from, uint64_t length);
#undef PW_MEM
#endif

/* ------------------------------------------------------------------------------------------------------------------
 * Bytes of kernel memory
 * --------------------------------------------------------------------------------------------------------------- */

/* Eight bytes anywhere in the plug-in's memory. */
typedef struct __attribute__((packed, may_alias)) pw_word {
  uint64_t value;
} pw_word;

/* Copies `length` bytes of kernel memory from `offset` to `to`. Bytes outside kernel memory read as 0; with
 * PLUGWRIGHT_BULK such a range ends the call. */
static inline void pw_load(void *to, uint64_t offset, size_t length) {
#ifdef PLUGWRIGHT_BULK
  pw_mem_read(to, offset, length);
#else
  uint8_t *bytes = (uint8_t *)to;
  size_t i = 0;
  for (; length - i >= 8; i += 8) ((pw_word *)(bytes + i))->value = pw_env_load_u64(offset + i);
  for (; i < length; i++) bytes[i] = (uint8_t)pw_env_load_u8(offset + i);
#endif
}

/* Copies `length` bytes from `from` to kernel memory at `offset`. What lies outside kernel memory is not written; with
 * PLUGWRIGHT_BULK such a range ends the call. */
static inline void pw_store(uint64_t offset, const void *from, size_t length) {
#ifdef PLUGWRIGHT_BULK
  pw_mem_write(offset, from, length);
#else
  const uint8_t *bytes = (const uint8_t *)from;
  size_t i = 0;
  for (; length - i >= 8; i += 8) pw_env_store_u64(offset + i, ((const pw_word *)(bytes + i))->value);
  for (; i < length; i++) pw_env_store_u8(offset + i, bytes[i]);
#endif
}

/* Copies `length` bytes inside kernel memory. The ranges must not overlap. */
static inline void pw_copy(uint64_t to, uint64_t from, uint64_t length) {
#ifdef PLUGWRIGHT_BULK
  uint8_t chunk[4096];
  for (uint64_t i = 0; i < length; i += sizeof chunk) {
    size_t part = length - i < sizeof chunk ? (size_t)(length - i) : sizeof chunk;
    pw_load(chunk, from + i, part);
    pw_store(to + i, chunk, part);
  }
#else
  uint64_t i = 0;
  for (; length - i >= 8; i += 8) pw_env_store_u64(to + i, pw_env_load_u64(from + i));
  for (; i < length; i++) pw_env_store_u8(to + i, pw_env_load_u8(from + i));
#endif
}

/* The length of a string, without its NUL byte. (The attribute keeps compilers from turning the loop into a call of a C
 * library that need not be there.) */
#ifdef __has_attribute
#if __has_attribute(no_builtin)
__attribute__((no_builtin("strlen")))
#endif
#endif
static inline size_t pw_string_length(const char *string) {
  size_t length = 0;
  while (string[length] != '\0') length++;
  return length;
}

/* A new block of `length` bytes, whose content is unspecified; 0 when `length` is 0 or no kernel memory is left. */
static inline pw_block pw_alloc(uint64_t length) { return pw_env_alloc(length); }

/* Frees a block. Block 0, and offsets at which no block starts, are ignored. */
static inline void pw_free(pw_block block) { pw_env_free(block); }

/* The length of a block in bytes; 0 for block 0. */
static inline uint64_t pw_length(pw_block block) { return pw_env_length(block); }

/* ------------------------------------------------------------------------------------------------------------------
 * Failing
 * --------------------------------------------------------------------------------------------------------------- */

/* Makes a call fail with the text of `length` bytes and a code: `return pw_fail_bytes(7, text, length);`. Returns the
 * code, or 1 for code 0, which would be success. When no kernel memory is left the error has no text. */
static inline int32_t pw_fail_bytes(int32_t code, const void *text, size_t length) {
  pw_block message = pw_alloc(length);
  if (message != 0) pw_store(message, text, length);
  pw_env_error_set(message);
  return code == 0 ? 1 : code;
}

/* Makes a call fail with a message and code 1: `return pw_fail("no such key");`. */
static inline int32_t pw_fail(const char *message) {
  return pw_fail_bytes(1, message, pw_string_length(message));
}

/* Makes a call fail with a message and a code of your own. */
static inline int32_t pw_fail_code(int32_t code, const char *message) {
  return pw_fail_bytes(code, message, pw_string_length(message));
}

/* Makes a call fail with the text in a block, which must live until the call has returned. */
static inline int32_t pw_fail_block(int32_t code, pw_block message) {
  pw_env_error_set(message);
  return code == 0 ? 1 : code;
}

/* Ends the call at once, with a message: a trap. For what must not happen; the instance is lost, and with it all that
 * the plug-in keeps in memory. */
__attribute__((noreturn)) static inline void pw_panic(const char *message) {
  (void)pw_fail(message);
  __builtin_trap();
}

/* ------------------------------------------------------------------------------------------------------------------
 * Blocks
 * --------------------------------------------------------------------------------------------------------------- */

/* A new block of `length` bytes, whose content is unspecified; 0 when `length` is 0. Ends the call when no kernel memory
 * is left. */
static inline pw_block pw_block_new(uint64_t length) {
  pw_block block = pw_alloc(length);
  if (block == 0 && length != 0) pw_panic("no kernel memory left: the plug-in needs a higher memory limit (max_pages)");
  return block;
}

/* A new block with a copy of `length` bytes; 0 when there are none. */
static inline pw_block pw_block_from(const void *bytes, size_t length) {
  pw_block block = pw_block_new(length);
  pw_store(block, bytes, length);
  return block;
}

/* A new block with a copy of a string, without its NUL byte; 0 when it is empty. */
static inline pw_block pw_block_from_string(const char *string) {
  return pw_block_from(string, pw_string_length(string));
}

/* A new block with a copy of `length` bytes of kernel memory from `offset`: a part of a block, say; 0 when there are
 * none. */
static inline pw_block pw_block_from_range(uint64_t offset, uint64_t length) {
  pw_block block = pw_block_new(length);
  pw_copy(block, offset, length);
  return block;
}

/* Copies a block to `buffer`, at most `capacity` bytes of it. Returns how many were copied. */
static inline size_t pw_block_read(pw_block block, void *buffer, size_t capacity) {
  uint64_t length = pw_length(block);
  size_t part = length < capacity ? (size_t)length : capacity;
  pw_load(buffer, block, part);
  return part;
}

/* Copies a block to `buffer` as a string: at most `size` - 1 bytes and a NUL byte. Returns the length of the whole block:
 * when that is `size` or more, the string was cut. Nothing is written when `size` is 0. */
static inline size_t pw_block_read_string(pw_block block, char *buffer, size_t size) {
  if (size != 0) buffer[pw_block_read(block, buffer, size - 1)] = '\0';
  return (size_t)pw_length(block);
}

/* ------------------------------------------------------------------------------------------------------------------
 * Writers: text and bytes of any length, put together in kernel memory
 * --------------------------------------------------------------------------------------------------------------- */

/* Bytes that grow as they are written, in kernel memory. Begin with `pw_writer text = PW_WRITER;`; it belongs to the
 * call, like the block in it. */
typedef struct pw_writer {
  pw_block block;    /* holds what was written, and room for more */
  uint64_t length;   /* bytes written */
  uint64_t capacity; /* bytes of the block */
} pw_writer;

/* An empty writer. */
#define PW_WRITER { 0, 0, 0 }

/* Makes room for `more` bytes, and returns the offset where they belong. They count as written. */
static inline uint64_t pw_writer_extend(pw_writer *writer, uint64_t more) {
  uint64_t from = writer->length, needed = from + more;
  if (needed > writer->capacity) {
    uint64_t capacity = writer->capacity < 32 ? 64 : writer->capacity * 2;
    if (capacity < needed) capacity = needed;
    pw_block larger = pw_block_new(capacity);
    pw_copy(larger, writer->block, from);
    pw_free(writer->block);
    writer->block = larger;
    writer->capacity = capacity;
  }
  writer->length = needed;
  return writer->block + from;
}

/* Writes one byte. */
static inline void pw_write_byte(pw_writer *writer, char byte) {
  pw_env_store_u8(pw_writer_extend(writer, 1), (uint8_t)byte);
}

/* Writes `length` bytes. */
static inline void pw_write(pw_writer *writer, const void *bytes, size_t length) {
  pw_store(pw_writer_extend(writer, length), bytes, length);
}

/* Writes a string. */
static inline void pw_write_string(pw_writer *writer, const char *string) {
  pw_write(writer, string, pw_string_length(string));
}

/* Writes the content of a block, which stays the caller's; not that of the writer's own. */
static inline void pw_write_block(pw_writer *writer, pw_block block) {
  uint64_t length = pw_length(block);
  pw_copy(pw_writer_extend(writer, length), block, length);
}

/* Writes the call's input. */
static inline void pw_write_input(pw_writer *writer) {
  uint64_t length = pw_env_input_length();
  pw_copy(pw_writer_extend(writer, length), pw_env_input_offset(), length);
}

/* Writes a number in decimal. */
static inline void pw_write_u64(pw_writer *writer, uint64_t number) {
  char digits[20]; /* as many as UINT64_MAX has */
  size_t first = sizeof digits;
  do {
    digits[--first] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  pw_write(writer, digits + first, sizeof digits - first);
}

/* Writes a number in decimal, with a minus sign when it is negative. */
static inline void pw_write_i64(pw_writer *writer, int64_t number) {
  if (number < 0) pw_write_byte(writer, '-');
  pw_write_u64(writer, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

/* Writes `length` bytes of UTF-8 as a JSON string: in quotes, with quotes, backslashes and control characters
 * escaped. */
static inline void pw_write_json(pw_writer *writer, const char *text, size_t length) {
  static const char hex[] = "0123456789abcdef";
  size_t plain = 0; /* where the characters begin that need no escape and are not written yet */
  pw_write_byte(writer, '"');
  for (size_t i = 0; i < length; i++) {
    uint8_t byte = (uint8_t)text[i];
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    pw_write(writer, text + plain, i - plain);
    plain = i + 1;
    if (byte < 0x20) {
      pw_write(writer, "\\u00", 4);
      pw_write_byte(writer, hex[byte >> 4]);
      pw_write_byte(writer, hex[byte & 15]);
    } else {
      pw_write_byte(writer, '\\');
      pw_write_byte(writer, (char)byte);
    }
  }
  pw_write(writer, text + plain, length - plain);
  pw_write_byte(writer, '"');
}

/* Writes a string as a JSON string; see `pw_write_json`. */
static inline void pw_write_json_string(pw_writer *writer, const char *string) {
  pw_write_json(writer, string, pw_string_length(string));
}

/* A block with exactly what was written, 0 when that is nothing; the caller owns it. The writer is empty afterwards. */
static inline pw_block pw_writer_block(pw_writer *writer) {
  pw_block block = writer->block;
  if (writer->length != writer->capacity) {
    block = pw_block_from_range(writer->block, writer->length);
    pw_free(writer->block);
  }
  writer->block = writer->length = writer->capacity = 0;
  return block;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Input and output
 * --------------------------------------------------------------------------------------------------------------- */

/* The length of the call's input. */
static inline uint64_t pw_input_length(void) { return pw_env_input_length(); }

/* The byte at `index` of the input; 0 when there is none. */
static inline uint8_t pw_input_byte(uint64_t index) { return (uint8_t)pw_env_input_load_u8(index); }

/* Copies the input from `index` on to `buffer`, at most `capacity` bytes. Returns how many were copied: 0 when `index` is
 * at the input's end or behind it. */
static inline size_t pw_input_read(uint64_t index, void *buffer, size_t capacity) {
  uint64_t length = pw_input_length(), rest = index < length ? length - index : 0;
  size_t part = rest < capacity ? (size_t)rest : capacity;
  pw_load(buffer, pw_env_input_offset() + index, part);
  return part;
}

/* Copies the input to `buffer` as a string: at most `size` - 1 bytes and a NUL byte. Returns the length of the whole
 * input: when that is `size` or more, the string was cut. Nothing is written when `size` is 0. */
static inline size_t pw_input_string(char *buffer, size_t size) {
  if (size != 0) buffer[pw_input_read(0, buffer, size - 1)] = '\0';
  return (size_t)pw_input_length();
}

/* A new block with a copy of the input, which may be given away, unlike the input's own block. */
static inline pw_block pw_input_block(void) {
  return pw_block_from_range(pw_env_input_offset(), pw_env_input_length());
}

/* A new block with a copy of the input's bytes from index `from` to before index `to`, cut at the input's end. */
static inline pw_block pw_input_part(uint64_t from, uint64_t to) {
  uint64_t length = pw_input_length();
  if (to > length) to = length;
  return from < to ? pw_block_from_range(pw_env_input_offset() + from, to - from) : 0;
}

/* Makes a copy of `length` bytes the call's output. Returns 0: `return pw_output(bytes, length);`. */
static inline int32_t pw_output(const void *bytes, size_t length) {
  pw_env_output_set(pw_block_from(bytes, length), length);
  return 0;
}

/* Makes a copy of a string the call's output. Returns 0. */
static inline int32_t pw_output_string(const char *string) { return pw_output(string, pw_string_length(string)); }

/* Makes a block the call's output; it must live until the call has returned. Returns 0. */
static inline int32_t pw_output_block(pw_block block) {
  pw_env_output_set(block, pw_length(block));
  return 0;
}

/* Makes what was written the call's output; nothing more may be written then. Returns 0. */
static inline int32_t pw_output_writer(const pw_writer *writer) {
  pw_env_output_set(writer->block, writer->length);
  return 0;
}

/* Makes the input the call's output, without copying it. Returns 0. */
static inline int32_t pw_output_input(void) {
  pw_env_output_set(pw_env_input_offset(), pw_env_input_length());
  return 0;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Config and variables
 * --------------------------------------------------------------------------------------------------------------- */

/* A new block with the config value under `key`, 0 when it is unset or empty. */
static inline pw_block pw_config_get(const char *key) { return pw_env_config_get(pw_block_from_string(key)); }

/* Copies the config value under `key` to `buffer` as a string, cut like that of `pw_block_read_string`. Returns the
 * length of the whole value, 0 when it is unset or empty. */
static inline size_t pw_config_string(const char *key, char *buffer, size_t size) {
  pw_block value = pw_config_get(key);
  size_t length = pw_block_read_string(value, buffer, size);
  pw_free(value);
  return length;
}

/* A new block with the variable's value, 0 when it is unset or empty. Variables live as long as the plug-in. */
static inline pw_block pw_var_get(const char *key) { return pw_env_var_get(pw_block_from_string(key)); }

/* Sets a variable to `length` bytes. No bytes remove it: an empty variable and a missing one are the same. */
static inline void pw_var_set(const char *key, const void *value, size_t length) {
  pw_block name = pw_block_from_string(key);
  pw_env_var_set(name, pw_block_from(value, length));
}

/* Removes a variable, if it is set. */
static inline void pw_var_remove(const char *key) { pw_env_var_set(pw_block_from_string(key), 0); }

/* The number that `pw_var_set_u64` stored under `key`; `fallback` when the variable is unset or has not 8 bytes. */
static inline uint64_t pw_var_get_u64(const char *key, uint64_t fallback) {
  pw_block value = pw_var_get(key);
  uint64_t number = pw_length(value) == 8 ? pw_env_load_u64(value) : fallback;
  pw_free(value);
  return number;
}

/* Sets a variable to a number: 8 bytes, little-endian. */
static inline void pw_var_set_u64(const char *key, uint64_t number) {
  pw_block name = pw_block_from_string(key), value = pw_block_new(8);
  pw_env_store_u64(value, number);
  pw_env_var_set(name, value);
}

/* ------------------------------------------------------------------------------------------------------------------
 * Logging
 * --------------------------------------------------------------------------------------------------------------- */

/* How much a message matters. */
typedef enum pw_level {
  PW_TRACE = 0,
  PW_DEBUG = 1,
  PW_INFO = 2,
  PW_WARN = 3,
  PW_ERROR = 4
} pw_level;

/* Whether anybody reads messages of this level: ask before putting together one that is costly. */
static inline bool pw_log_enabled(pw_level level) { return (int32_t)level >= pw_env_get_log_level(); }

/* Logs the text in a block, which the host takes, whoever reads it. */
static inline void pw_log_block(pw_level level, pw_block message) {
  switch (level) {
    case PW_TRACE: pw_env_log_trace(message); break;
    case PW_DEBUG: pw_env_log_debug(message); break;
    case PW_INFO: pw_env_log_info(message); break;
    case PW_WARN: pw_env_log_warn(message); break;
    case PW_ERROR: pw_env_log_error(message); break;
  }
}

/* Logs `length` bytes of text; copies nothing when nobody reads that level. */
static inline void pw_log_bytes(pw_level level, const void *text, size_t length) {
  if (pw_log_enabled(level)) pw_log_block(level, pw_block_from(text, length));
}

/* Logs a string; copies nothing when nobody reads that level. */
static inline void pw_log(pw_level level, const char *message) {
  pw_log_bytes(level, message, pw_string_length(message));
}

/* ------------------------------------------------------------------------------------------------------------------
 * HTTP
 * --------------------------------------------------------------------------------------------------------------- */

/* A header of a request. */
typedef struct pw_http_header {
  const char *name;
  const char *value;
} pw_http_header;

/* A request. Begin with `pw_http_request request = PW_HTTP_REQUEST(url);`, a GET, and set the other members as needed. */
typedef struct pw_http_request {
  const char *url;               /* http or https; its host must be among those that the host allows */
  const char *method;            /* NULL: GET */
  const pw_http_header *headers; /* `header_count` of them */
  size_t header_count;
  const void *body; /* `body_length` bytes */
  size_t body_length;
} pw_http_request;

/* A GET of a URL, without headers and body. */
#define PW_HTTP_REQUEST(url) { (url), NULL, NULL, 0, NULL, 0 }

/* A response, whatever its status. */
typedef struct pw_http_response {
  int32_t status;
  pw_block body; /* belongs to the caller; 0 when empty */
} pw_http_response;

/* Sends a request and waits for the response. A request that is forbidden, malformed or not answered ends the call. */
static inline pw_http_response pw_http_send(const pw_http_request *request) {
  pw_writer json = PW_WRITER;
  pw_write_string(&json, "{\"url\":");
  pw_write_json_string(&json, request->url);
  if (request->method != NULL) {
    pw_write_string(&json, ",\"method\":");
    pw_write_json_string(&json, request->method);
  }
  pw_write_string(&json, ",\"headers\":{");
  for (size_t i = 0; i < request->header_count; i++) {
    if (i != 0) pw_write_byte(&json, ',');
    pw_write_json_string(&json, request->headers[i].name);
    pw_write_byte(&json, ':');
    pw_write_json_string(&json, request->headers[i].value);
  }
  pw_write_string(&json, "}}");
  pw_block head = pw_writer_block(&json);
  pw_http_response response;
  response.body = pw_env_http_request(head, pw_block_from(request->body, request->body_length));
  response.status = pw_env_http_status_code();
  return response;
}

/* Gets a URL. */
static inline pw_http_response pw_http_get(const char *url) {
  pw_http_request request = PW_HTTP_REQUEST(url);
  return pw_http_send(&request);
}

/* A new block with the last response's headers: a JSON object of strings, with names in lower case. 0 unless the host
 * shows headers. */
static inline pw_block pw_http_headers(void) { return pw_env_http_headers(); }

/* Used by `pw_http_header_string`: the string at `*at` (behind its first quote) is one of JSON; moves `*at` behind its
 * last quote. Tells whether it is `expected`, in lower case and without escapes. */
static inline bool pw_json_is(uint64_t *at, uint64_t end, const char *expected) {
  bool same = true;
  for (; *at < end; (*at)++) {
    char byte = (char)pw_env_load_u8(*at);
    if (byte == '"') break;
    char want = *expected;
    if (want >= 'A' && want <= 'Z') want = (char)(want + ('a' - 'A'));
    if (byte == '\\') (*at)++;
    if (byte == '\\' || want != byte) same = false;
    if (same) expected++;
  }
  (*at)++;
  return same && *expected == '\0';
}

/* Used by `pw_json_read`: the 4 hexadecimal digits at `offset`. */
static inline uint32_t pw_json_hex(uint64_t offset) {
  uint32_t unit = 0;
  for (uint64_t i = 0; i < 4; i++) {
    uint32_t digit = pw_env_load_u8(offset + i);
    unit = unit << 4 | ((digit <= '9' ? digit : digit + 9) & 15);
  }
  return unit;
}

/* Used by `pw_json_read`: puts a byte at `index`, if it fits before a last NUL byte. */
static inline void pw_json_put(char *buffer, size_t size, size_t index, uint32_t byte) {
  if (size != 0 && index < size - 1) buffer[index] = (char)(uint8_t)byte;
}

/* Used by `pw_http_header_string`: decodes the JSON string at `at` (behind its first quote) to a string in `buffer`, cut
 * at `size` - 1 bytes. Returns its whole length. */
static inline size_t pw_json_read(uint64_t at, uint64_t end, char *buffer, size_t size) {
  size_t length = 0;
  while (at < end) {
    uint32_t code = pw_env_load_u8(at++);
    if (code == '"') break;
    if (code == '\\') {
      code = pw_env_load_u8(at++);
      if (code == 'u') {
        code = pw_json_hex(at);
        at += 4;
        if (code >= 0xd800 && code < 0xdc00) { /* the first half of a pair */
          code = 0x10000 + ((code & 0x3ff) << 10) + (pw_json_hex(at + 2) & 0x3ff);
          at += 6;
        }
        if (code >= 0x80) { /* UTF-8: all bytes but the last, which is put below */
          if (code >= 0x10000) {
            pw_json_put(buffer, size, length++, 0xf0 | code >> 18);
            pw_json_put(buffer, size, length++, 0x80 | (code >> 12 & 0x3f));
          } else if (code >= 0x800) {
            pw_json_put(buffer, size, length++, 0xe0 | code >> 12);
          }
          if (code >= 0x800) pw_json_put(buffer, size, length++, 0x80 | (code >> 6 & 0x3f));
          else pw_json_put(buffer, size, length++, 0xc0 | code >> 6);
          code = 0x80 | (code & 0x3f);
        }
      } else if (code == 'n') {
        code = '\n';
      } else if (code == 't') {
        code = '\t';
      } else if (code == 'r') {
        code = '\r';
      } else if (code == 'b') {
        code = '\b';
      } else if (code == 'f') {
        code = '\f';
      }
    }
    pw_json_put(buffer, size, length++, code);
  }
  if (size != 0) buffer[length < size ? length : size - 1] = '\0';
  return length;
}

/* Copies the value of a header of the last response (any case of `name`) to `buffer` as a string: at most `size` - 1
 * bytes and a NUL byte. Returns the length of the whole value: when that is `size` or more, the string was cut. 0 and an
 * empty string when there is no such header, or when the host does not show headers. */
static inline size_t pw_http_header_string(const char *name, char *buffer, size_t size) {
  pw_block headers = pw_http_headers();
  uint64_t at = headers, end = headers + pw_length(headers);
  size_t length = 0;
  bool found = false, is_value = false;
  if (size != 0) buffer[0] = '\0';
  while (at < end) {
    if (pw_env_load_u8(at++) != '"') continue;
    if (found) {
      length = pw_json_read(at, end, buffer, size);
      break;
    }
    bool same = pw_json_is(&at, end, name);
    found = same && !is_value;
    is_value = !is_value;
  }
  pw_free(headers);
  return length;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Errors of host functions
 * --------------------------------------------------------------------------------------------------------------- */

/* A new block with the message of the last fallible host function that failed in this call, 0 when there is none. Asking
 * clears it. A plug-in that uses this runs on hosts that know Plugwright's functions, and no others. */
static inline pw_block pw_host_error(void) { return pw_env_host_error_take(); }

#endif
