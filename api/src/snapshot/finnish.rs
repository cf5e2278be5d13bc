//! Finnish for search: the stems by which the forms of a word are recognised, and the words a
//! compound is made of.
//!
//! A form is undone as a grammar makes it (Karlsson, *Finnish: An Essential Grammar*): the
//! possessive suffix and the case ending are taken off, and what is left is the vowel stem
//! (vokaalivartalo) of a noun: `tuen` is `tue-` + `n`, `valmennusta` is `valmennus` + `ta`, whose
//! vowel stem is `valmennukse-`. An ending that can be read in two ways gives both stems: there is
//! no dictionary here. What remains different is the grade of the last consonants (astevaihtelu,
//! `tuke-` and `tue-`): a strong stem therefore also carries its weak grade, see [`Stems`].
//!
//! Why not Snowball's stemmer: of 125,000 common inflected nouns and adjectives, as Voikko analyses
//! them, it brings 51 % to the stem of their dictionary form, and 87 % with a folding of endings
//! and grades behind it. These rules bring 99 %, and confuse less than a quarter as many words with
//! each other as that folding does.
//!
//! Everything here reads lower-case words of ASCII letters, `ä` and `ö` already written `a` and
//! `o`: vowel harmony makes no two endings.

/// The stems of one word form.
///
/// Two forms are of one word when they share a written stem (`ryhmän`, `ryhmässä`: `ryhma`), or
/// when a written stem of one is the weakened stem of the other (`tuki` is written `tuke` and
/// weakens to `tue`, which `tuen` is written with). Two weakened stems are not compared: what is
/// weak does not weaken again.
#[derive(Debug)]
pub(super) struct Stems {
    /// Vowel stems in the grade in which they stand in the word; `i` and `e` at the end are one
    /// (`nuori`, `nuore-n`).
    pub(super) written: Vec<String>,
    /// The weak grades of those of `written` that can be strong.
    pub(super) weakened: Vec<String>,
}

impl Stems {
    /// The stems of a whole word or of the last part of a compound: both may be inflected.
    pub(super) fn of(word: &str) -> Self {
        let mut written = Vec::new();
        dictionary_form(word, &mut written);
        case_form(word, &mut written);
        possessed_form(word, &mut written);
        Self::graded(written)
    }

    /// The stems of the first part of a compound, which stands in the nominative
    /// (`päihde|kuntoutus`), the genitive (`nuorten|ryhmä`) or as a bare consonant stem
    /// (`asumis|palvelu`, of `asuminen`).
    fn of_modifier(part: &str) -> Self {
        let mut written = Vec::new();
        match letter(part, 0) {
            _ if part.len() <= SHORTEST_FIRST => written.push(part.to_owned()),
            b'n' => {
                case_form(part, &mut written);
                if part.len() > SHORTEST_LAST {
                    dictionary_form(part, &mut written); // puhelin|neuvonta
                }
            }
            b's' => consonant_stem(part, &mut written),
            _ => dictionary_form(part, &mut written),
        }
        Self::graded(written)
    }

    /// The stems under which a word that is looked for may stand in a compound. Short ones are left
    /// out unless they are all of the word: they are mostly misread endings (`lista` as `li` +
    /// `sta`).
    pub(super) fn sought(word: &str) -> Self {
        let mut written = Vec::new();
        if word.len() <= SHORTEST_FIRST {
            written.push(word.to_owned());
            return Self { written, weakened: Vec::new() };
        }
        case_form(word, &mut written);
        written.retain(|stem| stem.len() > SHORTEST_LAST);
        dictionary_form(word, &mut written);
        written.retain(|stem| stem.len() >= SHORTEST_LAST);
        Self::graded(written)
    }

    fn graded(mut written: Vec<String>) -> Self {
        written.sort_unstable();
        written.dedup();
        let mut weakened = Vec::new();
        for stem in &written {
            weaken(stem, &mut weakened);
        }
        weakened.sort_unstable();
        weakened.dedup();
        Self { written, weakened }
    }
}

