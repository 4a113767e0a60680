//! The plug-in: the engine as its sources left it, with functions to call.

use wasm_encoder::{BlockType, Function, MemArg, ValType};

use crate::contract;
use crate::error::Error;
use crate::front::HostFunction;
use crate::surgery::{Import, Outline, Signature, Surgery};
use crate::words::Words;
use crate::workshop::Product;

/// What WASI returns for functions that are not there: `ENOSYS`.
const NOT_THERE: i32 = 52;

/// Names that hosts call by themselves, or that the plug-in's memory has.
const RESERVED: [&str; 5] = ["memory", "_initialize", "_start", "__wasm_call_ctors", "hs_init"];

/// Puts a plug-in together.
///
/// # Errors
///
/// When an export has a name that means something to hosts.
pub(crate) fn assemble(
    engine: &Outline<'_>,
    product: Product,
    host_functions: &[HostFunction],
    words: &Words<'_>,
) -> Result<Vec<u8>, Error> {
    let Product { exports, image, .. } = product;
    if let Some(name) = exports.iter().find(|name| RESERVED.contains(&name.as_str())) {
        return Err(Error::Reserved { name: name.clone() });
    }
    let is_host_call = |import: &Import| import.name == "host_call";
    let kept: Vec<bool> = engine
        .imports
        .iter()
        .map(|import| !is_host_call(import) && contract::is_needed(&import.name, words))
        .collect();
    let added = host_functions.iter().map(import).collect();
    let mut surgery = Surgery::new(engine, &kept, added);
    for (position, import) in engine.imports.iter().enumerate() {
        let body = if is_host_call(import) { host_call(host_functions, &surgery) } else { absent(import) };
        surgery.replace(position, body);
    }
    let call = surgery.number(engine.export("plugwright_js_call")?);
    for (index, name) in (0..).zip(&exports) {
        let mut function = Function::new([]);
        function.instructions().i32_const(index).call(call).end();
        let callable = Signature { parameters: Vec::new(), results: vec![ValType::I32] };
        surgery.add_export(name, callable, function);
    }
    surgery.set_image(image);
    surgery.finish()
}

/// What stands for an import that is not needed.
fn absent(import: &Import) -> Function {
    let mut function = Function::new([]);
    if import.module == "wasi_snapshot_preview1" {
        function.instructions().i32_const(NOT_THERE).end();
    } else {
        function.instructions().unreachable().end();
    }
    function
}

fn import(function: &HostFunction) -> Import {
    Import {
        module: function.module.clone(),
        name: function.name.clone(),
        signature: Signature {
            parameters: function.parameters.iter().map(|ty| value(ty)).collect(),
            results: function.result.iter().map(|ty| value(ty)).collect(),
        },
    }
}

/// The type in WebAssembly: all but numbers are blocks.
fn value(ty: &str) -> ValType {
    match ty {
        "i32" => ValType::I32,
        "f32" => ValType::F32,
        "f64" => ValType::F64,
        _ => ValType::I64,
    }
}

/// `host_call(index, slots)`: calls a function of the host with parameters from memory, and puts the result there.
fn host_call(functions: &[HostFunction], surgery: &Surgery<'_>) -> Function {
    const INDEX: u32 = 0;
    const SLOTS: u32 = 1;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    for (position, host) in functions.iter().enumerate() {
        let number = i32::try_from(position).unwrap_or(i32::MAX);
        code.local_get(INDEX).i32_const(number).i32_eq().if_(BlockType::Empty);
        if host.result.is_some() {
            code.local_get(SLOTS);
        }
        for (slot, ty) in (0..).zip(&host.parameters) {
            let at = MemArg { offset: slot * 8, align: 0, memory_index: 0 };
            code.local_get(SLOTS);
            match value(ty) {
                ValType::I32 => code.i32_load(at),
                ValType::F32 => code.f32_load(at),
                ValType::F64 => code.f64_load(at),
                _ => code.i64_load(at),
            };
        }
        code.call(surgery.added_import(position));
        let first = MemArg { offset: 0, align: 0, memory_index: 0 };
        match host.result.as_deref().map(value) {
            Some(ValType::I32) => code.i32_store(first),
            Some(ValType::F32) => code.f32_store(first),
            Some(ValType::F64) => code.f64_store(first),
            Some(_) => code.i64_store(first),
            None => &mut code,
        };
        code.return_().end();
    }
    code.unreachable().end();
    function
}
