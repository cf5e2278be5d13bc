//! References of payments: the Finnish reference number (viitenumero) with its check digit, and the creditor reference of ISO 11649.

/// The reference without spaces, or `None` when its check does not hold. Leading zeros of a Finnish one say nothing and are left out.
pub(crate) fn canonical(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| *c != ' ').collect::<String>().to_ascii_uppercase();
    if plain.starts_with("RF") {
        return creditor(&plain).then_some(plain);
    }
    let digits = plain.trim_start_matches('0');
    finnish(digits).then(|| digits.to_owned())
}

/// 4 to 20 digits, the last of which checks the others with the weights 7, 3 and 1 from the right.
fn finnish(digits: &str) -> bool {
    if !(4..=20).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let values = digits.bytes().map(|b| u32::from(b - b'0')).rev();
    let mut rest = values.clone().skip(1).zip([7, 3, 1].into_iter().cycle());
    let sum: u32 = rest.by_ref().map(|(value, weight)| value * weight).sum();
    values.take(1).all(|check| (sum + check).is_multiple_of(10))
}

/// RF, two digits and up to 21 characters, which give 1 modulo 97 with the head moved to the end and letters as 10 to 35.
fn creditor(text: &str) -> bool {
    let (Some(head), Some(tail)) = (text.get(..4), text.get(4..)) else { return false };
    if !(1..=21).contains(&tail.len()) || !head.bytes().skip(2).all(|b| b.is_ascii_digit()) {
        return false;
    }
    let rest = tail.chars().chain(head.chars()).try_fold(0_u32, |rest, c| {
        let value = c.to_digit(36)?;
        Some((rest * if value < 10 { 10 } else { 100 } + value) % 97)
    });
    rest == Some(1)
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn checks_hold() {
        for (text, kept) in
            [("1232", "1232"), ("13 13", "1313"), ("0001232", "1232"), ("RF18 5390 0754 7034", "RF18539007547034"), ("rf471234567890", "RF471234567890")]
        {
            assert_eq!(canonical(text).as_deref(), Some(kept), "{text}");
        }
        for bad in ["", "1231", "123", "RF19539007547034", "RF18", "RFXX1", "12A2", "123456789012345678901", "RF18ä"] {
            assert_eq!(canonical(bad), None, "{bad}");
        }
    }
}
