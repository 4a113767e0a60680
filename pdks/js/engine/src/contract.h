/* The functions of the host that the engine imports: the contract's (docs/contract.md), and WASI's for time and chance. */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <stdint.h>

#define HOST(name) __attribute__((import_module("extism:host/env"), import_name(#name))) extern
#define SYSTEM(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) extern

HOST(alloc) uint64_t host_alloc(uint64_t length);
HOST(free) void host_free(uint64_t offset);
HOST(length) uint64_t host_length(uint64_t offset);
HOST(load_u8) uint32_t host_load_u8(uint64_t offset);
HOST(load_u64) uint64_t host_load_u64(uint64_t offset);
HOST(store_u8) void host_store_u8(uint64_t offset, uint32_t value);
HOST(store_u64) void host_store_u64(uint64_t offset, uint64_t value);
HOST(input_length) uint64_t host_input_length(void);
HOST(input_load_u8) uint32_t host_input_load_u8(uint64_t index);
HOST(input_load_u64) uint64_t host_input_load_u64(uint64_t index);
HOST(output_set) void host_output_set(uint64_t offset, uint64_t length);
HOST(error_set) void host_error_set(uint64_t offset);
HOST(config_get) uint64_t host_config_get(uint64_t key);
HOST(var_get) uint64_t host_var_get(uint64_t key);
HOST(var_set) void host_var_set(uint64_t key, uint64_t value);
HOST(http_request) uint64_t host_http_request(uint64_t request, uint64_t body);
HOST(http_status_code) int32_t host_http_status_code(void);
HOST(http_headers) uint64_t host_http_headers(void);
HOST(log_trace) void host_log_trace(uint64_t message);
HOST(log_debug) void host_log_debug(uint64_t message);
HOST(log_info) void host_log_info(uint64_t message);
HOST(log_warn) void host_log_warn(uint64_t message);
HOST(log_error) void host_log_error(uint64_t message);

/* Calls a host function of the plug-in: its arguments are in `slots`, and its result comes to the first (INTERFACE.md). */
__attribute__((import_module("plugwright:js"), import_name("host_call"))) extern void host_call(uint32_t index, uint64_t *slots);

/* 0 is success, anything else an error number of WASI. */
SYSTEM(clock_time_get) int32_t system_clock_time_get(int32_t clock, uint64_t precision, uint64_t *nanoseconds);
SYSTEM(random_get) int32_t system_random_get(uint8_t *bytes, uint32_t length);
SYSTEM(poll_oneoff) int32_t system_poll_oneoff(const void *subscriptions, void *events, uint32_t count, uint32_t *happened);

#undef HOST
#undef SYSTEM

#endif
