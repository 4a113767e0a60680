/* What several of the plug-ins need. */
#ifndef SHARED_H
#define SHARED_H

#include "plugwright.h"

/* Where the input's first `=` is, or the input's length when it has none. */
static inline uint64_t split_input(void) {
  uint64_t length = pw_input_length(), i = 0;
  while (i < length && pw_input_byte(i) != '=') i++;
  return i;
}

#endif