/// Stems and the forms, or ends of forms, that no rule brings to them: words of daily use only.
const IRREGULAR: &[(&str, &str)] = &[
    ("itse", "itse"),
    ("kevaa", "kevat"),
    ("kote", "kotoa kotona"),
    ("lapse", "lasta lasten"),
    ("miehe", "mies"),
    ("ruoa", "ruuan ruuat"),
    ("sydame", "sydan"),
    ("tyo", "toiden toihin toissa toita"),
    ("tyttare", "tytar"),
    ("velje", "veli"),
    ("vuote", "vuonna"),
];

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

fn is_sonorant(letter: u8) -> bool {
    matches!(letter, b'n' | b'l' | b'r')
}

/// The letter `back` places from the end, 0 for the last; a NUL before the beginning.
fn letter(word: &str, back: usize) -> u8 {
    word.bytes().nth_back(back).unwrap_or(0)
}

fn ends_in_vowel(word: &str) -> bool {
    is_vowel(letter(word, 0))
}

fn ends_in_long_vowel(word: &str) -> bool {
    ends_in_vowel(word) && letter(word, 0) == letter(word, 1)
}

/// `word` without `ending`, when at least `least` letters stay; of a word like `ikä` (`iä-llä`) two
/// vowels are enough.
fn strip<'a>(word: &'a str, ending: &str, least: usize) -> Option<&'a str> {
    word.strip_suffix(ending).filter(|rest| rest.len() >= least || rest.len() == 2 && rest.bytes().all(is_vowel))
}

fn push(stems: &mut Vec<String>, parts: [&str; 2]) {
    stems.push(parts.concat());
}

/// The vowel stems of a word read as a dictionary form (nominative singular): the noun types of the
/// Finnish language.
fn dictionary_form(word: &str, stems: &mut Vec<String>) {
    for (stem, forms) in IRREGULAR {
        if let Some(head) = forms.split(' ').find_map(|form| word.strip_suffix(form)) {
            push(stems, [head, stem]);
        }
    }
    let length = word.len();
    let cut = |last: usize| &word[..length.saturating_sub(last)];
    let (before, last) = (letter(word, 1), letter(word, 0));
    if length < 3 {
        stems.push(word.to_owned());
    } else if let Some(head) = strip(word, "nen", 2) {
        push(stems, [head, "se"]); // ihminen: ihmise-
    } else if last == b's' && is_vowel(before) {
        let after_vowel = is_vowel(letter(word, 2)) && length > 3;
        match before {
            b'u' | b'y' if after_vowel => {
                push(stems, [cut(1), "te"]); // osallisuus: osallisuute-, terveys: terveyte-
                if letter(word, 2) != before {
                    push(stems, [cut(1), "kse"]); // kokous: kokoukse-
                }
            }
            b'a' => {
                push(stems, [cut(1), "a"]); // asiakas: asiakkaa-
                push(stems, [cut(1), "kse"]);
            }
            b'i' => {
                push(stems, [cut(1), "i"]); // kaunis: kaunii-
                push(stems, [cut(1), "kse"]); // kasvis: kasvikse-
            }
            _ => push(stems, [cut(1), "kse"]), // valmennus: valmennukse-
        }
    } else if length > 3 && (word.ends_with("ut") || word.ends_with("yt")) {
        push(stems, [cut(1), "e"]); // lyhyt: lyhye-
        push(stems, [cut(2), "ee"]); // eronnut: eronnee-
        push(stems, [word, "e"]);
    } else if !is_vowel(last) {
        if let Some(head) = strip(word, "ton", 2) {
            push(stems, [head, "ttoma"]); // asunnoton: asunnottoma-
        } else if let Some(head) = strip(word, "in", 3) {
            push(stems, [head, "ime"]); // puhelin: puhelime-
        }
        push(stems, [word, "e"]); // jäsen: jäsene-, and loans: internet, interneti-
    } else if last == b'e' && before != b'e' && before != b'i' {
        push(stems, [word, "e"]); // päihde: päihtee-
    } else if let Some(head) = word.strip_suffix("mpi") {
        push(stems, [head, "mpe"]);
        push(stems, [head, "mpa"]); // vanhempi: vanhempa-
    } else {
        if word.ends_with("si") && (is_vowel(letter(word, 2)) || is_sonorant(letter(word, 2))) {
            push(stems, [cut(2), "te"]); // vuosi: vuote-, varsi: varte-
        }
        vowel_stem(word, stems);
    }
}

