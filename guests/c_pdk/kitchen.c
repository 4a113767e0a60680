/* One function for each service of the host: compiled as C99 and as C++17, with two compilers. */
#include "shared.h"

PW_EXPORT(echo) { return pw_output_input(); }

static bool contains(const char *letters, uint8_t letter) {
  for (; *letters != '\0'; letters++)
    if ((uint8_t)*letters == letter) return true;
  return false;
}

PW_EXPORT(count_vowels) {
  char vowels[256];
  size_t letters = pw_config_string("vowels", vowels, sizeof vowels);
  if (letters >= sizeof vowels) return pw_fail("the configuration's vowels are too long");
  const char *counted = letters == 0 ? "aeiouAEIOU" : vowels;

  uint64_t count = 0, index = 0;
  uint8_t chunk[256];
  for (size_t got; (got = pw_input_read(index, chunk, sizeof chunk)) != 0; index += got)
    for (size_t i = 0; i < got; i++) count += contains(counted, chunk[i]);
  uint64_t total = pw_var_get_u64("total", 0) + count;
  pw_var_set_u64("total", total);

  pw_writer json = PW_WRITER;
  pw_write_string(&json, "{\"count\":");
  pw_write_u64(&json, count);
  pw_write_string(&json, ",\"total\":");
  pw_write_u64(&json, total);
  pw_write_string(&json, ",\"vowels\":");
  pw_write_json_string(&json, counted);
  pw_write_byte(&json, '}');
  return pw_output_writer(&json);
}

/* Keys may be of any length here, so they travel as blocks. */
PW_EXPORT(config_get) { return pw_output_block(pw_env_config_get(pw_input_block())); }

PW_EXPORT(var_get) { return pw_output_block(pw_env_var_get(pw_input_block())); }

PW_EXPORT(var_set) {
  uint64_t split = split_input();
  if (split == pw_input_length()) return pw_fail("expected key=value");
  pw_block key = pw_input_part(0, split);
  pw_env_var_set(key, pw_input_part(split + 1, pw_input_length()));
  return 0;
}

PW_EXPORT(var_remove) {
  pw_env_var_set(pw_input_block(), 0);
  return 0;
}

PW_EXPORT(log_all) {
  static const pw_level levels[] = {PW_TRACE, PW_DEBUG, PW_INFO, PW_WARN, PW_ERROR};
  for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) pw_log_block(levels[i], pw_input_block());
  return 0;
}

PW_EXPORT(http_get) {
  char url[1024];
  if (pw_input_string(url, sizeof url) >= sizeof url) return pw_fail("the URL is too long");
  return pw_output_block(pw_http_get(url).body);
}

PW_EXPORT(http_status) {
  char url[1024];
  if (pw_input_string(url, sizeof url) >= sizeof url) return pw_fail("the URL is too long");
  int32_t status = pw_http_get(url).status;
  pw_block headers = pw_http_headers();

  pw_writer json = PW_WRITER;
  pw_write_string(&json, "{\"status\":");
  pw_write_i64(&json, status);
  pw_write_string(&json, ",\"headers\":");
  if (headers == 0) pw_write_string(&json, "{}");
  pw_write_block(&json, headers);
  pw_write_byte(&json, '}');
  return pw_output_writer(&json);
}

PW_EXPORT(fail_message) { return pw_fail_block(1, pw_input_block()); }

PW_EXPORT(fail_code) { return pw_fail_code(42, "refused with code 42"); }

PW_EXPORT(panic) {
  char message[256];
  (void)pw_input_string(message, sizeof message);
  pw_panic(message);
}
