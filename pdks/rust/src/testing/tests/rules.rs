//! What plug-ins may do with kernel memory, and what ends their calls.

use super::super::{ErrorKind, Host};
use super::{answer, block, call};
use crate::sys;

/// The call breaks a rule; returns the message.
#[track_caller]
fn broken(host: &Host, function: impl FnOnce() -> i32) -> String {
    let error = call(host, function).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Contract, "{error}");
    assert_eq!(error.code(), None);
    error.message().to_owned()
}

#[test]
fn blocks_are_aligned_and_full_of_junk() {
    let host = Host::new();
    let answered = call(&host, || {
        for length in [1, 15, 16, 17, 4096] {
            let offset = sys::alloc(length);
            assert_eq!(offset % 16, 0);
            assert_ne!(offset, 0);
            assert_eq!(sys::length(offset), length);
            assert_eq!(sys::length(offset + 1), 0);
            assert_ne!(sys::load_u8(offset + length - 1), 0);
        }
        assert_eq!(sys::alloc(0), 0);
        answer(block(b"done"))
    });
    assert_eq!(answered.unwrap(), "done");
}

#[test]
fn words_are_little_endian_and_may_be_anywhere_in_a_block() {
    let host = Host::new();
    let answered = call(&host, || {
        let offset = sys::alloc(11);
        sys::store_u64(offset + 3, u64::from_le_bytes(*b"ABCDEFGH"));
        sys::mem_write(offset, b"012");
        assert_eq!(sys::load_u64(offset + 2).to_le_bytes(), *b"2ABCDEFG");
        let mut copy = [0; 11];
        sys::mem_read(&mut copy, offset);
        assert_eq!(copy, *b"012ABCDEFGH");
        answer(offset)
    });
    assert_eq!(answered.unwrap(), "012ABCDEFGH");
}

#[test]
fn loads_outside_of_memory_give_zeros() {
    let host = Host::new();
    let code = host.run(|| {
        let offset = sys::alloc(8);
        assert_eq!(sys::load_u8(offset + 4096), 0);
        assert_eq!(sys::load_u64(offset + 4096), 0);
        assert_eq!(sys::load_u64(u64::MAX - 3), 0);
    });
    assert_eq!(code, Ok(()));
}

#[test]
fn the_input_ends_where_it_ends() {
    let host = Host::new();
    let output: String = host
        .call(
            || {
                assert_eq!(sys::input_length(), 9);
                assert_eq!(sys::input_load_u64(1).to_le_bytes(), *b"BCDEFGHI");
                assert_eq!(sys::input_load_u64(2), 0);
                assert_eq!(sys::input_load_u8(8), b'I');
                assert_eq!(sys::input_load_u8(9), 0);
                assert_eq!(sys::input_load_u8(u64::MAX), 0);
                sys::output_set(sys::input_offset() + 1, 3);
                0
            },
            "ABCDEFGHI",
        )
        .unwrap();
    assert_eq!(output, "BCD");
}

#[test]
fn freeing_the_input_makes_it_empty() {
    let host = Host::new();
    let code: Result<String, _> = host.call(
        || {
            sys::free(sys::input_offset());
            sys::input_length() as i32
        },
        "abc",
    );
    assert_eq!(code.unwrap(), "");
}

#[test]
fn freeing_twice_or_nothing_is_forgiven() {
    let host = Host::new();
    let answered = call(&host, || {
        let offset = block(b"x");
        sys::free(offset);
        sys::free(offset);
        sys::free(0);
        sys::free(offset + 1);
        0
    });
    assert_eq!(answered.unwrap(), "");
}

#[test]
fn a_block_that_was_given_away_is_gone() {
    let host = Host::new();
    for (by, give) in [
        ("log_info", sys::log_info as fn(u64)),
        ("config_get", |key| {
            sys::config_get(key);
        }),
        ("var_get", |key| {
            sys::var_get(key);
        }),
        ("var_set", |key| sys::var_set(key, block(b"v"))),
        ("var_set", |value| sys::var_set(block(b"k"), value)),
    ] {
        let uses: [fn(u64); 5] = [
            |offset| {
                sys::load_u8(offset);
            },
            |offset| sys::store_u8(offset, 1),
            sys::free,
            sys::log_info,
            |offset| sys::output_set(offset, 1),
        ];
        for reuse in uses {
            let message = broken(&host, || {
                let offset = block(b"key");
                give(offset);
                reuse(offset);
                0
            });
            assert!(message.contains(&format!("which `{by}` took")), "{message}");
        }
    }
}

