#!/bin/sh
# Builds the plug-in and calls it, as a host would.
set -eu
cd "$(dirname "$0")"

plugwright build --quiet

# expect TEXT FLAG...: the greeting of Ada, with these flags of `plugwright call`, is this text.
expect() {
  wanted=$1
  shift
  got=$(plugwright call {{name}}.wasm greet --input Ada "$@")
  if [ "$got" != "$wanted" ]; then
    echo "expected \"$wanted\", got \"$got\"" >&2
    exit 1
  fi
}

expect "Hello, Ada!"
expect "Hi, Ada!" --config greeting=Hi
echo "all tests passed"
