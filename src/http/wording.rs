//! What readers of JSON and of numbers say of what they cannot read, for people who know no Rust.

/// What the reader of Rust's types says, for people who know none.
pub fn of_people(reason: &str) -> String {
    const NUMBERS: [&str; 12] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    ];
    let Some((before, expected)) = reason.split_once("expected ") else {
        let before = reason.split(" of untagged enum ").next();
        return plain(before.unwrap_or(reason));
    };
    let before = plain(before);
    let (what, place) = match expected.find(" at line ") {
        Some(at) => expected.split_at(at),
        None => (expected, ""),
    };
    let first = what.split(' ').next().unwrap_or_default();
    let what = match first {
        "struct" | "map" => "an object",
        "tuple" | "sequence" => "a list",
        "enum" | "variant" => "one of the words that are allowed",
        "newtype" | "unit" => "a value of another kind",
        "f32" | "f64" => "a number",
        "a" if what == "a sequence" => "a list",
        "a" if what == "a map" => "an object",
        "an" if what.starts_with("an array") => "a list",
        number if NUMBERS.contains(&number) => "a whole number",
        _ => what,
    };
    format!("{before}expected {what}{place}")
}

/// Without the words of the program's language.
fn plain(text: &str) -> String {
    const WORDS: [(&str, &str); 14] = [
        ("unknown variant ", "unknown word "),
        ("invalid digit found in string", "it is no whole number"),
        (
            "cannot parse integer from empty string",
            "it is no whole number",
        ),
        ("cannot parse float from empty string", "it is no number"),
        ("invalid float literal", "it is no number"),
        (
            "number too large to fit in target type",
            "the number is too large",
        ),
        (
            "number too small to fit in target type",
            "the number is too small",
        ),
        (
            "provided string was not `true` or `false`",
            "it is neither `true` nor `false`",
        ),
        ("invalid type: map", "invalid type: object"),
        ("invalid type: sequence", "invalid type: list"),
        ("invalid type: newtype struct", "invalid type: value"),
        ("invalid type: unit variant", "invalid type: word"),
        ("invalid type: unit value", "invalid type: null"),
        ("EOF while parsing", "it ends within"),
    ];
    WORDS.iter().fold(text.to_owned(), |text, (theirs, ours)| {
        text.replace(theirs, ours)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_language_are_left_out() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            Public,
        }
        for (text, said) in [
            (r#""x""#, "unknown word `x`, expected `public`"),
            ("{}", "expected"),
        ] {
            let error = serde_json::from_str::<Kind>(text).expect_err("refused");
            let told = of_people(&error.to_string());
            assert!(told.contains(said), "{told}");
            assert!(
                !told.contains("variant") && !told.contains("enum"),
                "{told}"
            );
        }
        let errors = ["x", "", "999"].map(|text| text.parse::<u8>().expect_err("no number"));
        let told = errors.map(|error| of_people(&error.to_string()));
        let none = "it is no whole number";
        assert_eq!(told, [none, none, "the number is too large"]);
        let list = serde_json::from_str::<String>("[]").expect_err("refused");
        assert!(of_people(&list.to_string()).starts_with("invalid type: list, expected a string"));
    }
}
