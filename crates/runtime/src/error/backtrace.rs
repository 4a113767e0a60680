//! Where in a guest an error happened.

use std::fmt;

use crate::source_map::SourceMap;

/// The guest's functions that were running when a call ended in the middle, innermost first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backtrace {
    frames: Vec<Frame>,
}

/// One function of a [`Backtrace`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Frame {
    /// The function's name as the plug-in's name section or DWARF gives it, demangled.
    pub function: Option<String>,
    /// The index of the function in its module.
    pub function_index: u32,
    /// The offset of the instruction in the module's binary, in bytes.
    pub offset: Option<usize>,
    /// The source file, when the plug-in carries DWARF.
    pub file: Option<String>,
    /// The line in the source file, from 1.
    pub line: Option<u32>,
}

impl Backtrace {
    /// The frames, innermost first; an inlined function has a frame of its own.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    pub(crate) fn from_frames(frames: Vec<Frame>) -> Self {
        Self { frames }
    }

    /// The engine's backtrace, with places in the original when the module was rewritten.
    pub(crate) fn from_engine(
        trace: &wasmtime::WasmBacktrace,
        source_map: Option<&SourceMap>,
    ) -> Option<Self> {
        let mut frames = Vec::with_capacity(trace.frames().len());
        for info in trace.frames() {
            let plain = Frame {
                function: info.func_name().map(Frame::demangle),
                function_index: info.func_index(),
                offset: info.module_offset(),
                ..Frame::default()
            };
            if let Some(source_map) = source_map {
                frames.extend(source_map.resolve(plain));
                continue;
            }
            if info.symbols().is_empty() {
                frames.push(plain);
                continue;
            }
            frames.extend(info.symbols().iter().map(|symbol| Frame {
                function: symbol.name().map(Frame::demangle).or_else(|| plain.function.clone()),
                file: symbol.file().map(str::to_owned),
                line: symbol.line(),
                ..plain.clone()
            }));
        }
        if frames.is_empty() { None } else { Some(Self { frames }) }
    }
}

impl Frame {
    /// A function's name as its author wrote it.
    pub(crate) fn demangle(name: &str) -> String {
        match rustc_demangle::try_demangle(name) {
            Ok(demangled) => format!("{demangled:#}"),
            Err(_) => name.to_owned(),
        }
    }
}

impl fmt::Display for Backtrace {
    /// One line a frame: `  0: name (file:line)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, frame) in self.frames.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            match &frame.function {
                Some(name) => write!(f, "{index:>3}: {name}")?,
                None => write!(f, "{index:>3}: <function {}>", frame.function_index)?,
            }
            match (&frame.file, frame.line, frame.offset) {
                (Some(file), Some(line), _) => write!(f, " ({file}:{line})")?,
                (Some(file), None, _) => write!(f, " ({file})")?,
                (None, _, Some(offset)) => write!(f, " (offset {offset:#x})")?,
                (None, _, None) => {}
            }
        }
        Ok(())
    }
}
