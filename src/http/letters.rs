//! What stands in letters, in the language that the browser asks for.

use axum::http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    Korean,
    English,
}

pub struct Written {
    pub subject: String,
    pub text: String,
}

impl Words {
    /// Korean where the browser asks for it first.
    pub fn asked(headers: &HeaderMap) -> Words {
        let asked = headers.get(header::ACCEPT_LANGUAGE);
        let asked = asked
            .and_then(|asked| asked.to_str().ok())
            .unwrap_or_default();
        match asked.trim_start().get(..2) {
            Some(first) if first.eq_ignore_ascii_case("ko") => Words::Korean,
            _ => Words::English,
        }
    }
}

pub fn confirm(words: Words, site: &str, link: &str) -> Written {
    let site = one_line(site);
    match words {
        Words::Korean => Written {
            subject: format!("{site}: 메일 주소 확인"),
            text: format!(
                "{site}에서 이 메일 주소를 쓰려면 하루 안에 아래 링크를 열어 주세요.\n\n{link}\n\n\
                 부탁한 적이 없다면 그냥 두세요. 아무것도 바뀌지 않아요.\n"
            ),
        },
        Words::English => Written {
            subject: format!("{site}: confirm your address"),
            text: format!(
                "To use this address with {site}, open this link within a day:\n\n{link}\n\n\
                 If you did not ask for this, do nothing. Nothing changes.\n"
            ),
        },
    }
}

pub fn reset(words: Words, site: &str, username: &str, link: &str) -> Written {
    let site = one_line(site);
    match words {
        Words::Korean => Written {
            subject: format!("{site}: 새 비밀번호"),
            text: format!(
                "{site}의 {username} 계정에 새 비밀번호를 정하려면 한 시간 안에 아래 링크를 열어 주세요. \
                 한 번만 쓸 수 있어요.\n\n{link}\n\n\
                 부탁한 적이 없다면 그냥 두세요. 지금 비밀번호가 그대로 쓰여요.\n"
            ),
        },
        Words::English => Written {
            subject: format!("{site}: a new password"),
            text: format!(
                "To set a new password for the account {username} of {site}, open this link within an \
                 hour. It works once.\n\n{link}\n\n\
                 If you did not ask for this, do nothing. Your password stays.\n"
            ),
        },
    }
}

/// It goes into a header.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
