//! The public catalogue: who offers what, where and when.
pub mod agreement;
pub mod area;
pub mod closing;
pub mod network;
pub mod offering;
pub mod organization;
pub mod publishing;
pub mod route;
pub mod service;
pub mod session;
pub mod unit;
pub mod venue;

use crate::{
    code::lists,
    rejection::{Code, Rejections},
};

/// Each code is in the list `key`, and none is given twice.
fn check_codes(codes: &[String], key: &str, field: &str, out: &mut Rejections) {
    for (i, code) in codes.iter().enumerate() {
        if !lists().knows(key, code) {
            out.add_with(Code::UnknownCode, &[field, &i.to_string()], code.as_str());
        }
    }
    check_distinct(codes, field, out);
}

/// No value is given twice, and there are at most 40.
pub(crate) fn check_distinct<T: PartialEq>(values: &[T], field: &str, out: &mut Rejections) {
    if values.len() > 40 {
        out.add_with(Code::TooLong, &[field], 40);
    }
    if (1..values.len()).any(|i| values[..i].contains(&values[i])) {
        out.add(Code::Duplicate, &[field]);
    }
}

/// A number, where given, lies in `range`.
pub(crate) fn check_range<T: PartialOrd + std::fmt::Display>(value: Option<T>, low: &T, high: &T, field: &str, out: &mut Rejections) {
    if value.is_some_and(|v| v < *low || v > *high) {
        out.add_with(Code::OutOfRange, &[field], format!("{low}–{high}"));
    }
}
