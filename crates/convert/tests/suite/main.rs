//! Tests of the conversions through the public interface.

mod formats;
mod no_copies;
mod own_format;
mod round_trips;
mod strictness;
