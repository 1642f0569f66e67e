//! Which keyspace events are told: the letters of `notify-keyspace-events`.

/// The letters in their usual order; those that `A` stands for come first.
const ALL: &str = "g$lshzxetd";
const OTHERS: &str = "KEm";
/// New keys: told only where `A` is not, as Redis does.
const NEW: char = 'n';

/// The setting as Redis tells it. `None` if there is a letter it does not know.
pub fn normal(text: &str) -> Option<String> {
    let known = |c| c == 'A' || c == NEW || ALL.contains(c) || OTHERS.contains(c);
    if !text.chars().all(known) {
        return None;
    }
    let has = |c: char| text.contains(c) || (text.contains('A') && ALL.contains(c));
    let mut told = String::new();
    if ALL.chars().all(has) {
        told.push('A');
    } else {
        told.extend(ALL.chars().chain([NEW]).filter(|c| has(*c)));
    }
    told.extend(OTHERS.chars().filter(|c| has(*c)));
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn letters() {
        for (text, told) in [
            ("", ""),
            ("KEA", "AKE"),
            ("Ex", "xE"),
            ("lKg", "glK"),
            ("AKEmn", "AKEm"),
            ("nE", "nE"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(told));
        }
        assert_eq!(normal("Q"), None);
    }
}
