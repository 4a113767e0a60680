//! Changing the engine module: other imports, other exports, other contents of its memory. Its own code stays as it is.
//!
//! Functions are numbered, imports first. So whatever comes or goes changes the numbers of all others, and the whole module is written anew.

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    CodeSection, DataSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    ImportSection, MemorySection, Module, TypeSection, ValType,
};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, DataSectionReader, ExportSectionReader, ExternalKind,
    FunctionSectionReader, ImportSectionReader, MemorySectionReader, Parser, Payload, TypeRef,
    TypeSectionReader,
};

use crate::error::Error;
use crate::image::Image;

/// A function's parameters and results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) parameters: Vec<ValType>,
    pub(crate) results: Vec<ValType>,
}

/// A function that is imported.
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) signature: Signature,
}

/// What there is to know of the engine module before it is changed.
pub(crate) struct Outline<'a> {
    wasm: &'a [u8],
    pub(crate) imports: Vec<Import>,
    /// Exported functions with their numbers.
    exports: Vec<(&'a str, u32)>,
    types: Vec<Signature>,
    /// How many functions it has itself.
    functions: u32,
    /// The first address that a data segment begins at.
    pub(crate) first_datum: u64,
    /// Where the stack begins: the initial value of the only variable.
    pub(crate) stack_pointer: u64,
}

impl<'a> Outline<'a> {
    /// Looks at a module.
    ///
    /// # Errors
    ///
    /// When it has what an engine module never has.
    pub(crate) fn of(wasm: &'a [u8]) -> Result<Self, Error> {
        let mut outline = Self {
            wasm,
            imports: Vec::new(),
            exports: Vec::new(),
            types: Vec::new(),
            functions: 0,
            first_datum: u64::MAX,
            stack_pointer: 0,
        };
        let mut variables = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(damaged)? {
                Payload::TypeSection(types) => {
                    for ty in types.into_iter_err_on_gc_types() {
                        let ty = ty.map_err(damaged)?;
                        outline.types.push(Signature {
                            parameters: values(ty.params())?,
                            results: values(ty.results())?,
                        });
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import.map_err(damaged)?;
                        let TypeRef::Func(ty) = import.ty else {
                            return Err(damaged(format!("it imports `{}.{}`", import.module, import.name)));
                        };
                        let signature = outline.types.get(ty as usize).cloned();
                        outline.imports.push(Import {
                            module: import.module.to_owned(),
                            name: import.name.to_owned(),
                            signature: signature.ok_or_else(|| damaged("an import has no type"))?,
                        });
                    }
                }
                Payload::FunctionSection(functions) => outline.functions = functions.count(),
                Payload::GlobalSection(globals) => {
                    for global in globals {
                        let global = global.map_err(damaged)?;
                        if global.ty.mutable {
                            variables += 1;
                            outline.stack_pointer = constant(&global.init_expr)?;
                        }
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export.map_err(damaged)?;
                        if export.kind == ExternalKind::Func {
                            outline.exports.push((export.name, export.index));
                        }
                    }
                }
                Payload::DataSection(segments) => {
                    for segment in segments {
                        let wasmparser::DataKind::Active { offset_expr, .. } = segment.map_err(damaged)?.kind
                        else {
                            return Err(damaged("a data segment is passive"));
                        };
                        outline.first_datum = outline.first_datum.min(constant(&offset_expr)?);
                    }
                }
                Payload::StartSection { .. } => return Err(damaged("it has a start function")),
                _ => {}
            }
        }
        // The values of others would have to be copied, too.
        if variables != 1 {
            return Err(damaged(format!("it has {variables} variables besides its memory")));
        }
        Ok(outline)
    }

    /// The number of an exported function.
    pub(crate) fn export(&self, name: &str) -> Result<u32, Error> {
        let found = self.exports.iter().find(|(export, _)| *export == name);
        found.map(|(_, index)| *index).ok_or_else(|| damaged(format!("it has no `{name}`")))
    }
}

