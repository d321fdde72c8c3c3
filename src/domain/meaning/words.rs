//! The words that carry a fact by themselves, in English, Russian and German; all in lower case.
//! What is in no list is a name if it is spelled like one, else an ordinary word.

/// Numbers written as words. "One", "ein" and "один" are as often articles and pronouns, so they are left out.
const NUMBERS: &[(&str, &str)] = &[
    ("1", "first первый первая первого erste ersten erster"),
    ("2", "two second два две двух zwei"),
    ("3", "three third три трёх трех drei"),
    ("4", "four fourth четыре четырёх четырех vier"),
    ("5", "five fifth пять пяти fünf"),
    ("6", "six sixth шесть шести sechs"),
    ("7", "seven seventh семь семи sieben"),
    ("8", "eight eighth восемь восьми acht"),
    ("9", "nine ninth девять девяти neun"),
    ("10", "ten tenth десять десяти zehn"),
    ("11", "eleven одиннадцать elf"),
    ("12", "twelve двенадцать zwölf"),
    ("13", "thirteen тринадцать dreizehn"),
    ("14", "fourteen четырнадцать vierzehn"),
    ("15", "fifteen пятнадцать fünfzehn"),
    ("20", "twenty двадцать zwanzig"),
    ("30", "thirty тридцать dreißig"),
    ("40", "forty сорок vierzig"),
    ("50", "fifty пятьдесят fünfzig"),
    ("60", "sixty шестьдесят sechzig"),
    ("70", "seventy семьдесят siebzig"),
    ("80", "eighty восемьдесят achtzig"),
    ("90", "ninety девяносто neunzig"),
    ("hundred", "hundred hundreds сто сотни hundert hunderte"),
    ("thousand", "thousand thousands тысяча тысячи тысяч тыс tausend tausende"),
    ("million", "million millions mln миллион миллиона миллионов млн millionen"),
    ("billion", "billion billions bn миллиард миллиарда миллиардов млрд milliarde milliarden"),
    ("trillion", "trillion триллион триллиона триллионов billionen"),
    ("half", "half половина половины половину hälfte"),
    ("dozen", "dozen dozens десятки десятков dutzend dutzende"),
];

const MONEY: &str = "\
    dollar dollars euro euros cent cents rouble roubles ruble rubles pound pounds yuan yen francs usd eur rub \
    gbp chf доллар доллара долларов евро рубль рубля рублей руб тенге юаней franken rubel";

const PERCENT: &str = "percent percentage pct процент процента процентов prozent";

/// Units that change a number when they are exchanged beside it.
const UNITS: &str = "\
    km kilometres kilometers miles metres meters kg tonnes tons litres hectares mw gw км километров метров тонн \
    гектаров meter tonnen hektar";

const MONTHS: &str = "\
    january february march april june july august september october november december января февраля марта апреля \
    мая июня июля августа сентября октября ноября декабря январе феврале марте апреле мае июне июле августе \
    сентябре октябре ноябре декабре januar februar märz mai juni juli oktober dezember";

const DAYS: &str = "\
    monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow morning afternoon evening \
    noon midnight spring summer autumn winter понедельник вторник среду четверг пятницу субботу воскресенье \
    сегодня вчера завтра утром вечером montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag heute \
    gestern morgen abend";

/// What makes a time of the number before it.
const CLOCK: &str = "am pm a.m p.m uhr часов часа";

/// What stands before or after a year.
const BESIDE_YEAR: &str = "\
    in since until by year fiscal г год года году годом в с до к im seit bis jahr jahre";

const NEGATIONS: &str = "\
    not no never none nobody nothing neither nor cannot without hardly не ни нет без никогда никто ничего нельзя \
    никакой никаких nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder";

/// Prefixes that turn a word into its opposite, and how long the word has to be.
const OPPOSITES: &[(&str, usize)] = &[
    ("un", 4),
    ("in", 6),
    ("im", 6),
    ("ir", 6),
    ("il", 5),
    ("dis", 4),
    ("non", 4),
    ("non-", 3),
    ("не", 4),
    ("без", 4),
    ("бес", 4),
];

