#include "check.h"

int main(void) {
  CHECK_TEXT(plugwright_version(), VERSION);
  CHECK_TEXT(extism_version(), "1.41.0+plugwright." VERSION);
  CHECK(extism_version() == extism_version());
  return 0;
}