/// What becomes of an import.
pub(crate) enum Fate {
    Keep,
    /// A function of this module takes its place.
    Replace(Function),
}

/// A module in the making.
pub(crate) struct Surgery<'a> {
    outline: &'a Outline<'a>,
    /// One for each import of the engine.
    fates: Vec<Fate>,
    added_imports: Vec<Import>,
    added_functions: Vec<(Signature, Function)>,
    exports: Vec<(String, u32)>,
    image: Option<Image>,
}

impl<'a> Surgery<'a> {
    /// `imported` are imports that come in addition; `fate` decides about each of the engine's own, and is given the numbers of
    /// the additional ones.
    pub(crate) fn new(outline: &'a Outline<'a>, kept: &[bool], added_imports: Vec<Import>) -> Self {
        debug_assert_eq!(kept.len(), outline.imports.len());
        let fates = kept
            .iter()
            .map(|kept| if *kept { Fate::Keep } else { Fate::Replace(Function::new([])) })
            .collect();
        Self { outline, fates, added_imports, added_functions: Vec::new(), exports: Vec::new(), image: None }
    }

    /// Gives an import that is not kept the function that takes its place.
    pub(crate) fn replace(&mut self, import: usize, function: Function) {
        if let Some(fate @ Fate::Replace(_)) = self.fates.get_mut(import) {
            *fate = Fate::Replace(function);
        }
    }

    /// Adds a function, and exports it.
    pub(crate) fn add_export(&mut self, name: &str, signature: Signature, function: Function) {
        let engine = self.replaced_before(self.fates.len()) + self.outline.functions;
        let index = self.imported() + engine + count(self.added_functions.len());
        self.added_functions.push((signature, function));
        self.exports.push((name.to_owned(), index));
    }

    /// Exports a function of the engine.
    pub(crate) fn keep_export(&mut self, name: &str) -> Result<(), Error> {
        let index = self.number(self.outline.export(name)?);
        self.exports.push((name.to_owned(), index));
        Ok(())
    }

    /// Lets instances begin with these contents of the memory.
    pub(crate) fn set_image(&mut self, image: Image) {
        self.image = Some(image);
    }

    /// The number of an additional import.
    pub(crate) fn added_import(&self, position: usize) -> u32 {
        self.kept_before(self.fates.len()) + count(position)
    }

    /// The new number of a function of the engine.
    pub(crate) fn number(&self, old: u32) -> u32 {
        let imports = count(self.fates.len());
        if old >= imports {
            return self.imported() + self.replaced_before(self.fates.len()) + (old - imports);
        }
        let position = old as usize;
        match self.fates[position] {
            Fate::Keep => self.kept_before(position),
            Fate::Replace(_) => self.imported() + self.replaced_before(position),
        }
    }

    fn imported(&self) -> u32 {
        self.kept_before(self.fates.len()) + count(self.added_imports.len())
    }

    fn kept_before(&self, position: usize) -> u32 {
        count(self.fates[..position].iter().filter(|fate| matches!(fate, Fate::Keep)).count())
    }

    fn replaced_before(&self, position: usize) -> u32 {
        count(position) - self.kept_before(position)
    }

    /// The module.
    ///
    /// # Errors
    ///
    /// When the engine's own module cannot be read.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Error> {
        let mut module = Module::new();
        let wasm = self.outline.wasm;
        let mut writer = Writer { surgery: self, added_types: Vec::new() };
        writer
            .parse_core_module(&mut module, Parser::new(0), wasm)
            .map_err(|error| damaged(error.to_string()))?;
        Ok(module.finish())
    }
}

/// Copies a module, and changes what is to be changed.
struct Writer<'a> {
    surgery: Surgery<'a>,
    /// Types that the engine has no number for.
    added_types: Vec<Signature>,
}

type Result2<T = ()> = Result<T, reencode::Error<std::convert::Infallible>>;

