//! KakaoTalk's own words: headers, notes of the system, what stands for a picture.

/// The room that the first lines name.
pub fn room(lines: &[String]) -> Option<String> {
    for line in lines.iter().take(5) {
        let line = line.trim();
        let korean = [
            "님과의 카카오톡 대화",
            "님과 카카오톡 대화",
            "카카오톡 대화",
        ];
        let korean = korean.iter().find_map(|tail| line.strip_suffix(tail));
        let english = line
            .strip_suffix("with KakaoTalk Chats")
            .or_else(|| line.strip_prefix("KakaoTalk Chats with"));
        if let Some(name) = korean.or(english) {
            let name = name.trim();
            // Phones write how many people are in it.
            let bare = name
                .rsplit_once(' ')
                .filter(|(_, count)| count.bytes().all(|b| b.is_ascii_digit()))
                .map_or(name, |(bare, _)| bare.trim());
            return (!bare.is_empty()).then(|| bare.to_owned());
        }
    }
    None
}

/// Whether a line is the system's: who came, who went, what was hidden.
pub fn is_note(line: &str) -> bool {
    const ENDS: &[&str] = &[
        "님이 들어왔습니다.",
        "님이 나갔습니다.",
        "님을 초대하였습니다.",
        "님을 초대했습니다.",
        "님을 내보냈습니다.",
        "채팅방 관리자가 메시지를 가렸습니다.",
        "님이 방장이 되어 오픈채팅을 시작합니다.",
        "님이 부방장이 되었습니다.",
        "left this chatroom.",
        "joined this chatroom.",
        "The chatroom manager has hidden this message.",
    ];
    const STARTS: &[&str] = &[
        "타인, 기관 등의 사칭에",
        "운영정책을 위반한 메시지로",
        "불법촬영물 식별 및 게재제한 안내",
        "운영정책 보기",
    ];
    let line = line.trim();
    ENDS.iter().any(|end| line.ends_with(end))
        || STARTS.iter().any(|start| line.starts_with(start))
        || (line.contains(" invited ") && line.ends_with('.') && line.split(' ').count() < 12)
}

/// What a text stands for that is not in it; `None` where it is a text.
pub fn missing(text: &str) -> Option<&str> {
    const WORDS: &[&str] = &[
        "사진",
        "동영상",
        "이모티콘",
        "(이모티콘)",
        "음성메시지",
        "Photo",
        "Video",
        "Emoticon",
        "(emoticon)",
        "Voice Note",
        "<사진 읽지 않음>",
        "<동영상 읽지 않음>",
    ];
    let text = text.trim();
    let photos = |head: &str, tail: &str| {
        let inner = text.strip_prefix(head)?.trim().strip_suffix(tail)?.trim();
        (!inner.is_empty() && inner.bytes().all(|b| b.is_ascii_digit())).then_some(text)
    };
    if WORDS.contains(&text) {
        return Some(text);
    }
    photos("사진", "장")
        .or_else(|| photos("", "photos"))
        .or_else(|| text.strip_prefix("파일:").map(str::trim))
        .or_else(|| text.strip_prefix("File:").map(str::trim))
}
