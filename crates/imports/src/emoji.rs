//! Names of emoji, as chats write them, as the signs themselves.

/// The sign of a name without colons; a name that is not known stays one, as `:name:`.
pub fn sign(name: &str) -> String {
    let (base, tone) = match name.split_once("::skin-tone-") {
        Some((base, tone)) => (base, tone.parse::<u32>().ok()),
        None => (name, None),
    };
    let base = base.trim_matches(':');
    let Ok(at) = NAMES.binary_search_by(|(known, _)| (*known).cmp(base)) else {
        return if base.is_ascii() {
            format!(":{base}:")
        } else {
            base.to_owned()
        };
    };
    let mut sign = NAMES[at].1.to_owned();
    // Tones count from 2 in names, from U+1F3FB in Unicode.
    if let Some(tone) = tone
        .filter(|tone| (2..=6).contains(tone))
        .and_then(|tone| char::from_u32(0x1F3FB + tone - 2))
    {
        sign.push(tone);
    }
    sign
}

/// Sorted.
const NAMES: &[(&str, &str)] = &[
    ("+1", "👍"),
    ("-1", "👎"),
    ("100", "💯"),
    ("angry", "😠"),
    ("apple", "🍎"),
    ("arrow_down", "⬇️"),
    ("arrow_up", "⬆️"),
    ("astonished", "😲"),
    ("balloon", "🎈"),
    ("beer", "🍺"),
    ("beers", "🍻"),
    ("birthday", "🎂"),
    ("blue_heart", "💙"),
    ("blush", "😊"),
    ("boom", "💥"),
    ("bow", "🙇"),
    ("broken_heart", "💔"),
    ("bug", "🐛"),
    ("bulb", "💡"),
    ("cake", "🍰"),
    ("calendar", "📅"),
    ("cat", "🐱"),
    ("checkered_flag", "🏁"),
    ("clap", "👏"),
    ("coffee", "☕"),
    ("cold_sweat", "😰"),
    ("confetti_ball", "🎊"),
    ("confused", "😕"),
    ("construction", "🚧"),
    ("cry", "😢"),
    ("dancer", "💃"),
    ("dart", "🎯"),
    ("dog", "🐶"),
    ("exclamation", "❗"),
    ("expressionless", "😑"),
    ("eyes", "👀"),
    ("face_palm", "🤦"),
    ("fire", "🔥"),
    ("fist", "✊"),
    ("four_leaf_clover", "🍀"),
    ("ghost", "👻"),
    ("gift", "🎁"),
    ("green_heart", "💚"),
    ("grimacing", "😬"),
    ("grin", "😁"),
    ("grinning", "😀"),
    ("hammer", "🔨"),
    ("handshake", "🤝"),
    ("heart", "❤️"),
    ("heart_eyes", "😍"),
    ("heavy_check_mark", "✔️"),
    ("heavy_plus_sign", "➕"),
    ("hourglass", "⌛"),
    ("hugging_face", "🤗"),
    ("joy", "😂"),
    ("kissing_heart", "😘"),
    ("laughing", "😆"),
    ("lock", "🔒"),
    ("mag", "🔍"),
    ("memo", "📝"),
    ("metal", "🤘"),
    ("moneybag", "💰"),
    ("muscle", "💪"),
    ("nerd_face", "🤓"),
    ("neutral_face", "😐"),
    ("no_entry", "⛔"),
    ("ok", "🆗"),
    ("ok_hand", "👌"),
    ("open_mouth", "😮"),
    ("orange_heart", "🧡"),
    ("package", "📦"),
    ("partying_face", "🥳"),
    ("pencil", "📝"),
    ("pensive", "😔"),
    ("pizza", "🍕"),
    ("point_down", "👇"),
    ("point_right", "👉"),
    ("point_up", "☝️"),
    ("pray", "🙏"),
    ("purple_heart", "💜"),
    ("question", "❓"),
    ("rainbow", "🌈"),
    ("raised_hands", "🙌"),
    ("relaxed", "☺️"),
    ("relieved", "😌"),
    ("robot_face", "🤖"),
    ("rocket", "🚀"),
    ("rofl", "🤣"),
    ("rolling_on_the_floor_laughing", "🤣"),
    ("rose", "🌹"),
    ("rotating_light", "🚨"),
    ("salute", "🫡"),
    ("scream", "😱"),
    ("see_no_evil", "🙈"),
    ("shrug", "🤷"),
    ("simple_smile", "🙂"),
    ("skull", "💀"),
    ("sleeping", "😴"),
    ("slightly_smiling_face", "🙂"),
    ("smile", "😄"),
    ("smiley", "😃"),
    ("smirk", "😏"),
    ("snowflake", "❄️"),
    ("sob", "😭"),
    ("sparkles", "✨"),
    ("star", "⭐"),
    ("star-struck", "🤩"),
    ("stuck_out_tongue", "😛"),
    ("sun_with_face", "🌞"),
    ("sunglasses", "😎"),
    ("sunny", "☀️"),
    ("sweat_smile", "😅"),
    ("tada", "🎉"),
    ("thinking_face", "🤔"),
    ("thumbsdown", "👎"),
    ("thumbsup", "👍"),
    ("trophy", "🏆"),
    ("turtle", "🐢"),
    ("two_hearts", "💕"),
    ("unamused", "😒"),
    ("upside_down_face", "🙃"),
    ("v", "✌️"),
    ("warning", "⚠️"),
    ("wave", "👋"),
    ("weary", "😩"),
    ("white_check_mark", "✅"),
    ("wink", "😉"),
    ("worried", "😟"),
    ("x", "❌"),
    ("yum", "😋"),
    ("zap", "⚡"),
    ("zzz", "💤"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_found() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(sign("thumbsup"), "👍");
        assert_eq!(sign("+1::skin-tone-2"), "👍🏻");
        assert_eq!(sign("party_parrot"), ":party_parrot:");
        assert_eq!(sign("👍"), "👍");
    }
}
