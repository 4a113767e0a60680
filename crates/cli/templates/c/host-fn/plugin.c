/* A plug-in that greets, with a greeting that its host keeps. */
#include "pdk/plugwright.h"

/* The value that the host stores under a key, block 0 if there is none. */
PW_HOST_FN(pw_block, kv_read, (pw_block key));

/* Greets whoever the input names. The greeting comes from the host's store, and is "Hello" without one. */
PW_EXPORT(greet) {
  pw_block greeting = kv_read(pw_block_from_string("greeting"));
  pw_writer text = PW_WRITER;
  if (pw_length(greeting) != 0) {
    pw_write_block(&text, greeting);
  } else {
    pw_write_string(&text, "Hello");
  }
  pw_write_string(&text, ", ");
  pw_write_input(&text);
  pw_write_string(&text, "!");
  return pw_output_writer(&text);
}
