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
mod inspect;
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
mod wasi;
