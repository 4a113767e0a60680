//! What the processor can do.

/// The features that the engine's compiler makes use of, as this process sees them. An instrumenting tool shows a
/// processor of its own.
pub(crate) fn present() -> Vec<&'static str> {
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! present {
            ($($name:tt)*) => {
                [$(($name, std::is_x86_feature_detected!($name))),*]
            };
        }
        let features = present!["sse3" "ssse3" "sse4.1" "sse4.2" "popcnt" "avx" "avx2" "fma" "bmi1" "bmi2" "lzcnt"
            "avx512bitalg" "avx512dq" "avx512f" "avx512vbmi" "avx512vl"];
        features.into_iter().filter_map(|(name, present)| present.then_some(name)).collect()
    }
    #[cfg(not(target_arch = "x86_64"))]
    Vec::new()
}