impl Writer<'_> {
    fn type_of(&self, signature: &Signature) -> u32 {
        let types = self.surgery.outline.types.iter().chain(&self.added_types);
        let position = types.into_iter().position(|known| known == signature);
        // All that are asked for have been added.
        count(position.unwrap_or_default())
    }
}

impl Reencode for Writer<'_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result2<u32> {
        Ok(self.surgery.number(function))
    }

    fn parse_type_section(&mut self, types: &mut TypeSection, section: TypeSectionReader<'_>) -> Result2 {
        utils::parse_type_section(self, types, section)?;
        let imports = self.surgery.added_imports.iter().map(|import| &import.signature);
        let functions = self.surgery.added_functions.iter().map(|(signature, _)| signature);
        for signature in imports.chain(functions) {
            if !self.surgery.outline.types.contains(signature) && !self.added_types.contains(signature) {
                types.ty().function(signature.parameters.iter().copied(), signature.results.iter().copied());
                self.added_types.push(signature.clone());
            }
        }
        Ok(())
    }

    fn parse_import_section(&mut self, imports: &mut ImportSection, _: ImportSectionReader<'_>) -> Result2 {
        let own = self.surgery.outline.imports.iter().zip(&self.surgery.fates);
        let kept = own.filter(|(_, fate)| matches!(fate, Fate::Keep)).map(|(import, _)| import);
        for import in kept.chain(&self.surgery.added_imports) {
            let ty = EntityType::Function(self.type_of(&import.signature));
            imports.import(&import.module, &import.name, ty);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result2 {
        for (import, fate) in self.surgery.outline.imports.iter().zip(&self.surgery.fates) {
            if matches!(fate, Fate::Replace(_)) {
                functions.function(self.type_of(&import.signature));
            }
        }
        utils::parse_function_section(self, functions, section)?;
        for (signature, _) in &self.surgery.added_functions {
            functions.function(self.type_of(signature));
        }
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: MemorySectionReader<'_>,
    ) -> Result2 {
        for memory in section {
            let mut ty = self.memory_type(memory?)?;
            if let Some(image) = &self.surgery.image {
                ty.minimum = image.pages();
            }
            memories.memory(ty);
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result2 {
        for export in section {
            let export = export?;
            if export.kind == ExternalKind::Memory {
                exports.export(export.name, ExportKind::Memory, export.index);
            }
        }
        for (name, index) in &self.surgery.exports {
            exports.export(name, ExportKind::Func, *index);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result2 {
        for fate in &self.surgery.fates {
            if let Fate::Replace(function) = fate {
                code.function(function);
            }
        }
        utils::parse_code_section(self, code, section)?;
        for (_, function) in &self.surgery.added_functions {
            code.function(function);
        }
        Ok(())
    }

    fn data_count(&mut self, own: u32) -> Result2<u32> {
        Ok(self.surgery.image.as_ref().map_or(own, |image| count(image.segments().len())))
    }

    fn parse_data_section(&mut self, data: &mut DataSection, section: DataSectionReader<'_>) -> Result2 {
        match &self.surgery.image {
            Some(image) => image.write(data),
            None => utils::parse_data_section(self, data, section)?,
        }
        Ok(())
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Result2 {
        Ok(())
    }
}

/// Counts of what is in memory, and of modules that the parser has accepted, are far below the limit.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn values(types: &[wasmparser::ValType]) -> Result<Vec<ValType>, Error> {
    types.iter().map(|ty| (*ty).try_into().map_err(|_| damaged("a function takes references"))).collect()
}

fn constant(expression: &wasmparser::ConstExpr<'_>) -> Result<u64, Error> {
    match expression.get_operators_reader().read() {
        // An address: it has 32 bits without a sign.
        Ok(wasmparser::Operator::I32Const { value }) => Ok(u64::from(value.cast_unsigned())),
        _ => Err(damaged("an address is not a number")),
    }
}

/// What we ship is not what it should be.
pub(crate) fn damaged(reason: impl ToString) -> Error {
    Error::Damaged(reason.to_string())
}
