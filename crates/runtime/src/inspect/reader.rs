//! From the sections of a module to facts about it.

use std::collections::HashMap;

use wasmparser::{
    CompositeInnerType, ExternalKind, FuncType, GlobalType, MemoryType, Parser, Payload, Result, TableType,
    TypeRef,
};

use super::custom::{CustomSection, Known, Producer, TargetFeature};
use super::items::{Export, ImportModule, ItemKind, Memory, Table};
use super::signature;

/// What stands for a type that is not there. The validator refuses such modules before they come here.
const NO_TYPE: &str = "?";

/// A module's facts, in terms of its binary.
#[derive(Default)]
pub(super) struct Module<'a> {
    pub(super) exports: Vec<Export>,
    pub(super) imports: Vec<ImportModule>,
    /// Where in `imports` a module is, by its name.
    import_modules: HashMap<&'a str, usize>,
    pub(super) memories: Vec<Memory>,
    pub(super) tables: Vec<Table>,
    pub(super) has_start_function: bool,
    pub(super) functions: u64,
    pub(super) code_bytes: u64,
    pub(super) data: Vec<&'a [u8]>,
    pub(super) custom_sections: Vec<CustomSection>,
    pub(super) producers: Vec<Producer>,
    pub(super) target_features: Vec<TargetFeature>,
    pub(super) function_names: Vec<&'a str>,
}

/// The types of everything that has an index, by index.
#[derive(Default)]
struct Indices {
    /// `None` for types that are not those of functions.
    types: Vec<Option<FuncType>>,
    functions: Vec<u32>,
    memories: Vec<MemoryType>,
    tables: Vec<TableType>,
    globals: Vec<GlobalType>,
    tags: Vec<u32>,
}

impl Indices {
    fn signature(&self, type_index: u32) -> String {
        match self.types.get(type_index as usize) {
            Some(Some(ty)) => signature::signature(ty),
            _ => NO_TYPE.to_owned(),
        }
    }

    fn describe(&self, kind: ExternalKind, index: u32) -> (ItemKind, String) {
        let at = index as usize;
        let (kind, ty) = match kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                (ItemKind::Function, self.functions.get(at).map(|ty| self.signature(*ty)))
            }
            ExternalKind::Memory => (ItemKind::Memory, self.memories.get(at).map(signature::memory)),
            ExternalKind::Table => (ItemKind::Table, self.tables.get(at).map(signature::table)),
            ExternalKind::Global => (ItemKind::Global, self.globals.get(at).map(signature::global)),
            ExternalKind::Tag => (ItemKind::Tag, self.tags.get(at).map(|ty| self.signature(*ty))),
        };
        (kind, ty.unwrap_or_else(|| NO_TYPE.to_owned()))
    }
}

impl<'a> Module<'a> {
    /// Reads a module that is valid.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self::default();
        let mut indices = Indices::default();
        let mut known = Known::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        indices.types.extend(group?.into_types().map(|ty| match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => Some(ty),
                            _ => None,
                        }));
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        module.add_import(&mut indices, import.module, import.name, import.ty);
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        indices.functions.push(ty?);
                        module.functions += 1;
                    }
                }
                Payload::TableSection(section) => {
                    for table in section {
                        module.add_table(&mut indices, table?.ty, false);
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        module.add_memory(&mut indices, memory?, false);
                    }
                }
                Payload::TagSection(section) => {
                    for tag in section {
                        indices.tags.push(tag?.func_type_idx);
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        indices.globals.push(global?.ty);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        module.add_export(&indices, export.name, export.kind, export.index);
                    }
                }
                Payload::StartSection { .. } => module.has_start_function = true,
                Payload::CodeSectionStart { size, .. } => module.code_bytes = u64::from(size),
                Payload::DataSection(section) => {
                    for data in section {
                        module.data.push(data?.data);
                    }
                }
                Payload::CustomSection(section) => {
                    let size_bytes = section.data().len() as u64;
                    module
                        .custom_sections
                        .push(CustomSection { name: section.name().to_owned(), size_bytes });
                    known.add(&section);
                }
                _ => {}
            }
        }
        let Known { producers, target_features, function_names } = known;
        Ok(Self { producers, target_features, function_names, ..module })
    }

    fn add_import(&mut self, indices: &mut Indices, from: &'a str, name: &str, ty: TypeRef) {
        let (kind, ty) = match ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                indices.functions.push(ty);
                (ItemKind::Function, indices.signature(ty))
            }
            TypeRef::Memory(ty) => {
                self.add_memory(indices, ty, true);
                (ItemKind::Memory, signature::memory(&ty))
            }
            TypeRef::Table(ty) => {
                self.add_table(indices, ty, true);
                (ItemKind::Table, signature::table(&ty))
            }
            TypeRef::Global(ty) => {
                indices.globals.push(ty);
                (ItemKind::Global, signature::global(&ty))
            }
            TypeRef::Tag(ty) => {
                indices.tags.push(ty.func_type_idx);
                (ItemKind::Tag, indices.signature(ty.func_type_idx))
            }
        };
        let at = *self.import_modules.entry(from).or_insert_with(|| {
            self.imports.push(ImportModule::new(from));
            self.imports.len() - 1
        });
        self.imports[at].add(name, kind, ty);
    }

    fn add_memory(&mut self, indices: &mut Indices, ty: MemoryType, imported: bool) {
        indices.memories.push(ty);
        self.memories.push(Memory {
            min_pages: ty.initial,
            max_pages: ty.maximum,
            page_bytes: 1_u64.checked_shl(ty.page_size_log2.unwrap_or(16)).unwrap_or(u64::MAX),
            imported,
            exported_as: Vec::new(),
            shared: ty.shared,
            is_64_bit: ty.memory64,
        });
    }

    fn add_table(&mut self, indices: &mut Indices, ty: TableType, imported: bool) {
        indices.tables.push(ty);
        self.tables.push(Table {
            element: ty.element_type.to_string(),
            min_elements: ty.initial,
            max_elements: ty.maximum,
            imported,
        });
    }

    fn add_export(&mut self, indices: &Indices, name: &str, kind: ExternalKind, index: u32) {
        if kind == ExternalKind::Memory
            && let Some(memory) = self.memories.get_mut(index as usize)
        {
            memory.exported_as.push(name.to_owned());
        }
        let (kind, ty) = indices.describe(kind, index);
        self.exports.push(Export::new(name, kind, ty));
    }
}