/// A stem to which an ending was joined as it is. Short `i` and `e` are one: `tuki` is `tuke-`,
/// `hotelli` is `hotelli-`.
fn vowel_stem(stem: &str, stems: &mut Vec<String>) {
    match stem.strip_suffix('i') {
        Some(head) if !ends_in_vowel(head) || head.ends_with('a') => push(stems, [head, "e"]),
        _ if ends_in_vowel(stem) => stems.push(stem.to_owned()),
        _ => {}
    }
}

/// A consonant stem (konsonanttivartalo), before the `t` of an ending: `ihmis-tä`, `nuor-ten`,
/// `terveyt-tä`.
fn consonant_stem(stem: &str, stems: &mut Vec<String>) {
    match letter(stem, 0) {
        b't' => {
            push(stems, [stem, "e"]);
            if letter(stem, 1) == b'e' {
                push(stems, [&stem[..stem.len() - 1], "e"]); // perhet-tä: perhee-
            }
        }
        b'l' | b'r' => push(stems, [stem, "e"]), // nuor-ta, kiel-tä
        b's' | b'n' if stem.len() > 3 && is_vowel(letter(stem, 1)) => {
            push(stems, [stem, "e"]); // ihmis-tä
            dictionary_form(stem, stems); // valmennus-ta, puhelin-ta
        }
        _ => {}
    }
}

/// What stands before the `i` or `j` of the plural, and the stems it can come from.
fn plural_stem(stem: &str, stems: &mut Vec<String>) {
    if stem.len() < 2 {
        return;
    }
    let head = &stem[..stem.len() - 1];
    match letter(stem, 0) {
        b'o' => {
            stems.push(stem.to_owned());
            push(stems, [head, "a"]); // raho-ja: raha-
        }
        b'e' => {
            stems.push(stem.to_owned()); // hotelle-ja
            push(stems, [stem, "e"]); // perhe-itä: perhee-
        }
        b'a' => push(stems, [stem, "a"]), // asiakka-ita: asiakkaa-
        b'i' => push(stems, [stem, "i"]), // kauni-ita: kaunii-
        vowel @ (b'u' | b'y') => {
            stems.push(stem.to_owned());
            push(stems, [stem, if vowel == b'u' { "u" } else { "y" }]); // vastu-ita: vastuu-
        }
        last => {
            push(stems, [stem, "a"]); // ryhm-iä
            push(stems, [stem, "e"]); // nuor-ia
            if last == b's' {
                if stem.ends_with("uks") || stem.ends_with("yks") {
                    push(stems, [&stem[..stem.len() - 2], "te"]); // mahdollisuuks-ia: mahdollisuute-
                } else if is_vowel(letter(stem, 1)) || is_sonorant(letter(stem, 1)) {
                    push(stems, [head, "te"]); // vuos-ia: vuote-
                }
            }
        }
    }
}

