//! Names of the months in the languages that news pages are written in, in the forms that stand in dates. Where a name
//! means two months (`listopada` in Polish and in Croatian), the language of more speakers is meant.

use std::collections::HashMap;
use std::sync::LazyLock;

#[rustfmt::skip]
const NAMES: [&str; 12] = [
    // English, German, French, Spanish, Italian, Portuguese, Catalan; the north; the east; Cyrillic; other scripts.
    "january jan januar jänner jän janvier janv enero ene gennaio gen janeiro gener januari jaanuar tammikuuta tammikuu
     stycznia styczeń sty ledna leden januára január januarja januara siječnja ianuarie ian ocak yanvar sausio janvāris
     janvārī janar января январь янв январы январи січня січень січ студзеня студзень януари јануар јануара јануари
     қаңтар ιανουαρίου ιανουαριου ιανουάριος ιαν հունվարի հունվար იანვარი იანვარს ינואר בינואר يناير جانفي ژانویه",
    "february feb februar feber février fevrier févr fév febrero febbraio fevereiro fev febrer februari veebruar
     helmikuuta helmikuu lutego luty lut února únor februára február februarja februara veljače februarie şubat subat
     fevral vasario februāris februārī shkurt февраля февраль фев февр февралы феврали лютого лютий лют лютага люты
     февруари фебруар фебруара фебруари ақпан φεβρουαρίου φεβρουαριου φεβρουάριος φεβ փետրվարի փետրվար თებერვალი
     თებერვალს פברואר בפברואר فبراير شباط فيفري فوریه",
    "march mar märz maerz mär mrz mars marzo março marco març maart mrt marts märts maaliskuuta maaliskuu marca marzec
     března březen marec mart marta ožujka március martie martī kovo maret марта март мар марты марти березня березень бер
     сакавіка сакавік марта наурыз μαρτίου μαρτιου μάρτιος μαρ մարտի մարտ მარტი მარტს מרץ מרס במרץ مارس آذار",
    "april apr avril avr abril abr aprile aprill huhtikuuta huhtikuu kwietnia kwiecień kwi dubna duben apríla apríl
     aprila travnja április aprilie nisan aprel balandžio aprīlis aprīlī prill апреля апрель апр апрели квітня квітень
     квіт красавіка красавік април априла сәуір απριλίου απριλιου απρίλιος απρ ապրիլի ապրիլ აპრილი აპრილს אפריל באפריל
     أبريل ابريل إبريل نيسان أفريل آوریل",
    "may mai mayo maggio mag maio maig mei maj toukokuuta toukokuu maja května květen mája máj svibnja május mayıs mayis
     gegužės maijs maijā мая май майы майи травня травень трав траўня мај маја мамыр μαΐου μαιου μαίου μάιος μαι մայիսի
     մայիս მაისი მაისს מאי במאי مايو أيار ماي",
    "june jun juni juin junio giugno giu junho juny juuni kesäkuuta kesäkuu czerwca czerwiec cze června červen júna jún
     junija juna lipnja június iunie iun haziran iyun birželio jūnijs jūnijā qershor июня июнь июн июну июни червня червень
     черв чэрвеня чэрвень юни јун јуна јуни маусым ιουνίου ιουνιου ιούνιος ιουν հունիսի հունիս ივნისი ივნისს יוני ביוני
     يونيو حزيران جوان ژوئن",
    "july jul juli juillet juil julio luglio lug julho juliol juuli heinäkuuta heinäkuu lipca lipiec července červenec
     júla júl julija jula srpnja július iulie iul temmuz iyul liepos jūlijs jūlijā korrik julai июля июль июл июлу июли
     липня липень лип ліпеня ліпень юли јул јула јули шілде ιουλίου ιουλιου ιούλιος ιουλ հուլիսի հուլիս ივლისი ივლისს
     יולי ביולי يوليو تموز جويلية ژوئیه",
    "august aug août aout agosto ago agost augustus augusti elokuuta elokuu sierpnia sierpień sie srpna srpen augusta
     avgusta avgust kolovoza augusztus ağustos agustos avqust rugpjūčio augusts augustā gusht ogos августа август авг
     августу августи серпня серпень серп жніўня жнівень тамыз αυγούστου αυγουστου αύγουστος αυγ օգոստոսի օգոստոս აგვისტო
     აგვისტოს אוגוסט באוגוסט أغسطس اغسطس آب أوت غشت اوت",
    "september sep sept septembre septiembre setiembre settembre set setembro setembre syyskuuta syyskuu września
     wrzesień wrz září septembra rujna szeptember septembrie eylül eylul sentyabr sentabr rugsėjo septembris septembrī
     shtator septembar сентября сентябрь сен сент сентябры сентябри вересня вересень вер верасня верасень септември
     септембар септембра қыркүйек σεπτεμβρίου σεπτεμβριου σεπτέμβριος σεπ սեպտեմբերի սեպտեմբեր სექტემბერი სექტემბერს
     ספטמבר בספטמבר سبتمبر أيلول شتنبر سپتامبر",
    "october oct oktober okt octobre octubre ottobre ott outubro out oktoober lokakuuta lokakuu października październik
     paź října říjen októbra október oktobra octombrie ekim oktyabr oktabr spalio oktobris oktobrī tetor oktobar октября
     октябрь окт октябры октябри жовтня жовтень жовт кастрычніка кастрычнік октомври октобар октобра қазан οκτωβρίου
     οκτωβριου οκτώβριος οκτ հոկտեմբերի հոկտեմբեր ოქტომბერი ოქტომბერს אוקטובר באוקטובר أكتوبر اكتوبر اکتبر",
    "november nov novembre noviembre novembro marraskuuta marraskuu listopada listopad lis listopadu novembra studenoga
     studenog noiembrie kasım kasim noyabr lapkričio novembris novembrī nëntor novembar ноября ноябрь ноя нояб ноябры
     ноябри листопада листопад лист лістапада лістапад ноември новембар новембра қараша νοεμβρίου νοεμβριου νοέμβριος
     νοε նոյեմբերի նոյեմբեր ნოემბერი ნოემბერს נובמבר בנובמבר نوفمبر نونبر نوامبر",
    "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro desembre desember des detsember
     joulukuuta joulukuu grudnia grudzień gru prosince prosinec decembra prosinca decembrie aralık aralik dekabr gruodžio
     decembris decembrī dhjetor decembar disember декабря декабрь дек декабры декабри грудня грудень груд снежня снежань
     декември децембар децембра желтоқсан δεκεμβρίου δεκεμβριου δεκέμβριος δεκ դեկտեմբերի դեկտեմբեր დეკემბერი დეკემბერს
     דצמבר בדצמבר ديسمبر دجنبر دسامبر",
];

static MONTHS: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
    let numbered = (1..).zip(NAMES);
    numbered.flat_map(|(month, names)| names.split_whitespace().map(move |name| (name, month))).collect()
});

/// The number of the month that a word in small letters names, from 1 to 12.
pub(super) fn month_named(word: &str) -> Option<u32> {
    MONTHS.get(word).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_months() {
        let names =
            || (1..).zip(NAMES).flat_map(|(month, names)| names.split_whitespace().map(move |name| (month, name)));
        for (month, name) in names() {
            assert_eq!(month_named(name), Some(month), "{name}");
        }
    }
}
