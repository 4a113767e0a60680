//! A function of a plug-in, found once.

use std::any::Any;

use plugwright_convert::{FromBytes, ToBytes};

use crate::error::Result;
use crate::plugin::Plugin;

/// A function of a [`Plugin`], from [`Plugin::function`]. Its calls are those of the plug-in, without looking the function
/// up by its name each time.
///
/// ```
/// # fn main() -> plugwright::Result<()> {
/// # let wat = r#"(module
/// #   (import "extism:host/env" "input_offset" (func $offset (result i64)))
/// #   (import "extism:host/env" "input_length" (func $length (result i64)))
/// #   (import "extism:host/env" "output_set" (func $out (param i64 i64)))
/// #   (func (export "echo") (call $out (call $offset) (call $length))))"#;
/// let mut plugin = plugwright::Plugin::builder(wat.as_bytes()).build()?;
/// let mut echo = plugin.function("echo")?;
/// let mut output = Vec::new();
/// for line in ["one", "two"] {
///     echo.call_into(line, &mut output)?;
///     assert_eq!(output, line.as_bytes());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Function<'p> {
    plugin: &'p mut Plugin,
    entry: usize,
}

impl<'p> Function<'p> {
    pub(crate) fn new(plugin: &'p mut Plugin, entry: usize) -> Self {
        Self { plugin, entry }
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        &self.plugin.entry_point(self.entry).name
    }

    /// The plug-in.
    pub fn plugin(&mut self) -> &mut Plugin {
        self.plugin
    }

    /// Calls the function, as [`Plugin::call`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::call`].
    pub fn call<'i, 'o, I, O>(&'o mut self, input: I) -> Result<O>
    where
        I: ToBytes<'i>,
        O: FromBytes<'o>,
    {
        self.plugin.run(self.entry, input, None)?;
        self.plugin.decode(self.entry)
    }

    /// Calls the function with a context, as [`Plugin::call_with_context`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::call`].
    pub fn call_with_context<'i, 'o, I, O, C>(&'o mut self, input: I, context: C) -> Result<O>
    where
        I: ToBytes<'i>,
        O: FromBytes<'o>,
        C: Any + Send,
    {
        self.plugin.run(self.entry, input, Some(Box::new(context)))?;
        self.plugin.decode(self.entry)
    }

    /// Calls the function and copies its output into `output`, as [`Plugin::call_into`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::call`].
    pub fn call_into<'i>(&mut self, input: impl ToBytes<'i>, output: &mut Vec<u8>) -> Result<()> {
        output.clear();
        self.plugin.run(self.entry, input, None)?;
        output.extend_from_slice(self.plugin.output());
        Ok(())
    }

    /// Calls the function without occupying the thread while host functions wait, as [`Plugin::call_async`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::call`].
    pub fn call_async<'i, 'o, I, O>(&'o mut self, input: I) -> impl Future<Output = Result<O>> + Send
    where
        I: ToBytes<'i, Bytes: Send>,
        O: FromBytes<'o>,
    {
        self.plugin.run_async(Ok(self.entry), input.to_bytes(), None)
    }
}
