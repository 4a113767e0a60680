//! What the types of a file in TypeScript say about the functions that it exports.

use std::collections::{BTreeMap, HashMap};

use oxc_ast::ast::{
    BindingPattern, Declaration, ExportDefaultDeclarationKind, Expression, FormalParameters, Program,
    Statement, TSTypeAnnotation,
};

use crate::protocol::{Input, Output, Signature};
use crate::types::{Aliases, Kind};

/// The signatures of exported functions whose declarations are in this file.
pub fn of(program: &Program<'_>) -> BTreeMap<String, Signature> {
    let aliases = Aliases::of(program);
    let mut local = HashMap::new();
    let mut exported = BTreeMap::new();
    for statement in &program.body {
        match statement {
            Statement::ExportDeclaration(export) => {
                for (name, signature) in declared(&export.declaration, &aliases) {
                    local.insert(name.clone(), signature);
                    exported.insert(name, signature);
                }
            }
            Statement::ExportDefaultDeclaration(export) => {
                if let ExportDefaultDeclarationKind::FunctionDeclaration(function) = &export.declaration {
                    let signature = signature(&function.params, function.return_type.as_deref(), &aliases);
                    exported.insert("default".to_owned(), signature);
                }
            }
            statement => {
                if let Some(declaration) = statement.as_declaration() {
                    local.extend(declared(declaration, &aliases));
                }
            }
        }
    }
    for statement in &program.body {
        let Statement::ExportNamedDeclaration(export) = statement else { continue };
        for specifier in &export.specifiers {
            if let Some(signature) = local.get(specifier.local.name().as_str()) {
                exported.insert(specifier.exported.name().to_string(), *signature);
            }
        }
    }
    exported
}

/// The functions of a declaration: itself, or what its variables hold.
pub fn declared(declaration: &Declaration<'_>, aliases: &Aliases<'_, '_>) -> Vec<(String, Signature)> {
    match declaration {
        Declaration::FunctionDeclaration(function) => {
            let signature = signature(&function.params, function.return_type.as_deref(), aliases);
            function.id.iter().map(|id| (id.name.to_string(), signature)).collect()
        }
        Declaration::VariableDeclaration(variables) => {
            let mut found = Vec::new();
            for variable in &variables.declarations {
                let BindingPattern::BindingIdentifier(id) = &variable.id else { continue };
                let signature = match &variable.init {
                    Some(Expression::ArrowFunctionExpression(function)) => {
                        signature(&function.params, function.return_type.as_deref(), aliases)
                    }
                    Some(Expression::FunctionExpression(function)) => {
                        signature(&function.params, function.return_type.as_deref(), aliases)
                    }
                    _ => continue,
                };
                found.push((id.name.to_string(), signature));
            }
            found
        }
        _ => Vec::new(),
    }
}

fn signature(
    parameters: &FormalParameters<'_>,
    result: Option<&TSTypeAnnotation<'_>>,
    aliases: &Aliases<'_, '_>,
) -> Signature {
    let input = match aliases.parameters(parameters).first() {
        None => Input::None,
        Some(Kind::Unknown | Kind::Nothing | Kind::Text | Kind::TextOrNull) => Input::String,
        Some(Kind::Bytes | Kind::BytesOrNull) => Input::Bytes,
        Some(_) => Input::Json,
    };
    let output = if aliases.annotated(result) == Kind::I32 { Output::Code } else { Output::Auto };
    Signature { input, output }
}
