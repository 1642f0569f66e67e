//! What GitHub and GitLab send.

use super::{BadPayload, Post, first_line, link, quoted, text, word};
use serde_json::Value;
use std::fmt::Write as _;

/// Commits that are listed.
const COMMITS: usize = 10;

/// `None` for what nobody wants to read.
pub fn github(event: &str, value: &Value) -> Result<Option<Post>, BadPayload> {
    let repo = link(
        text(value, "/repository/full_name"),
        text(value, "/repository/html_url"),
    );
    let who = text(value, "/sender/login");
    let action = text(value, "/action");
    let about = |path: &str, kind: &str| {
        let at = |field: &str| word(value, &format!("{path}/{field}"));
        let title = format!("#{} {}", at("number"), at("title"));
        format!(
            "**{who}** {action} {kind} {} in {repo}",
            link(&title, &at("html_url"))
        )
    };
    let said = |path: &str| {
        format!(
            "{} {}{}",
            link("commented", text(value, &format!("{path}/html_url"))),
            repo,
            quoted(text(value, &format!("{path}/body")))
        )
    };
    let text = match event {
        "ping" => format!("{repo} is connected: {}", text(value, "/zen")),
        "push" => match push(value, &repo, text(value, "/pusher/name"), "id") {
            Some(text) => text,
            None => return Ok(None),
        },
        "pull_request" => {
            let merged = value.pointer("/pull_request/merged") == Some(&Value::Bool(true));
            let text = about("/pull_request", "pull request");
            if merged && action == "closed" {
                text.replacen("closed", "merged", 1)
            } else {
                text
            }
        }
        "issues" => about("/issue", "issue"),
        "issue_comment" => {
            format!(
                "**{who}** {} on {}",
                said("/comment").split('\n').next().unwrap_or_default(),
                link(
                    &format!(
                        "#{} {}",
                        word(value, "/issue/number"),
                        text(value, "/issue/title")
                    ),
                    text(value, "/issue/html_url"),
                )
            ) + &quoted(text(value, "/comment/body"))
        }
        "commit_comment" | "pull_request_review_comment" => {
            format!("**{who}** {}", said("/comment"))
        }
        "pull_request_review" => format!(
            "**{who}** {} {}{}",
            text(value, "/review/state").replace('_', " "),
            link(
                &format!(
                    "#{} {}",
                    word(value, "/pull_request/number"),
                    text(value, "/pull_request/title")
                ),
                text(value, "/review/html_url"),
            ),
            quoted(text(value, "/review/body"))
        ),
        "release" => format!(
            "**{who}** {action} release {} of {repo}",
            link(
                text(value, "/release/tag_name"),
                text(value, "/release/html_url")
            )
        ),
        "workflow_run" | "check_suite" | "check_run" => {
            let conclusion = text(value, &format!("/{event}/conclusion"));
            if conclusion.is_empty() {
                return Ok(None);
            }
            format!(
                "{} in {repo}: **{conclusion}** on {}",
                link(
                    text(value, &format!("/{event}/name")),
                    text(value, &format!("/{event}/html_url"))
                ),
                text(value, &format!("/{event}/head_branch"))
            )
        }
        "create" | "delete" => format!(
            "**{who}** {}d {} `{}` in {repo}",
            event,
            text(value, "/ref_type"),
            text(value, "/ref")
        ),
        "" if repo.is_empty() => return Err(BadPayload::Invalid),
        other => {
            let what = if other.is_empty() { "an event" } else { other };
            format!("**{who}**: {} {action} in {repo}", what.replace('_', " "))
        }
    };
    Post::of(text).map(Some)
}

/// What was pushed; `None` for a branch that went, which has an event of its own.
fn push(value: &Value, repo: &str, who: &str, id: &str) -> Option<String> {
    let branch = text(value, "/ref")
        .trim_start_matches("refs/heads/")
        .trim_start_matches("refs/tags/");
    let commits = value.get("commits").and_then(Value::as_array);
    let commits = commits.map(Vec::as_slice).unwrap_or_default();
    if commits.is_empty() && value.pointer("/deleted") == Some(&Value::Bool(true)) {
        return None;
    }
    let count = commits.len();
    let plural = if count == 1 { "commit" } else { "commits" };
    let mut out = format!(
        "**{who}** pushed {} to `{branch}` of {repo}",
        link(&format!("{count} {plural}"), text(value, "/compare"))
    );
    for commit in commits.iter().take(COMMITS) {
        let short: String = text(commit, &format!("/{id}")).chars().take(7).collect();
        let author = match text(commit, "/author/username") {
            "" => text(commit, "/author/name"),
            name => name,
        };
        let _ = write!(
            out,
            "\n- {} {} ({author})",
            link(&format!("`{short}`"), text(commit, "/url")),
            first_line(text(commit, "/message"))
        );
    }
    if count > COMMITS {
        let _ = write!(out, "\n- … and {} more", count - COMMITS);
    }
    Some(out)
}

pub fn gitlab(value: &Value) -> Result<Option<Post>, BadPayload> {
    let repo = link(
        text(value, "/project/path_with_namespace"),
        text(value, "/project/web_url"),
    );
    let who = match text(value, "/user/name") {
        "" => text(value, "/user_name"),
        name => name,
    };
    let at = |field: &str| word(value, &format!("/object_attributes/{field}"));
    let url = at("url");
    let text = match text(value, "/object_kind") {
        "push" | "tag_push" => match push(value, &repo, who, "id") {
            Some(text) => text,
            None => return Ok(None),
        },
        "merge_request" => format!(
            "**{who}** {} merge request {} in {repo}",
            past(&at("action")),
            link(&format!("!{} {}", at("iid"), at("title")), &url)
        ),
        "issue" => format!(
            "**{who}** {} issue {} in {repo}",
            past(&at("action")),
            link(&format!("#{} {}", at("iid"), at("title")), &url)
        ),
        "note" => format!(
            "**{who}** {} on {} in {repo}{}",
            link("commented", &url),
            at("noteable_type"),
            quoted(&at("note"))
        ),
        "pipeline" => format!(
            "Pipeline {} of `{}` in {repo}: **{}**",
            link(&format!("#{}", at("id")), &url),
            at("ref"),
            at("status")
        ),
        "build" => format!(
            "Job {} of `{}` in {repo}: **{}**",
            word(value, "/build_name"),
            word(value, "/ref"),
            word(value, "/build_status")
        ),
        "release" => format!(
            "Release {} of {repo}",
            link(&word(value, "/tag"), &word(value, "/url"))
        ),
        "wiki_page" => format!("**{who}** wrote {} in {repo}", link(&at("title"), &url)),
        "" => return Err(BadPayload::Invalid),
        other => format!("**{who}**: {} in {repo}", other.replace('_', " ")),
    };
    Post::of(text).map(Some)
}

/// GitLab says `open`, people say `opened`.
fn past(action: &str) -> String {
    match action {
        "" => "changed".to_owned(),
        "approved" | "unapproved" => action.to_owned(),
        word if word.ends_with('e') => format!("{word}d"),
        word => format!("{word}ed"),
    }
}
