//! Compiled plug-ins.

use std::sync::{Arc, PoisonError};

use napi::bindgen_prelude::{AsyncTask, Either, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;
use plugwright::{Error, PluginBuilder};

use crate::environment;
use crate::error::{Failure, failure_of};
use crate::host_function::{Slot, Slots};
use crate::log::{LogMessage, LogQueue};
use crate::options::{Options, Source, builder};

/// The names of the functions that can be called, in the order in which JavaScript numbers them.
#[derive(Clone)]
pub(crate) struct Names(Arc<[Arc<str>]>);

impl Names {
    /// The name of this number.
    pub(crate) fn get(&self, entry: u32) -> napi::Result<&Arc<str>> {
        let name = self.0.get(entry as usize);
        name.ok_or_else(|| napi::Error::from_reason("there is no function of this number"))
    }
}

/// A function that a plug-in exports.
#[napi(object)]
pub(crate) struct ExportedFunction {
    pub name: String,
    /// Its type, for example `() -> i32`.
    pub r#type: String,
    pub callable: bool,
}

/// A plug-in's code, with its settings and host functions.
#[napi(js_name = "NativeCompiled")]
pub(crate) struct CompiledPlugin {
    pub(crate) plugin: plugwright::CompiledPlugin,
    pub(crate) names: Names,
    pub(crate) logs: Arc<LogQueue>,
    slots: Slots,
}

impl CompiledPlugin {
    fn new(plugin: plugwright::CompiledPlugin, logs: Arc<LogQueue>, slots: Slots) -> Self {
        let callable = plugin.exports().iter().filter(|export| export.callable);
        let names = Names(callable.map(|export| Arc::from(&*export.name)).collect());
        Self { plugin, names, logs, slots }
    }
}

#[napi]
impl CompiledPlugin {
    /// The plug-in's name.
    #[napi(getter)]
    pub fn name(&self) -> String {
        self.plugin.name().to_owned()
    }

    /// The names of the functions that can be called, by their numbers.
    #[napi]
    pub fn entries(&self) -> Vec<String> {
        self.names.0.iter().map(|name| name.to_string()).collect()
    }

    /// All functions that the plug-in exports.
    #[napi]
    pub fn exports(&self) -> Vec<ExportedFunction> {
        let exports = self.plugin.exports().iter().map(|export| ExportedFunction {
            name: export.name.clone(),
            r#type: export.ty.clone(),
            callable: export.callable,
        });
        exports.collect()
    }

    /// The host functions that the plug-in imports, as they were linked.
    #[napi]
    pub fn slots(&self) -> Vec<Slot> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether calls may have to wait for something.
    #[napi(getter)]
    pub fn may_wait(&self) -> bool {
        self.plugin.may_wait()
    }

    /// The number that the bell rings for messages by.
    #[napi(getter)]
    pub fn log_number(&self) -> u32 {
        self.logs.number()
    }

    /// The messages of the plug-in since the last time.
    #[napi]
    pub fn take_messages(&self) -> Vec<LogMessage> {
        self.logs.take()
    }

    /// The compiled code.
    #[napi]
    pub fn serialize(&self) -> Either<Uint8Array, Failure> {
        match self.plugin.serialize() {
            Ok(code) => Either::A(code.into()),
            Err(error) => Either::B(failure_of(&error)),
        }
    }
}

/// A plug-in to be compiled.
pub(crate) struct Compilation {
    builder: Option<PluginBuilder>,
    logs: Arc<LogQueue>,
    slots: Slots,
}

impl Compilation {
    fn new(source: Source, options: Options) -> napi::Result<Self> {
        let logs = environment::with(|here| Ok(LogQueue::new(here.bell.clone(), here.queue_number())))?;
        let slots = Slots::default();
        let builder = builder(source, options, slots.clone(), logs.clone())?;
        Ok(Self { builder: Some(builder), logs, slots })
    }

    fn finish(&self, compiled: Result<plugwright::CompiledPlugin, Error>) -> Either<CompiledPlugin, Failure> {
        match compiled {
            Ok(plugin) => Either::A(CompiledPlugin::new(plugin, self.logs.clone(), self.slots.clone())),
            Err(error) => Either::B(failure_of(&error)),
        }
    }

    fn run(&mut self) -> napi::Result<Result<plugwright::CompiledPlugin, Error>> {
        let builder =
            self.builder.take().ok_or_else(|| napi::Error::from_reason("it was compiled already"))?;
        Ok(builder.compile())
    }
}

impl Task for Compilation {
    type Output = Result<plugwright::CompiledPlugin, Error>;
    type JsValue = Either<CompiledPlugin, Failure>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        self.run()
    }

    fn resolve(&mut self, _: Env, compiled: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(self.finish(compiled))
    }
}

/// Compiles on another thread.
#[napi]
pub(crate) fn compile(source: Source, options: Options) -> napi::Result<AsyncTask<Compilation>> {
    Ok(AsyncTask::new(Compilation::new(source, options)?))
}

/// Compiles on this thread.
#[napi]
pub(crate) fn compile_sync(
    source: Source,
    options: Options,
) -> napi::Result<Either<CompiledPlugin, Failure>> {
    let mut compilation = Compilation::new(source, options)?;
    let compiled = compilation.run()?;
    Ok(compilation.finish(compiled))
}
