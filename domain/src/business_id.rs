//! The Finnish business id (Y-tunnus): its check digit, and the old form with six digits.

const WEIGHTS: [u32; 7] = [7, 9, 10, 5, 8, 4, 2];

/// The id in its canonical form, or `None` when the check digit does not hold. Old ids of six digits get a zero in front.
#[must_use]
pub fn canonical(text: &str) -> Option<String> {
    let (number, check) = text.split_once('-')?;
    let digits_only = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !matches!(number.len(), 6 | 7) || check.len() != 1 || !digits_only(number) || !digits_only(check) {
        return None;
    }
    let number = format!("{number:0>7}");
    let sum: u32 = number.bytes().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    let expected = match sum % 11 {
        0 => 0,
        1 => return None,
        rest => 11 - rest,
    };
    (check.bytes().all(|b| u32::from(b - b'0') == expected)).then(|| format!("{number}-{check}"))
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn check_digits_hold() {
        for good in ["2229500-6", "2496986-0", "0825508-3", "2211414-8", "0166906-4", "1572860-0", "0737546-2"] {
            assert_eq!(canonical(good).as_deref(), Some(good));
        }
        assert_eq!(canonical("737546-2").as_deref(), Some("0737546-2"));
        for bad in ["0737546-1", "22114148", "2211414-", "221141-48", "2211414-x", ""] {
            assert_eq!(canonical(bad), None, "{bad}");
        }
    }
}
