//! What plug-ins import, for one host. Rules are those of `docs/contract.md`; where a mistake of a plug-in would pass
//! unnoticed on one host and hurt on another, the call ends.

use super::error::{Error, ErrorKind};
use super::http;
use super::state::{Log, Range, State};
use crate::LogLevel;

impl State {
    pub(crate) fn input(&self) -> Range {
        self.call.input
    }

    pub(crate) fn error_get(&self) -> u64 {
        self.call.error
    }

    pub(crate) fn free(&mut self, offset: u64) -> Result<(), Error> {
        self.blocks.free(offset)?;
        if offset == self.call.input.offset {
            self.call.input = Range::default();
        }
        if offset == self.call.error {
            self.call.error = 0;
        }
        Ok(())
    }

    /// Reads kernel memory; outside of it there are zeros.
    pub(crate) fn load<const N: usize>(&self, function: &str, offset: u64) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.blocks.read(function, offset, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads the input; a read that passes its end gives zeros.
    pub(crate) fn load_input<const N: usize>(&self, function: &str, index: u64) -> Result<[u8; N], Error> {
        let Range { offset, length } = self.call.input;
        match index.checked_add(N as u64) {
            Some(end) if end <= length => self.load(function, offset + index),
            _ => Ok([0; N]),
        }
    }

    /// Copies out of kernel memory; unlike loads, a range that leaves it ends the call.
    pub(crate) fn read(&self, to: &mut [u8], offset: u64) -> Result<(), Error> {
        if self.blocks.read("plugwright:host/mem read", offset, to)? {
            Ok(())
        } else {
            Err(outside("plugwright:host/mem read", Range { offset, length: to.len() as u64 }))
        }
    }

    pub(crate) fn output_set(&mut self, output: Range) -> Result<(), Error> {
        if output.length > 0 && !self.blocks.contains(output.offset, output.length) {
            return Err(outside("output_set", output));
        }
        self.call.output = output;
        Ok(())
    }

    pub(crate) fn error_set(&mut self, offset: u64) -> Result<(), Error> {
        self.blocks.block("error_set", offset)?;
        self.call.error = offset;
        Ok(())
    }

    pub(crate) fn config_get(&mut self, key: u64) -> Result<u64, Error> {
        let key = self.blocks.take("config_get", key)?;
        let value = std::str::from_utf8(&key).ok().and_then(|key| self.config.get(key));
        Ok(value.map_or(0, |value| self.blocks.insert(value.clone().into_bytes())))
    }

    pub(crate) fn var_get(&mut self, key: u64) -> Result<u64, Error> {
        let key = self.blocks.take("var_get", key)?;
        Ok(self.vars.get(&key).map_or(0, |value| self.blocks.insert(value.clone())))
    }

    pub(crate) fn var_set(&mut self, key: u64, value: u64) -> Result<(), Error> {
        let key = self.blocks.take("var_set", key)?;
        if value == 0 {
            self.vars.remove(&key);
            return Ok(());
        }
        let value = self.blocks.take("var_set", value)?;
        self.vars.set(key, value)
    }

    /// Reads a request. The test's responder is called by [`current`](super::current), while nothing is borrowed.
    pub(crate) fn http_request(&mut self, request: u64, body: u64) -> Result<http::Request, Error> {
        let request = self.blocks.take("http_request", request)?;
        let body = self.blocks.take("http_request", body)?;
        http::parse(&request, body)
    }

    pub(crate) fn http_respond(&mut self, response: http::Response) -> u64 {
        let body = self.blocks.insert(response.body.clone());
        self.last_response = Some(response);
        body
    }

    pub(crate) fn http_status_code(&self) -> i32 {
        self.last_response.as_ref().map_or(0, |response| i32::from(response.status))
    }

    pub(crate) fn http_headers(&mut self) -> Result<u64, Error> {
        let Some(response) = self.last_response.as_ref().filter(|_| self.shows_headers) else { return Ok(0) };
        let headers = serde_json::to_vec(&response.headers).map_err(|error| {
            Error::new(ErrorKind::Encode, format!("cannot encode the response's headers: {error}"))
        })?;
        Ok(self.blocks.insert(headers))
    }

    pub(crate) fn log(&mut self, level: LogLevel, function: &'static str, message: u64) -> Result<(), Error> {
        let message = self.blocks.take(function, message)?;
        if self.log_level.is_some_and(|least| level.to_int() >= least.to_int()) {
            self.logs.push(Log { level, message: String::from_utf8_lossy(&message).into_owned() });
        }
        Ok(())
    }

    pub(crate) fn get_log_level(&self) -> i32 {
        self.log_level.map_or(i32::MAX, LogLevel::to_int)
    }

    pub(crate) fn host_error_take(&mut self) -> u64 {
        let message = self.call.host_error.take();
        message.map_or(0, |message| self.blocks.insert(message.into_bytes()))
    }
}

fn outside(function: &str, Range { offset, length }: Range) -> Error {
    Error::contract(format!(
        "`{function}` names {length} bytes at offset {offset}, which lie outside the kernel memory: name a range inside a block"
    ))
}
