//! What can be wrong with a trigger before anything is connected.

use super::places::{
    is_subject, is_subject_filter, is_topic, is_topic_filter, subject_matches, topic_matches,
};
use super::{InvalidTrigger, TriggerConfig};

/// The most calls of one trigger at a time.
const MAX_CONCURRENCY: usize = 10_000;

impl TriggerConfig {
    /// Checks what can be checked without servers and files.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn check(&self) -> Result<(), InvalidTrigger> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if self.name.is_empty() || self.name.len() > 64 || !self.name.bytes().all(plain) {
            return Err(self.error("name", "use 1 to 64 letters, digits, `-`, `_` and `.`"));
        }
        if self.concurrency == 0 || self.concurrency > MAX_CONCURRENCY {
            return Err(self.error("concurrency", format!("give a number from 1 to {MAX_CONCURRENCY}")));
        }
        if self.max_attempts == Some(0) {
            return Err(self.error("max_attempts", "at least one attempt must be made"));
        }
        let sources = [
            self.nats.is_some(),
            self.jetstream.is_some(),
            self.mqtt.is_some(),
            self.cron.is_some(),
            self.redis.is_some(),
        ];
        if sources.iter().filter(|there| **there).count() != 1 {
            return Err(self.error("", "give exactly one of `nats`, `jetstream`, `mqtt`, `cron` and `redis`"));
        }
        if let Some(nats) = &self.nats {
            self.check_subject("nats.subject", &nats.subject)?;
            let own = |place: &str| subject_matches(&nats.subject, place);
            self.check_target("nats.dead_letter", nats.dead_letter.as_ref(), is_subject, own)?;
        }
        if let Some(jetstream) = &self.jetstream {
            let word = |field: &str, name: &str| {
                if name.is_empty()
                    || name.contains(|c: char| c.is_whitespace() || c.is_control() || ".*>/\\".contains(c))
                {
                    return Err(self.error(
                        field,
                        format!("`{name}` cannot be a name; leave out spaces, dots and wildcards"),
                    ));
                }
                Ok(())
            };
            word("jetstream.stream", &jetstream.stream)?;
            word("jetstream.consumer", &jetstream.consumer)?;
            if let Some(subject) = &jetstream.subject {
                self.check_subject("jetstream.subject", subject)?;
            }
            let own = |place: &str| {
                jetstream.subject.as_ref().is_some_and(|subject| subject_matches(subject, place))
            };
            self.check_target("jetstream.dead_letter", jetstream.dead_letter.as_ref(), is_subject, own)?;
        }
        if let Some(mqtt) = &self.mqtt {
            if !is_topic_filter(&mqtt.topic) {
                return Err(self.error(
                    "mqtt.topic",
                    format!(
                        "`{}` is not a topic filter; `+` stands for one level, `#` for all at the end",
                        mqtt.topic
                    ),
                ));
            }
            if mqtt.client_id.is_empty() || mqtt.client_id.len() > 64 || !mqtt.client_id.bytes().all(plain) {
                return Err(self.error("mqtt.client_id", "use 1 to 64 letters, digits, `-`, `_` and `.`"));
            }
            if mqtt.group.as_ref().is_some_and(|group| group.is_empty() || !group.bytes().all(plain)) {
                return Err(self.error("mqtt.group", "use letters, digits, `-`, `_` and `.`"));
            }
            let own = |place: &str| topic_matches(&mqtt.topic, place);
            self.check_target("mqtt.dead_letter", mqtt.dead_letter.as_ref(), is_topic, own)?;
            self.check_target("mqtt.reply_topic", mqtt.reply_topic.as_ref(), is_topic, own)?;
        }
        if let Some(redis) = &self.redis {
            for (field, text) in [
                ("redis.stream", &redis.stream),
                ("redis.group", &redis.group),
                ("redis.consumer", &redis.consumer),
            ] {
                if text.is_empty() {
                    return Err(self.error(field, "it is empty"));
                }
            }
            let own = |place: &str| place == redis.stream;
            self.check_target(
                "redis.dead_letter",
                redis.dead_letter.as_ref(),
                |place| !place.is_empty(),
                own,
            )?;
        }
        Ok(())
    }

    fn check_subject(&self, field: &str, subject: &str) -> Result<(), InvalidTrigger> {
        if is_subject_filter(subject) {
            return Ok(());
        }
        Err(self.error(
            field,
            format!("`{subject}` is not a subject; `*` stands for one word, `>` for all at the end"),
        ))
    }

    /// What is published goes to one place, and not to the trigger itself, which would go on with it for ever.
    fn check_target(
        &self,
        field: &str,
        place: Option<&String>,
        is_place: fn(&str) -> bool,
        is_own: impl Fn(&str) -> bool,
    ) -> Result<(), InvalidTrigger> {
        let Some(place) = place else { return Ok(()) };
        if !is_place(place) {
            return Err(
                self.error(field, format!("`{place}` must be one place, without spaces and wildcards"))
            );
        }
        if is_own(place) {
            return Err(self.error(
                field,
                format!("what is sent to `{place}` would come back to this trigger; choose another place"),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CronConfig, MqttConfig, NatsConfig, RedisConfig, ServerConfig, TriggerConfig};

    fn trigger() -> TriggerConfig {
        TriggerConfig::new("orders", "shop", "on_order")
    }

    fn on_subject(subject: &str) -> TriggerConfig {
        let server = ServerConfig::at("nats://localhost");
        TriggerConfig {
            nats: Some(NatsConfig { server, subject: subject.to_owned(), queue: None, dead_letter: None }),
            ..trigger()
        }
    }

    fn on_topic(topic: &str) -> TriggerConfig {
        let server = ServerConfig::at("mqtt://localhost");
        let (topic, client_id) = (topic.to_owned(), "host-1".to_owned());
        TriggerConfig {
            mqtt: Some(MqttConfig {
                server,
                topic,
                client_id,
                group: None,
                reply_topic: None,
                dead_letter: None,
            }),
            ..trigger()
        }
    }

    #[test]
    fn what_a_trigger_sends_does_not_come_back_to_it() {
        let mut nats = on_subject("orders.>");
        let mut mqtt = on_topic("home/+/temperature");
        for (dead_letter, field) in [("orders.dead", Some("nats.dead_letter")), ("dead.orders", None)] {
            nats.nats.as_mut().expect("it is one").dead_letter = Some(dead_letter.to_owned());
            assert_eq!(nats.check().err().map(|error| error.field).as_deref(), field);
        }
        for (topic, wrong) in [("home/dead/temperature", true), ("home/dead", false), ("a/+", true)] {
            let config = mqtt.mqtt.as_mut().expect("it is one");
            config.reply_topic = Some(topic.to_owned());
            assert_eq!(mqtt.check().is_err(), wrong, "{topic}");
        }
        let redis = RedisConfig {
            server: ServerConfig::at("redis://localhost"),
            stream: "orders".to_owned(),
            group: "g".to_owned(),
            consumer: "c".to_owned(),
            field: None,
            claim_after: std::time::Duration::from_secs(1),
            dead_letter: Some("orders".to_owned()),
        };
        let redis = TriggerConfig { redis: Some(redis), ..trigger() };
        assert_eq!(redis.check().expect_err("a circle").field, "redis.dead_letter");
    }

    #[test]
    fn exactly_one_source_is_needed() {
        assert_eq!(on_subject("a.*.>").check(), Ok(()));
        assert!(trigger().check().is_err());
        let two = TriggerConfig { cron: Some(CronConfig::new("* * * * *")), ..on_subject("a") };
        assert!(two.check().is_err());
    }

    #[test]
    fn subjects_and_filters_are_checked() {
        for bad in ["", "a..b", "a b", ">.a", "a*", "a\r\n"] {
            assert_eq!(on_subject(bad).check().expect_err(bad).field, "nats.subject");
        }
        for good in ["a", "a/+/b", "#", "a/#", "+"] {
            assert_eq!(on_topic(good).check(), Ok(()));
        }
        for bad in ["", "a#", "#/a", "a+/b", "a\0"] {
            assert_eq!(on_topic(bad).check().expect_err(bad).field, "mqtt.topic");
        }
    }

    #[test]
    fn numbers_and_names_are_checked() {
        assert_eq!(
            TriggerConfig { concurrency: 0, ..on_subject("a") }.check().expect_err("none").field,
            "concurrency"
        );
        assert_eq!(
            TriggerConfig { max_attempts: Some(0), ..on_subject("a") }.check().expect_err("none").field,
            "max_attempts"
        );
        assert_eq!(
            TriggerConfig { name: "a b".to_owned(), ..on_subject("a") }.check().expect_err("a space").field,
            "name"
        );
    }
}
