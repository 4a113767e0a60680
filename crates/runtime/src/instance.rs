//! A live instance: a store with the plug-in's modules in it, started up and ready for calls.

use std::any::Any;
use std::sync::Arc;

use wasmtime::{Instance, Linker, Result, Store, TypedFunc, UpdateDeadline};

use crate::WASM_PAGE_BYTES;
use crate::code::{Code, Prepared};
use crate::compilation::NamedModule;
use crate::compiled::Compiled;
use crate::engine::Flavor;
use crate::error::{Error, ErrorKind};
use crate::exports::EntryPoint;
use crate::interrupt::CancelHandle;
use crate::kernel_memory::{self, Span};
use crate::outcome;
use crate::pooling::Place;
use crate::reserve;
use crate::state::{CallState, Session, State};
use crate::ticker::{self, Ticking};

/// An entry point, resolved in an instance.
enum Resolved {
    Unit(TypedFunc<(), ()>),
    Code(TypedFunc<(), i32>),
}

pub(crate) struct Live {
    pub(crate) store: Store<State>,
    pub(crate) code: Arc<Code>,
    pub(crate) flavor: Flavor,
    /// Whether a call is under way, or ended in a way that leaves the instance unusable.
    pub(crate) spent: bool,
    /// Whether the function that was called has begun, after all that prepares the instance.
    pub(crate) entered: bool,
    instance: Option<Instance>,
    /// In the order of the module's entry points; filled as they are called.
    resolved: Vec<Option<Resolved>>,
    _ticking: Ticking,
    // Declared after the store, whose place it is.
    _place: Option<Place>,
}