/// Takes off the case ending, in every way it can be read.
fn case_form(word: &str, stems: &mut Vec<String>) {
    for ending in ["ssa", "sta", "lla", "lta", "lle", "ksi", "na", "tta"] {
        let Some(stem) = strip(word, ending, 3).filter(|stem| ends_in_vowel(stem)) else {
            continue;
        };
        match stem.strip_suffix('i') {
            Some(plural) => {
                plural_stem(plural, stems);
                if !matches!(letter(plural, 0), b'o' | b'u' | b'e') {
                    vowel_stem(stem, stems);
                }
            }
            None => vowel_stem(stem, stems),
        }
        if matches!(ending, "sta" | "lta" | "tta") {
            consonant_stem(&word[..word.len() - 2], stems); // valmennus-ta, kiel-tä, terveyt-tä
        }
    }
    for ending in ["ita", "iden", "itten", "ihin", "isiin", "ja", "jen"] {
        let least = if ending.starts_with('j') { 3 } else { 2 };
        if let Some(stem) = strip(word, ending, least).filter(|stem| ends_in_vowel(stem)) {
            // pu-ita, but not pa-ita (paita) nor pa-ja
            if !stem.ends_with('a') || least == 2 && stem.len() > 2 {
                plural_stem(stem, stems);
            }
        }
    }
    for ending in ["ia", "ien", "iin"] {
        if let Some(stem) = strip(word, ending, 2).filter(|stem| !ends_in_vowel(stem)) {
            plural_stem(stem, stems);
        }
    }
    for ending in ["ta", "ten"] {
        if let Some(stem) = strip(word, ending, 3) {
            consonant_stem(stem, stems);
            if ending == "ta" && is_vowel(letter(stem, 1)) {
                vowel_stem(stem, stems); // työ-tä, vapaa-ta
            }
        }
    }
    if let Some(stem) = strip(word, "seen", 3).filter(|stem| ends_in_long_vowel(stem)) {
        vowel_stem(stem, stems); // perhee-seen
    }
    let (tail, back) = (letter(word, 1), letter(word, 3));
    if word.len() > 5 && word.ends_with('n') && letter(word, 2) == b'h' && tail == back {
        vowel_stem(&word[..word.len() - 3], stems); // työ-hön
    }
    if let Some(stem) = strip(word, "n", 2) {
        vowel_stem(stem, stems); // genitive
        if ends_in_long_vowel(stem) {
            vowel_stem(&stem[..stem.len() - 1], stems); // illative: ryhmä-än
        }
    }
    for ending in ["a", "t"] {
        if let Some(stem) = strip(word, ending, 3) {
            vowel_stem(stem, stems); // tuke-a, nuore-t
        }
    }
}

/// Takes off a possessive suffix (omistusliite). It hides a final `n` and `t`: `asiakkaidensa` is
/// `asiakkaiden` + `nsa`.
fn possessed_form(word: &str, stems: &mut Vec<String>) {
    let suffixes = ["nsa", "mme", "ni", "si"];
    let owned = suffixes.iter().find_map(|suffix| strip(word, suffix, 3));
    if let Some(owned) = owned.filter(|owned| ends_in_vowel(owned)) {
        case_form(&[owned, "n"].concat(), stems);
        match owned.strip_suffix("kse") {
            Some(stem) => case_form(&[stem, "ksi"].concat(), stems),
            None => case_form(owned, stems),
        }
    }
    if word.len() >= 6 && word.ends_with("aan") {
        case_form(&word[..word.len() - 2], stems); // elämässä-än
    } else if word.len() > 6 && word.ends_with("lleen") {
        case_form(&word[..word.len() - 2], stems); // asiakkaalle-en
    } else if let Some(stem) = strip(word, "kseen", 3) {
        case_form(&[stem, "ksi"].concat(), stems); // tueksi: tuekse-en
    }
}

/// Pushes the weak grades of a stem whose last consonants are, or may be, in the strong grade
/// (Karlsson, chapter 4).
fn weaken(stem: &str, weakened: &mut Vec<String>) {
    let consonants = stem.trim_end_matches(['a', 'e', 'i', 'o', 'u', 'y']);
    let vowels = &stem[consonants.len()..];
    if consonants.len() < 2 || vowels.is_empty() {
        return;
    }
    let (before, last) = (letter(consonants, 1), letter(consonants, 0));
    let head = &consonants[..consonants.len() - 1];
    let mut add = |start: &str, grade: &str| weakened.push([start, grade, vowels].concat());
    match (before, last) {
        (b'k', b'k') | (b'p', b'p') | (b't', b't') => add(head, ""), // liikkee-: liike
        (b'n', b'k') => add(head, "g"),                              // kaupunki: kaupungi-
        (b'n', b't') => add(head, "n"),                              // toiminta: toiminna-
        (b'l', b't') => add(head, "l"),                              // ilta: illa-
        (b'r', b't') => add(head, "r"),                              // kerta: kerra-
        (b'm', b'p') => add(head, "m"),                              // vanhempa-: vanhemma-
        (b'h', b't') => add(head, "d"),                              // lehti: lehde-
        (b'l' | b'r', b'p') => add(head, "v"),                       // tarpee-: tarve
        (b'l' | b'r' | b'h', b'k') => {
            add(head, ""); // velka: vela-
            if vowels.starts_with('e') {
                add(head, "j"); // arki: arje-
            }
        }
        (b'u' | b'y', b'k') if vowels.as_bytes() == [before] => add(head, "v"), // suku: suvu-
        (vowel, b'k') if is_vowel(vowel) => {
            add(head, ""); // tuke-: tue-
            let first = stem.strip_suffix("aika").or(stem.strip_suffix("poika"));
            if first.is_some_and(|first| first.is_empty() || ends_as_modifier(first)) {
                add(&head[..head.len() - 1], "j"); // lounasaika: lounasaja-, poika: poja-
            }
        }
        (vowel, b'p') if is_vowel(vowel) => add(head, "v"), // apu: avu-
        (vowel, b't') if is_vowel(vowel) => add(head, "d"), // terveyte-: terveyde-
        _ => {}
    }
}

