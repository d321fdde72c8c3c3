use super::*;

fn check(text: &str) -> Vec<(String, String)> {
    find_dates(text).into_iter().map(|(range, day)| (text[range].to_owned(), day.to_string())).collect()
}

fn only(text: &str) -> String {
    let found = check(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found[0].1.clone()
}

#[test]
fn the_same_day_is_read_from_every_spelling() {
    let spellings = [
        "12.03.2024",
        "12/3/2024",
        "12-03-2024",
        "12. 3. 2024",
        "3/12/2024".replace("3/12", "12/03").as_str(),
        "2024-03-12",
        "2024-03-12T10:15:00+03:00",
        "2024/03/12",
        "2024.03.12",
        "/news/2024/03/12/4512/",
        "12 March 2024",
        "12th of March, 2024",
        "March 12, 2024",
        "Mar. 12th, 2024",
        "Tuesday, 12 Mar 2024 10:15",
        "12-Mar-2024",
        "-0- Mar/12/2024 10:15 GMT",
        "12. März 2024",
        "12 марта 2024 г.",
        "12.03.2024г.",
        "12 mars 2024",
        "12 de marzo de 2024",
        "12 marzo 2024",
        "12 de março de 2024",
        "12 березня 2024",
        "12 наурыз 2024",
        "于2024年3月12日发布",
        "2024년 3월 12일",
        "12\u{a0}March\u{a0}2024",
        "опубликовано: 12 МАРТА 2024",
    ]
    .map(str::to_owned);
    for spelling in spellings {
        assert_eq!(only(&spelling), "2024-03-12", "{spelling}");
    }
}

#[test]
fn a_day_is_read_in_the_languages_and_figures_of_the_world() {
    let spellings = [
        "2 Νοεμβρίου 2024",
        "2 ΝΟΕΜΒΡΙΟΥ 2024",
        "Նոյեմբերի 2, 2024",
        "02 Նոյեմբեր, 2024",
        "2024թ. նոյեմբերի 2",
        "2024 թվականի նոյեմբերի 2-ին",
        "٢ نوفمبر ٢٠٢٤",
        "2 تشرين الثاني/نوفمبر 2024",
        "۲ نوامبر ۲۰۲۴",
        "2 ნოემბერი, 2024",
        "2 בנובמבר 2024",
        "2 listopada 2024 r.",
        "2. listopadu 2024",
        "2 noiembrie 2024",
        "2 Kasım 2024",
        "2 november 2024",
        "2024. november 2.",
        "2024 m. lapkričio 2 d.",
        "2024. gada 2. novembris",
        "2. marraskuuta 2024",
        "2 лістапада 2024 года",
        "2-ноябрь, 2024",
        "2024-жылдын 2-ноябры",
        "2024 жылғы 2 қараша",
        "2 ноябри соли 2024",
        "2 ноември 2024 г.",
        "2. новембар 2024.",
        "2024 yil 2-noyabr",
        "2 noyabr 2024-cü il",
        "2 de novembre de 2024",
        "２０２４年１１月２日",
        "令和6年11月2日",
        "令和６年１１月２日",
        "民國113年11月2日",
    ];
    for spelling in spellings {
        assert_eq!(only(spelling), "2024-11-02", "{spelling}");
    }
    assert_eq!(only("令和元年5月1日"), "2019-05-01");
    assert!(check("2024 people 2 may come").is_empty() && check("In 2024, 2 may come").is_empty());
    assert_eq!(only("Budget 2024, 12 March 2025"), "2025-03-12");
    assert_eq!(only("since 2024 March 12, 2025"), "2025-03-12");
}

#[test]
fn the_first_day_of_a_month_has_its_own_ordinals() {
    assert_eq!(only("Paris, le 1er janvier 2024"), "2024-01-01");
    assert_eq!(only("1º de janeiro de 2024"), "2024-01-01");
    assert_eq!(only("1-го января 2024"), "2024-01-01");
}

#[test]
fn the_day_comes_first_unless_that_is_impossible() {
    assert_eq!(only("04/05/2024"), "2024-05-04");
    assert_eq!(only("04/25/2024"), "2024-04-25");
}

#[test]
fn some_numeric_dates_can_be_turned_and_others_show_their_order() {
    let found = |text: &str| find_date(text).unwrap().1;
    let check = |text: &str, other: Option<&str>, order: Option<bool>| {
        let turned = turned(text, found(text)).map(|day| day.to_string());
        assert_eq!((turned.as_deref(), month_comes_first(text, found(text))), (other, order), "{text}");
    };
    check("04/05/2024", Some("2024-04-05"), None);
    check("4-5-2024", Some("2024-04-05"), None);
    check("04/25/2024", None, Some(true));
    check("25/04/2024", None, Some(false));
    check("04.05.2024", None, None);
    check("2024-04-05", None, None);
    check("12-Mar-2024", None, None);
}

#[test]
fn numbers_that_only_look_like_dates_are_left_alone() {
    let texts = [
        "10.12.03.2024",
        "12.03.2024.5",
        "31.02.2024",
        "12.03.24",
        "1812-03-12",
        "2024-03-12abc",
        "x12.03.2024",
        "March 2024",
        "12 March",
        "12 apples 2024",
        "+7 495 795-27-10",
        "112.03.2024",
        "",
    ];
    for text in texts {
        assert!(check(text).is_empty(), "{text}: {:?}", check(text));
    }
}

#[test]
fn places_are_those_of_the_words() {
    let text = "From 12–14 March 2024, reported on 15.03.2024.";
    assert_eq!(
        check(text),
        [("14 March 2024".into(), "2024-03-14".into()), ("15.03.2024".into(), "2024-03-15".to_owned())]
    );
    assert_eq!(find_date(text).unwrap().1.to_string(), "2024-03-14");
}

#[test]
fn long_runs_of_one_kind_are_no_dates_and_no_trouble() {
    for unit in ["1", "1.", "a", "12 de ", "2024-", "年", "12 ", "March "] {
        assert!(check(&unit.repeat(200_000)).is_empty(), "{unit}");
    }
}
