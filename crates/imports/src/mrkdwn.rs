//! Slack's markup as Markdown.

/// What ids in a text mean.
pub trait Names {
    fn user(&self, id: &str) -> Option<String>;
    fn channel(&self, id: &str) -> Option<String>;
}

/// Where nobody is known.
pub struct NoNames;

impl Names for NoNames {
    fn user(&self, _: &str) -> Option<String> {
        None
    }
    fn channel(&self, _: &str) -> Option<String> {
        None
    }
}

/// The text as Markdown. Code stays as it is, but for Slack's escapes.
pub fn to_markdown(text: &str, names: &impl Names) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while !rest.is_empty() {
        let fence = if rest.starts_with("```") { "```" } else { "`" };
        if rest.starts_with('`') {
            let body = &rest[fence.len()..];
            if let Some(end) = body.find(fence) {
                out.push_str(fence);
                // Code that shares a line with its fence would be taken for a language.
                if fence.len() == 3 && !body.starts_with('\n') && body[..end].contains('\n') {
                    out.push('\n');
                }
                out.push_str(&unescaped(&angles_in_code(&body[..end])));
                if fence.len() == 3 && !body[..end].ends_with('\n') && body[..end].contains('\n') {
                    out.push('\n');
                }
                out.push_str(fence);
                rest = &body[end + fence.len()..];
                continue;
            }
            out.push_str(fence);
            rest = body;
            continue;
        }
        let end = rest.find('`').unwrap_or(rest.len());
        plain(&rest[..end], names, &mut out);
        rest = &rest[end..];
    }
    out
}

/// What stands outside of code: links first, then emphasis around them.
fn plain(text: &str, names: &impl Names, out: &mut String) {
    let mut pieces = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        pieces.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        match after.find(['>', '<', '\n']) {
            Some(end) if after[end..].starts_with('>') => {
                pieces.push_str(&angle(&after[..end], names));
                rest = &after[end + 1..];
            }
            _ => {
                pieces.push('<');
                rest = after;
            }
        }
    }
    pieces.push_str(rest);
    out.push_str(&unescaped(&emphasis(&pieces)));
}

/// What stands between `<` and `>`.
fn angle(inner: &str, names: &impl Names) -> String {
    let (target, label) = match inner.split_once('|') {
        Some((target, label)) => (target, Some(label).filter(|label| !label.is_empty())),
        None => (inner, None),
    };
    let bare = |label: &str| label.trim_start_matches(['@', '#']).to_owned();
    if let Some(id) = target.strip_prefix('@') {
        let name = names.user(id).or(label.map(bare));
        return format!("@{}", name.unwrap_or_else(|| id.to_owned()));
    }
    if let Some(id) = target.strip_prefix('#') {
        let name = names.channel(id).or(label.map(bare));
        return format!("#{}", name.unwrap_or_else(|| id.to_owned()));
    }
    if let Some(command) = target.strip_prefix('!') {
        return match command.split('^').next().unwrap_or_default() {
            word @ ("here" | "channel" | "everyone") => format!("@{word}"),
            "subteam" => format!("@{}", label.map_or_else(|| "group".to_owned(), bare)),
            // A date carries its text for those that know no dates.
            _ => label.unwrap_or(command).to_owned(),
        };
    }
    let target = target.strip_prefix("mailto:").unwrap_or(target);
    match label {
        Some(label) if label != target && !label.contains(']') => format!("[{label}]({target})"),
        Some(label) if label != target => format!("{label} ({target})"),
        _ => target.to_owned(),
    }
}

/// Slack writes links in code as links too.
fn angles_in_code(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        match after.find('>') {
            Some(end) if after.starts_with("http") || after.starts_with("mailto:") => {
                let inner = &after[..end];
                out.push_str(inner.split_once('|').map_or(inner, |(_, label)| label));
                rest = &after[end + 1..];
            }
            _ => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// `*bold*` and `~struck~` in Markdown's signs; `_italic_` is the same in both.
fn emphasis(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut doubled = vec![false; chars.len()];
    for sign in ['*', '~'] {
        let mut open = None;
        for at in 0..chars.len() {
            if chars[at] == '\n' {
                open = None;
            }
            if chars[at] != sign {
                continue;
            }
            let before = at.checked_sub(1).map(|at| chars[at]);
            let after = chars.get(at + 1).copied();
            let may_open = before.is_none_or(is_edge) && after.is_some_and(|c| !c.is_whitespace());
            let may_close = after.is_none_or(is_edge) && before.is_some_and(|c| !c.is_whitespace());
            match open {
                Some(start) if may_close && at > start + 1 => {
                    (doubled[start], doubled[at]) = (true, true);
                    open = None;
                }
                _ if may_open => open = Some(at),
                _ => {}
            }
        }
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (at, &c) in chars.iter().enumerate() {
        out.push(c);
        if doubled[at] {
            out.push(c);
        }
    }
    out
}

/// Signs of emphasis stand beside spaces and punctuation, not in words.
fn is_edge(c: char) -> bool {
    !c.is_alphanumeric()
}

/// Slack escapes three characters.
pub fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Some2;
    impl Names for Some2 {
        fn user(&self, id: &str) -> Option<String> {
            (id == "U1").then(|| "kim".to_owned())
        }
        fn channel(&self, id: &str) -> Option<String> {
            (id == "C1").then(|| "general".to_owned())
        }
    }

    #[test]
    fn slack_to_markdown() {
        for (slack, markdown) in [
            (
                "*bold* and _it_ and ~gone~",
                "**bold** and _it_ and ~~gone~~",
            ),
            ("2*3*4 a * b *", "2*3*4 a * b *"),
            ("*a b*, (*c*)!", "**a b**, (**c**)!"),
            ("*굵게* 하고", "**굵게** 하고"),
            ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
            (
                "hi <@U1>, <@U9|lee> in <#C1> <#C9|ops>",
                "hi @kim, @lee in #general #ops",
            ),
            ("<@U7>", "@U7"),
            (
                "<!here> <!channel> <!subteam^S1|@devs>",
                "@here @channel @devs",
            ),
            ("<!date^139^{date}|Feb 18>", "Feb 18"),
            ("<https://a.b/c?d=1&amp;e=2>", "https://a.b/c?d=1&e=2"),
            ("<https://a.b|the *site*>", "[the **site**](https://a.b)"),
            ("<https://a.b|https://a.b>", "https://a.b"),
            ("<mailto:a@b.c|a@b.c>", "a@b.c"),
            ("`*code* &lt;x&gt;` *b*", "`*code* <x>` **b**"),
            ("```a *b*```", "```a *b*```"),
            ("```a\nb```", "```\na\nb\n```"),
            ("```<https://x.y|x.y>```", "```x.y```"),
            ("1 < 2 and <b", "1 < 2 and <b"),
            ("`unclosed *b*", "`unclosed **b**"),
        ] {
            assert_eq!(to_markdown(slack, &Some2), markdown, "{slack}");
        }
    }

    #[test]
    fn escapes_are_undone_once() {
        assert_eq!(unescaped("&amp;lt;"), "&lt;");
    }
}
