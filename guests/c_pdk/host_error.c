/* A fallible host function's error, as a value. */
#include "plugwright.h"

PW_HOST_FN(uint64_t, host_try_fail, (void));

PW_EXPORT(try_fail) {
  uint64_t result = host_try_fail();
  pw_block error = pw_host_error();
  if (result != 0 || error == 0) return pw_fail("the host function did not fail");
  if (pw_host_error() != 0) return pw_fail("asking twice gives the error twice");
  return pw_output_block(error);
}
