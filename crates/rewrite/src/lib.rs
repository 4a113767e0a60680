//! Rewrites plug-ins so that they reach kernel memory by instructions instead of calls.
