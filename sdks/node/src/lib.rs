//! The native part of the npm package `plugwright`: what JavaScript needs of the runtime, and nothing that it could do as well.
//!
//! **JavaScript drives.** A call is a little machine that JavaScript advances by `call::step`: it says that the guest has
//! finished, that it asks for a host function, or that it waits. So nothing here ever calls into JavaScript, but for the bell that says
//! "look again", and a host function is called by JavaScript like any function: it may throw, wait, and call anything.
//!
//! Guests run on stacks of their own (the runtime's `call_async`), on the thread of JavaScript or on threads of this module. Numbers
//! and small bytes travel through a block of memory that both sides share (`sys::Scratch`), which is several times faster than
//! converting values.

// Checks of all targets build a test program too, for which `napi` registers nothing.
#![cfg_attr(test, allow(dead_code))]

mod bell;
mod call;
mod compiled;
mod current_plugin;
mod environment;
mod error;
mod exchange;
mod head_start;
mod host_function;
mod inspect;
mod instance;
mod log;
mod now;
mod options;
mod place;
mod pool;
mod residents;
mod sys;
mod threads;
mod watch;
