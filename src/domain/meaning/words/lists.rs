//! The lists behind [`super`]: English, Russian, German, French and Spanish words, the commonest Arabic ones, and
//! Chinese characters, which are words of their own when texts are compared. All in lower case.

/// Numbers written as words. "One", "ein", "один" and "一" are as often articles and pronouns, so they are left out.
pub(super) const NUMBERS: &[(&str, &str)] = &[
    ("1", "first erste ersten erster erstes premier première primer primero primera الأول الأولى"),
    ("2", "two second два две двух двум двумя zwei deux dos segundo segunda deuxième 二 两 اثنان اثنين"),
    (
        "3",
        "three third thirds три трёх трех трём трем тремя drei trois tres troisième tercer tercero tercera 三 ثلاثة ثلاث",
    ),
    (
        "4",
        "four fourth quarter quarters четыре четырёх четырех четырём четырем vier quatre cuatro quatrième cuarto cuarta 四 أربعة أربع",
    ),
    ("5", "five fifth пять пяти пятью fünf cinq cinco cinquième quinto quinta 五 خمسة خمس"),
    ("6", "six sixth шесть шести шестью sechs seis sixième sexto sexta 六 ستة ست"),
    ("7", "seven seventh семь семи семью sieben sept siete septième séptimo séptima 七 سبعة سبع"),
    ("8", "eight eighth восемь восьми восемью acht huit ocho huitième octavo octava 八 ثمانية ثماني"),
    ("9", "nine ninth девять девяти девятью neun neuf nueve neuvième noveno novena 九 تسعة تسع"),
    ("10", "ten tenth десять десяти десятью zehn dix diez dixième décimo décima 十 عشرة عشر"),
    ("11", "eleven eleventh одиннадцать одиннадцати elf onze"),
    ("12", "twelve twelfth двенадцать двенадцати zwölf douze doce"),
    ("13", "thirteen тринадцать тринадцати dreizehn treize trece"),
    ("14", "fourteen четырнадцать четырнадцати vierzehn quatorze catorce"),
    ("15", "fifteen пятнадцать пятнадцати fünfzehn quinze quince"),
    ("16", "sixteen шестнадцать шестнадцати sechzehn seize dieciséis"),
    ("17", "seventeen семнадцать семнадцати siebzehn dix-sept diecisiete"),
    ("18", "eighteen восемнадцать восемнадцати achtzehn dix-huit dieciocho"),
    ("19", "nineteen девятнадцать девятнадцати neunzehn dix-neuf diecinueve"),
    ("20", "twenty двадцать двадцати zwanzig vingt veinte عشرون عشرين"),
    ("30", "thirty тридцать тридцати dreißig trente treinta ثلاثون ثلاثين"),
    ("40", "forty сорок сорока vierzig quarante cuarenta أربعون أربعين"),
    ("50", "fifty пятьдесят пятидесяти fünfzig cinquante cincuenta خمسون خمسين"),
    ("60", "sixty шестьдесят шестидесяти sechzig soixante sesenta ستون ستين"),
    ("70", "seventy семьдесят семидесяти siebzig septante setenta سبعون سبعين"),
    ("80", "eighty восемьдесят восьмидесяти achtzig quatre-vingts ochenta ثمانون ثمانين"),
    ("90", "ninety девяносто neunzig nonante noventa تسعون تسعين"),
    ("hundred", "hundred hundreds сто ста сотни сотен hundert hunderte centaines cien ciento cientos 百 مئة مائة مئات"),
    ("thousand", "thousand thousands тысяча тысячи тысяч тысячам тыс tausend tausende mille milliers mil 千 ألف آلاف"),
    ("10000", "万"),
    ("million", "million millions mln миллион миллиона миллионов млн millionen millón millones مليون ملايين"),
    ("100000000", "亿"),
    (
        "billion",
        "billion billions bn миллиард миллиарда миллиардов млрд milliarde milliarden milliard milliards مليار مليارات",
    ),
    ("trillion", "trillion триллион триллиона триллионов billionen"),
    ("half", "half половина половины половину hälfte moitié mitad 半 نصف"),
    ("dozen", "dozen dozens десятки десятков dutzend dutzende douzaine dizaines docena decenas عشرات"),
];

/// Beginnings of Russian and German ordinals, which take many endings.
pub(super) const ORDINALS: &[(&str, &str)] = &[
    ("1", "перв"),
    ("2", "втор zweit"),
    ("3", "трет dritt"),
    ("4", "четверт четвёрт viert"),
    ("5", "пят fünft"),
    ("6", "шест sechst"),
    ("7", "седьм siebt"),
    ("8", "восьм"),
    ("9", "девят neunt"),
    ("10", "десят zehnt"),
];

/// What these beginnings end in.
pub(super) const ORDINAL_ENDINGS: &str = "\
    ый ий ой ая ья ое ье ого ьего ому ьему ым ьим ом ьем ую ью ые ьи ых ьих e en er es em";

