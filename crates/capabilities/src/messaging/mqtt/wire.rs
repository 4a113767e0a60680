//! What differs between MQTT 3.1.1 and 5 for the client library.

use std::time::Duration;

use bytes::Bytes;
use rumqttc::{QoS, v5};

use super::link::{PublishError, Settings};
use super::packet::{Arrived, Publication};
use crate::messaging::Address;

/// The most bytes of a packet that is accepted or sent.
pub(super) const MAX_PACKET_BYTES: u32 = 64 << 20;

/// Requests that the library takes before the event loop has seen them. Acknowledgements must fit beside publications.
const CHANNEL: usize = 1024;

/// The most publications that are not acknowledged yet.
pub(super) const MAX_UNACKNOWLEDGED: u16 = 100;

/// Messages are acknowledged by whoever has done with them, not as soon as they arrive.
const MANUAL_ACKS: bool = true;

#[derive(Clone)]
pub(super) enum Client {
    Old(rumqttc::AsyncClient),
    New(v5::AsyncClient),
}

pub(super) enum Events {
    Old(Box<rumqttc::EventLoop>),
    New(Box<v5::EventLoop>),
}

/// What happened, as far as it matters.
pub(super) enum Signal {
    /// There is a new session, with packets of so many bytes at most.
    Connected { max_packet_bytes: usize },
    /// A publication was sent under this number.
    Sent(u16),
    /// It was acknowledged.
    Acknowledged(u16, Result<(), PublishError>),
    /// The broker answered a subscription.
    Subscribed(bool),
    /// A message arrived. Its session is not known here.
    Arrived(Arrived),
    /// Something else.
    Other,
}

/// The connection was lost, or could not be made.
pub(super) struct Lost {
    /// What the library says; it has no credentials.
    pub(super) reason: String,
}

pub(super) fn open(address: &Address, settings: &Settings) -> (Client, Events) {
    let login = address.login().map(|(user, password)| (user.reveal(), password.reveal()));
    let transport = if address.is_encrypted() {
        rumqttc::Transport::tls_with_default_config()
    } else {
        rumqttc::Transport::tcp()
    };
    let keep_alive = Duration::from_secs(15);
    // A publication after an acknowledgement would wait for the broker's delayed one of TCP: some 40 ms.
    let mut network = rumqttc::NetworkOptions::new();
    network.set_tcp_nodelay(true);
    if address.is_old_mqtt() {
        let mut options = rumqttc::MqttOptions::new(&settings.client_id, address.host(), address.port());
        options.set_transport(transport).set_keep_alive(keep_alive).set_clean_session(!settings.lasting);
        options.set_inflight(MAX_UNACKNOWLEDGED).set_manual_acks(MANUAL_ACKS);
        options.set_max_packet_size(MAX_PACKET_BYTES as usize, MAX_PACKET_BYTES as usize);
        if let Some((user, password)) = login {
            options.set_credentials(user, password);
        }
        let (client, mut events) = rumqttc::AsyncClient::new(options, CHANNEL);
        events.set_network_options(network);
        return (Client::Old(client), Events::Old(Box::new(events)));
    }
    let mut options = v5::MqttOptions::new(&settings.client_id, address.host(), address.port());
    options.set_transport(transport).set_keep_alive(keep_alive).set_clean_start(!settings.lasting);
    options.set_outgoing_inflight_upper_limit(MAX_UNACKNOWLEDGED).set_manual_acks(MANUAL_ACKS);
    options.set_max_packet_size(Some(MAX_PACKET_BYTES)).set_receive_maximum(settings.receive_maximum);
    options.set_network_options(network);
    if settings.lasting {
        options.set_session_expiry_interval(Some(u32::MAX));
    }
    if let Some((user, password)) = login {
        options.set_credentials(user, password);
    }
    let (client, events) = v5::AsyncClient::new(options, CHANNEL);
    (Client::New(client), Events::New(Box::new(events)))
}

impl Client {
    /// Hands a publication to the event loop, to be acknowledged.
    pub(super) fn publish(&self, publication: Publication) -> Result<(), PublishError> {
        let Publication { topic, payload, headers, response_topic, correlation } = publication;
        match self {
            Self::Old(_) if !headers.is_empty() => Err(PublishError::NoHeaders),
            Self::Old(client) => {
                client.try_publish(topic, QoS::AtLeastOnce, false, payload).map_err(|_| PublishError::Full)
            }
            Self::New(client) => {
                let properties = v5::mqttbytes::v5::PublishProperties {
                    response_topic,
                    correlation_data: correlation.map(Bytes::from),
                    user_properties: headers.into_iter().collect(),
                    ..Default::default()
                };
                client
                    .try_publish_with_properties(
                        topic,
                        v5::mqttbytes::QoS::AtLeastOnce,
                        false,
                        payload,
                        properties,
                    )
                    .map_err(|_| PublishError::Full)
            }
        }
    }

    /// Asks for messages; whether the request could be handed to the event loop.
    pub(super) fn subscribe(&self, filter: &str) -> bool {
        match self {
            Self::Old(client) => client.try_subscribe(filter, QoS::AtLeastOnce).is_ok(),
            Self::New(client) => client.try_subscribe(filter, v5::mqttbytes::QoS::AtLeastOnce).is_ok(),
        }
    }

