//! Blocks, on the host of a test.

use std::vec::Vec;

use super::{ManagedMemory, Memory, MemoryPointer, internal};
use crate::testing::Host;
use crate::{Error, Json};

/// What the code of a plug-in gives.
fn run<T>(code: impl FnOnce() -> T) -> T {
    Host::new().run(code).unwrap()
}

#[test]
fn bytes_of_every_length_come_back() {
    for length in 0..100_u8 {
        let bytes: Vec<u8> = (0..length).collect();
        let copy = run(|| Memory::from_bytes(&bytes).unwrap().to_vec());
        assert_eq!(copy, bytes);
    }
}

#[test]
fn values_come_back() {
    run(|| {
        let memory = Memory::new(&Json([1, 2])).unwrap();
        assert_eq!(memory.to_string().unwrap(), "[1,2]");
        let Json(numbers) = memory.to::<Json<Vec<u8>>>().unwrap();
        assert_eq!(numbers, [1, 2]);
        assert!(memory.to::<u64>().unwrap_err().to_string().contains("expected exactly 8 bytes, found 5"));
    });
}

#[test]
fn blocks_are_found_by_their_offset() {
    run(|| {
        let memory = Memory::from_bytes("tea").unwrap();
        let offset = memory.offset();
        assert_eq!(Memory::find(offset), Some(Memory(memory.0)));
        assert_eq!(Memory::find(offset + 1), None);
        assert_eq!(Memory::from(offset + 1), Memory::null());
        assert_eq!(internal::memory_length(offset), 3);
        memory.free();
        assert_eq!(Memory::find(offset), None);
    });
}

#[test]
fn managed_memory_is_freed() {
    run(|| {
        let managed = ManagedMemory::new(Memory::from_bytes("tea").unwrap());
        let offset = managed.offset();
        assert_eq!((managed.len(), internal::memory_length(offset)), (3, 3));
        drop(managed);
        assert_eq!(internal::memory_length(offset), 0);
    });
}

#[test]
#[allow(unsafe_code)] // `new` is declared unsafe, and is not.
fn pointers_are_checked() {
    run(|| {
        let memory = Memory::from_bytes("tea").unwrap();
        // SAFETY: none is needed.
        let get = |offset| unsafe { MemoryPointer::<std::string::String>::new(offset) }.get();
        assert_eq!(get(memory.offset()).unwrap(), "tea");
        assert_eq!(get(0).unwrap(), "");
        assert_eq!(get(7).unwrap_err().to_string(), "no block of memory starts at offset 7");
    });
}

#[test]
fn slices_are_copied_in_part() {
    run(|| {
        let memory = Memory::from_bytes([0; 3]).unwrap();
        internal::store(memory.0, b"teapot");
        let mut buffer = *b"______";
        internal::load(memory.0, &mut buffer);
        assert_eq!(&buffer, b"tea___");
    });
}

#[test]
fn without_room_there_is_an_error() {
    let error: Error =
        Host::new().max_memory_bytes(100).run(|| Memory::from_bytes([0; 101]).unwrap_err()).unwrap();
    assert_eq!(
        error.to_string(),
        "there is no memory left for 101 bytes; raise the plug-in's memory limit, or free blocks"
    );
}
