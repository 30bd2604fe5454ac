//! Instants of `before` and `after`: RFC 3339 date-times, dates, milliseconds since the Unix epoch.

/// Attributes in milliseconds beyond this are no instant (the limit of ECMAScript's `Date`).
const MAX_MILLISECONDS: f64 = 8.64e15;

const SECONDS_PER_DAY: i64 = 86_400;

/// A point in time. Ordered; nanoseconds from year 1 to 9999 do not fit 64 bits, so it is a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant {
    /// Since 1970-01-01T00:00:00Z.
    seconds: i64,
    /// 0 to 999,999,999, counted forward also before 1970.
    nanoseconds: u32,
}

impl Instant {
    /// Reads `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`, or `YYYY-MM-DD` as its midnight in UTC.
    /// Digits of the fraction after the ninth are cut off; second 60 and hour 24 are no times.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.as_bytes();
        let year = digits(&mut rest, 4)?;
        literal(&mut rest, b'-')?;
        let month = digits(&mut rest, 2)?;
        literal(&mut rest, b'-')?;
        let day = digits(&mut rest, 2)?;
        if year == 0 || !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        let midnight = days_since_epoch(year, month, day) * SECONDS_PER_DAY;
        if rest.is_empty() {
            return Some(Self { seconds: midnight, nanoseconds: 0 });
        }
        literal(&mut rest, b'T')?;
        let (hour, minute) = clock(&mut rest)?;
        literal(&mut rest, b':')?;
        let second = digits(&mut rest, 2).filter(|second| *second < 60)?;
        let nanoseconds = fraction(&mut rest)?;
        let offset = offset_seconds(&mut rest)?;
        let seconds = midnight + hour * 3600 + minute * 60 + second - offset;
        rest.is_empty().then_some(Self { seconds, nanoseconds })
    }

    /// Seconds since the Unix epoch and the nanoseconds after them.
    pub(crate) fn parts(self) -> (i64, u32) {
        (self.seconds, self.nanoseconds)
    }

    /// The instant of these [`Self::parts`].
    pub(crate) fn from_parts(seconds: i64, nanoseconds: u32) -> Option<Self> {
        (nanoseconds < 1_000_000_000).then_some(Self { seconds, nanoseconds })
    }

    /// The instant so many milliseconds after the Unix epoch, floored to nanoseconds.
    pub(crate) fn from_milliseconds(milliseconds: f64) -> Option<Self> {
        if milliseconds.is_nan() || milliseconds.abs() > MAX_MILLISECONDS {
            return None;
        }
        // Split exactly: the whole part fits an i64, and what is left of a double is exact. Scaling
        // that rest to nanoseconds may round, so the floor is taken on its binary fraction instead.
        let whole = milliseconds as i64;
        let (whole, rest) = match milliseconds - whole as f64 {
            rest if rest < 0.0 => (whole - 1, rest + 1.0),
            rest => (whole, rest),
        };
        let nanoseconds = floor_millionths(milliseconds, whole, rest);
        Some(Self {
            seconds: whole.div_euclid(1000),
            nanoseconds: whole.rem_euclid(1000) as u32 * 1_000_000 + nanoseconds,
        })
    }
}

/// `floor((value - whole) * 10^6)`, computed on the double's mantissa and exponent. `rest` is the
/// rounded difference and only tells zero from the rest.
fn floor_millionths(value: f64, whole: i64, rest: f64) -> u32 {
    if rest == 0.0 {
        return 0;
    }
    let bits = value.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32 - 1075;
    let mantissa = i128::from((bits & ((1 << 52) - 1)) | (1 << 52));
    let mantissa = if value < 0.0 { -mantissa } else { mantissa };
    // A value with a fraction has a negative exponent; below 2^-74 a fraction is under any nanosecond.
    let shift = (-exponent) as u32;
    if shift >= 100 {
        return if value < 0.0 { 999_999 } else { 0 };
    }
    let nanoseconds = (mantissa * 1_000_000) >> shift;
    (nanoseconds - i128::from(whole) * 1_000_000) as u32
}

fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let (head, tail) = rest.split_at_checked(count)?;
    let mut number = 0;
    for byte in head {
        number = number * 10 + i64::from(byte.is_ascii_digit().then(|| byte - b'0')?);
    }
    *rest = tail;
    Some(number)
}

