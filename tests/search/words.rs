//! Words that search is taught.

use super::source::{House, ask, found, start};
use maru::search::Search;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

fn taught(search: &Search, house: &House, words: &[&str]) {
    house.teach(words);
    search.words_changed();
    assert!(search.wait_settled(PATIENCE));
}

#[test]
fn words_of_the_dictionary_count_after_a_rebuild_behind() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let alone = house.say("이번 주도 갓생살기 도전");
    let verb = house.say("아침부터 진짜 킹받았어요");
    house.say("신의 인생 이야기");
    let search = start(dir.path(), &house);
    taught(
        &search,
        &house,
        &[
            r#"{"word":"갓생","pos":"noun"}"#,
            r#"{"word":"킹받다","pos":"verb"}"#,
        ],
    );
    assert_eq!(house.builds(), 2);
    assert_eq!(found(&search, "갓생"), [alone]);
    assert_eq!(found(&search, "킹받네"), [verb]);
    let later = house.say("갓생이 목표");
    assert_eq!(found(&search, "갓생"), [alone, later]);
    drop(search);
    // The words of the index are those of the source: nothing to do.
    let search = start(dir.path(), &house);
    assert_eq!(house.builds(), 2);
    assert_eq!(found(&search, "갓생"), [alone, later]);
    drop(search);
    // Taught while nobody looked: the old index answers until there is a new one.
    house.teach(&[r#"{"word":"도전기","pos":"noun"}"#]);
    let search = start(dir.path(), &house);
    assert!(search.wait_settled(PATIENCE));
    assert_eq!(house.builds(), 3);
}

#[test]
fn synonyms_and_stop_words_count_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::new();
    let deploy = house.say("배포 끝났습니다");
    let rollout = house.say("롤아웃은 내일이에요");
    let phrase = house.say("고객센터에 물어보세요");
    let search = start(dir.path(), &house);
    taught(
        &search,
        &house,
        &[
            r#"{"word":"배포","synonyms":["롤아웃"]}"#,
            r#"{"word":"콜 센타","synonyms":["고객센터"]}"#,
            r#"{"word":"사항","stop":true}"#,
        ],
    );
    assert_eq!(house.builds(), 1);
    assert_eq!(found(&search, "배포"), [deploy, rollout]);
    assert_eq!(found(&search, "롤아웃은"), [deploy, rollout]);
    let page = ask(&search, "배포").expect("answers");
    let scores: Vec<f32> = page.hits.iter().map(|hit| hit.score).collect();
    assert_eq!(page.hits[0].id, deploy, "{scores:?}");
    assert_eq!(found(&search, "콜 센타"), [phrase]);
    assert_eq!(found(&search, "배포 사항"), [deploy, rollout]);
    taught(&search, &house, &[]);
    assert_eq!(found(&search, "배포"), [deploy]);
}
