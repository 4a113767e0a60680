//! What a plug-in logs, until JavaScript takes it: guests run where JavaScript cannot be called.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use napi_derive::napi;
use plugwright::LogRecord;

use crate::bell::Bell;

/// A message of a plug-in.
#[napi(object)]
pub(crate) struct LogMessage {
    /// The level's name.
    pub level: String,
    pub message: String,
    pub plugin_name: String,
    pub plugin_id: String,
}

/// The messages of one compiled plug-in. A call may log so many bytes only, which limits the queue.
pub(crate) struct LogQueue {
    messages: Mutex<Vec<LogMessage>>,
    is_empty: AtomicBool,
    thread: ThreadId,
    bell: Arc<Bell>,
    number: u32,
}

impl LogQueue {
    /// A queue for this thread of JavaScript, which is told by `bell` of what is logged on others.
    pub(crate) fn new(bell: Arc<Bell>, number: u32) -> Arc<Self> {
        let (messages, is_empty) = (Mutex::default(), AtomicBool::new(true));
        Arc::new(Self { messages, is_empty, thread: thread::current().id(), bell, number })
    }

    /// Takes a message.
    pub(crate) fn log(&self, record: &LogRecord<'_>) {
        let message = LogMessage {
            level: record.level.name().to_owned(),
            message: record.message.to_owned(),
            plugin_name: record.plugin.to_owned(),
            plugin_id: record.plugin_id.to_string(),
        };
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).push(message);
        self.is_empty.store(false, Ordering::Release);
        // On its own thread JavaScript looks after each step.
        if thread::current().id() != self.thread {
            self.bell.ring(self.number);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.is_empty.load(Ordering::Acquire)
    }

    /// The messages since the last time.
    pub(crate) fn take(&self) -> Vec<LogMessage> {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_empty.store(true, Ordering::Release);
        mem::take(&mut messages)
    }

    /// What the queue rings by.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }
}
