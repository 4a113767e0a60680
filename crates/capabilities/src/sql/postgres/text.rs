//! Texts for the types that JSON does not have, from their binary forms.

use std::fmt::Write as _;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// The days from 0000-03-01 to 2000-01-01, where the server's time begins.
const DAYS_BEFORE_2000: i64 = 730_425;

/// A timestamp in microseconds since 2000, in the form of ISO 8601.
pub(super) fn timestamp(micros: i64, zone: &str) -> String {
    match micros {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        _ => {
            let day = micros.div_euclid(MICROS_PER_DAY);
            format!("{}T{}{zone}", civil(day), time(micros.rem_euclid(MICROS_PER_DAY)))
        }
    }
}

/// A date in days since 2000.
pub(super) fn date(days: i32) -> String {
    match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        _ => civil(days.into()),
    }
}

/// A time of day in microseconds.
pub(super) fn time(micros: i64) -> String {
    let seconds = micros.div_euclid(MICROS_PER_SECOND);
    let mut text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = micros.rem_euclid(MICROS_PER_SECOND);
    if fraction > 0 {
        let digits = format!("{fraction:06}");
        text += ".";
        text += digits.trim_end_matches('0');
    }
    text
}

/// Days since 2000 as a date. Years are counted from March, so that the odd day is a year's last.
fn civil(days: i64) -> String {
    let days = days + DAYS_BEFORE_2000;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096).div_euclid(365);
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A decimal number, exactly; none when the bytes are not one.
pub(super) fn numeric(raw: &[u8]) -> Option<String> {
    let (head, digits) = raw.split_at_checked(8)?;
    let half = |index: usize| Some(i16::from_be_bytes([*head.get(index)?, *head.get(index + 1)?]));
    let (weight, sign, scale) = (i32::from(half(2)?), half(4)?.cast_unsigned(), half(6)?);
    let sign = match sign {
        0 => "",
        0x4000 => "-",
        0xc000 => return Some("NaN".to_owned()),
        0xd000 => return Some("Infinity".to_owned()),
        0xf000 => return Some("-Infinity".to_owned()),
        _ => return None,
    };
    let digits: Vec<i16> =
        digits.chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect();
    // Groups of four digits; the first stands for 10 000 to the power of `weight`.
    let group = |power: i32| {
        usize::try_from(weight - power).ok().and_then(|index| digits.get(index)).copied().unwrap_or(0)
    };
    let mut text = sign.to_owned();
    let whole: String = (0..=weight.max(0)).rev().map(|power| format!("{:04}", group(power))).collect();
    let whole = whole.trim_start_matches('0');
    text += if whole.is_empty() { "0" } else { whole };
    let scale = usize::try_from(scale).ok()?;
    if scale > 0 {
        let mut fraction = String::new();
        for power in (1..).take(scale.div_ceil(4)) {
            write!(fraction, "{:04}", group(-power)).ok()?;
        }
        text += ".";
        text += fraction.get(..scale)?;
    }
    Some(text)
}

/// A UUID in its usual form.
pub(super) fn uuid(raw: &[u8]) -> Option<String> {
    let number = u128::from_be_bytes(raw.try_into().ok()?);
    let hex = format!("{number:032x}");
    Some([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

#[cfg(test)]
mod tests {
    use super::{date, numeric, timestamp};

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (days, text) in [
            (0, "2000-01-01"),
            (59, "2000-02-29"),
            (60, "2000-03-01"),
            (-1, "1999-12-31"),
            (-10_957, "1970-01-01"),
            (9821, "2026-11-21"),
            (36_584, "2100-03-01"),
            (i32::MAX, "infinity"),
        ] {
            assert_eq!(date(days), text, "{days}");
        }
        assert_eq!(timestamp(-1, "Z"), "1999-12-31T23:59:59.999999Z");
        assert_eq!(timestamp(3_723_500_000, ""), "2000-01-01T01:02:03.5");
    }

    #[test]
    fn decimals_keep_their_digits() {
        let number = |weight: i16, sign: u16, scale: i16, digits: &[i16]| {
            let mut raw = Vec::new();
            raw.extend((digits.len() as i16).to_be_bytes());
            raw.extend(weight.to_be_bytes());
            raw.extend(sign.to_be_bytes());
            raw.extend(scale.to_be_bytes());
            raw.extend(digits.iter().flat_map(|digit| digit.to_be_bytes()));
            numeric(&raw).expect("a number")
        };
        assert_eq!(number(0, 0, 0, &[]), "0");
        assert_eq!(number(1, 0x4000, 2, &[1, 2345, 6700]), "-12345.67");
        assert_eq!(number(-1, 0, 4, &[1]), "0.0001");
        assert_eq!(number(-2, 0, 6, &[100]), "0.000001");
        assert_eq!(number(2, 0, 0, &[1]), "100000000");
        assert_eq!(number(0, 0xc000, 0, &[]), "NaN");
        assert_eq!(numeric(&[0; 7]), None);
    }
}
