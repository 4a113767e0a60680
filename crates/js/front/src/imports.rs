//! Which other files a file names.

use oxc_ast::ast::{
    Argument, CallExpression, Decorator, ExportAllDeclaration, ExportFromDeclaration, Expression,
    ImportDeclaration, ImportDeclarationSpecifier, ImportExpression, Program, StringLiteral,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};

use crate::problems;
use crate::protocol::{Import, Name, Problem};

/// Everything that is imported by a name that is written out, in the order of the file.
pub fn of(program: &Program<'_>) -> (Vec<Import>, Vec<Problem>) {
    let mut finder = Finder::default();
    finder.visit_program(program);
    (finder.imports, finder.problems)
}

#[derive(Default)]
struct Finder {
    imports: Vec<Import>,
    problems: Vec<Problem>,
}

impl Finder {
    fn add(&mut self, literal: &StringLiteral<'_>, needed: bool, require: bool, names: Vec<Name>) {
        self.imports.push(Import {
            specifier: literal.value.to_string(),
            start: literal.span.start,
            end: literal.span.end,
            needed,
            require,
            names,
        });
    }
}

fn name(name: &str, span: Span) -> Name {
    Name { name: name.to_owned(), start: span.start, end: span.end }
}

impl<'a> Visit<'a> for Finder {
    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        let specifiers = import.specifiers.iter().flatten();
        let names = specifiers.filter_map(|one| match one {
            ImportDeclarationSpecifier::ImportSpecifier(one) => {
                Some(name(&one.imported.name(), one.imported.span()))
            }
            ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => Some(name("default", one.span)),
            ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => None,
        });
        self.add(&import.source, true, false, names.collect());
    }

    fn visit_export_from_declaration(&mut self, export: &ExportFromDeclaration<'a>) {
        let names = export.specifiers.iter().map(|one| name(&one.local.name(), one.local.span()));
        self.add(&export.source, true, false, names.collect());
    }

    fn visit_export_all_declaration(&mut self, export: &ExportAllDeclaration<'a>) {
        self.add(&export.source, true, false, Vec::new());
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        if let Expression::StringLiteral(literal) = &import.source {
            self.add(literal, false, false, Vec::new());
        }
        walk::walk_import_expression(self, import);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if let (Expression::Identifier(callee), [Argument::StringLiteral(literal)]) =
            (&call.callee, call.arguments.as_slice())
            && callee.name == "require"
        {
            self.add(literal, false, true, Vec::new());
        }
        walk::walk_call_expression(self, call);
    }

    fn visit_decorator(&mut self, decorator: &Decorator<'a>) {
        self.problems.push(problems::at(
            decorator.span,
            "decorators are not supported",
            "call the function yourself, on the class or the function that it decorates",
        ));
    }
}
