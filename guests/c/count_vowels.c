/* Counts vowels: configuration (which letters count), a variable (the total over all calls) and a JSON answer. */
#include "plugin.h"

static const char default_vowels[] = "aeiouAEIOU";

/* Text that grows as it is written; what does not fit is dropped. */
struct text {
  char bytes[512];
  size_t length;
};

static void put(struct text *text, char byte) {
  if (text->length < sizeof text->bytes) text->bytes[text->length++] = byte;
}

static void put_string(struct text *text, const char *string) {
  while (*string) put(text, *string++);
}

static void put_number(struct text *text, uint64_t number) {
  if (number >= 10) put_number(text, number / 10);
  put(text, (char)('0' + number % 10));
}

static void put_quoted(struct text *text, const struct text *inner) {
  put(text, '"');
  for (size_t i = 0; i < inner->length; i++) {
    if (inner->bytes[i] == '"' || inner->bytes[i] == '\\') put(text, '\\');
    put(text, inner->bytes[i]);
  }
  put(text, '"');
}

static void read_vowels(struct text *vowels) {
  offset configured = host_config_get(BLOCK("vowels"));
  if (configured == 0) {
    put_string(vowels, default_vowels);
    return;
  }
  uint64_t length = host_length(configured);
  for (uint64_t i = 0; i < length; i++) put(vowels, (char)host_load_u8(configured + i));
  host_free(configured);
}

static int contains(const struct text *letters, char letter) {
  for (size_t i = 0; i < letters->length; i++)
    if (letters->bytes[i] == letter) return 1;
  return 0;
}

/* Adds to the variable `total`, and returns the sum. */
static uint64_t add_to_total(uint64_t count) {
  offset stored = host_var_get(BLOCK("total"));
  uint64_t total = count;
  if (stored != 0) {
    total += host_load_u64(stored);
    host_free(stored);
  }
  offset sum = host_alloc(8);
  host_store_u64(sum, total);
  host_var_set(BLOCK("total"), sum);
  return total;
}

EXPORT(count_vowels) {
  struct text vowels = {.length = 0}, json = {.length = 0};
  read_vowels(&vowels);
  uint64_t count = 0, length = host_input_length();
  for (uint64_t i = 0; i < length; i++) count += (uint64_t)contains(&vowels, (char)host_input_load_u8(i));

  put_string(&json, "{\"count\":");
  put_number(&json, count);
  put_string(&json, ",\"total\":");
  put_number(&json, add_to_total(count));
  put_string(&json, ",\"vowels\":");
  put_quoted(&json, &vowels);
  put(&json, '}');
  return output_block(block_from(json.bytes, json.length));
}
