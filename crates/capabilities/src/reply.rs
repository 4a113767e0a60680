//! Replies: the blocks that the functions of capabilities return.
//!
//! The first byte is the status. After [`OK`] comes what was asked for, in a form that each function defines; after [`NONE`], which
//! says that there is nothing of that name, comes nothing; after [`FAILED`] comes a JSON object with `code` and `message`.

use crate::Failure;

/// The status of a reply whose result follows.
pub const OK: u8 = 0;
/// The status of a reply that says that there is nothing of that name.
pub const NONE: u8 = 1;
/// The status of a reply with a failure.
pub const FAILED: u8 = 2;

/// A reply that says that it was done.
pub fn done() -> Vec<u8> {
    vec![OK]
}

/// A reply with a result.
pub fn ok(result: &[u8]) -> Vec<u8> {
    let mut reply = Vec::with_capacity(1 + result.len());
    reply.push(OK);
    reply.extend_from_slice(result);
    reply
}

/// A reply with a result, or with the news that there is none.
pub fn found(result: Option<&[u8]>) -> Vec<u8> {
    result.map_or_else(|| vec![NONE], ok)
}

/// A reply with a failure.
pub fn failed(failure: &Failure) -> Vec<u8> {
    let mut reply = vec![FAILED];
    // Two strings can always be written as JSON.
    reply.extend(serde_json::to_vec(failure).unwrap_or_default());
    reply
}

#[cfg(test)]
mod tests {
    use super::{done, failed, found, ok};
    use crate::{Code, Failure};

    #[test]
    fn status_comes_first() {
        assert_eq!(done(), [0]);
        assert_eq!(ok(b"ab"), [0, b'a', b'b']);
        assert_eq!(found(Some(b"")), [0]);
        assert_eq!(found(None), [1]);
        let reply = failed(&Failure::new(Code::TooLarge, "a \"key\""));
        assert_eq!(reply[0], 2);
        assert_eq!(&reply[1..], br#"{"code":"too_large","message":"a \"key\""}"#);
    }
}
