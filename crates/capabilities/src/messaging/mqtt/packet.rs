//! Messages of both versions of MQTT.

use bytes::Bytes;

use crate::messaging::Headers;

/// A message to publish.
#[derive(Debug, Clone, Default)]
pub struct Publication {
    /// The topic, without wildcards.
    pub topic: String,
    /// What it says.
    pub payload: Bytes,
    /// User properties, in MQTT 5.
    pub headers: Headers,
    /// Where an answer is to be sent to, in MQTT 5.
    pub response_topic: Option<String>,
    /// What an answer must bring back, in MQTT 5.
    pub correlation: Option<Vec<u8>>,
}

impl Publication {
    /// About the most bytes of its packet.
    pub(super) fn packet_len(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len() + 5).sum();
        let answer = self.response_topic.as_ref().map_or(0, String::len)
            + self.correlation.as_ref().map_or(0, Vec::len);
        self.topic.len() + self.payload.len() + headers + answer + 32
    }
}

/// A message that arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The topic.
    pub topic: String,
    /// What it says.
    pub payload: Bytes,
    /// User properties, in MQTT 5; of several with one name the last.
    pub headers: Headers,
    /// Whether the broker had delivered it before, as far as it knows.
    pub redelivered: bool,
    /// Where an answer is to be sent to.
    pub response_topic: Option<String>,
    /// What an answer must bring back, or this one does.
    pub correlation: Option<Bytes>,
    /// The number to acknowledge; 0 if it needs no acknowledgement.
    pub(super) id: u16,
    /// The session that it arrived in.
    pub(super) session: u64,
}

impl Arrived {
    /// Whether the broker waits for an acknowledgement.
    pub fn needs_acknowledgement(&self) -> bool {
        self.id != 0
    }
}
