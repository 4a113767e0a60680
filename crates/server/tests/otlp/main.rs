//! Traces, as a collector gets them.
//!
//! A program of its own: the spans of a process have one subscriber.

#[cfg(test)]
mod traces;