/// What a stem is a stem of.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) enum Of {
    /// A whole word.
    Word,
    /// The beginning of a compound: `päihde` of `päihdekuntoutus`.
    First,
    /// The rest of one: `ryhmä` of `vertaistukiryhmä`, `tukiryhmä` of it as well.
    Last,
}

/// The shortest first part: `työ` in `työpaja`.
pub(super) const SHORTEST_FIRST: usize = 3;
/// The shortest last part: three letters end too many words by chance.
pub(super) const SHORTEST_LAST: usize = 4;

/// The words a compound may be made of: `word` as this module reads it, `written` with its `ä` and
/// `ö`. It is cut in two wherever Finnish could join two words, so a part need not be a word at
/// all: that costs nothing until somebody asks for it. Of 80,000 compounds Voikko knows, 95 % are
/// found by their last word, and four such finds in five are true.
pub(super) fn parts(word: &str, written: &str) -> Vec<(Of, Stems)> {
    let written: Vec<char> = written.chars().collect();
    let mut parts = Vec::new();
    for at in 2..word.len().saturating_sub(2) {
        let (first, last) = word.split_at(at);
        let meeting = |sound: &str| sound.chars().eq(written[at - 1..=at].iter().copied());
        let one_sound = written.len() == word.len() && ONE_SOUND.split(' ').any(meeting);
        if !one_sound && joins(first, last) {
            parts.push((Of::First, Stems::of_modifier(first)));
            if last.len() >= SHORTEST_LAST {
                parts.push((Of::Last, Stems::of(last)));
            }
        }
    }
    parts
}

/// Whether Finnish could join these two: the first ends as such words do, the second begins with a
/// vowel, one consonant or a cluster known from loans.
fn joins(first: &str, last: &str) -> bool {
    let cluster = last.bytes().take_while(|&letter| !is_vowel(letter)).count();
    (first.len() > SHORTEST_FIRST || lists(SHORT_FIRSTS, first))
        && (last.len() >= SHORTEST_LAST || first.len() >= SHORTEST_LAST) // perhe|työ
        && first.bytes().any(is_vowel)
        && !lists(ENDINGS_LIKE_WORDS, last)
        && ends_as_modifier(first)
        && (cluster <= 1 || lists(LOAN_CLUSTERS, &last[..cluster]))
}

fn lists(words: &str, word: &str) -> bool {
    words.split(' ').any(|listed| listed == word)
}

/// The first part of a compound ends in a vowel, `n` or `s`, with few exceptions (`sisar`,
/// `askel`).
fn ends_as_modifier(first: &str) -> bool {
    ends_in_vowel(first) || first.ends_with(['n', 's'])
}

/// The words of two and three letters that begin compounds: any others are there by chance.
const SHORT_FIRSTS: &str = "ajo ala ali aly apu ase avo elo epa eri ero esi eta etu iki ilo isa iso \
    jaa koe kuu luu maa oma osa paa puu saa suu syy tee tie tyo uni ura uus voi yla yli yo";

/// Last parts that are endings a thousand times for once that they are words: `naisilla`,
/// `oppilasta`, `toiseksi`.
const ENDINGS_LIKE_WORDS: &str = "illa ilta lasta seksi";

const LOAN_CLUSTERS: &str = "br dr fl fr gr kl kr pl pr sp str tr";

