//! Custom sections: what tools write into a module about it.

use serde::Serialize;
use wasmparser::{BinaryReader, KnownCustom, Name, NameSectionReader, ProducersSectionReader, Result};

/// A section without meaning for WebAssembly itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CustomSection {
    /// Its name; several sections may have the same one.
    pub name: String,
    /// Bytes of its content.
    pub size_bytes: u64,
}

impl CustomSection {
    pub(super) fn is_dwarf(&self) -> bool {
        self.name.starts_with(".debug_")
    }
}

/// A language or tool that says to have taken part in making the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Producer {
    /// Its part: `language`, `processed-by` or `sdk`.
    pub field: String,
    /// Its name, for example `rustc`.
    pub name: String,
    /// Its version, which may be empty.
    pub version: String,
}

/// A feature of WebAssembly beyond the first version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TargetFeature {
    /// Its name in the toolchain, for example `simd128`.
    pub name: String,
    /// Whether the module uses it (true) or may not be linked with code that does (false).
    pub used: bool,
}

/// What the known custom sections of a module say.
#[derive(Default)]
pub(super) struct Known<'a> {
    pub(super) producers: Vec<Producer>,
    pub(super) target_features: Vec<TargetFeature>,
    pub(super) function_names: Vec<&'a str>,
}

impl<'a> Known<'a> {
    /// Adds a section. Malformed content is ignored from the place on where it is malformed.
    pub(super) fn add(&mut self, section: &wasmparser::CustomSectionReader<'a>) {
        // Errors stop the reading, and what was read before is kept.
        let _ = match section.as_known() {
            KnownCustom::Producers(reader) => self.add_producers(reader),
            KnownCustom::Name(reader) => self.add_names(reader),
            _ if section.name() == "target_features" => self.add_features(section.data()),
            _ => Ok(()),
        };
    }

    fn add_producers(&mut self, fields: ProducersSectionReader<'_>) -> Result<()> {
        for field in fields {
            let field = field?;
            for value in field.values {
                let value = value?;
                let (name, version) = (value.name.to_owned(), value.version.to_owned());
                self.producers.push(Producer { field: field.name.to_owned(), name, version });
            }
        }
        Ok(())
    }

    fn add_names(&mut self, names: NameSectionReader<'a>) -> Result<()> {
        for subsection in names {
            if let Name::Function(functions) = subsection? {
                for function in functions {
                    self.function_names.push(function?.name);
                }
            }
        }
        Ok(())
    }

    /// A count, then for each feature a sign and a name: `+` used, `=` required (old toolchains), `-` to be avoided.
    fn add_features(&mut self, data: &[u8]) -> Result<()> {
        let mut reader = BinaryReader::new(data, 0);
        for _ in 0..reader.read_var_u32()? {
            let used = reader.read_u8()? != b'-';
            let name = reader.read_unlimited_string()?.to_owned();
            self.target_features.push(TargetFeature { name, used });
        }
        Ok(())
    }
}
