//! The README's list of commands comes from the table.

use std::collections::BTreeMap;

const BEGIN: &str = "<!-- commands: begin -->\n";
const END: &str = "<!-- commands: end -->\n";

/// The list as it should stand there.
fn list() -> String {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for command in maru::resp::commands() {
        assert!(
            command.summary.ends_with('.'),
            "{} needs a sentence",
            command.name
        );
        if !command.is_subcommand {
            let name = format!("`{}`", command.name.to_uppercase());
            groups.entry(command.group).or_default().push(name);
        }
    }
    let lines = groups.into_iter().map(|(group, mut names)| {
        names.sort();
        format!("- {group}: {}\n", names.join(" "))
    });
    lines.collect()
}

/// With `MARU_WRITE_COMMANDS=1` the list is written instead.
#[test]
fn the_readme_lists_the_commands_there_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).expect("the README");
    let begin = readme.find(BEGIN).expect("where the list begins") + BEGIN.len();
    let end = readme.find(END).expect("where the list ends");
    if std::env::var_os("MARU_WRITE_COMMANDS").is_some() {
        let written = format!("{}{}{}", &readme[..begin], list(), &readme[end..]);
        std::fs::write(path, written).expect("the README can be written");
        return;
    }
    assert!(
        readme[begin..end] == list(),
        "the list of commands is out of date: MARU_WRITE_COMMANDS=1 cargo nextest run the_readme_lists"
    );
}