const MODALS: &str = "\
    will would shall should may might must can could ought может могут мог могли должен должна должно должны \
    будет будут следует обязан обязана обязаны вправе можно soll sollen sollte sollten muss müssen kann können \
    könnte könnten darf dürfen wird werden würde würden";

/// Words that may come and go without anything being said: articles and the lightest prepositions.
const LIGHT: &str = "\
    the a an of in on at that which в во на о об и der die das den dem des ein eine einen einem einer eines im \
    am";

/// Words that look like misspellings of each other and are not.
const CONFUSABLE: &[&str] = &[
    "austria australia",
    "austrian australian",
    "niger nigeria algeria",
    "slovakia slovenia slavonia",
    "slovak slovene",
    "iran iraq",
    "mali malta malawi bali",
    "india indiana",
    "zambia gambia",
    "mauritius mauritania",
    "paraguay uruguay",
    "latvia lithuania",
    "иран ирак",
    "австрия австралия",
    "австрии австралии",
    "iran irak",
    "completed competed",
    "prosecuted persecuted",
    "prosecution persecution",
    "reject respect",
    "united untied",
    "adopted adapted",
    "accept except",
    "causal casual",
    "interstate intrastate",
];

/// Titles and prepositions after which a German noun is likely to be a name.
const BEFORE_GERMAN_NAME: &str = "\
    in aus nach von bei mit herr herrn frau minister ministerin präsident präsidentin kanzler kanzlerin sprecher \
    sprecherin";

const GERMAN: &str = "der die das und ist nicht mit von den dem im ein eine wurde für auf";

/// The number that a word stands for.
pub(super) fn number(word: &str) -> Option<&'static str> {
    NUMBERS.iter().find(|(_, words)| has(words, word)).map(|(number, _)| *number)
}

pub(super) fn is_money(word: &str) -> bool {
    has(MONEY, word)
}

pub(super) fn is_percent(word: &str) -> bool {
    has(PERCENT, word)
}

pub(super) fn is_unit(word: &str) -> bool {
    has(UNITS, word)
}

pub(super) fn is_date(word: &str) -> bool {
    is_month(word) || has(DAYS, word)
}

pub(super) fn is_month(word: &str) -> bool {
    has(MONTHS, word)
}

pub(super) fn is_clock(word: &str) -> bool {
    has(CLOCK, word)
}

pub(super) fn is_beside_year(word: &str) -> bool {
    has(BESIDE_YEAR, word)
}

pub(super) fn is_negation(word: &str) -> bool {
    has(NEGATIONS, word) || word.ends_with("n't")
}

/// Whether one word is the other with a "not" in front.
pub(super) fn are_opposites(left: &str, right: &str) -> bool {
    let negates = |long: &str, short: &str| {
        OPPOSITES.iter().any(|(prefix, least)| {
            long.strip_prefix(prefix).is_some_and(|rest| rest == short && rest.chars().count() >= *least)
        })
    };
    negates(left, right) || negates(right, left)
}

pub(super) fn is_modal(word: &str) -> bool {
    has(MODALS, word)
}

pub(super) fn is_light(word: &str) -> bool {
    has(LIGHT, word)
}

/// Whether two words that are spelled alike are known to be different words.
pub(super) fn are_confusable(left: &str, right: &str) -> bool {
    left != right && CONFUSABLE.iter().any(|group| has(group, left) && has(group, right))
}

pub(super) fn announces_german_name(word: &str) -> bool {
    has(BEFORE_GERMAN_NAME, word)
}

/// Whether a text is German, where nouns are spelled like names.
pub(super) fn is_german(text: &str) -> bool {
    let is_known = |word: &&str| has(GERMAN, &word.trim_matches(|mark: char| !mark.is_alphanumeric()).to_lowercase());
    text.split_whitespace().take(400).filter(is_known).take(2).count() == 2 || text.contains('ß')
}

fn has(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}
