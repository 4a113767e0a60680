/* The plug-in contract for C, by hand: the imports of a plug-in, and a few helpers over them.
 *
 * Offsets and lengths count bytes of the kernel memory, which is not the memory that C pointers address: bytes
 * travel between the two through load and store functions. Offset 0 means "none". C99, needs no C library. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t offset;

/* A function of the host: module and name. */
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name))) extern
#define HOST(name) IMPORT("extism:host/env", name)
/* A function that the host can call. */
#define EXPORT(name) __attribute__((export_name(#name))) int32_t name(void)

HOST("alloc") offset host_alloc(uint64_t length);
HOST("free") void host_free(offset block);
HOST("length") uint64_t host_length(offset block);
HOST("load_u8") uint8_t host_load_u8(offset at);
HOST("load_u64") uint64_t host_load_u64(offset at);
HOST("store_u8") void host_store_u8(offset at, uint8_t value);
HOST("store_u64") void host_store_u64(offset at, uint64_t value);
HOST("input_length") uint64_t host_input_length(void);
HOST("input_offset") offset host_input_offset(void);
HOST("input_load_u8") uint8_t host_input_load_u8(uint64_t index);
HOST("output_set") void host_output_set(offset at, uint64_t length);
HOST("error_set") void host_error_set(offset message);
/* These take ownership of the blocks given to them. */
HOST("config_get") offset host_config_get(offset key);
HOST("var_get") offset host_var_get(offset key);
HOST("var_set") void host_var_set(offset key, offset value);
HOST("log_trace") void host_log_trace(offset message);
HOST("log_debug") void host_log_debug(offset message);
HOST("log_info") void host_log_info(offset message);
HOST("log_warn") void host_log_warn(offset message);
HOST("log_error") void host_log_error(offset message);

/* Copies bytes into a new block. */
static inline offset block_from(const char *bytes, size_t length) {
  offset block = host_alloc(length);
  for (size_t i = 0; i < length; i++) host_store_u8(block + i, (uint8_t)bytes[i]);
  return block;
}

/* Copies a string literal into a new block. */
#define BLOCK(literal) block_from(literal, sizeof(literal) - 1)

/* Copies part of the input into a new block. */
static inline offset block_from_input(uint64_t from, uint64_t to) {
  offset block = host_alloc(to - from);
  for (uint64_t i = from; i < to; i++) host_store_u8(block + (i - from), host_input_load_u8(i));
  return block;
}

/* Copies the whole input into a new block, which the caller may give away. */
static inline offset input_block(void) { return block_from_input(0, host_input_length()); }

/* Where the first `=` of the input is, or the input's length when it has none. */
static inline uint64_t input_split(void) {
  uint64_t length = host_input_length(), i = 0;
  while (i < length && host_input_load_u8(i) != '=') i++;
  return i;
}

/* Makes a whole block the output. */
static inline int32_t output_block(offset block) {
  host_output_set(block, host_length(block));
  return 0;
}

/* Ends the call with a message and a code that is not 0: `return fail(...)`. */
static inline int32_t fail(offset message, int32_t code) {
  host_error_set(message);
  return code;
}

#endif
