//! What a file has by the names that it imports, and which of its exports are another file's.

use std::collections::HashMap;

use oxc_ast::ast::{
    ExportDefaultDeclarationKind, ImportDeclaration, ImportDeclarationSpecifier, Program, Statement,
};

use crate::protocol::Reexport;

/// What a file imports, by its names for it: how it names the other file, and the name there.
pub type Imports = HashMap<String, (String, String)>;

/// Everything that is imported by a name. Namespaces are not: they are neither functions nor types.
pub fn imports(program: &Program<'_>) -> Imports {
    let mut imports = Imports::new();
    for statement in &program.body {
        if let Statement::ImportDeclaration(import) = statement {
            imports.extend(names(import));
        }
    }
    imports
}

/// The exports that are another file's, in the order of the file.
pub fn of(program: &Program<'_>, imports: &Imports) -> Vec<Reexport> {
    let of_import = |exported: &str, local: &str| {
        let (specifier, name) = imports.get(local)?;
        let names = Some((exported.to_owned(), name.clone()));
        Some(Reexport { specifier: specifier.clone(), names })
    };
    let mut found = Vec::new();
    for statement in &program.body {
        match statement {
            Statement::ExportFromDeclaration(export) => {
                found.extend(export.specifiers.iter().map(|specifier| Reexport {
                    specifier: export.source.value.to_string(),
                    names: Some((specifier.exported.name().to_string(), specifier.local.name().to_string())),
                }));
            }
            Statement::ExportAllDeclaration(export) if export.exported.is_none() => {
                found.push(Reexport { specifier: export.source.value.to_string(), names: None });
            }
            Statement::ExportNamedDeclaration(export) => {
                let pairs = export.specifiers.iter();
                found.extend(pairs.filter_map(|pair| of_import(&pair.exported.name(), &pair.local.name())));
            }
            Statement::ExportDefaultDeclaration(export) => {
                if let ExportDefaultDeclarationKind::Identifier(local) = &export.declaration {
                    found.extend(of_import("default", &local.name));
                }
            }
            _ => {}
        }
    }
    found
}

fn names(import: &ImportDeclaration<'_>) -> Vec<(String, (String, String))> {
    let specifier = import.source.value.as_str();
    let imported = |local: &str, name: &str| (local.to_owned(), (specifier.to_owned(), name.to_owned()));
    let specifiers = import.specifiers.iter().flatten();
    let named = specifiers.filter_map(|one| match one {
        ImportDeclarationSpecifier::ImportSpecifier(one) => {
            Some(imported(&one.local.name, &one.imported.name()))
        }
        ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => Some(imported(&one.local.name, "default")),
        ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => None,
    });
    named.collect()
}
