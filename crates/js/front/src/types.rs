//! What a TypeScript type means for a value that crosses between host and plug-in.

use std::collections::{BTreeMap, HashMap};

use oxc_ast::ast::{
    Declaration, FormalParameters, Program, Statement, TSLiteral, TSType, TSTypeAnnotation, TSTypeName,
};

/// How deep names of types may lead to each other.
const MAX_DEPTH: u32 = 32;

/// The names that a file gives to types.
#[derive(Default)]
pub struct Aliases<'p, 'a>(HashMap<&'p str, &'p TSType<'a>>);

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing is said.
    Unknown,
    Nothing,
    Text,
    /// Text, or `null`.
    TextOrNull,
    Bytes,
    BytesOrNull,
    I32,
    I64,
    F32,
    F64,
    /// `number`, which is one of four types of WebAssembly.
    Number,
    /// Anything else, as JSON.
    Value,
}

impl<'p, 'a> Aliases<'p, 'a> {
    /// Those at the top level of statements.
    pub fn of(program: &'p Program<'a>) -> Self {
        let mut aliases = Self::default();
        aliases.extend(&program.body);
        aliases
    }

    /// Adds those of more statements.
    pub fn extend(&mut self, statements: &'p [Statement<'a>]) {
        for statement in statements {
            let alias = match statement {
                Statement::TSTypeAliasDeclaration(alias) => alias,
                Statement::ExportDeclaration(export) => match &export.declaration {
                    Declaration::TSTypeAliasDeclaration(alias) => alias,
                    _ => continue,
                },
                _ => continue,
            };
            if alias.type_parameters.is_none() {
                self.0.insert(alias.id.name.as_str(), &alias.type_annotation);
            }
        }
    }

    pub fn annotated(&self, annotation: Option<&TSTypeAnnotation<'_>>) -> Kind {
        annotation.map_or(Kind::Unknown, |annotation| self.kind(&annotation.type_annotation, 0))
    }

    /// The name of a type that is not declared here.
    pub fn unknown<'t>(&self, annotation: &'t TSTypeAnnotation<'_>) -> Option<&'t str> {
        let TSType::TSTypeReference(reference) = &annotation.type_annotation else { return None };
        let TSTypeName::IdentifierReference(name) = &reference.type_name else { return None };
        let name = name.name.as_str();
        (!self.0.contains_key(name) && reference.type_arguments.is_none()).then_some(name)
    }

    /// What the names of types mean that these statements export.
    pub fn exported(&self, statements: &[Statement<'_>]) -> BTreeMap<String, Kind> {
        let mut found = BTreeMap::new();
        for statement in statements {
            match statement {
                Statement::ExportDeclaration(export) => {
                    if let Declaration::TSTypeAliasDeclaration(alias) = &export.declaration {
                        found.insert(alias.id.name.to_string(), self.kind(&alias.type_annotation, 0));
                    }
                }
                Statement::ExportNamedDeclaration(export) => {
                    for specifier in &export.specifiers {
                        if let Some(ty) = self.0.get(specifier.local.name().as_str()) {
                            found.insert(specifier.exported.name().to_string(), self.kind(ty, 0));
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Each parameter's type.
    pub fn parameters(&self, parameters: &FormalParameters<'_>) -> Vec<Kind> {
        parameters
            .items
            .iter()
            .map(|parameter| self.annotated(parameter.type_annotation.as_deref()))
            .collect()
    }

    fn kind(&self, ty: &TSType<'_>, depth: u32) -> Kind {
        if depth > MAX_DEPTH {
            return Kind::Value;
        }
        let inner = |ty| self.kind(ty, depth + 1);
        match ty {
            TSType::TSAnyKeyword(_) | TSType::TSUnknownKeyword(_) => Kind::Unknown,
            TSType::TSVoidKeyword(_)
            | TSType::TSUndefinedKeyword(_)
            | TSType::TSNullKeyword(_)
            | TSType::TSNeverKeyword(_) => Kind::Nothing,
            TSType::TSStringKeyword(_) | TSType::TSTemplateLiteralType(_) => Kind::Text,
            TSType::TSNumberKeyword(_) => Kind::Number,
            TSType::TSBigIntKeyword(_) => Kind::I64,
            TSType::TSParenthesizedType(parenthesized) => inner(&parenthesized.type_annotation),
            TSType::TSLiteralType(literal) => match &literal.literal {
                TSLiteral::StringLiteral(_) | TSLiteral::TemplateLiteral(_) => Kind::Text,
                _ => Kind::Value,
            },
            TSType::TSUnionType(union) => {
                let (nothing, something): (Vec<Kind>, Vec<Kind>) =
                    union.types.iter().map(inner).partition(|kind| *kind == Kind::Nothing);
                let Some((first, rest)) = something.split_first() else { return Kind::Nothing };
                if rest.iter().any(|kind| kind != first) {
                    return Kind::Value;
                }
                match (first, nothing.is_empty()) {
                    (Kind::Text, false) => Kind::TextOrNull,
                    (Kind::Bytes, false) => Kind::BytesOrNull,
                    (kind, true) => *kind,
                    _ => Kind::Value,
                }
            }
            TSType::TSTypeReference(reference) => {
                let TSTypeName::IdentifierReference(name) = &reference.type_name else { return Kind::Value };
                match name.name.as_str() {
                    name if self.0.contains_key(name) => inner(self.0[name]),
                    "I32" => Kind::I32,
                    "I64" => Kind::I64,
                    "F32" => Kind::F32,
                    "F64" => Kind::F64,
                    "Uint8Array" | "ArrayBuffer" | "Buffer" | "ArrayBufferLike" | "Uint8ClampedArray" => {
                        Kind::Bytes
                    }
                    "Promise" => match &reference.type_arguments {
                        Some(arguments) if arguments.params.len() == 1 => inner(&arguments.params[0]),
                        _ => Kind::Unknown,
                    },
                    _ => Kind::Value,
                }
            }
            _ => Kind::Value,
        }
    }
}
