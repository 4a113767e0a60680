/* A plug-in that greets. */
#include "pdk/plugwright.h"

/* Greets whoever the input names. The greeting comes from the config, and is "Hello" without one. */
PW_EXPORT(greet) {
  pw_block greeting = pw_config_get("greeting");
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
