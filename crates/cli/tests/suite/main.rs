//! The real `plugwright` binary, as a user runs it.

mod bad_input;
#[cfg(unix)]
#[cfg(test)]
mod build;
mod call;
mod capabilities;
mod compile;
mod diagnosis;
mod errors;
mod extism;
mod generate;
mod grants;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod http;
mod inspect;
#[cfg(unix)]
#[cfg(test)]
mod javascript;
mod limits;
mod manifest;
#[cfg(test)]
mod new;
#[cfg(test)]
mod readme;
#[cfg(unix)]
#[cfg(test)]
mod serve;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod serve_idle;
#[cfg(test)]
mod support;
#[cfg(unix)]
#[cfg(test)]
mod triggers;
mod wasi;
#[cfg(test)]
mod worker;
