;; Checks http_request, http_status_code and http_headers, when the host has them.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "http_request" (func $http_request (param i64 i64) (result i64)))
  (import "extism:host/env" "http_status_code" (func $http_status_code (result i32)))
  (import "extism:host/env" "http_headers" (func $http_headers (result i64)))

  (memory 1)
  (data (i32.const 0) "the body") ;; 8 bytes

  ;; The call's input as a block, 0 when it is empty. The input is the request, in JSON.
  (func $input (result i64)
    (local $block i64) (local $i i64)
    (local.set $block (call $alloc (call $input_length)))
    (block $done
      (loop $next
        (br_if $done (i64.ge_u (local.get $i) (call $input_length)))
        (call $store_u8
          (i64.add (local.get $block) (local.get $i))
          (call $input_load_u8 (local.get $i)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $next)))
    (local.get $block))

  ;; A block with the eight bytes "the body".
  (func $body (result i64)
    (local $block i64) (local $i i32)
    (local.set $block (call $alloc (i64.const 8)))
    (loop $next
      (call $store_u8
        (i64.add (local.get $block) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 8))))
    (local.get $block))

  (func $output (param $block i64)
    (call $output_set (local.get $block) (call $length (local.get $block))))

  ;; The body of the response.
  (func (export "request") (result i32)
    (call $output (call $http_request (call $input) (i64.const 0)))
    (i32.const 0))

  ;; The same, with "the body" as the request's body.
  (func (export "request_with_body") (result i32)
    (call $output (call $http_request (call $input) (call $body)))
    (i32.const 0))

  ;; The response's headers, in JSON; no output when the host does not give them.
  (func (export "headers") (result i32)
    (drop (call $http_request (call $input) (i64.const 0)))
    (call $output (call $http_headers))
    (i32.const 0))

  ;; The response's status, in decimal.
  (func (export "status") (result i32)
    (local $answer i64) (local $status i32)
    (drop (call $http_request (call $input) (i64.const 0)))
    (local.set $status (call $http_status_code))
    (local.set $answer (call $alloc (i64.const 3)))
    (call $store_u8 (local.get $answer)
      (i32.add (i32.const 0x30) (i32.div_u (local.get $status) (i32.const 100))))
    (call $store_u8 (i64.add (local.get $answer) (i64.const 1))
      (i32.add (i32.const 0x30)
        (i32.rem_u (i32.div_u (local.get $status) (i32.const 10)) (i32.const 10))))
    (call $store_u8 (i64.add (local.get $answer) (i64.const 2))
      (i32.add (i32.const 0x30) (i32.rem_u (local.get $status) (i32.const 10))))
    (call $output_set (local.get $answer) (i64.const 3))
    (i32.const 0))

  ;; Before any request of this plug-in there is no status and there are no headers.
  ;; Returns the number of the check that failed, else 0.
  (func (export "check_before") (result i32)
    (if (call $http_status_code) (then (return (i32.const 1))))
    (if (i64.ne (call $http_headers) (i64.const 0)) (then (return (i32.const 2))))
    (i32.const 0))

  ;; The host takes both blocks. Returns the number of the check that failed, else 0.
  (func (export "check_ownership") (result i32)
    (local $request i64) (local $body i64) (local $response i64)
    (local.set $request (call $input))
    (local.set $body (call $body))
    (local.set $response (call $http_request (local.get $request) (local.get $body)))
    (if (i32.and
          (i64.ne (local.get $request) (local.get $response))
          (i64.ne (call $length (local.get $request)) (i64.const 0)))
      (then (return (i32.const 1))))
    (if (i32.and
          (i64.ne (local.get $body) (local.get $response))
          (i64.ne (call $length (local.get $body)) (i64.const 0)))
      (then (return (i32.const 2))))
    (i32.const 0))

  ;; A request that is no block at all: an error, and nothing else.
  (func (export "request_of_nothing") (result i32)
    (drop (call $http_request (i64.const 0) (i64.const -1)))
    (i32.const 0))

  ;; A good request whose body is an offset at which no block starts: it has no body.
  (func (export "request_with_bad_body") (result i32)
    (call $output (call $http_request (call $input) (i64.const -0x8000_0000_0000_0000)))
    (i32.const 0)))
