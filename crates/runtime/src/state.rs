//! What a store holds for its guest: everything that host functions work on.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use uuid::Uuid;
use wasmtime::Memory;
use wasmtime_wasi::p1::WasiP1Ctx;

use crate::budget::MemoryBudget;
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::{CancelHandle, Interrupts};
use crate::kernel_memory::KernelMemory;
use crate::logging::{LogBudget, LogLevel};
use crate::settings::Settings;
use crate::ticker;
use crate::vars::Vars;
use crate::wasi::Capture;

/// What a plug-in keeps when its instance is replaced.
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) config: BTreeMap<String, String>,
    /// How long a call may take.
    pub(crate) timeout: Option<Duration>,
    /// Whether the guest sees the headers of HTTP responses.
    pub(crate) show_response_headers: bool,
    pub(crate) vars: Vars,
    pub(crate) captured: Capture,
}

/// The answer to the guest's last HTTP request.
#[derive(Default)]
pub(crate) struct LastResponse {
    pub(crate) status: u16,
    /// A JSON object, when the host shows headers to its guests.
    pub(crate) headers: Option<Vec<u8>>,
}

/// What belongs to one call.
pub(crate) struct CallState {
    pub(crate) interrupts: Interrupts,
    pub(crate) host_context: Option<Box<dyn Any + Send>>,
    /// What host functions keep until the call ends, one value of a type.
    pub(crate) kept: Option<Vec<Box<dyn Any + Send>>>,
    /// The message of the last fallible host function that failed, until the guest takes it.
    pub(crate) host_error: Option<String>,
    pub(crate) log: LogBudget,
    /// The host's runtime that awaits the call, if one does.
    pub(crate) awaiting: Option<Handle>,
    /// When the interrupts were last looked at, by the ticker's clock.
    checked_at: u64,
    /// Whether the guest runs on a stack of its own and may be suspended.
    pub(crate) suspendable: bool,
    /// How often the clock has found the guest running.
    pub(crate) ticks: u32,
}

impl CallState {
    /// The state before the first call.
    pub(crate) fn new(cancel: CancelHandle) -> Self {
        Self {
            interrupts: Interrupts { deadline: None, cancel },
            host_context: None,
            kept: None,
            host_error: None,
            log: LogBudget::default(),
            awaiting: None,
            checked_at: 0,
            suspendable: false,
            ticks: 0,
        }
    }

    /// Prepares for a call.
    #[inline]
    pub(crate) fn begin(
        &mut self,
        settings: &Settings,
        timeout: Option<Duration>,
        host_context: Option<Box<dyn Any + Send>>,
    ) {
        self.interrupts.deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        self.host_context = host_context;
        self.kept = None;
        self.host_error = None;
        self.awaiting = None;
        self.log = LogBudget::new(settings.max_log_bytes);
        self.suspendable = false;
        self.ticks = 0;
    }
}

/// The data of a store.
pub(crate) struct State {
    pub(crate) settings: Arc<Settings>,
    pub(crate) session: Session,
    pub(crate) kernel: KernelMemory,
    pub(crate) budget: MemoryBudget,
    wasi: Option<WasiP1Ctx>,
    /// Whether the store holds one module.
    pub(crate) single: bool,
    /// The memory that the one module exports as `memory`, once it was looked up.
    pub(crate) exported_memory: Option<Memory>,
    pub(crate) last_response: LastResponse,
    pub(crate) call: CallState,
}

impl State {
    pub(crate) fn new(settings: Arc<Settings>, session: Session, call: CallState) -> Self {
        let budget = MemoryBudget::new(settings.max_memory_bytes);
        Self {
            settings,
            session,
            kernel: KernelMemory::new(),
            budget,
            wasi: None,
            single: false,
            exported_memory: None,
            last_response: LastResponse::default(),
            call,
        }
    }

    /// The plug-in's view of the system, made when it is first asked for.
    ///
    /// # Errors
    ///
    /// `Contract` when WASI is off, `Load` when a folder of `allowed_paths` cannot be opened.
    pub(crate) fn wasi(&mut self) -> Result<&mut WasiP1Ctx> {
        let Some(settings) = &self.settings.wasi else {
            return Err(Error::new(ErrorKind::Contract, "WASI is off"));
        };
        match &mut self.wasi {
            Some(wasi) => Ok(wasi),
            wasi => Ok(wasi.insert(settings.context(&self.session.captured)?)),
        }
    }

    /// Like [`wasi`](Self::wasi), with what stops a call that waits.
    pub(crate) fn wasi_and_interrupts(&mut self) -> Result<(&mut WasiP1Ctx, &Interrupts)> {
        self.wasi()?;
        match &mut self.wasi {
            Some(wasi) => Ok((wasi, &self.call.interrupts)),
            None => unreachable!("`wasi` has made it"),
        }
    }

    /// The plug-in's view of the system, if it has been made.
    pub(crate) fn made_wasi(&mut self) -> Option<&mut WasiP1Ctx> {
        self.wasi.as_mut()
    }

    /// Passes a guest's message on.
    pub(crate) fn log(&mut self, level: LogLevel, message: &[u8]) {
        self.call.log.log(&self.settings.log, level, message, &self.settings.name, self.session.id);
    }

    /// An error when the call must stop now. Looks at the clock as often as compiled code does: a guest that does
    /// nothing but call host functions, one after the other, is stopped here.
    #[inline]
    pub(crate) fn check_interrupts(&mut self) -> Result<()> {
        let now = ticker::ticks();
        if now == self.call.checked_at {
            return Ok(());
        }
        self.call.checked_at = now;
        self.call.interrupts.check()
    }
}
