//! A plug-in that greets.

use plugwright_pdk::{FnResult, config, plugin_fn};

/// Greets whoever the input names. The greeting comes from the config, and is "Hello" without one.
#[plugin_fn]
pub fn greet(name: String) -> FnResult<String> {
    let greeting = config::get("greeting")?.unwrap_or_else(|| "Hello".to_owned());
    Ok(format!("{greeting}, {name}!"))
}

#[cfg(test)]
mod tests {
    use plugwright_pdk::testing::{Error, Host};

    use super::greet;

    #[test]
    fn greets() -> Result<(), Error> {
        let greeting: String = Host::new().call(greet, "Ada")?;
        assert_eq!(greeting, "Hello, Ada!");
        Ok(())
    }

    #[test]
    fn greets_as_configured() -> Result<(), Error> {
        let host = Host::new().config("greeting", "Hi");
        let greeting: String = host.call(greet, "Ada")?;
        assert_eq!(greeting, "Hi, Ada!");
        Ok(())
    }
}
