use Significance::{Major, Minor};
use insta::assert_snapshot;

use super::*;
use crate::domain::diff::diff;
use crate::domain::model::{Block, BlockKind, Document, Image, Link, ShownDate};

fn document(text: &str) -> Document {
    let block = |line: &str| Block { kind: BlockKind::Paragraph, text: line.to_owned() };
    Document { blocks: text.lines().map(block).collect(), ..Document::default() }
}

fn titled(title: &str) -> Document {
    Document { title: title.to_owned(), ..Document::default() }
}

fn check(rows: &[(&str, &str, Significance, Reason)], read: fn(&str) -> Document) {
    let mut wrong = Vec::new();
    for (old, new, significance, reason) in rows {
        let found = assess(&diff(&read(old), &read(new)));
        if found.significance != *significance || found.reasons.first() != Some(reason) {
            wrong.push(format!(
                "{old}\n  -> {new}\n  {:?} {:?}, not {significance:?} {reason:?}",
                found.significance, found.reasons
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_struck_out_is_major() {
    let (open, struck) = ("The fair begins at noon.", "~~The fair begins at noon.~~");
    check(&[(open, struck, Major, Reason::Wording), (struck, open, Major, Reason::Wording)], document);
}

#[test]
fn facts_are_major() {
    check(
        &[
            ("The exercise involved 3,500 soldiers.", "The exercise involved 4,500 soldiers.", Major, Reason::Number),
            ("About 3.5 thousand people took part.", "About 4 thousand people took part.", Major, Reason::Number),
            ("Call us at 795-27-10 today.", "Call us at 795-27-44 today.", Major, Reason::Number),
            ("A total of 34 people came.", "A total of 43 people came.", Major, Reason::Number),
            ("Three states signed the text.", "Four states signed the text.", Major, Reason::Number),
            ("They sent two million masks.", "They sent two billion masks.", Major, Reason::Number),
            ("The road is 40 km long.", "The road is 40 miles long.", Major, Reason::Number),
            ("The aid is worth $5 million.", "The aid is worth $7 million.", Major, Reason::Money),
            ("The aid is worth 5 million euros.", "The aid is worth 6 million euros.", Major, Reason::Money),
            ("The fund holds 20 000 roubles.", "The fund holds 25 000 roubles.", Major, Reason::Money),
            ("Prices rose by 25%.", "Prices rose by 35%.", Major, Reason::Percentage),
            ("Prices rose by 3 per cent.", "Prices rose by 4 per cent.", Major, Reason::Percentage),
            ("The talks begin on Monday.", "The talks begin on Tuesday.", Major, Reason::Date),
            ("The talks begin on 3 May.", "The talks begin on 5 May.", Major, Reason::Date),
            ("It ends at 5 pm there.", "It ends at 7 pm there.", Major, Reason::Date),
            ("The doors open at 10:30.", "The doors open at 11:30.", Major, Reason::Date),
            ("It was founded in 1992.", "It was founded in 1994.", Major, Reason::Date),
            ("Signed on 21.03.2024 at night.", "Signed on 22.03.2024 at night.", Major, Reason::Date),
            ("The delegation flew to Rome again.", "The delegation flew to Oslo again.", Major, Reason::Name),
            ("The visit of Iran was long.", "The visit of Iraq was long.", Major, Reason::Name),
            ("They were guests of Austria that year.", "They were guests of Australia that year.", Major, Reason::Name),
            ("The talk was led by Anna Bell.", "The talk was led by Peter Stone.", Major, Reason::Name),
            ("The parties agreed on the plan.", "The parties did not agree on the plan.", Major, Reason::Negation),
            ("They did not discuss any weapons.", "They discussed weapons.", Major, Reason::Negation),
            ("No one was hurt there.", "Several people were hurt there.", Major, Reason::Negation),
            ("The army has never attacked them.", "The army has attacked them.", Major, Reason::Negation),
            ("The treaty is legal.", "The treaty is illegal.", Major, Reason::Negation),
            ("The envoy wasn't present.", "The envoy was present.", Major, Reason::Negation),
            ("He left without a comment.", "He left with a comment.", Major, Reason::Negation),
            ("The summit will take place.", "The summit may take place.", Major, Reason::Modal),
            ("Members must pay a fee.", "Members should pay a fee.", Major, Reason::Modal),
            (
                "He said: \"We trust this plan.\" Then he left.",
                "He said: \"We doubt this plan.\" Then he left.",
                Major,
                Reason::Quote,
            ),
        ],
        document,
    );
}

#[test]
fn other_words_are_major() {
    check(
        &[
            ("The work was completed in time.", "The work was interrupted in time.", Major, Reason::Wording),
            ("The clerk was hired there.", "The clerk was fired there.", Major, Reason::Wording),
            ("Output increased again there.", "Output decreased again there.", Major, Reason::Wording),
            ("They praised the result.", "They criticised the result.", Major, Reason::Wording),
            ("In the end the Reds beat the Blues.", "In the end the Blues beat the Reds.", Major, Reason::Name),
            ("He came early.", "He came early. He stayed for a week.", Major, Reason::SentenceAdded),
            (
                "He came early. He stayed for a week. He left.",
                "He came early. He left.",
                Major,
                Reason::SentenceRemoved,
            ),
            ("One line here.", "One line here.\nAnother paragraph there.", Major, Reason::SentenceAdded),
            ("One line here.\nAnother paragraph there.", "One line here.", Major, Reason::SentenceRemoved),
        ],
        document,
    );
}

#[test]
fn trifles_are_minor() {
    check(
        &[
            (
                "It was led by Takhir Khayrulloyev there.",
                "It was led by Tahir Khayrulloev there.",
                Minor,
                Reason::Spelling,
            ),
            ("A letter of Emomali Rakhmon came.", "A letter of Emomali Rahmon came.", Minor, Reason::Spelling),
            ("teh talks were sucessful", "the talks were successful", Minor, Reason::Spelling),
            ("It's a good plan", "It is a good plan", Minor, Reason::Spelling),
            ("a cold wind and organisation", "a cold wind and organization", Minor, Reason::Spelling),
            ("They recieve the guests.", "They receive the guests.", Minor, Reason::Spelling),
            ("A colective answer came.", "A collective answer came.", Minor, Reason::Spelling),
            ("Meeting of Council was held.", "Meeting of the Council was held.", Minor, Reason::Spelling),
            ("There were 5 boats.", "There were five boats.", Minor, Reason::Spelling),
            (
                "Before the next mee AI Permanent Council they met.",
                "Before the next meeting of the Permanent Council they met.",
                Minor,
                Reason::Spelling,
            ),
            ("A museum of the Waron hunger.", "A museum of the War on hunger.", Minor, Reason::Spacing),
            ("It is in the Charteron trade.", "It is in the Charter on trade.", Minor, Reason::Spacing),
            ("red ,blue and green", "red, blue and green", Minor, Reason::Spacing),
            ("However the talks went on.", "However, the talks went on.", Minor, Reason::Punctuation),
            ("The talks went on", "The talks went on.", Minor, Reason::Punctuation),
            ("They sent 20000 masks.", "They sent 20,000 masks.", Minor, Reason::Punctuation),
            ("The general secretary spoke.", "The General Secretary spoke.", Minor, Reason::Case),
            (
                "The talks were held. They were long. Nobody left.",
                "Nobody left. The talks were held. They were long.",
                Minor,
                Reason::Moved,
            ),
            (
                "Rain fell on the coast.\nThe long talks went on all day.",
                "The long talks went on all day.\nRain fell on the coast.",
                Minor,
                Reason::Moved,
            ),
        ],
        document,
    );
}

#[test]
fn russian_is_understood() {
    check(
        &[
            ("В учении участвуют 300 солдат.", "В учении участвуют 500 солдат.", Major, Reason::Number),
            ("Прибыли три делегации.", "Прибыли пять делегаций.", Major, Reason::Number),
            ("Помощь на 5 млн рублей поступила.", "Помощь на 7 млн рублей поступила.", Major, Reason::Money),
            ("Цены выросли на 5 процентов.", "Цены выросли на 9 процентов.", Major, Reason::Percentage),
            ("Встреча пройдёт 12 марта.", "Встреча пройдёт 12 апреля.", Major, Reason::Date),
            ("Стороны поддержали план.", "Стороны не поддержали план.", Major, Reason::Negation),
            ("Решение законно.", "Решение незаконно.", Major, Reason::Negation),
            ("Совет может принять решение.", "Совет должен принять решение.", Major, Reason::Modal),
            ("Гости прилетели в Минск вчера.", "Гости прилетели в Ереван вчера.", Major, Reason::Name),
            ("Стороны одобрили проект.", "Стороны отклонили проект.", Major, Reason::Wording),
            ("Наша организацыя растёт.", "Наша организация растёт.", Minor, Reason::Spelling),
            ("Однако работа идёт.", "Однако, работа идёт.", Minor, Reason::Punctuation),
            ("генеральный секретарь выступил", "Генеральный секретарь выступил", Minor, Reason::Case),
        ],
        document,
    );
}

#[test]
fn german_is_understood() {
    check(
        &[
            ("An der Übung nehmen 300 Soldaten teil.", "An der Übung nehmen 500 Soldaten teil.", Major, Reason::Number),
            ("Es kamen zwei Minister und das Volk.", "Es kamen drei Minister und das Volk.", Major, Reason::Number),
            ("Die Hilfe kostet 1.200,50 Euro.", "Die Hilfe kostet 1.300,50 Euro.", Major, Reason::Money),
            (
                "Der Anteil ist um 5 Prozent gestiegen.",
                "Der Anteil ist um 8 Prozent gestiegen.",
                Major,
                Reason::Percentage,
            ),
            ("Die Sitzung ist am Montag und kurz.", "Die Sitzung ist am Freitag und kurz.", Major, Reason::Date),
            ("Der Rat hat dem Plan zugestimmt.", "Der Rat hat dem Plan nicht zugestimmt.", Major, Reason::Negation),
            ("Das ist eine Gefahr.", "Das ist keine Gefahr.", Major, Reason::Negation),
            ("Der Staat soll zahlen und handeln.", "Der Staat kann zahlen und handeln.", Major, Reason::Modal),
            ("Die Gäste kamen nach Bonn und blieben.", "Die Gäste kamen nach Köln und blieben.", Major, Reason::Name),
            ("Der Rat hat den Vertrag gelobt.", "Der Rat hat den Haushalt gelobt.", Major, Reason::Wording),
            ("Wir arbeiten gemeinsamm und gern.", "Wir arbeiten gemeinsam und gern.", Minor, Reason::Spelling),
        ],
        document,
    );
}

#[test]
fn titles_are_major_unless_respelled() {
    check(
        &[
            ("Council discusses trade", "Council discusses peace", Major, Reason::Title),
            ("The Talks in Rome", "The Talks in Oslo", Major, Reason::Title),
            ("Talks on 3 May", "Talks on 5 May", Major, Reason::Date),
            ("Council discusses trade", "Council Discusses Trade", Minor, Reason::Case),
            ("Council discuses trade", "Council discusses trade", Minor, Reason::Spelling),
            ("Trade, peace and more", "Trade, peace, and more", Minor, Reason::Punctuation),
        ],
        titled,
    );
}

#[test]
fn a_rewritten_text_is_told_as_such() {
    let words =
        |range: std::ops::Range<u32>| range.map(|word| format!("word{}", word * 7919)).collect::<Vec<_>>().join(" ");
    let found = assess(&diff(&document(&words(0..60)), &document(&words(100..160))));
    assert_eq!(found.reasons.first(), Some(&Reason::Rewritten));
}

#[test]
fn fields_have_their_reasons() {
    let old = Document {
        date: Some(ShownDate { text: "21.03.2024".into(), day: None }),
        links: vec![Link { text: "the report".into(), target: "https://a.org/1".into() }],
        images: vec![Image { source: "https://a.org/photo.jpg".into(), alt: String::new() }],
        contacts: vec!["+7 495 795-27-10".into()],
        ..document("Read the report.")
    };
    let mut new = old.clone();
    new.links[0].target = "https://a.org/2".into();
    new.images[0].source = "https://a.org/other.jpg".into();
    let minor = assess(&diff(&old, &new));
    assert_eq!((minor.significance, &minor.reasons[..]), (Minor, &[Reason::Link, Reason::Image][..]));
    assert_snapshot!(minor.summary, @r#"links: "the report" leads to https://a.org/2; a picture replaced"#);
    new.contacts[0] = "+7 495 795-27-44".into();
    new.date = Some(ShownDate { text: "22.03.2024".into(), day: None });
    let major = assess(&diff(&old, &new));
    assert_eq!((major.significance, &major.reasons[..2]), (Major, &[Reason::Date, Reason::Contact][..]));
    assert_snapshot!(major.summary, @r#"date: 21.03.2024 became 22.03.2024; contacts: +7 495 795-27-10 became +7 495 795-27-44; links: "the report" leads to https://a.org/2; a picture replaced"#);
}

fn summary(old: &str, new: &str) -> String {
    assess(&diff(&document(old), &document(new))).summary
}

#[test]
fn summaries_name_what_changed() {
    assert_snapshot!(summary("About 3.5 thousand people came.", "About 4 thousand people came."), @r#"body: "3.5 thousand" became "4 thousand""#);
    assert_snapshot!(summary("They agreed on it.", "They never agreed on it."), @r#"body: "They agreed" became "They never agreed""#);
    assert_snapshot!(summary("He came. He left.", "He came. He ate two apples. He left."), @r#"body: a sentence added: "He ate two apples.""#);
    assert_snapshot!(summary("One here.\nTwo went there.\nThree stayed.", "One here."), @"two paragraphs removed");
    assert_snapshot!(summary("A\tB\nNorth\t12", "A\tB\nNorth\t14"), @r#"body: "12" became "14""#);
    assert_snapshot!(assess(&diff(&titled("Talks in Rome"), &titled("Talks in Oslo"))).summary, @r#"title: "Talks in Rome" became "Talks in Oslo""#);
}

#[test]
fn summaries_are_short() {
    let old = (0..90).map(|word| format!("alpha{word}")).collect::<Vec<_>>().join(" ");
    let new = (0..90).map(|word| format!("omega{}", word * 31)).collect::<Vec<_>>().join(" ");
    let text = summary(&format!("{old}\nkept"), &format!("{new}\nkept"));
    assert!(text.chars().count() <= 200, "{text}");
    let unbroken = "x".repeat(5_000);
    assert!(summary("kept", &format!("kept\n{unbroken}")).chars().count() <= 200);
}

#[test]
fn edits_without_number_are_major() {
    let text = |word: &str| {
        (0..300).map(|line| format!("{} .", format!("{line} {word} ,").repeat(60))).collect::<Vec<_>>().join("\n")
    };
    let found = assess(&diff(&document(&text("kept")), &document(&text("Kept"))));
    assert_eq!(found.significance, Major, "{:?}", found.reasons);
}

#[test]
fn a_long_address_is_shown_where_it_differs() {
    let leading = |end: &str| Document {
        links: vec![Link {
            text: "the report".to_owned(),
            target: format!("https://a.example/{}{end}", "long-way/".repeat(12)),
        }],
        ..Document::default()
    };
    let found = assess(&diff(&leading("first.html"), &leading("second.html")));
    assert_eq!(found.summary, "links: \"the report\" leads to https://a.example/…/second.html");
}