#[test]
fn a_freed_block_is_gone() {
    let host = Host::new();
    let message = broken(&host, || {
        let offset = block(b"key");
        sys::free(offset);
        sys::var_set(offset, block(b"value"));
        0
    });
    assert!(message.starts_with("`var_set` uses the block at ") && message.contains("freed"), "{message}");
    assert_eq!(host.get_var::<String>("key"), Ok(None));
}

#[test]
fn blocks_end_with_their_call() {
    let host = Host::new();
    let kept = host.run(|| block(b"kept")).unwrap();
    let message = broken(&host, || {
        sys::load_u8(kept);
        0
    });
    assert!(message.contains("an earlier call"), "{message}");
}

#[test]
fn key_and_value_are_different_blocks() {
    let message = broken(&Host::new(), || {
        let offset = block(b"x");
        sys::var_set(offset, offset);
        0
    });
    assert!(message.contains("which `var_set` took"), "{message}");
}

#[test]
fn only_starts_of_blocks_are_passed() {
    let host = Host::new();
    let message = broken(&host, || {
        sys::log_info(block(b"message") + 1);
        0
    });
    assert!(message.contains("lies inside the block"), "{message}");
    let message = broken(&host, || {
        sys::config_get(1 << 20);
        0
    });
    assert_eq!(message, "`config_get` uses offset 1048576, at which no block starts");
}

#[test]
fn writing_beyond_a_block_or_to_null_is_refused() {
    let host = Host::new();
    let message = broken(&host, || {
        sys::store_u64(block(b"12345"), 0);
        0
    });
    assert!(message.contains("beyond the end of the block"), "{message}");
    let message = broken(&host, || {
        sys::store_u8(0, 1);
        0
    });
    assert!(message.contains("null"), "{message}");
}

#[test]
fn the_output_lies_inside_memory() {
    for (offset, length) in [(16, 1 << 20), (u64::MAX, 2), (1 << 40, 1)] {
        let message = broken(&Host::new(), || {
            block(b"x");
            sys::output_set(offset, length);
            0
        });
        assert!(message.starts_with("`output_set` names ") && message.contains("outside"), "{message}");
    }
    let nothing = call(&Host::new(), || {
        sys::output_set(u64::MAX, 0);
        0
    });
    assert_eq!(nothing.unwrap(), "");
}

#[test]
fn bulk_copies_stay_inside_memory() {
    let message = broken(&Host::new(), || {
        sys::mem_read(&mut [0; 64], block(b"short"));
        0
    });
    assert!(message.contains("plugwright:host/mem read"), "{message}");
    let message = broken(&Host::new(), || {
        sys::mem_write(block(b"short"), b"too long");
        0
    });
    assert!(message.contains("plugwright:host/mem write"), "{message}");
}

#[test]
fn when_there_is_no_room_alloc_says_so() {
    let host = Host::new().max_memory_bytes(100);
    let code = host.run(|| {
        let first = sys::alloc(60);
        assert_ne!(first, 0);
        assert_eq!(sys::alloc(41), 0);
        assert_eq!(sys::alloc(u64::MAX), 0);
        sys::free(first);
        assert_ne!(sys::alloc(100), 0);
    });
    assert_eq!(code, Ok(()));
}

/// Breaks a rule, and sets a variable, when the stack is unwound.
struct OnTheWayOut;

impl Drop for OnTheWayOut {
    fn drop(&mut self) {
        sys::store_u8(0, 1);
        sys::var_set(block(b"late"), block(b"x"));
    }
}

#[test]
fn what_was_stopped_does_nothing_more() {
    let host = Host::new();
    let message = broken(&host, || {
        let _out = OnTheWayOut;
        sys::output_set(16, 1 << 20);
        0
    });
    assert!(message.starts_with("`output_set`"), "{message}");
    assert_eq!(host.get_var::<String>("late"), Ok(None));
}

#[test]
fn what_came_first_counts() {
    let error = call(&Host::new(), || {
        let _out = OnTheWayOut;
        panic!("first")
    });
    assert!(error.unwrap_err().message().ends_with(": first"));
}