    /// Says goodbye; whether that could be handed to the event loop.
    pub(super) fn disconnect(&self) -> bool {
        match self {
            Self::Old(client) => client.try_disconnect().is_ok(),
            Self::New(client) => client.try_disconnect().is_ok(),
        }
    }

    /// Acknowledges a message; whether that could be handed to the event loop.
    pub(super) fn acknowledge(&self, id: u16) -> bool {
        match self {
            Self::Old(client) => {
                let mut publish = rumqttc::Publish::new("", QoS::AtLeastOnce, Vec::new());
                publish.pkid = id;
                client.try_ack(&publish).is_ok()
            }
            Self::New(client) => {
                let mut publish =
                    v5::mqttbytes::v5::Publish::new("", v5::mqttbytes::QoS::AtLeastOnce, Bytes::new(), None);
                publish.pkid = id;
                client.try_ack(&publish).is_ok()
            }
        }
    }
}

impl Events {
    /// The next thing that happens. It connects if there is no connection.
    pub(super) async fn next(&mut self) -> Result<Signal, Lost> {
        match self {
            Self::Old(events) => {
                events.poll().await.map(old_signal).map_err(|error| Lost { reason: error.to_string() })
            }
            Self::New(events) => {
                events.poll().await.map(new_signal).map_err(|error| Lost { reason: error.to_string() })
            }
        }
    }

    /// Forgets the session that is over: what was to be sent, for whoever waits for it has been told; what had arrived, for the next
    /// session would take it for its own; and the last number, for the next session may have fewer of them.
    pub(super) fn forget(&mut self) {
        match self {
            Self::Old(events) => {
                events.clean();
                events.pending.clear();
                events.state = rumqttc::MqttState::new(MAX_UNACKNOWLEDGED, MANUAL_ACKS);
            }
            Self::New(events) => {
                events.clean();
                events.pending.clear();
                events.state = v5::MqttState::new(MAX_UNACKNOWLEDGED, MANUAL_ACKS);
            }
        }
    }
}

fn old_signal(event: rumqttc::Event) -> Signal {
    use rumqttc::{Event, Outgoing, Packet, SubscribeReasonCode};
    match event {
        Event::Incoming(Packet::ConnAck(_)) => {
            Signal::Connected { max_packet_bytes: MAX_PACKET_BYTES as usize }
        }
        Event::Outgoing(Outgoing::Publish(id)) => Signal::Sent(id),
        Event::Incoming(Packet::PubAck(ack)) => Signal::Acknowledged(ack.pkid, Ok(())),
        Event::Incoming(Packet::SubAck(ack)) => {
            Signal::Subscribed(ack.return_codes.iter().all(|code| *code != SubscribeReasonCode::Failure))
        }
        Event::Incoming(Packet::Publish(publish)) => Signal::Arrived(Arrived {
            topic: publish.topic,
            payload: publish.payload,
            headers: Default::default(),
            redelivered: publish.dup,
            response_topic: None,
            correlation: None,
            id: publish.pkid,
            session: 0,
        }),
        _ => Signal::Other,
    }
}

fn new_signal(event: v5::Event) -> Signal {
    use rumqttc::Outgoing;
    use v5::Event;
    use v5::mqttbytes::v5::{Packet, SubscribeReasonCode};
    match event {
        Event::Incoming(Packet::ConnAck(ack)) => {
            let most =
                ack.properties.and_then(|properties| properties.max_packet_size).unwrap_or(MAX_PACKET_BYTES);
            Signal::Connected { max_packet_bytes: most.min(MAX_PACKET_BYTES) as usize }
        }
        Event::Outgoing(Outgoing::Publish(id)) => Signal::Sent(id),
        Event::Incoming(Packet::PubAck(ack)) => Signal::Acknowledged(ack.pkid, verdict(ack.reason)),
        Event::Incoming(Packet::SubAck(ack)) => Signal::Subscribed(
            ack.return_codes.iter().all(|code| matches!(code, SubscribeReasonCode::Success(_))),
        ),
        Event::Incoming(Packet::Publish(publish)) => {
            let properties = publish.properties.unwrap_or_default();
            Signal::Arrived(Arrived {
                topic: String::from_utf8_lossy(&publish.topic).into_owned(),
                payload: publish.payload,
                headers: properties.user_properties.into_iter().collect(),
                redelivered: publish.dup,
                response_topic: properties.response_topic,
                correlation: properties.correlation_data,
                id: publish.pkid,
                session: 0,
            })
        }
        _ => Signal::Other,
    }
}

fn verdict(reason: v5::mqttbytes::v5::PubAckReason) -> Result<(), PublishError> {
    use v5::mqttbytes::v5::PubAckReason;
    match reason {
        PubAckReason::Success => Ok(()),
        PubAckReason::NoMatchingSubscribers => Err(PublishError::NoListeners),
        PubAckReason::NotAuthorized => Err(PublishError::Forbidden),
        PubAckReason::QuotaExceeded => Err(PublishError::Full),
        _ => Err(PublishError::Refused),
    }
}
