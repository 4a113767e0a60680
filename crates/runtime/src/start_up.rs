//! What a module needs to run once before its other functions.

use wasmtime::{ExternType, FuncType, Instance, Module, ModuleExport, Result, Store, TypedFunc, ValType};
use wasmtime::{WasmParams, WasmResults};

use crate::state::State;

/// Functions that must run before a module's others, in this order. They are found once for all instances.
#[derive(Default)]
pub(crate) struct StartUp(Vec<Step>);

struct Step {
    name: &'static str,
    export: ModuleExport,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Plain,
    /// Haskell's `hs_init(argc, argv)`.
    Haskell,
}

impl StartUp {
    /// The start-up functions that the contract knows.
    pub(crate) fn of(module: &Module) -> Self {
        let step = |name, kind: Kind| {
            let Some(ExternType::Func(ty)) = module.get_export(name) else { return None };
            let export = module.get_export_index(name)?;
            kind.fits(&ty).then_some(Step { name, export, kind })
        };
        let initialize = step("_initialize", Kind::Plain);
        if let Some(haskell) = step("hs_init", Kind::Haskell) {
            return Self(initialize.into_iter().chain([haskell]).collect());
        }
        Self(step("__wasm_call_ctors", Kind::Plain).or(initialize).into_iter().collect())
    }

    /// One function of type `() -> ()`.
    pub(crate) fn function(name: &'static str, export: ModuleExport) -> Self {
        Self(vec![Step { name, export, kind: Kind::Plain }])
    }

    /// The names of the functions.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|step| step.name)
    }

    pub(crate) fn run(&self, store: &mut Store<State>, instance: &Instance) -> Result<()> {
        for step in &self.0 {
            match step.kind {
                Kind::Plain => step.typed::<(), ()>(store, instance)?.call(&mut *store, ())?,
                Kind::Haskell => step.typed::<(i32, i32), ()>(store, instance)?.call(&mut *store, (0, 0))?,
            }
        }
        Ok(())
    }

    /// Like [`run`](Self::run), on a stack of its own.
    pub(crate) async fn run_async(&self, store: &mut Store<State>, instance: &Instance) -> Result<()> {
        for step in &self.0 {
            match step.kind {
                Kind::Plain => {
                    step.typed::<(), ()>(store, instance)?.call_async(&mut *store, ()).await?;
                }
                Kind::Haskell => {
                    step.typed::<(i32, i32), ()>(store, instance)?.call_async(&mut *store, (0, 0)).await?;
                }
            }
        }
        Ok(())
    }
}

impl Step {
    /// The function in an instance of the module.
    fn typed<P: WasmParams, R: WasmResults>(
        &self,
        store: &mut Store<State>,
        instance: &Instance,
    ) -> Result<TypedFunc<P, R>> {
        let function = instance.get_module_export(&mut *store, &self.export);
        let function = function.and_then(wasmtime::Extern::into_func);
        function.ok_or_else(|| wasmtime::Error::msg("a start-up function is not there"))?.typed(&*store)
    }
}

impl Kind {
    fn fits(self, ty: &FuncType) -> bool {
        let params = match self {
            Self::Plain => 0,
            Self::Haskell => 2,
        };
        ty.results().len() == 0
            && ty.params().len() == params
            && ty.params().all(|param| matches!(param, ValType::I32))
    }
}
