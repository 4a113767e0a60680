//! Values of rows, from the binary form that the server sends.

use std::error::Error as StdError;

use tokio_postgres::Column;
use tokio_postgres::types::{FromSql, Kind, Type};

use super::text::{date, numeric, time, timestamp, uuid};
use crate::Failure;
use crate::sql::Answer;
use crate::sql::value::Cell;

type Wrong = Box<dyn StdError + Sync + Send>;

/// The types that are read, but for enumerations, and domains and arrays of what is read.
const READ: [Type; 23] = [
    Type::BOOL,
    Type::INT2,
    Type::INT4,
    Type::INT8,
    Type::OID,
    Type::FLOAT4,
    Type::FLOAT8,
    Type::BYTEA,
    Type::JSON,
    Type::JSONB,
    Type::NUMERIC,
    Type::TIMESTAMP,
    Type::TIMESTAMPTZ,
    Type::DATE,
    Type::TIME,
    Type::UUID,
    Type::VOID,
    Type::TEXT,
    Type::VARCHAR,
    Type::BPCHAR,
    Type::NAME,
    Type::UNKNOWN,
    Type::XML,
];

/// Checks that the columns of a statement can be read, before the statement is run.
///
/// # Errors
///
/// `Invalid` when one cannot.
pub(super) fn check_types(columns: &[Column]) -> Answer<()> {
    match columns.iter().find(|column| !Cell::accepts(column.type_())) {
        Some(column) => Err(Failure::invalid(format!(
            "the column `{}` of the type {} has no form in JSON: cast it to text",
            column.name(),
            column.type_()
        ))),
        None => Ok(()),
    }
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Wrong> {
        Ok(match *ty {
            Type::BOOL => Cell::Bool(bool::from_sql(ty, raw)?),
            Type::INT2 => Cell::Int(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Cell::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Cell::Int(i64::from_sql(ty, raw)?),
            Type::OID => Cell::Int(u32::from_sql(ty, raw)?.into()),
            Type::FLOAT4 => {
                // The shortest decimal that is this number, not the double that is closest to it.
                let value = f32::from_sql(ty, raw)?;
                Cell::Float(value.to_string().parse().unwrap_or(f64::from(value)))
            }
            Type::FLOAT8 => Cell::Float(f64::from_sql(ty, raw)?),
            Type::BYTEA => Cell::Bytes(raw),
            Type::JSON => Cell::Json(std::str::from_utf8(raw)?),
            Type::JSONB => match raw.split_first() {
                Some((1, json)) => Cell::Json(std::str::from_utf8(json)?),
                _ => return Err("this version of jsonb is not known".into()),
            },
            Type::NUMERIC => Cell::Owned(numeric(raw).ok_or("this numeric cannot be read")?),
            Type::TIMESTAMP => Cell::Owned(timestamp(i64_of(raw)?, "")),
            Type::TIMESTAMPTZ => Cell::Owned(timestamp(i64_of(raw)?, "Z")),
            Type::DATE => Cell::Owned(date(i32_of(raw)?)),
            Type::TIME => Cell::Owned(time(i64_of(raw)?)),
            Type::UUID => Cell::Owned(uuid(raw).ok_or("this uuid cannot be read")?),
            Type::VOID => Cell::Null,
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::XML => {
                Cell::Text(std::str::from_utf8(raw)?)
            }
            _ => match ty.kind() {
                Kind::Enum(_) => Cell::Text(std::str::from_utf8(raw)?),
                Kind::Domain(base) => Self::from_sql(base, raw)?,
                Kind::Array(_) => Cell::Array(Vec::<Cell<'a>>::from_sql(ty, raw)?),
                // Refused before the statement was run.
                _ => return Err("this type is not read".into()),
            },
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Wrong> {
        Ok(Cell::Null)
    }

    fn accepts(ty: &Type) -> bool {
        match ty.kind() {
            Kind::Enum(_) => true,
            Kind::Domain(inner) | Kind::Array(inner) => Self::accepts(inner),
            _ => READ.contains(ty),
        }
    }
}

fn i64_of(raw: &[u8]) -> Result<i64, Wrong> {
    Ok(i64::from_be_bytes(raw.try_into()?))
}

fn i32_of(raw: &[u8]) -> Result<i32, Wrong> {
    Ok(i32::from_be_bytes(raw.try_into()?))
}
