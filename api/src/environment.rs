//! A variable of the environment that is set to nothing is one that is not set: compose files and unit files hand on
//! what they are not told, and nobody means an empty address or an empty secret.
use clap::{Command, builder::Resettable};

/// A command, and those below it, that take no notice of empty variables.
#[must_use]
pub fn heed(command: Command) -> Command {
    let full = command.mut_args(|arg| {
        let empty = arg.get_env().is_some_and(|name| std::env::var_os(name).is_some_and(|value| value.is_empty()));
        if empty { arg.env(Resettable::Reset) } else { arg }
    });
    full.mut_subcommands(heed)
}
