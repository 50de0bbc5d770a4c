//! `spsim man`: what `man` wants to know of the command line.

use super::args::ManArgs;
use super::claim::{Others, claim};
use super::exit::Exit;
use super::render::Shell;
use super::{examples, write};
use crate::output::Artifact;
use anyhow::Result;
use clap::Command;
use clap_mangen::Man;

/// Prints one manual page, or writes all of them.
///
/// # Errors
/// stdout or the folder cannot be written.
pub fn man(shell: &Shell, args: &ManArgs) -> Result<Exit> {
    let mut command = examples::command();
    command.build();
    if let Some(folder) = &args.out {
        let mut pages = Vec::new();
        collect(&command, "", &mut pages)?;
        let own: Vec<&str> = pages.iter().map(|it| it.name.as_str()).collect();
        let _claim = claim(shell, folder, &own, Others::Nobody, args.force.force)?;
        write::commit_all(write::stage_all(folder, &pages)?)?;
        let (count, shown) = (pages.len(), folder.display());
        shell.say(&format!("{count} manual pages are in {shown}"));
        return Ok(Exit::Done);
    }
    let (mut chosen, mut path) = (&command, String::new());
    for name in &args.command {
        let Some(found) = chosen.find_subcommand(name) else {
            path = examples::below(&path, name);
            return Err(shell.usage(&format!("`{path}` is not a command; see spsim help")));
        };
        path = examples::below(&path, found.get_name());
        chosen = found;
    }
    shell.print(&String::from_utf8_lossy(&page(chosen, &path)?))?;
    Ok(Exit::Done)
}

/// The page of the command at `path`: what its help says, then examples and how it may end.
fn page(command: &Command, path: &str) -> Result<Vec<u8>> {
    let examples = examples::of(path);
    // The examples have a section of their own here.
    let mut plain = command.clone();
    if let Some(help) = command.get_after_help().map(ToString::to_string) {
        let before = help.split("Examples:").next().unwrap_or_default();
        plain = plain.after_help(before.trim_end().to_owned());
    }
    let mut text = Vec::new();
    Man::new(plain).render(&mut text)?;
    let mut sections = String::from(".SH EXAMPLES\n");
    for (line, what) in examples {
        sections += &format!(".TP\n{}\n{}\n", roff(line), roff(what));
    }
    sections += ".SH \"EXIT STATUS\"\n";
    for (code, what) in examples::EXIT_STATUS {
        sections += &format!(".TP\n.B {code}\n{}\n", roff(what));
    }
    text.extend(sections.into_bytes());
    Ok(text)
}

/// A line of text as roff takes it: nothing in it is a request, and a hyphen is one.
fn roff(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    if escaped.starts_with(['.', '\'']) {
        return format!("\\&{escaped}");
    }
    escaped
}

/// The page of a command and of each command below it: `spsim-import-iis.1`.
fn collect(command: &Command, path: &str, pages: &mut Vec<Artifact>) -> Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    pages.push(Artifact::new(format!("{name}.1"), page(command, path)?));
    for one in command.get_subcommands() {
        // Clap's own, which has no page.
        if one.get_name() != "help" {
            collect(one, &examples::below(path, one.get_name()), pages)?;
        }
    }
    Ok(())
}
