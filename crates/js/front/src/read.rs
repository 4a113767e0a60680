//! Reading one file.

use std::path::Path;

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use oxc_transformer::{JsxOptions, TransformOptions, Transformer};

use crate::protocol::{File, Language, Request};
use crate::{declarations, imports, problems, reexports, signatures};

pub fn read(request: &Request) -> File {
    let allocator = Allocator::default();
    // CommonJS may return at its top level; whatever has `import` or `export` may not.
    let options = ParseOptions { allow_return_outside_function: !request.module, ..ParseOptions::default() };
    let source_type = source_type(request);
    let parsed = Parser::new(&allocator, &request.source, source_type).with_options(options).parse();
    if !parsed.diagnostics.is_empty() {
        return File { problems: problems::of(&parsed.diagnostics), ..File::default() };
    }
    let mut program = parsed.program;
    if request.language == Language::Declarations {
        return declarations::read(&program);
    }
    let module = request.module || parsed.module_record.has_module_syntax;
    let typescript = matches!(request.language, Language::Ts | Language::Tsx);
    let imports = reexports::imports(&program);
    let reexports = reexports::of(&program, &imports);
    let mut exports: Vec<String> =
        parsed.module_record.exported_bindings.keys().map(|name| name.to_string()).collect();
    if parsed.module_record.local_export_entries.iter().any(|entry| entry.export_name.is_default()) {
        exports.push("default".to_owned());
    }
    exports.sort_unstable();
    let (signatures, types) =
        if typescript { signatures::of(&program, &imports) } else { Default::default() };

    let semantic = SemanticBuilder::new_compiler().with_enum_eval(true).build(&program);
    if !semantic.diagnostics.is_empty() {
        return File { problems: problems::of(&semantic.diagnostics), ..File::default() };
    }
    let mut file = File { module, signatures, exports, reexports, types, ..File::default() };
    if typescript || request.language == Language::Jsx {
        let options = TransformOptions { jsx: JsxOptions::enable(), ..TransformOptions::default() };
        let transformer = Transformer::new(&allocator, Path::new(&request.name), &options);
        let transformed = transformer.build_with_scoping(semantic.semantic.into_scoping(), &mut program);
        file.problems = problems::of(&transformed.diagnostics);
        print(&program, &request.name, &mut file);
    }
    let (imported, problems) = imports::of(&program);
    file.imports = imported;
    file.problems.extend(problems);
    file
}

/// Writes the program as JavaScript, with a map to where it came from.
fn print(program: &Program<'_>, name: &str, file: &mut File) {
    let options = CodegenOptions {
        comments: CommentOptions::disabled(),
        source_map_path: Some(name.into()),
        ..CodegenOptions::default()
    };
    let printed = Codegen::new().with_options(options).build(program);
    file.mappings = printed.map.map(|map| map.to_json().mappings);
    file.code = Some(printed.code);
}

fn source_type(request: &Request) -> SourceType {
    let language = match request.language {
        Language::Js => SourceType::mjs(),
        Language::Jsx => SourceType::jsx(),
        Language::Ts => SourceType::ts(),
        Language::Tsx => SourceType::tsx(),
        Language::Declarations => return SourceType::d_ts(),
    };
    // Without a hint it is a module if it says so itself.
    if request.module { language.with_module(true) } else { language.with_unambiguous(true) }
}