/// Long vowels and diphthongs: two words seldom meet in one (equal vowels are parted by a hyphen),
/// so `kela` is not in `kelauspaikka`. Not `ie`, `uo` and `yö`: they stand in first syllables only,
/// after a word they are two sounds (`vaali|ennuste`).
const ONE_SOUND: &str = "aa ee ii oo uu yy ää öö ai ei oi ui yi äi öi au eu iu ou ey iy äy öy";

#[cfg(test)]
mod tests {
    use super::{
        super::search::{Document, SearchIndex},
        *,
    };

    /// A dictionary form and forms of it: each finds each, with its dots and without.
    const FORMS: &str = "
        ryhmä: ryhmässä ryhmään ryhmän ryhmät ryhmiä ryhmille ryhmämme; valmennus: valmennuksen
        valmennuksessa valmennusta valmennukset valmennuksiin; toiminta: toiminnan toimintaan
        toiminnassa toimintoja toimintansa; tuki: tuen tukea tueksi tukeen tukia; apu: avun apua
        avulla apuun; työpaja: työpajassa työpajat työpajoja työpajojen; työ: työtä työssä työhön
        työn töitä töissä; liikunta: liikunnan liikuntaa liikunnassa; kuntoutus: kuntoutukseen
        kuntoutusta kuntoutuksesta kuntoutukseensa; kuntoutuminen: kuntoutumisen kuntoutumista
        kuntoutumiseen; asiakas: asiakkaan asiakkaat asiakasta asiakkaille asiakkaiden
        asiakkaidensa; nuori: nuorten nuoret nuoria nuorille nuorta nuoren nuoriin; lapsi: lapsen
        lapset lasten lasta lapsille; vanhempi: vanhemmat vanhempien vanhemmille vanhemman
        vanhempiensa; kotikäynti: kotikäynnit kotikäynnin kotikäyntejä kotikäynnillä; palvelu:
        palveluiden palvelut palvelujen palveluita palvelussa; yhdistys: yhdistyksen yhdistykset
        yhdistyksiä yhdistystä; mielenterveys: mielenterveyden mielenterveyttä mielenterveyteen;
        osallisuus: osallisuuden osallisuutta osallisuuteen osallisuuksia; velka: velan velat
        velkaa velkoja veloista; raha: rahat rahan rahaa rahoja rahoista; ruoka: ruoan ruokaa
        ruokia ruuan; arki: arjen arkea arjessa arkeen; koti: kodin kotiin kotona koteja kotoa;
        päihde: päihteet päihteiden päihteitä; perhe: perheet perheen perheille perhettä perheiden
        perheitä; aika: ajan aikaa aikoja; suku: suvun sukua; kaupunki: kaupungin kaupungissa
        kaupunkiin; ihminen: ihmiset ihmisten ihmistä ihmisille; työtön: työttömät työttömien
        työtöntä työttömille; vuosi: vuoden vuotta vuosia vuonna; jäsen: jäsenet jäsenen
        jäsenille; puhelin: puhelimen puhelimella puhelinta; syksy: syksyn syksyllä syksyt; ilta:
        illan iltaa illat iltoja; lehti: lehden lehtiä; kerho: kerhon kerhot kerhoja kerhoissa;
        vertaistuki: vertaistuen vertaistukea; vapaa-aika: vapaa-ajan vapaa-aikaa; harrastus:
        harrastukset harrastusten harrastuksia; vapaaehtoinen: vapaaehtoiset vapaaehtoisten
        vapaaehtoisia";

