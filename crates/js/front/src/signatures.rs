//! What the types of a file in TypeScript say about the functions that it exports.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use oxc_ast::ast::{
    BindingPattern, Declaration, ExportDefaultDeclarationKind, Expression, FormalParameters,
    ObjectExpression, ObjectPropertyKind, Program, Statement, TSTypeAnnotation,
};

use crate::protocol::{Input, Output, Signature};
use crate::reexports::Imports;
use crate::types::{Aliases, Kind};

/// The signatures of exported functions whose declarations are in this file, and what the names of types mean that it exports.
pub fn of(
    program: &Program<'_>,
    imports: &Imports,
) -> (BTreeMap<String, Signature>, BTreeMap<String, Input>) {
    let aliases = Aliases::of(program);
    let mut local = HashMap::new();
    let mut exported = BTreeMap::new();
    for statement in &program.body {
        match statement {
            Statement::ExportDeclaration(export) => {
                for (name, signature) in declared(&export.declaration, &aliases) {
                    local.insert(name.clone(), signature.clone());
                    exported.insert(name, signature);
                }
            }
            Statement::ExportDefaultDeclaration(export) => {
                exported.extend(by_default(&export.declaration, &aliases));
            }
            statement => {
                if let Some(declaration) = statement.as_declaration() {
                    local.extend(declared(declaration, &aliases));
                }
            }
        }
    }
    for statement in &program.body {
        match statement {
            Statement::ExportNamedDeclaration(export) => {
                for specifier in &export.specifiers {
                    if let Some(signature) = local.get(specifier.local.name().as_str()) {
                        exported.insert(specifier.exported.name().to_string(), signature.clone());
                    }
                }
            }
            Statement::ExportDefaultDeclaration(export) => {
                for (name, function) in local_by_default(&export.declaration) {
                    if let Some(signature) = local.get(function) {
                        exported.insert(name.into_owned(), signature.clone());
                    }
                }
            }
            _ => {}
        }
    }
    for signature in exported.values_mut() {
        // What it names is a type of this file, or it is looked for in the other one.
        let imported = signature.input_type.take().and_then(|(_, name)| imports.get(&name));
        signature.input_type = imported.cloned();
    }
    let types = aliases.exported(&program.body);
    (exported, types.into_iter().map(|(name, kind)| (name, input(kind))).collect())
}

/// The functions that are written where they are exported by default: the one, or members of an object.
fn by_default(
    declaration: &ExportDefaultDeclarationKind<'_>,
    aliases: &Aliases<'_, '_>,
) -> Vec<(String, Signature)> {
    if let ExportDefaultDeclarationKind::FunctionDeclaration(function) = declaration {
        let signature = signature(&function.params, function.return_type.as_deref(), aliases);
        return vec![("default".to_owned(), signature)];
    }
    match declaration.as_expression().map(Expression::get_inner_expression) {
        Some(Expression::ObjectExpression(object)) => {
            let members = members(object);
            members.filter_map(|(name, value)| Some((name.into_owned(), of_value(value, aliases)?))).collect()
        }
        Some(value) => {
            of_value(value, aliases).map(|signature| ("default".to_owned(), signature)).into_iter().collect()
        }
        None => Vec::new(),
    }
}

/// The names of functions elsewhere in the file that are exported by default, each after the export's name.
fn local_by_default<'e>(declaration: &'e ExportDefaultDeclarationKind<'_>) -> Vec<(Cow<'e, str>, &'e str)> {
    match declaration.as_expression().map(Expression::get_inner_expression) {
        Some(Expression::Identifier(local)) => vec![(Cow::Borrowed("default"), local.name.as_str())],
        Some(Expression::ObjectExpression(object)) => members(object)
            .filter_map(|(name, value)| match value {
                Expression::Identifier(local) => Some((name, local.name.as_str())),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn members<'e, 'a>(
    object: &'e ObjectExpression<'a>,
) -> impl Iterator<Item = (Cow<'e, str>, &'e Expression<'a>)> {
    object.properties.iter().filter_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) => {
            Some((property.key.static_name()?, property.value.get_inner_expression()))
        }
        ObjectPropertyKind::SpreadProperty(_) => None,
    })
}

fn of_value(value: &Expression<'_>, aliases: &Aliases<'_, '_>) -> Option<Signature> {
    match value {
        Expression::ArrowFunctionExpression(function) => {
            Some(signature(&function.params, function.return_type.as_deref(), aliases))
        }
        Expression::FunctionExpression(function) => {
            Some(signature(&function.params, function.return_type.as_deref(), aliases))
        }
        _ => None,
    }
}

/// The functions of a declaration: itself, or what its variables hold.
pub fn declared(declaration: &Declaration<'_>, aliases: &Aliases<'_, '_>) -> Vec<(String, Signature)> {
    match declaration {
        Declaration::FunctionDeclaration(function) => {
            let signature = signature(&function.params, function.return_type.as_deref(), aliases);
            function.id.iter().map(|id| (id.name.to_string(), signature.clone())).collect()
        }
        Declaration::VariableDeclaration(variables) => {
            let mut found = Vec::new();
            for variable in &variables.declarations {
                let BindingPattern::BindingIdentifier(id) = &variable.id else { continue };
                let value = variable.init.as_ref().map(Expression::get_inner_expression);
                if let Some(signature) = value.and_then(|value| of_value(value, aliases)) {
                    found.push((id.name.to_string(), signature));
                }
            }
            found
        }
        _ => Vec::new(),
    }
}

/// A signature. Its `input_type` has the name that this file has for the type, if it is not declared here.
fn signature(
    parameters: &FormalParameters<'_>,
    result: Option<&TSTypeAnnotation<'_>>,
    aliases: &Aliases<'_, '_>,
) -> Signature {
    let input = aliases.parameters(parameters).first().map_or(Input::None, |kind| input(*kind));
    let first = parameters.items.first().and_then(|first| first.type_annotation.as_deref());
    let input_type = first.and_then(|annotation| aliases.unknown(annotation));
    let output = if aliases.annotated(result) == Kind::I32 { Output::Code } else { Output::Auto };
    Signature { input, input_type: input_type.map(|name| (String::new(), name.to_owned())), output }
}

/// How a function gets what its first parameter is.
fn input(kind: Kind) -> Input {
    match kind {
        Kind::Unknown | Kind::Nothing | Kind::Text | Kind::TextOrNull => Input::String,
        Kind::Bytes | Kind::BytesOrNull => Input::Bytes,
        _ => Input::Json,
    }
}
