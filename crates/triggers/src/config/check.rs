//! What can be wrong with a trigger before anything is connected.

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
            self.check_target("nats.dead_letter", nats.dead_letter.as_ref(), ">*", '.')?;
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
            self.check_target("jetstream.dead_letter", jetstream.dead_letter.as_ref(), ">*", '.')?;
        }
        if let Some(mqtt) = &self.mqtt {
            if !valid_filter(&mqtt.topic) {
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
            self.check_target("mqtt.dead_letter", mqtt.dead_letter.as_ref(), "+#", '/')?;
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
        }
        Ok(())
    }

    fn check_subject(&self, field: &str, subject: &str) -> Result<(), InvalidTrigger> {
        let tokens: Vec<&str> = subject.split('.').collect();
        let last = tokens.len() - 1;
        let valid = tokens.iter().enumerate().all(|(index, token)| {
            let wild = *token == "*" || (*token == ">" && index == last);
            wild || !token.is_empty()
                && !token.contains(|c: char| c.is_whitespace() || c.is_control() || "*>".contains(c))
        });
        if valid {
            return Ok(());
        }
        Err(self.error(
            field,
            format!("`{subject}` is not a subject; `*` stands for one word, `>` for all at the end"),
        ))
    }

    /// Dead letters go to one place.
    fn check_target(
        &self,
        field: &str,
        place: Option<&String>,
        wildcards: &str,
        separator: char,
    ) -> Result<(), InvalidTrigger> {
        let Some(place) = place else { return Ok(()) };
        let special = |c: char| c.is_whitespace() || c.is_control() || wildcards.contains(c);
        if place.is_empty()
            || place.contains(special)
            || (separator == '.' && place.split('.').any(str::is_empty))
        {
            return Err(
                self.error(field, format!("`{place}` must be one place, without spaces and wildcards"))
            );
        }
        Ok(())
    }
}

fn valid_filter(filter: &str) -> bool {
    let levels: Vec<&str> = filter.split('/').collect();
    let last = levels.len() - 1;
    !filter.is_empty()
        && filter.len() <= 1024
        && !filter.contains('\0')
        && levels.iter().enumerate().all(|(index, level)| {
            let wild = *level == "+" || (*level == "#" && index == last);
            wild || !level.contains(['+', '#'])
        })
}

#[cfg(test)]
mod tests {
    use super::super::{CronConfig, MqttConfig, NatsConfig, ServerConfig, TriggerConfig};

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
            mqtt: Some(MqttConfig { server, topic, client_id, group: None, dead_letter: None }),
            ..trigger()
        }
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
