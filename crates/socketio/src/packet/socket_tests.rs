use super::*;
use proptest::prelude::*;

fn show(text: &str) -> String {
    match Packet::parse(text, 10) {
        Err(error) => format!("{error:?}"),
        Ok(Packet {
            namespace,
            attachments,
            kind,
        }) => {
            let kind = match kind {
                PacketType::Connect { auth } => {
                    format!("connect {}", auth.map_or("-", |auth| auth.get()))
                }
                PacketType::Disconnect => "disconnect".into(),
                PacketType::Event { id, name, args } => {
                    format!("event {id:?} {name} {}", join(&args))
                }
                PacketType::Ack { id, args } => format!("ack {id} {}", join(&args)),
            };
            format!("{namespace} {attachments} {kind}")
        }
    }
}

fn join(args: &[&RawValue]) -> String {
    args.iter()
        .map(|arg| arg.get())
        .collect::<Vec<_>>()
        .join("|")
}

#[test]
fn packets_are_read() {
    for (text, wanted) in [
        ("0", "/ 0 connect -"),
        (r#"0{"token":"한"}"#, r#"/ 0 connect {"token":"한"}"#),
        ("0/custom", "/custom 0 connect -"),
        (r#"0/custom,{"a":1}"#, r#"/custom 0 connect {"a":1}"#),
        ("1", "/ 0 disconnect"),
        ("1/custom,", "/custom 0 disconnect"),
        (r#"2["a"]"#, "/ 0 event None a "),
        (
            r#"2/n,7["a",1,[2], {"b":"c"}]"#,
            r#"/n 0 event Some(7) a 1|[2]|{"b":"c"}"#,
        ),
        (r#"2["a\"\u0062",null]"#, r#"/ 0 event None a"b null"#),
        ("2[12,1]", "/ 0 event None 12 1"),
        ("3456[]", "/ 0 ack 456 "),
        (
            r#"52-["a",{"_placeholder":true,"num":0}]"#,
            r#"/ 2 event None a {"_placeholder":true,"num":0}"#,
        ),
        (r#"61-/n,9["x"]"#, r#"/n 1 ack 9 "x""#),
    ] {
        assert_eq!(show(text), wanted, "{text}");
    }
}

#[test]
fn bad_packets_are_named() {
    for (text, wanted) in [
        ("", "Empty"),
        ("a", "Type"),
        ("é", "Type"),
        ("7[]", "Type"),
        (r#"4{"message":"x"}"#, "Type"),
        ("2", "Data"),
        ("2{}", "Data"),
        ("2[]", "Data"),
        ("2[null]", "Data"),
        ("2[{}]", "Data"),
        (r#"2["connect"]"#, "Data"),
        (r#"2["disconn\u0065cting"]"#, "Data"),
        (r#"2abc["a"]"#, "Data"),
        (r#"2["a""#, "Data"),
        (r#"2["a"]x"#, "Data"),
        ("0[]", "Data"),
        ("0\"x\"", "Data"),
        ("05{}", "Data"),
        ("1{}", "Data"),
        ("3[1]", "AckId"),
        ("399999999999999999999[1]", "AckId"),
        ("39007199254740993[1]", "AckId"),
        (r#"599999-["a"]"#, "Attachments"),
        (r#"599999999999999999999999-["a"]"#, "Attachments"),
        (r#"5["a"]"#, "Attachments"),
        (r#"5-["a"]"#, "Attachments"),
        (r#"51"#, "Attachments"),
        (r#"511-["a"]"#, "Attachments"),
    ] {
        assert_eq!(show(text), wanted, "{text}");
    }
}

#[test]
fn depth_costs_no_stack() {
    let deep = format!("2[\"a\",{}{}]", "[".repeat(500_000), "]".repeat(500_000));
    let _ = Packet::parse(&deep, 10);
}

#[test]
fn a_packet_cut_anywhere_is_answered() {
    let whole = r#"52-/이름,78["ä\u00e4",{"키":"값"}]"#;
    for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
        assert!(Packet::parse(&whole[..end], 10).is_err(), "{end}");
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        let _ = Packet::parse(&text, 10);
    }

    #[test]
    fn nearly_right_text_is_answered(text in r#"[0-6][0-9]{0,3}-?(/[a-z\PC]{0,3},?)?[0-9]{0,3}[\[\{]?["\\a-z0-9,:\[\]\{\}\PC]{0,12}"#) {
        let _ = Packet::parse(&text, 10);
    }
}
