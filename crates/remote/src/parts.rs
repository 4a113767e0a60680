//! Inputs and outputs that are larger than a message: whoever needs one asks for it part by part.
//!
//! A request for a part says where it begins; the answer is as much from there as fits into a message. One part is under way at a
//! time, so that neither side, nor the server between them, has to keep more than that.

use std::time::Duration;

use async_nats::{Client, HeaderMap, Request};
use bytes::{Bytes, BytesMut};

use crate::wire;

/// How large inputs and outputs may be, unless told otherwise.
pub(crate) const MAX_BYTES: usize = 64 << 20;

/// How long one part may take, and how long nobody may ask for one before the rest is given up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Asks for so many bytes, all of them. An error says why there are not.
pub(crate) async fn fetch(client: &Client, subject: &str, bytes: usize) -> Result<Bytes, String> {
    // What somebody says that there is costs nothing before it comes.
    let mut whole = BytesMut::new();
    while whole.len() < bytes {
        let request = Request::new().headers(wire::part(whole.len())).timeout(Some(PATIENCE));
        let answer = client.send_request(subject.to_owned(), request).await;
        let part = answer.map_err(|error| error.to_string())?.payload;
        if part.is_empty() || part.len() > bytes - whole.len() {
            let (part, at) = (part.len(), whole.len());
            return Err(format!("a part of {part} bytes came at {at}, of {bytes} in all"));
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}

/// Where the part begins that a message asks for.
pub(crate) fn wanted(headers: Option<&HeaderMap>) -> Option<usize> {
    headers?.get(wire::PART)?.as_str().parse().ok()
}

/// The part that begins there, of so many bytes at most; nothing beyond the end.
pub(crate) fn part(whole: &Bytes, begin: usize, max: usize) -> Bytes {
    let begin = begin.min(whole.len());
    whole.slice(begin..whole.len().min(begin.saturating_add(max)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_of_the_whole_and_not_beyond_it() {
        let whole = Bytes::from_static(b"abcde");
        for (begin, max, expected) in
            [(0, 2, "ab"), (4, 2, "e"), (5, 2, ""), (usize::MAX, usize::MAX, ""), (1, usize::MAX, "bcde")]
        {
            assert_eq!(part(&whole, begin, max), expected);
        }
    }

    #[test]
    fn a_request_for_a_part_says_where_it_begins() {
        assert_eq!(wanted(Some(&wire::part(7))), Some(7));
        let mut wrong = HeaderMap::new();
        wrong.insert(wire::PART, "-1");
        assert_eq!((wanted(Some(&wrong)), wanted(None)), (None, None));
    }
}