/// What makes a sum of money of the number beside it.
pub(super) const MONEY: &str = "\
    dollar dollars euro euros cent cents rouble roubles ruble rubles pound pounds yuan yen francs usd eur rub gbp \
    chf доллар доллара долларов евро рубль рубля рублей руб тенге юаней franken rubel yens peso pesos rupee \
    rupees dirham dirhams dinar dinars dólar dólares libra libras livres йена йен фунтов 元 دولار \
    دولارا دولارات يورو ريال درهم دينار جنيه";

/// What makes a share of the number before it.
pub(super) const PERCENT: &str = "\
    percent percentage pct процент процента процентов prozent % ‰ процентам процентах pourcent بالمئة بالمائة";

/// Units that change a number when they are exchanged beside it.
pub(super) const UNITS: &str = "\
    km kilometres kilometers miles metres meters kg tonnes tons litres hectares mw gw км километров метров тонн \
    гектаров meter tonnen hektar gallons gallon litre kilometre mile metre tonne ton feet inches acres degrees \
    barrels kilometer liter grad kilogramm kilos kilomètres mètres kilómetros metros toneladas litros hectáreas \
    литров градусов килограммов";

/// Months; "may" is more often a verb and left to its spelling.
pub(super) const MONTHS: &str = "\
    jan feb apr aug oct nov dec january february march april june july august september october november december января февраля марта апреля \
    мая июня июля августа сентября октября ноября декабря январе феврале марте апреле мае июне июле августе \
    сентябре октябре ноябре декабре januar februar märz mai juni juli oktober dezember январь февраль март апрель \
    май июнь июль август сентябрь октябрь ноябрь декабрь janvier février mars avril juin juillet août septembre \
    octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre \
    diciembre يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر";

/// Months that are names of people and planets, or verbs, unless they are spelled like this: in lower case.
pub(super) const LOWER_MONTHS: &str = "mars avril julio";

/// Days, times of the day and of the year, and what "next" and "last" stand before.
pub(super) const DAYS: &str = "\
    monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow morning afternoon evening \
    noon midnight spring summer autumn winter понедельник вторник среду четверг пятницу субботу воскресенье \
    сегодня вчера завтра утром вечером montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag \
    heute gestern morgen abend week weeks month months decade среда пятница суббота ночью неделе неделю \
    неделя недели месяц месяце месяца квартал квартале весной летом осенью зимой woche wochen monat monate \
    quartal frühling frühjahr sommer herbst mittag mitternacht lundi mardi mercredi jeudi vendredi samedi \
    dimanche aujourd'hui demain matin soir midi minuit semaine mois printemps automne hiver lunes martes \
    miércoles jueves viernes sábado domingo ayer hoy mañana noche semana primavera verano otoño invierno \
    الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد أمس اليوم غدا";

/// What makes a date or a time of the number before it.
pub(super) const CLOCK: &str = "am pm a.m p.m uhr часов часа heures horas 年 月 日 号 时 点";

/// What stands before or after a year.
pub(super) const BESIDE_YEAR: &str = "\
    in since until by year fiscal г год года году годом в с до к im seit bis jahr jahre en depuis jusqu'en desde \
    hasta année año عام سنة";

/// What turns a statement round.
pub(super) const NEGATIONS: &str = "\
    not no never none nobody nothing neither nor cannot without hardly не ни нет без никогда никто ничего нельзя \
    никакой никаких nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder нету ne \
    pas jamais aucun aucune sans rien personne ni nunca jamás ningún ninguna nadie nada sin tampoco 不 没 无 未 非 لا \
    لم لن ليس ليست غير بدون دون";

/// What makes a duty, a promise, a possibility or a right of a statement.
pub(super) const MODALS: &str = "\
    will would shall should may might must can could ought может могут мог могли должен должна должно должны \
    будет будут следует обязан обязана обязаны вправе можно soll sollen sollte sollten muss müssen kann können \
    könnte könnten darf dürfen wird werden würde würden obliged required expected allowed permitted supposed \
    entitled likely unlikely надлежит обязано doit doivent devra devront devrait devraient peut peuvent \
    pourra pourront pourrait pourraient debe deben deberá deberán debería deberían puede pueden podrá podrán \
    podría podrían 必 须 可 应 能 将 يجب يمكن قد سوف ينبغي";

/// Words that may come and go without anything being said: articles, the lightest prepositions, auxiliaries.
pub(super) const LIGHT: &str = "\
    the a an of in on at that which в во на о об и der die das den dem des ein eine einen einem einer eines im am \
    do does did le la les un une du de au aux l' el los las una del al 的 了 ال";

/// Prefixes that turn a word into its opposite, and how long the word has to be.
pub(super) const OPPOSITES: &[(&str, usize)] = &[
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

/// Words that look like misspellings of each other and are not.
pub(super) const CONFUSABLE: &[&str] = &[
    "austria australia",
    "austrian australian",
    "niger nigeria algeria",
    "slovakia slovenia slavonia",
    "slovak slovene",
    "словакия словения",
    "словакии словении",
    "словацкий словенский",
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
pub(super) const BEFORE_GERMAN_NAME: &str = "\
    in aus nach von bei mit herr herrn frau minister ministerin präsident präsidentin kanzler kanzlerin sprecher \
    sprecherin";

/// Words by which a German text is known.
pub(super) const GERMAN: &str = "der die das und ist nicht mit von den dem im ein eine wurde für auf";
