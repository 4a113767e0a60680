//! The engine with the sources in it: run once, at build time, as a plug-in of this machine.
//!
//! Two functions are added to the engine: `build` hands it the call's input and gives its answer, `image` gives its memory.
//! What the author's top level may not do yet, because it would be done once for all instances, is refused.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plugwright::{ErrorKind, HostFunction, Plugin};
use wasm_encoder::{BlockType, Function, MemArg, ValType};

use crate::contract;
use crate::error::Error;
use crate::image::Image;
use crate::request::{Answer, Failure, Request};
use crate::surgery::{Import, Outline, Signature, Surgery, damaged};

/// How long the top level of the sources may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The memory that it may take, in pages of 64 KiB: 256 MiB, as for snapshots.
const PAGES: u32 = 1 << 12;

/// Where the function is that refuses.
const MODULE: &str = "plugwright:js-build";
const REFUSE: &str = "refuse";

/// The time of day while a plug-in is built, always the same, so that the same sources give the same plug-in: 1 January 2024,
/// in nanoseconds since 1970.
const BUILD_TIME: i64 = 1_704_067_200_000_000_000;

/// The functions of the contract that `build` and `image` need, in the order of the additional imports.
const NEEDED: [&str; 7] =
    ["input_length", "input_load_u64", "input_load_u8", "alloc", "store_u64", "store_u8", "output_set"];

/// What came of running the sources.
pub(crate) struct Product {
    /// The functions that the plug-in exports, in the order of their indices.
    pub(crate) exports: Vec<String>,
    pub(crate) image: Image,
    /// What the sources logged.
    pub(crate) said: Vec<String>,
}

/// Runs the top level of the sources.
///
/// # Errors
///
/// `Sources` for errors that the engine found in the sources; `Other` when their top level does what it may not.
pub(crate) fn run(engine: &Outline<'_>, request: &Request<'_>) -> Result<Product, Failed> {
    let said = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&said);
    let names: Vec<String> = engine.imports.iter().map(|import| import.name.clone()).collect();
    let refuse = HostFunction::new(REFUSE, move |import: u32| -> plugwright::Result<()> {
        let name = names.get(import as usize).map_or("a function of the host", String::as_str);
        Err(plugwright::Error::encode(contract::refusal(name)))
    });
    let mut plugin = Plugin::builder(module(engine)?)
        .name("the JavaScript engine")
        .timeout(TIMEOUT)
        .memory_max_pages(PAGES)
        .max_output_bytes(u64::MAX)
        .host_function(refuse.in_module(MODULE))
        .on_log(move |record| {
            log.lock().unwrap_or_else(PoisonError::into_inner).push(record.message.to_owned());
        })
        .build()
        .map_err(|error| Error::Runtime(error, "starting the JavaScript engine"))?;
    let request = serde_json::to_vec(request).map_err(damaged)?;
    let answer: Vec<u8> = plugin.call("build", &request[..]).map_err(top_level)?;
    let exports = match serde_json::from_slice(&answer).map_err(damaged)? {
        Answer::Exports(exports) => exports,
        Answer::Error(failure) => return Err(Failed::Sources(Box::new(failure))),
    };
    let memory: Vec<u8> =
        plugin.call("image", "").map_err(|error| Error::Runtime(error, "reading the engine's memory"))?;
    // The stack lies below everything else, or it cannot be told where it ends.
    let stack = if engine.first_datum >= engine.stack_pointer { engine.stack_pointer } else { 0 };
    let image = Image::new(memory, usize::try_from(stack).unwrap_or(usize::MAX));
    let said = std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Product { exports, image, said })
}

