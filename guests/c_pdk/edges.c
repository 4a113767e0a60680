/* What the helpers do at their edges: sizes around 8 bytes, text that needs escapes, memory that runs out. Compiled with
 * and without PLUGWRIGHT_BULK. */
#include "plugwright.h"

/* Takes the input into the plug-in's memory, in chunks of an odd size, and back. */
PW_EXPORT(copy) {
  uint8_t chunk[1021];
  uint64_t index = 0;
  pw_writer copied = PW_WRITER;
  for (size_t got; (got = pw_input_read(index, chunk, sizeof chunk)) != 0; index += got)
    pw_write(&copied, chunk, got);
  return pw_output_block(pw_writer_block(&copied));
}

/* The input as a string of at most 7 bytes, and its whole length. */
PW_EXPORT(cut) {
  char start[8];
  size_t length = pw_input_string(start, sizeof start);
  pw_writer text = PW_WRITER;
  pw_write_string(&text, start);
  pw_write_byte(&text, ' ');
  pw_write_u64(&text, length);
  if (pw_input_string(start, 0) != length) return pw_fail("no buffer: another length");
  return pw_output_writer(&text);
}

/* The input as a JSON string. */
PW_EXPORT(quote) {
  char text[256];
  size_t length = pw_input_read(0, text, sizeof text);
  pw_writer json = PW_WRITER;
  pw_write_json(&json, text, length);
  return pw_output_writer(&json);
}

PW_EXPORT(numbers) {
  pw_writer text = PW_WRITER;
  pw_write_u64(&text, 0);
  pw_write_byte(&text, ' ');
  pw_write_u64(&text, UINT64_MAX);
  pw_write_byte(&text, ' ');
  pw_write_i64(&text, INT64_MIN);
  pw_write_byte(&text, ' ');
  pw_write_i64(&text, INT64_MAX);
  return pw_output_writer(&text);
}

/* Nothing at all, where bytes may be given. */
PW_EXPORT(nothing) {
  char untouched = 'u';
  pw_writer none = PW_WRITER;
  if (pw_block_from("", 0) != 0) return pw_fail("a block of no bytes");
  if (pw_writer_block(&none) != 0) return pw_fail("a block of nothing written");
  if (pw_input_part(5, 3) != 0) return pw_fail("a part whose end is before its start");
  if (pw_input_part(UINT64_MAX, UINT64_MAX) != 0) return pw_fail("a part behind the input");
  if (pw_block_read(0, &untouched, 1) != 0 || untouched != 'u') return pw_fail("bytes of no block");
  if (pw_block_read_string(0, &untouched, 1) != 0 || untouched != '\0') return pw_fail("a string of no block");
  pw_var_set("empty", "", 0);
  if (pw_var_get("empty") != 0) return pw_fail("an empty variable");
  if (pw_var_get_u64("empty", 7) != 7) return pw_fail("a number that is not there");
  pw_var_set("empty", "123", 3);
  if (pw_var_get_u64("empty", 7) != 7) return pw_fail("a number of three bytes");
  pw_free(0);
  pw_log(PW_ERROR, "");
  return pw_output("", 0);
}

/* Posts the input to the configured URL, with a header that needs escapes. The response is the output. */
PW_EXPORT(post) {
  char url[256], value[256];
  uint8_t body[256];
  if (pw_config_string("url", url, sizeof url) >= sizeof url) return pw_fail("the URL is too long");
  (void)pw_config_string("header", value, sizeof value);
  const pw_http_header headers[] = {{"X-Quoted", "say \"hi\" \\ to C:\\"}, {"X-Config", value}};
  pw_http_request request = PW_HTTP_REQUEST(url);
  request.method = "post";
  request.headers = headers;
  request.header_count = sizeof headers / sizeof headers[0];
  request.body = body;
  request.body_length = pw_input_read(0, body, sizeof body);
  return pw_output_block(pw_http_send(&request).body);
}

/* A header of the response to a GET of the configured URL; the input is its name. */
PW_EXPORT(header) {
  char url[256], name[64], value[64];
  if (pw_config_string("url", url, sizeof url) >= sizeof url) return pw_fail("the URL is too long");
  if (pw_input_string(name, sizeof name) >= sizeof name) return pw_fail("the name is too long");
  (void)pw_http_get(url);
  if (pw_http_header_string(name, value, sizeof value) >= sizeof value) return pw_fail("the value is too long");
  return pw_output_string(value);
}

/* The input is a JSON string with its quotes: its text, as a header's value is decoded, cut at 40 bytes. */
PW_EXPORT(unescape) {
  char text[41];
  pw_block json = pw_input_block();
  if (pw_json_read(json + 1, json + pw_length(json), text, sizeof text) >= sizeof text) pw_log(PW_WARN, "cut");
  return pw_output_string(text);
}

/* Writes until no kernel memory is left, which must end the call rather than write to offset 0. */
PW_EXPORT(exhaust) {
  static const uint8_t zeros[4096] = {0};
  pw_writer filled = PW_WRITER;
  for (;;) pw_write(&filled, zeros, sizeof zeros);
}

/* Asks for more than there is, and goes on. */
PW_EXPORT(cope) { return pw_output_string(pw_alloc(UINT64_MAX) == 0 ? "refused" : "granted"); }
