//! A plug-in that greets, with a greeting that its host keeps.

use plugwright_pdk::{FnResult, host_fn, plugin_fn};

#[host_fn]
extern "Plugwright" {
    /// The value that the host stores under a key, empty if there is none.
    fn kv_read(key: String) -> String;
}

/// Greets whoever the input names. The greeting comes from the host's store, and is "Hello" without one.
#[plugin_fn]
pub fn greet(name: String) -> FnResult<String> {
    let mut greeting = kv_read("greeting".to_owned())?;
    if greeting.is_empty() {
        greeting = "Hello".to_owned();
    }
    Ok(format!("{greeting}, {name}!"))
}

#[cfg(test)]
mod tests {
    use plugwright_pdk::testing::{Error, Host};

    use super::greet;

    #[test]
    fn greets_as_the_host_says() -> Result<(), Error> {
        let host = Host::new().host_fn("kv_read", |key: String| match &*key {
            "greeting" => "Good day",
            _ => "",
        });
        let greeting: String = host.call(greet, "Ada")?;
        assert_eq!(greeting, "Good day, Ada!");
        Ok(())
    }

    #[test]
    fn greets_without_a_greeting() -> Result<(), Error> {
        let host = Host::new().host_fn("kv_read", |_: String| "");
        let greeting: String = host.call(greet, "Ada")?;
        assert_eq!(greeting, "Hello, Ada!");
        Ok(())
    }
}