/// Why there is no product.
pub(crate) enum Failed {
    /// Because of the sources, in the engine's words.
    Sources(Box<Failure>),
    Other(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// What ended the top level in the middle.
fn top_level(error: plugwright::Error) -> Error {
    let message = match error.kind() {
        ErrorKind::HostFunction { .. } => error
            .message()
            .split_once(contract::TOP_LEVEL)
            .map_or_else(|| error.message().to_owned(), |(_, rest)| format!("{}{rest}", contract::TOP_LEVEL)),
        ErrorKind::Timeout => format!(
            "the top level of the sources did not end within {TIMEOUT:?}; move what takes so long into a function"
        ),
        ErrorKind::OutOfMemory | ErrorKind::Trap(_) => format!(
            "the top level of the sources ended badly: {}; it may take {} MiB of memory",
            error.message(),
            PAGES / 16
        ),
        _ => return Error::Runtime(error, "running the top level of the sources"),
    };
    Error::TopLevel { message, at: None }
}

/// The engine with the two functions.
fn module(engine: &Outline<'_>) -> Result<Vec<u8>, Error> {
    let kept: Vec<bool> = engine.imports.iter().map(|import| contract::is_harmless(&import.name)).collect();
    let mut added = Vec::new();
    for name in NEEDED {
        let known = engine.imports.iter().find(|import| import.name == name);
        let known = known.ok_or_else(|| damaged(format!("it does not import `{name}`")))?;
        added.push(Import {
            module: known.module.clone(),
            name: name.to_owned(),
            signature: known.signature.clone(),
        });
    }
    let number = Signature { parameters: vec![ValType::I32], results: Vec::new() };
    added.push(Import { module: MODULE.to_owned(), name: REFUSE.to_owned(), signature: number });
    let mut surgery = Surgery::new(engine, &kept, added);
    let refuse = surgery.added_import(NEEDED.len());
    for (position, import) in engine.imports.iter().enumerate() {
        let body = if import.name == "clock_time_get" { clock() } else { refusing(refuse, position) };
        surgery.replace(position, body);
    }
    let functions = Functions::of(engine, &surgery)?;
    let callable = || Signature { parameters: Vec::new(), results: vec![ValType::I32] };
    surgery.add_export("build", callable(), functions.build());
    surgery.add_export("image", callable(), functions.image());
    surgery.keep_export("_initialize")?;
    surgery.finish()
}

/// `clock_time_get(clock, precision, address) -> errno`, at a time that stands still.
fn clock() -> Function {
    let mut function = Function::new([]);
    let eight = MemArg { offset: 0, align: 0, memory_index: 0 };
    function.instructions().local_get(2).i64_const(BUILD_TIME).i64_store(eight).i32_const(0).end();
    function
}

fn refusing(refuse: u32, import: usize) -> Function {
    let mut function = Function::new([]);
    let number = i32::try_from(import).unwrap_or_default();
    function.instructions().i32_const(number).call(refuse).unreachable().end();
    function
}

/// The numbers of what `build` and `image` call.
struct Functions {
    input_length: u32,
    input_load_u64: u32,
    input_load_u8: u32,
    alloc: u32,
    store_u64: u32,
    store_u8: u32,
    output_set: u32,
    buffer: u32,
    work: u32,
    result: u32,
    result_length: u32,
    finish: u32,
}

impl Functions {
    fn of(engine: &Outline<'_>, surgery: &Surgery<'_>) -> Result<Self, Error> {
        let next = Cell::new(0);
        let import = || surgery.added_import(next.replace(next.get() + 1));
        let export =
            |name: &str| engine.export(&format!("plugwright_js_{name}")).map(|old| surgery.number(old));
        Ok(Self {
            input_length: import(),
            input_load_u64: import(),
            input_load_u8: import(),
            alloc: import(),
            store_u64: import(),
            store_u8: import(),
            output_set: import(),
            buffer: export("buffer")?,
            work: export("build")?,
            result: export("result")?,
            result_length: export("result_length")?,
            finish: export("finish")?,
        })
    }

    /// Hands the input to the engine, and gives its answer.
    fn build(&self) -> Function {
        const LENGTH: u32 = 0;
        const ADDRESS: u32 = 1;
        const AT: u32 = 2;
        let mut function = Function::new([(3, ValType::I32), (1, ValType::I64)]);
        let mut code = function.instructions();
        code.call(self.input_length).i32_wrap_i64().local_tee(LENGTH).call(self.buffer).local_tee(ADDRESS);
        code.i32_eqz().if_(BlockType::Empty).unreachable().end();
        // Eight bytes at a time, then one.
        code.loop_(BlockType::Empty);
        code.local_get(AT).i32_const(8).i32_add().local_get(LENGTH).i32_le_u().if_(BlockType::Empty);
        code.local_get(ADDRESS).local_get(AT).i32_add();
        code.local_get(AT).i64_extend_i32_u().call(self.input_load_u64).i64_store(anywhere());
        code.local_get(AT).i32_const(8).i32_add().local_set(AT).br(1).end().end();
        code.loop_(BlockType::Empty);
        code.local_get(AT).local_get(LENGTH).i32_lt_u().if_(BlockType::Empty);
        code.local_get(ADDRESS).local_get(AT).i32_add();
        code.local_get(AT).i64_extend_i32_u().call(self.input_load_u8).i32_store8(anywhere());
        code.local_get(AT).i32_const(1).i32_add().local_set(AT).br(1).end().end();
        // Whether it failed is in the answer, too.
        code.local_get(LENGTH).call(self.work).drop();
        code.call(self.result).local_set(ADDRESS).call(self.result_length).local_set(LENGTH);
        self.output(&mut function);
        function
    }

    /// Gives the whole memory.
    fn image(&self) -> Function {
        let mut function = Function::new([(3, ValType::I32), (1, ValType::I64)]);
        // The address stays 0.
        function.instructions().call(self.finish).memory_size(0).i32_const(16).i32_shl().local_set(0);
        self.output(&mut function);
        function
    }

    /// Makes the bytes at an address the output. The locals: length, address, how far it is, the block.
    fn output(&self, function: &mut Function) {
        let mut code = function.instructions();
        code.i32_const(0).local_set(2).local_get(0).i64_extend_i32_u().call(self.alloc).local_set(3);
        code.loop_(BlockType::Empty);
        code.local_get(2).i32_const(8).i32_add().local_get(0).i32_le_u().if_(BlockType::Empty);
        code.local_get(3).local_get(2).i64_extend_i32_u().i64_add();
        code.local_get(1).local_get(2).i32_add().i64_load(anywhere()).call(self.store_u64);
        code.local_get(2).i32_const(8).i32_add().local_set(2).br(1).end().end();
        code.loop_(BlockType::Empty);
        code.local_get(2).local_get(0).i32_lt_u().if_(BlockType::Empty);
        code.local_get(3).local_get(2).i64_extend_i32_u().i64_add();
        code.local_get(1).local_get(2).i32_add().i32_load8_u(anywhere()).call(self.store_u8);
        code.local_get(2).i32_const(1).i32_add().local_set(2).br(1).end().end();
        code.local_get(3).local_get(0).i64_extend_i32_u().call(self.output_set).i32_const(0).end();
    }
}

/// An address of its own, not aligned.
fn anywhere() -> MemArg {
    MemArg { offset: 0, align: 0, memory_index: 0 }
}
