#!/bin/sh
# Builds the plug-in and calls it, with host.wat in place of a host.
set -eu
cd "$(dirname "$0")"

plugwright build --quiet

wanted="Good day, Ada!"
got=$(plugwright call {{name}}.wasm greet --link extism:host/user=host.wat --input Ada)
if [ "$got" != "$wanted" ]; then
  echo "expected \"$wanted\", got \"$got\"" >&2
  exit 1
fi
echo "all tests passed"