    /// A word, and compounds it is the beginning or the end of.
    const COMPOUNDS: &str = "
        valmennus: ryhmävalmennus työvalmennukseen; päihde: päihdekuntoutus päihdekuntoutuksessa
        päihdetyö; kuntoutus: päihdekuntoutus päihdekuntoutuksessa kuntoutusryhmä; ryhmä:
        vertaistukiryhmä vertaistukiryhmässä ryhmämuotoinen; vertaistuki: vertaistukiryhmä;
        tukiryhmä: vertaistukiryhmään; tuki: vertaistuki vertaistukea vertaistuen tukihenkilö;
        työ: työpaja työpajassa työvalmennus; paja: työpaja työpajassa; velka: velkaneuvonta
        asuntovelat; neuvonta: velkaneuvonnassa talousneuvonta; talo: kansalaistalo
        kansalaistalossa; nuori: nuortenryhmä nuortentalo; lapsi: lapsiperhe lastenhoito; perhe:
        lapsiperheille perhetyö; asuminen: asumispalvelu tukiasuminen tukiasumista; ohjaus:
        palveluohjaus palveluohjauksen työohjaus; mielenterveys: mielenterveyskuntoutuja; henkilö:
        tukihenkilö tukihenkilöitä; ruoka: ruoka-apu ruoka-avun ruokajakelu; kahvila: yökahvila;
        ihminen: ihmissuhde";

    /// Words that have letters in common with a text and are not in it.
    const STRANGERS: &str = "
        kuusi: kuusio; talo: talous talousneuvonta; raha: rahti; kela: kelaus kelauspaikka; työ:
        sosiaalityö ryhmätyötä; apu: kriisiapu; val: valmennus; tuki: tukka tuoli; velka: velho
        veli; arki: arka; nuori: nuora; koti: koto; kylä: kyljys; paja: paju; ilta: ilma; palvelu:
        palkka; lehti: lehmä; luku: lukko; paikka: paja; liikunta: liikenne; perhe: perho;
        toiminta: toimisto; asiakas: asiakirja; ase: asema; kerho: keho; päihde: päivä; tal:
        kansantalo; ohjaus: ohje; lista: taloudellista;
        ilta: naisilta; lapsi: oppilasta; seksi: toiseksi; kunta: liikunta; pää: paja paita; tila:
        tilanne; tuki: joutuisi; velka: veljien";

    /// Each word of a table with each of its texts.
    fn pairs(table: &'static str) -> Vec<(&'static str, &'static str)> {
        let entries = table.split(';').map(|entry| entry.trim().split_once(':').unwrap());
        entries.flat_map(|(word, texts)| texts.split_whitespace().map(move |text| (word, text))).collect()
    }

    /// The pairs (word asked for, text) for which it is not as promised that the text is found, be
    /// the word asked for with its dots or without. A word follows it: it is not a beginning.
    fn broken<'a>(pairs: &[(&'a str, &'a str)], promised: bool) -> Vec<(&'a str, &'a str)> {
        let documents = (0..).zip(pairs).map(|(position, (_, text))| Document {
            position,
            name: [None; 3],
            body: [format!("{text} ankkuri"), String::new(), String::new()],
        });
        let index = SearchIndex::build(documents).unwrap();
        let as_promised = |word: &str, position: u32| {
            let found = index.search(&format!("{word} ankkuri"), usize::MAX).unwrap();
            found.iter().any(|&(other, _)| other == position) == promised
        };
        let mut broken = Vec::new();
        for (position, &(word, text)) in (0..).zip(pairs) {
            let undotted = word.replace('ä', "a").replace('ö', "o");
            if !as_promised(word, position) || !as_promised(&undotted, position) {
                broken.push((word, text));
            }
        }
        broken
    }

    #[test]
    fn a_word_is_found_in_any_form_from_any_form() {
        let mut pairs = pairs(FORMS);
        assert!(pairs.len() > 150);
        pairs.extend(pairs.clone().into_iter().map(|(word, form)| (form, word)));
        assert_eq!(broken(&pairs, true), []);
    }

    #[test]
    fn a_word_is_found_in_its_compounds() {
        assert_eq!(broken(&pairs(COMPOUNDS), true), []);
    }

    #[test]
    fn strangers_are_not_found() {
        assert_eq!(broken(&pairs(STRANGERS), false), []);
    }

    #[test]
    fn any_letters_can_be_read() {
        let mut words = vec![String::new()];
        for _ in 0..6 {
            let letters = ["a", "i", "k", "n", "s", "t"];
            let longer = |word: &String| letters.map(|letter| word.clone() + letter);
            words = words.iter().flat_map(longer).collect();
            for word in &words {
                assert!(!Stems::of(word).written.is_empty(), "{word}");
                parts(word, word);
                Stems::sought(word);
            }
        }
    }
}
