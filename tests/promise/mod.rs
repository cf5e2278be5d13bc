//! Properties of the whole: what no single feature may break.
mod demo;
mod documents;
mod imports;
mod names;
mod strangers;
mod who_sees_what;
