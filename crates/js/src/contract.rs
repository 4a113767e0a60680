//! What the engine's imports are for: which of them a plug-in needs, and which its top level may use while it is built.

use crate::words::Words;

/// How each refusal begins.
pub(crate) const TOP_LEVEL: &str = "the top level of the sources ";

/// Words by which a source may reach anything, whatever its other words are.
const ANYTHING: [&str; 6] = ["eval", "Function", "globalThis", "constructor", "self", "global"];

/// Whether an import may be used while the plug-in is built: it moves bytes, or says something.
pub(crate) fn is_harmless(name: &str) -> bool {
    matches!(name, "load_u64" | "load_u8" | "store_u64" | "store_u8" | "alloc" | "length" | "free")
        || name.starts_with("log_")
}

/// What is wrong when the top level uses an import, and what to do.
pub(crate) fn refusal(import: &str) -> String {
    let what = match import {
        "input_length" | "input_load_u64" | "input_load_u8" => "reads the input of a call",
        "output_set" => "sets the output of a call",
        "error_set" => "sets the error of a call",
        "config_get" => "reads the config",
        "var_get" | "var_set" => "uses variables",
        "http_request" | "http_status_code" | "http_headers" => "makes an HTTP request",
        "host_call" => "calls a function of the host",
        "random_get" => "asks for random numbers, which would be the same in all instances",
        "poll_oneoff" => "waits",
        _ => "uses something of the host",
    };
    format!(
        "{TOP_LEVEL}{what}: it runs once, when the plug-in is built, and there is no call and no host yet; \
         do it in a function that is exported, or that such a function calls"
    )
}

/// Whether a plug-in with these words needs an import that not all need.
pub(crate) fn is_needed(import: &str, words: &Words<'_>) -> bool {
    let by: &[&str] = match import {
        "clock_time_get" => {
            &["Date", "performance", "setTimeout", "setInterval", "time", "timeLog", "timeEnd"]
        }
        "poll_oneoff" => &["setTimeout", "setInterval"],
        "random_get" => &["random", "crypto", "FormData"],
        "config_get" => &["Config"],
        "var_get" | "var_set" => &["Var"],
        "http_request" | "http_status_code" | "http_headers" => &["Http", "fetch"],
        _ => return true,
    };
    words.contain_any(by) || words.contain_any(&ANYTHING)
}

#[cfg(test)]
mod tests {
    use super::{Words, is_needed, refusal};

    #[test]
    fn needs_follow_from_words() {
        let needs = |import, source| is_needed(import, &Words::of([source]));
        assert!(needs("alloc", ""));
        assert!(needs("clock_time_get", "new Date()") && !needs("clock_time_get", "date"));
        assert!(needs("random_get", "globalThis['Ma' + 'th']"));
        assert!(needs("http_request", "await fetch(u)") && !needs("http_request", "Var.get('x')"));
    }

    #[test]
    fn refusals_say_what_to_do() {
        assert!(refusal("config_get").contains("reads the config") && refusal("x").contains("exported"));
    }
}
