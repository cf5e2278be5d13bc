//! Properties of the whole: what no single feature may break.
mod demo;
mod documents;
mod few_queries;
mod imports;
mod names;
mod parity;
mod rotation;
mod strangers;
mod wall;
mod who_sees_clients;
mod who_sees_what;
