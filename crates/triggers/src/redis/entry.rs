//! Entries of streams, in the answers of a server.

use std::collections::BTreeMap;

use redis::{FromRedisValue, RedisError, Value};

/// An entry: fields, which may have any bytes, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) fields: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Entry {
    /// What the function gets: one field, or all of them as JSON. An error says why there is nothing of the kind.
    pub(super) fn payload(&self, field: Option<&str>) -> Result<Vec<u8>, String> {
        if let Some(field) = field {
            let found = self.fields.iter().find(|(name, _)| name == field.as_bytes());
            return found
                .map(|(_, value)| value.clone())
                .ok_or_else(|| format!("the entry has no field `{field}`"));
        }
        let text = |bytes: &[u8]| {
            String::from_utf8(bytes.to_vec())
                .map_err(|_| "a field of the entry is no text; name one by `field`".to_owned())
        };
        let fields = self.fields.iter().map(|(name, value)| Ok((text(name)?, text(value)?)));
        let fields: BTreeMap<String, String> = fields.collect::<Result<_, String>>()?;
        serde_json::to_vec(&fields).map_err(|error| error.to_string())
    }
}

/// What `XREADGROUP` answers: nothing, or entries for each stream, of which there is one.
pub(super) fn read(answer: Value) -> Result<Vec<Entry>, RedisError> {
    if answer == Value::Nil {
        return Ok(Vec::new());
    }
    let streams = Vec::<(String, Value)>::from_redis_value(answer)?;
    let mut all = Vec::new();
    for (_, listed) in streams {
        all.extend(entries(listed)?);
    }
    Ok(all)
}

/// What `XAUTOCLAIM` answers: where to go on, and entries.
pub(super) fn claimed(answer: Value) -> Result<(String, Vec<Entry>), RedisError> {
    let mut parts = Vec::<Value>::from_redis_value(answer)?.into_iter();
    let next = parts.next().map(String::from_redis_value).transpose()?.unwrap_or_else(|| "0-0".to_owned());
    Ok((next, parts.next().map(entries).transpose()?.unwrap_or_default()))
}

fn entries(listed: Value) -> Result<Vec<Entry>, RedisError> {
    let mut all = Vec::new();
    for entry in Vec::<Value>::from_redis_value(listed)? {
        // An entry that was deleted in the meantime is nothing, or has no fields.
        if entry == Value::Nil {
            continue;
        }
        let (id, fields) = <(String, Option<Vec<Vec<u8>>>)>::from_redis_value(entry)?;
        let Some(fields) = fields else { continue };
        let mut texts = fields.into_iter();
        let mut pairs = Vec::new();
        while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
            pairs.push((name, value));
        }
        all.push(Entry { id, fields: pairs });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::Entry;

    #[test]
    fn payloads_are_a_field_or_all_of_them() {
        let fields = vec![(b"b".to_vec(), b"2".to_vec()), (b"a".to_vec(), b"1".to_vec())];
        let entry = Entry { id: "1-0".to_owned(), fields };
        assert_eq!(entry.payload(Some("b")), Ok(b"2".to_vec()));
        assert_eq!(entry.payload(None), Ok(br#"{"a":"1","b":"2"}"#.to_vec()));
        assert!(entry.payload(Some("c")).is_err());
        let bytes = Entry { id: "1-0".to_owned(), fields: vec![(b"a".to_vec(), vec![0xff])] };
        assert!(bytes.payload(None).is_err());
    }
}
