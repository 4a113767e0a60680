//! SQL through plug-ins: the same tests on SQLite and PostgreSQL, and what hostile plug-ins try on each.

mod configured;
mod held;
mod postgres;
mod postgres_outcomes;
mod postgres_types;
mod same;
mod sqlite;
mod support;
mod tls;