fn literal(rest: &mut &[u8], expected: u8) -> Option<()> {
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    (*first == expected).then_some(())
}

fn clock(rest: &mut &[u8]) -> Option<(i64, i64)> {
    let hour = digits(rest, 2).filter(|hour| *hour < 24)?;
    literal(rest, b':')?;
    let minute = digits(rest, 2).filter(|minute| *minute < 60)?;
    Some((hour, minute))
}

fn fraction(rest: &mut &[u8]) -> Option<u32> {
    let Some(after_point) = rest.strip_prefix(b".") else {
        return Some(0);
    };
    let count = after_point.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, tail) = after_point.split_at_checked(count)?;
    *rest = tail;
    let padded = fraction.iter().map(|byte| byte - b'0').chain(core::iter::repeat(0)).take(9);
    (count > 0).then(|| padded.fold(0, |number, digit| number * 10 + u32::from(digit)))
}

fn offset_seconds(rest: &mut &[u8]) -> Option<i64> {
    let (sign, tail) = rest.split_first()?;
    *rest = tail;
    let sign = match sign {
        b'Z' => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = clock(rest)?;
    Some(sign * (hours * 3600 + minutes * 60))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, `days_from_civil`).
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::Instant;

    #[expect(clippy::unnecessary_wraps, reason = "it stands beside what parse gives")]
    fn instant(seconds: i64, nanoseconds: u32) -> Option<Instant> {
        Some(Instant { seconds, nanoseconds })
    }

    #[test]
    fn date_times_are_read_to_the_nanosecond() {
        assert_eq!(Instant::parse("1970-01-01"), instant(0, 0));
        assert_eq!(Instant::parse("0001-01-01"), instant(-62_135_596_800, 0));
        assert_eq!(Instant::parse("9999-12-31T23:59:59.999999999Z"), instant(253_402_300_799, 999_999_999));
        assert_eq!(
            Instant::parse("2024-02-29T12:00:00.1234567899+02:00"),
            instant(1_709_200_800, 123_456_789)
        );
        assert_eq!(Instant::parse("1969-12-31T23:59:59.5Z"), instant(-1, 500_000_000));
        assert_eq!(Instant::parse("2026-01-02T00:00:00-23:59"), instant(1_767_398_340, 0));
    }

    #[test]
    fn near_misses_are_refused() {
        for text in [
            "",
            "2026",
            "2026-1-02",
            "2026-13-01",
            "2026-02-29",
            "0000-01-01",
            "2026-01-02T",
            "2026-01-02t00:00:00Z",
            "2026-01-02T00:00:00",
            "2026-01-02T00:00:00z",
            "2026-01-02T24:00:00Z",
            "2026-01-02T00:60:00Z",
            "2026-01-02T00:00:60Z",
            "2026-01-02T00:00:00.Z",
            "2026-01-02T00:00:00+24:00",
            "2026-01-02T00:00:00+0100",
            "2026-01-02T00:00Z",
            "2026-01-02 00:00:00Z",
            "+2026-01-02",
            "2026-01-02Z",
            "2026-01-02T00:00:00Z ",
            "２０２６-01-02",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    #[test]
    fn milliseconds_are_floored_to_nanoseconds() {
        assert_eq!(Instant::from_milliseconds(0.0), instant(0, 0));
        assert_eq!(Instant::from_milliseconds(-0.0), instant(0, 0));
        assert_eq!(Instant::from_milliseconds(1500.25), instant(1, 500_250_000));
        assert_eq!(Instant::from_milliseconds(-0.5), instant(-1, 999_500_000));
        assert_eq!(Instant::from_milliseconds(-1e-9), instant(-1, 999_999_999));
        assert_eq!(Instant::from_milliseconds(1e-9), instant(0, 0));
        assert_eq!(Instant::from_milliseconds(-5e-324), instant(-1, 999_999_999));
        assert_eq!(Instant::from_milliseconds(0.000_001), instant(0, 0), "the double is just below 1 ns");
        assert_eq!(Instant::from_milliseconds(0.000_002_5), instant(0, 2));
        assert_eq!(Instant::from_milliseconds(8.64e15), instant(8_640_000_000_000, 0));
        assert_eq!(Instant::from_milliseconds(8.65e15), None);
        assert_eq!(Instant::from_milliseconds(f64::NAN), None);
    }
}
