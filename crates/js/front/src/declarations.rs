//! What a `.d.ts` says about a plug-in: its exports, and the functions of its host.
//!
//! The public form is `declare module 'main' { export function hello(): I32 }` and
//! `declare module 'extism:host' { interface user { kv_read(key: I64): I64 } }`, with types of WebAssembly. Ours names the host's module
//! in full, and has types of values: `declare module 'extism:host/user' { export function kv_read(key: string): Uint8Array }`.

use oxc_ast::ast::{
    Declaration, FormalParameters, Function, Program, Statement, TSExternalModuleDeclaration,
    TSInterfaceDeclaration, TSSignature, TSTypeAnnotation,
};
use oxc_span::Span;

use crate::problems;
use crate::protocol::{File, HostFunction, Input};
use crate::signatures;
use crate::types::{Aliases, Kind};

/// The module of a plug-in's own exports.
const MAIN: &str = "main";

/// The modules of the host, one interface each.
const HOST: &str = "extism:host";

/// Reads the declarations.
pub fn read(program: &Program<'_>) -> File {
    let mut reader = Reader { file: File { module: true, ..File::default() }, aliases: Aliases::of(program) };
    for statement in &program.body {
        let Statement::TSExternalModuleDeclaration(module) = statement else { continue };
        reader.module(module);
    }
    reader.file
}

struct Reader<'p, 'a> {
    file: File,
    aliases: Aliases<'p, 'a>,
}

impl<'p, 'a> Reader<'p, 'a> {
    fn module(&mut self, module: &'p TSExternalModuleDeclaration<'a>) {
        let name = module.id.value.as_str();
        let statements = module.body.as_deref().map(|body| body.body.as_slice()).unwrap_or_default();
        self.aliases.extend(statements);
        for statement in statements {
            let declaration = match statement {
                Statement::ExportDeclaration(export) => &export.declaration,
                statement => match statement.as_declaration() {
                    Some(declaration) => declaration,
                    None => continue,
                },
            };
            match declaration {
                _ if name == MAIN => self.exports(declaration),
                Declaration::TSInterfaceDeclaration(interface) if name == HOST => self.interface(interface),
                Declaration::FunctionDeclaration(function) if name.contains(':') || is_host(name) => {
                    self.function(name, function)
                }
                _ => {}
            }
        }
    }

    fn exports(&mut self, declaration: &Declaration<'_>) {
        for (name, mut signature) in signatures::declared(declaration, &self.aliases) {
            if signature.input == Input::None {
                // The public form has no parameters at all, whatever the function takes.
                signature.input = Input::String;
            }
            signature.input_type = None;
            self.file.signatures.insert(name, signature);
        }
    }

    fn interface(&mut self, interface: &TSInterfaceDeclaration<'_>) {
        let module = format!("{HOST}/{}", interface.id.name);
        for member in &interface.body.body {
            let TSSignature::TSMethodSignature(method) = member else { continue };
            let Some(name) = method.key.static_name() else { continue };
            self.add(&module, &name, method.span, &method.params, method.return_type.as_deref());
        }
    }

    fn function(&mut self, module: &str, function: &Function<'_>) {
        let Some(id) = &function.id else { return };
        self.add(module, &id.name, id.span, &function.params, function.return_type.as_deref());
    }

    fn add(
        &mut self,
        module: &str,
        name: &str,
        span: Span,
        parameters: &FormalParameters<'_>,
        result: Option<&TSTypeAnnotation<'_>>,
    ) {
        let mut types = Vec::new();
        for (kind, parameter) in self.aliases.parameters(parameters).into_iter().zip(&parameters.items) {
            match parameter_type(kind) {
                Some(ty) => types.push(ty),
                None => return self.unclear(parameter.span, name, "a parameter"),
            }
        }
        if let Some(rest) = &parameters.rest {
            return self.unclear(rest.span, name, "a list of parameters without end");
        }
        let kind = self.aliases.annotated(result);
        let Some(result) = result_type(kind) else { return self.unclear(span, name, "the result") };
        self.file.host_functions.push(HostFunction {
            module: module.to_owned(),
            name: name.to_owned(),
            parameters: types,
            result,
        });
    }

    fn unclear(&mut self, span: Span, name: &str, what: &str) {
        let message = format!("`{name}` has {what} of which the host's type cannot be told");
        let help = "write I32, I64, F32 or F64 for numbers, string, Uint8Array, or the type of a value that is sent as JSON";
        self.file.problems.push(problems::at(span, message, help));
    }
}

/// Whether functions of this module are the host's; other modules are packages.
fn is_host(module: &str) -> bool {
    module == "env"
}

fn parameter_type(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::I32 => "i32",
        Kind::I64 => "i64",
        Kind::F32 => "f32",
        Kind::F64 => "f64",
        Kind::Text | Kind::TextOrNull => "string",
        Kind::Bytes | Kind::BytesOrNull => "bytes",
        Kind::Value => "json",
        Kind::Unknown | Kind::Nothing | Kind::Number => return None,
    })
}

fn result_type(kind: Kind) -> Option<Option<&'static str>> {
    Some(Some(match kind {
        Kind::Nothing => return Some(None),
        Kind::TextOrNull => "string?",
        Kind::BytesOrNull => "bytes?",
        kind => return parameter_type(kind).map(Some),
    }))
}
