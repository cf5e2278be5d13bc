//! What is promised: stories of each feature, and properties of the whole. One binary, one fresh database a test.
#![recursion_limit = "256"] // the layout of a schema that is merged from many parts
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "tests look at the clock")]
mod access;
mod casework;
mod catalogue;
use catalogue::given as catalogue_given;
mod http;
mod person;
mod promise;
