//! Subjects of NATS and topics of MQTT: what is one, and which filter takes it.

/// Whether a token can be part of a subject, and is no wildcard.
fn is_token(token: &str) -> bool {
    !token.is_empty() && !token.contains(|c: char| c.is_whitespace() || c.is_control() || "*>".contains(c))
}

/// Whether this is a subject of NATS, without wildcards.
pub(super) fn is_subject(subject: &str) -> bool {
    subject.split('.').all(is_token)
}

/// Whether this is a subject of NATS, with wildcards where they may be.
pub(super) fn is_subject_filter(filter: &str) -> bool {
    let tokens: Vec<&str> = filter.split('.').collect();
    let last = tokens.len() - 1;
    tokens
        .iter()
        .enumerate()
        .all(|(index, token)| *token == "*" || (*token == ">" && index == last) || is_token(token))
}

/// Whether a filter of NATS takes a subject.
pub(super) fn subject_matches(filter: &str, subject: &str) -> bool {
    let mut tokens = subject.split('.');
    for wanted in filter.split('.') {
        match (wanted, tokens.next()) {
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (wanted, Some(token)) if wanted == token => {}
            _ => return false,
        }
    }
    tokens.next().is_none()
}

/// Whether this is a topic of MQTT, without wildcards.
pub(crate) fn is_topic(topic: &str) -> bool {
    !topic.is_empty()
        && topic.len() <= MAX_TOPIC
        && !topic.contains(|c: char| c.is_whitespace() || c.is_control() || "+#".contains(c))
}

/// The longest topic, in bytes.
const MAX_TOPIC: usize = 1024;

/// Whether this is a filter of topics of MQTT.
pub(super) fn is_topic_filter(filter: &str) -> bool {
    let levels: Vec<&str> = filter.split('/').collect();
    let last = levels.len() - 1;
    !filter.is_empty()
        && filter.len() <= MAX_TOPIC
        && !filter.contains('\0')
        && levels.iter().enumerate().all(|(index, level)| {
            let wild = *level == "+" || (*level == "#" && index == last);
            wild || !level.contains(['+', '#'])
        })
}

/// Whether a filter of MQTT takes a topic.
pub(crate) fn topic_matches(filter: &str, topic: &str) -> bool {
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        match (wanted, levels.next()) {
            // What is in front of it is among what it takes.
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (wanted, Some(level)) if wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::{is_topic, subject_matches, topic_matches};

    #[test]
    fn filters_take_what_they_say() {
        for (filter, subject, takes) in [
            ("a.b", "a.b", true),
            ("a.*", "a.b", true),
            ("a.*", "a.b.c", false),
            ("a.>", "a.b.c", true),
            ("a.>", "a", false),
            ("a.b.c", "a.b", false),
        ] {
            assert_eq!(subject_matches(filter, subject), takes, "{filter} {subject}");
        }
        for (filter, topic, takes) in [
            ("a/b", "a/b", true),
            ("a/+", "a/b", true),
            ("a/+", "a/b/c", false),
            ("a/#", "a/b/c", true),
            ("a/#", "a", true),
            ("#", "a/b", true),
            ("+/+", "/a", true),
        ] {
            assert_eq!(topic_matches(filter, topic), takes, "{filter} {topic}");
        }
    }

    #[test]
    fn wildcards_are_no_places() {
        for bad in ["", "a/#", "+", "a b", "a\0"] {
            assert!(!is_topic(bad), "{bad}");
        }
    }
}