impl Live {
    /// An instance without its modules yet: no guest code has run.
    ///
    /// Gives the session back when the system lacks what an instance needs.
    pub(crate) fn new(
        compiled: &Compiled,
        session: Session,
        cancel: CancelHandle,
        flavor: Flavor,
    ) -> std::result::Result<Box<Self>, (Error, Box<Session>)> {
        let (code, place) = match compiled.place() {
            Ok(placed) => placed,
            Err(error) => return Err((error, Box::new(session))),
        };
        let mut state = State::new(compiled.settings().clone(), session, CallState::new(cancel));
        state.single = code.modules().len() == 1;
        // The blocking flavor makes the view of the system when the guest first asks.
        if flavor == Flavor::Async
            && compiled.settings().wasi.is_some()
            && let Err(error) = state.wasi().map(drop)
        {
            return Err((error, Box::new(state.session)));
        }
        if code.kernel().is_some() {
            let pages = reserve::kernel_pages(code.engine().key());
            state.budget.lend(u64::from(pages) * WASM_PAGE_BYTES);
            state.budget.allow(code.uncounted_bytes(compiled.settings().max_memory_bytes));
        }
        let mut store = Store::new(code.engine().engine(), state);
        store.limiter(|state| &mut state.budget);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| {
            let call = &mut store.data_mut().call;
            call.ticks += 1;
            call.interrupts.check().map_err(wasmtime::Error::new)?;
            Ok(if call.suspendable { UpdateDeadline::Yield(1) } else { UpdateDeadline::Continue(1) })
        });
        if code.kernel().is_none()
            && let Err(error) = kernel_memory::create(&mut store)
        {
            return Err((outcome::no_room(&error), Box::new(store.into_data().session)));
        }
        Ok(Box::new(Self {
            store,
            flavor,
            spent: false,
            entered: false,
            instance: None,
            resolved: code.exports().entry_points().iter().map(|_| None).collect(),
            code,
            _ticking: Ticking::start(),
            _place: place,
        }))
    }

    /// Makes the instance ready for a call: what the last one left is gone.
    // On the path of every call, with one caller: into how many units the crate is compiled shall not decide whether it is inlined.
    #[inline]
    pub(crate) fn begin(&mut self, host_context: Option<Box<dyn Any + Send>>) -> crate::Result<()> {
        kernel_memory::begin_call(&mut self.store);
        ticker::attend()
            .map_err(|error| Error::new(ErrorKind::Limit, format!("cannot start the clock: {error}")))?;
        let State { settings, session, budget, call, .. } = self.store.data_mut();
        budget.begin_call();
        call.begin(settings, session.timeout, host_context);
        if let Some(fuel) = settings.fuel {
            self.store.set_fuel(fuel).map_err(|error| Error::new(ErrorKind::Limit, error.to_string()))?;
        }
        // Until the call returns in the regular way.
        self.spent = true;
        self.entered = false;
        Ok(())
    }

    /// What outlives the instance.
    pub(crate) fn into_session(self) -> Session {
        self.store.into_data().session
    }

    /// Calls an entry point on this thread and returns its code.
    // As `begin`.
    #[inline]
    pub(crate) fn call(&mut self, compiled: &Compiled, entry: usize, input: &[u8]) -> Result<i32> {
        if self.instance.is_none() {
            self.start(compiled, entry)?;
        }
        self.set_input(input)?;
        self.resolve(entry)?;
        self.entered = true;
        match &self.resolved[entry] {
            Some(Resolved::Unit(function)) => function.call(&mut self.store, ()).map(|()| 0),
            Some(Resolved::Code(function)) => function.call(&mut self.store, ()),
            None => Err(no_module()),
        }
    }

    /// Whether the modules are there, so that an input can be passed.
    pub(crate) fn is_started(&self) -> bool {
        self.instance.is_some()
    }

    /// Like [`call`](Self::call), on a stack of its own; with an input unless that was passed already.
    pub(crate) async fn call_async(
        &mut self,
        compiled: &Compiled,
        entry: usize,
        input: Option<&[u8]>,
    ) -> Result<i32> {
        if self.instance.is_none() {
            // On the heap, as it happens once: the future of every call would have room for it, and be moved with it.
            Box::pin(self.start_async(compiled, entry)).await?;
        }
        if let Some(input) = input {
            self.set_input(input)?;
        }
        self.resolve(entry)?;
        self.entered = true;
        match &self.resolved[entry] {
            Some(Resolved::Unit(function)) => function.call_async(&mut self.store, ()).await.map(|()| 0),
            Some(Resolved::Code(function)) => function.call_async(&mut self.store, ()).await,
            None => Err(no_module()),
        }
    }

    /// Instantiates the modules and runs what they need before their first call.
    fn start(&mut self, compiled: &Compiled, entry: usize) -> Result<()> {
        let code = self.code.clone();
        let store = &mut self.store;
        let mut parts = code.start_ups();
        let Some((NamedModule { module, .. }, start_up)) = parts.next_back() else { return Err(no_module()) };
        let instance = match compiled.prepared(&code, self.flavor).map_err(wasmtime::Error::new)? {
            Prepared::Single(prepared) => prepared.instantiate(&mut *store)?,
            Prepared::Linked(linker) => {
                let mut linker = linker.clone();
                for (NamedModule { name, module, .. }, start_up) in parts {
                    let instance = linker.instantiate(&mut *store, module)?;
                    start_up.run(store, &instance)?;
                    define(store, &mut linker, name, instance)?;
                }
                linker.instantiate(&mut *store, module)?
            }
        };
        self.instance = Some(instance);
        if let Some(kernel) = code.kernel() {
            kernel.attach(&mut *store, &instance).map_err(wasmtime::Error::new)?;
            kernel.start().run(store, &instance)?;
        }
        if !code.exports().entry_points()[entry].is_command {
            start_up.run(store, &instance)?;
        }
        Ok(())
    }

    /// Like [`start`](Self::start), on a stack of its own.
    async fn start_async(&mut self, compiled: &Compiled, entry: usize) -> Result<()> {
        let code = self.code.clone();
        let store = &mut self.store;
        let mut parts = code.start_ups();
        let Some((NamedModule { module, .. }, start_up)) = parts.next_back() else { return Err(no_module()) };
        let instance = match compiled.prepared(&code, self.flavor).map_err(wasmtime::Error::new)? {
            Prepared::Single(prepared) => prepared.instantiate_async(&mut *store).await?,
            Prepared::Linked(linker) => {
                let mut linker = linker.clone();
                for (NamedModule { name, module, .. }, start_up) in parts {
                    let instance = linker.instantiate_async(&mut *store, module).await?;
                    start_up.run_async(store, &instance).await?;
                    define(store, &mut linker, name, instance)?;
                }
                linker.instantiate_async(&mut *store, module).await?
            }
        };
        self.instance = Some(instance);
        if let Some(kernel) = code.kernel() {
            kernel.attach(&mut *store, &instance).map_err(wasmtime::Error::new)?;
            kernel.start().run_async(store, &instance).await?;
        }
        if !code.exports().entry_points()[entry].is_command {
            start_up.run_async(store, &instance).await?;
        }
        Ok(())
    }

    /// Passes the input, and forgets what start-up functions may have said.
    pub(crate) fn set_input(&mut self, input: &[u8]) -> Result<()> {
        let kernel = &mut self.store.data_mut().kernel;
        kernel.output = Span::default();
        kernel.error = 0;
        let offset = kernel_memory::alloc_bytes(&mut self.store, input).map_err(wasmtime::Error::new)?;
        kernel_memory::set_input(&mut self.store, Span { offset, len: input.len() as u64 });
        Ok(())
    }

    /// Finds an entry point in the instance, unless that is done.
    fn resolve(&mut self, entry: usize) -> Result<()> {
        if self.resolved[entry].is_none() {
            self.resolved[entry] = Some(self.find(&self.code.clone().exports().entry_points()[entry])?);
        }
        Ok(())
    }

    #[cold]
    fn find(&mut self, entry_point: &EntryPoint) -> Result<Resolved> {
        let function = self
            .instance
            .and_then(|instance| instance.get_module_export(&mut self.store, &entry_point.export))
            .and_then(wasmtime::Extern::into_func)
            .ok_or_else(no_module)?;
        Ok(if entry_point.returns_code {
            Resolved::Code(function.typed(&self.store)?)
        } else {
            Resolved::Unit(function.typed(&self.store)?)
        })
    }

    /// The linear memory that the main module exports as `memory`.
    pub(crate) fn linear_memory(&mut self) -> Option<Vec<u8>> {
        let memory = self.instance?.get_memory(&mut self.store, "memory")?;
        Some(memory.data(&self.store).to_vec())
    }
}

/// Offers a linked module's exports to the modules after it.
fn define(
    store: &mut Store<State>,
    linker: &mut Linker<State>,
    name: &str,
    instance: Instance,
) -> Result<()> {
    linker.allow_shadowing(true);
    linker.instance(store, name, instance)?;
    Ok(())
}

fn no_module() -> wasmtime::Error {
    wasmtime::Error::msg("the plug-in's main module is not there")
}
