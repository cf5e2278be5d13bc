//! Free-text search over the public catalogue, in memory: plain words, in any inflected form, in Finnish, Swedish and
//! English at once.
//!
//! The index holds words as they are written, so a text costs one entry a word. What a word is found by (stems, parts of
//! compounds, letters without dots) is worked out once for each different word and kept beside the index as its
//! vocabulary; a query is first turned into written words there.
//!
//! Limits, chosen: a word in the middle of a longer compound is found with its neighbour only (`vertaistuki`, not
//! `tuki`, in `vertaistukiryhmä`); words of three letters begin a compound and never end one (`työ` finds `työpaja`, not
//! `ryhmätyö`); Swedish and English compounds are found from their beginning only, as one types; misspelling is not
//! mended.
use super::finnish::{self, Part, Stems};
use std::{
    cmp::Ordering,
    hash::{DefaultHasher, Hash, Hasher},
};
use tantivy::{
    Index, IndexReader, IndexWriter, Order, ReloadPolicy, Searcher, TantivyDocument, TantivyError, Term,
    collector::{
        TopDocs,
        sort_key::{SortBySimilarityScore, SortByStaticFastValue},
    },
    indexer::NoMergePolicy,
    query::{BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, Query, TermSetQuery},
    schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{AsciiFoldingFilter, Language, RawTokenizer, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer},
};

/// One text to be found. Arrays are Finnish, Swedish, English.
pub struct Document<'a> {
    /// Where the thing described stands in the snapshot; also its place among equally good answers.
    pub position: u32,
    /// The name, in the languages it is given in.
    pub name: [Option<&'a str>; 3],
    /// Everything else to be found by: summary, description, keywords, labels of codes, organisation, places.
    pub body: [String; 3],
}

/// The index of one snapshot. It is built once and never changed; reading it needs no lock.
pub struct SearchIndex {
    reader: IndexReader,
    vocabularies: [Vocabulary; 3],
}

const LANGUAGES: [Language; 3] = [Language::Finnish, Language::Swedish, Language::English];
const NAMES: [&str; 3] = ["name_fi", "name_sv", "name_en"];
const BODIES: [&str; 3] = ["body_fi", "body_sv", "body_en"];
const POSITION: &str = "position";
/// The name of the word splitter inside the index.
const SPLITTER: &str = "words";

/// What the one writer thread may use, in bytes: the least tantivy accepts.
const WRITER_MEMORY: usize = 15_000_000;

/// Letters read of a query, words asked for, letters kept of a word: the rest is ignored, so that no query is work
/// without end.
const LONGEST_QUERY: usize = 1_000;
const MOST_WORDS: usize = 12;
const LONGEST_WORD: usize = 64;
/// From how many letters on the last word is also read as a beginning.
const SHORTEST_PREFIX: usize = 2;

/// How a word was met: the same word in some form, the beginning of one, the end of a compound. The score of a word is
/// that of its best meeting, the score of a text the sum over the words.
const MEETINGS: usize = 3;
const NAME_SCORES: [f32; MEETINGS] = [6.0, 5.0, 4.0];
const BODY_SCORES: [f32; MEETINGS] = [3.0, 2.0, 1.0];

/// Words that join the ones looked for and are not looked for themselves.
const CONJUNCTIONS: [&str; 8] = ["ja", "tai", "sekä", "och", "eller", "samt", "and", "or"];

impl SearchIndex {
    /// Indexes the texts of a snapshot. Takes about a second for 20,000 of them.
    ///
    /// # Errors
    /// When the index cannot be written, which in memory means that a thread could not be started.
    pub fn build<'a>(documents: impl Iterator<Item = Document<'a>>) -> Result<Self, TantivyError> {
        let mut schema = Schema::builder();
        let position = schema.add_u64_field(POSITION, FAST);
        let text = TextOptions::default()
            .set_indexing_options(TextFieldIndexing::default().set_tokenizer(SPLITTER).set_index_option(IndexRecordOption::Basic).set_fieldnorms(false));
        let names = NAMES.map(|field| schema.add_text_field(field, text.clone()));
        let bodies = BODIES.map(|field| schema.add_text_field(field, text.clone()));

        let index = Index::create_in_ram(schema.build());
        index.tokenizers().register(SPLITTER, Splitter);
        let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_MEMORY)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for document in documents {
            let mut row = TantivyDocument::new();
            row.add_u64(position, document.position.into());
            for language in 0..LANGUAGES.len() {
                if let Some(name) = document.name[language] {
                    row.add_text(names[language], name);
                }
                row.add_text(bodies[language], &document.body[language]);
            }
            writer.add_document(row)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;

        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let searcher = reader.searcher();
        let [finnish, swedish, english] = [0, 1, 2].map(|at| Vocabulary::read(&searcher, LANGUAGES[at], [names[at], bodies[at]]));
        Ok(Self { reader, vocabularies: [finnish?, swedish?, english?] })
    }

    /// The best `limit` texts that hold every word of `text`, each in any language: position and score, the best first,
    /// equals by position. The last word may be unfinished. Nothing in `text` is syntax; without a word in it the answer
    /// is empty.
    ///
    /// # Errors
    /// When the index cannot be read, which in memory is a defect.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<(u32, f32)>, TantivyError> {
        let searcher = self.reader.searcher();
        let limit = limit.min(usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX));
        let words = query_words(text);
        if words.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut clauses: Vec<Box<dyn Query>> = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            let Some(clause) = self.clause(word, at + 1 == words.len()) else {
                return Ok(Vec::new());
            };
            clauses.push(clause);
        }
        let order = ((SortBySimilarityScore, Order::Desc), (SortByStaticFastValue::<u64>::for_field(POSITION), Order::Asc));
        let best = searcher.search(&BooleanQuery::intersection(clauses), &TopDocs::with_limit(limit).order_by(order))?;
        Ok(best.into_iter().filter_map(|((score, position), _)| Some((u32::try_from(position?).ok()?, score))).collect())
    }

    /// The texts that hold one word of a query, or `None` when there is no such word.
    fn clause(&self, word: &str, unfinished: bool) -> Option<Box<dyn Query>> {
        let mut names: [Vec<Term>; MEETINGS] = Default::default();
        let mut bodies: [Vec<Term>; MEETINGS] = Default::default();
        for vocabulary in &self.vocabularies {
            for (meeting, found) in vocabulary.find(word, unfinished).iter().enumerate() {
                let [name, body] = vocabulary.fields;
                names[meeting].extend(found.iter().map(|written| Term::from_field_text(name, written)));
                bodies[meeting].extend(found.iter().map(|written| Term::from_field_text(body, written)));
            }
        }
        let ways: Vec<Box<dyn Query>> = names
            .into_iter()
            .zip(NAME_SCORES)
            .chain(bodies.into_iter().zip(BODY_SCORES))
            .filter(|(terms, _)| !terms.is_empty())
            .map(|(terms, score)| -> Box<dyn Query> { Box::new(ConstScoreQuery::new(Box::new(TermSetQuery::new(terms)), score)) })
            .collect();
        (!ways.is_empty()).then(|| -> Box<dyn Query> { Box::new(DisjunctionMaxQuery::new(ways)) })
    }
}

/// The different words of one language in the index, and what they are found by.
struct Vocabulary {
    language: Language,
    fields: [Field; 2],
    /// Sorted by their letters without diacritics.
    words: Vec<Word>,
    /// Stems and the words that have them, sorted. A stem is kept as its hash: among millions of stems the chance that
    /// any two share one of 2^64 is below one in a million.
    stems: Vec<(u64, u32)>,
}

struct Word {
    folded: Box<str>,
    written: Box<str>,
}

/// What a stem is a stem of.
#[derive(Clone, Copy, Hash)]
enum Of {
    Word,
    First,
    Last,
}

impl Vocabulary {
    fn read(searcher: &Searcher, language: Language, fields: [Field; 2]) -> Result<Self, TantivyError> {
        let mut written: Vec<String> = Vec::new();
        for segment in searcher.segment_readers() {
            for field in fields {
                let dictionary = segment.inverted_index(field)?;
                let mut terms = dictionary.terms().stream()?;
                while terms.advance() {
                    written.extend(str::from_utf8(terms.key()).map(str::to_owned));
                }
            }
        }
        written.sort_unstable();
        written.dedup();

        let mut analyser = Analyser::new(language);
        let mut words: Vec<Word> = written.into_iter().map(|written| Word { folded: analyser.fold(&written).into(), written: written.into() }).collect();
        words.sort_unstable_by(|a, b| (&a.folded, &a.written).cmp(&(&b.folded, &b.written)));

        let mut stems = Vec::new();
        for (number, word) in (0_u32..).zip(&words) {
            let mut add = |of: Of, found: &Stems| {
                stems.extend(found.written.iter().map(|stem| (hash(of, false, stem), number)));
                stems.extend(found.weakened.iter().map(|stem| (hash(of, true, stem), number)));
            };
            add(Of::Word, &analyser.stems(&word.written));
            if analyser.knows_compounds(&word.folded) {
                for part in finnish::parts(&word.folded, &word.written) {
                    match part {
                        Part::First(stems) => add(Of::First, &stems),
                        Part::Last(stems) => add(Of::Last, &stems),
                    }
                }
            }
        }
        stems.sort_unstable();
        stems.dedup();
        stems.shrink_to_fit();
        Ok(Self { language, fields, words, stems })
    }

    /// The written words that a word of a query finds, by how they meet it: see [`MEETINGS`].
    fn find(&self, word: &str, unfinished: bool) -> [Vec<&str>; MEETINGS] {
        let mut analyser = Analyser::new(self.language);
        let folded = analyser.fold(word);
        let letters = folded.chars().count();

        let mut same: Vec<u32> = self.range(|other| other.cmp(&folded)).collect();
        self.meet(Of::Word, &analyser.stems(word), &mut same);
        let mut beginning = Vec::new();
        let mut end = Vec::new();
        if unfinished && letters >= SHORTEST_PREFIX {
            beginning.extend(self.range(|other| if other.starts_with(&folded) { Ordering::Equal } else { other.cmp(&folded) }));
        }
        if analyser.knows_compounds(&folded) {
            let sought = Stems::sought(&folded);
            if letters >= finnish::SHORTEST_FIRST {
                self.meet(Of::First, &sought, &mut beginning);
            }
            if letters >= finnish::SHORTEST_LAST {
                self.meet(Of::Last, &sought, &mut end);
            }
        }
        [same, beginning, end].map(|numbers| numbers.iter().filter_map(|&number| self.written(number)).collect())
    }

    /// The words whose stems meet these, as [`Stems`] says.
    fn meet(&self, of: Of, sought: &Stems, numbers: &mut Vec<u32>) {
        let written = sought.written.iter().flat_map(|stem| [hash(of, false, stem), hash(of, true, stem)]);
        let weakened = sought.weakened.iter().map(|stem| hash(of, false, stem));
        for hash in written.chain(weakened) {
            let start = self.stems.partition_point(|&(other, _)| other < hash);
            numbers.extend(self.stems[start..].iter().take_while(|&&(other, _)| other == hash).map(|&(_, number)| number));
        }
    }

    /// The numbers of the words that `order` calls equal.
    fn range(&self, order: impl Fn(&str) -> Ordering) -> impl Iterator<Item = u32> {
        let start = self.words.partition_point(|word| order(&word.folded).is_lt());
        let count = self.words[start..].partition_point(|word| order(&word.folded).is_eq());
        (0_u32..).skip(start).take(count)
    }

    fn written(&self, number: u32) -> Option<&str> {
        self.words.get(usize::try_from(number).ok()?).map(|word| &*word.written)
    }
}

fn hash(of: Of, weakened: bool, stem: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (of, weakened, stem).hash(&mut hasher);
    hasher.finish()
}

/// Folds and stems words of one language.
struct Analyser {
    language: Language,
    folding: TextAnalyzer,
    stemming: TextAnalyzer,
}

impl Analyser {
    fn new(language: Language) -> Self {
        Self {
            language,
            folding: TextAnalyzer::builder(RawTokenizer::default()).filter(AsciiFoldingFilter).build(),
            stemming: TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(language)).filter(AsciiFoldingFilter).build(),
        }
    }

    /// The letters of a lower-case word without diacritics: `pömpeli` is `pompeli`.
    fn fold(&mut self, word: &str) -> String {
        only_token(&mut self.folding, word)
    }

    fn stems(&mut self, word: &str) -> Stems {
        let folded = self.fold(word);
        if self.knows_compounds(&folded) {
            return Stems::of(&folded);
        }
        Stems { written: vec![only_token(&mut self.stemming, word)], weakened: Vec::new() }
    }

    /// Whether the rules of Finnish are for this word: its language is Finnish, and so are its letters.
    fn knows_compounds(&self, folded: &str) -> bool {
        self.language == Language::Finnish && folded.is_ascii()
    }
}

fn only_token(analyzer: &mut TextAnalyzer, word: &str) -> String {
    let mut tokens = analyzer.token_stream(word);
    if tokens.advance() { std::mem::take(&mut tokens.token_mut().text) } else { String::new() }
}

/// The words a query asks for, each once.
fn query_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let text: String = text.chars().take(LONGEST_QUERY).collect();
    split(&text, |word, _| {
        if words.len() < MOST_WORDS && !words.iter().any(|other| other == word) {
            words.push(word.to_owned());
        }
    });
    if words.iter().any(|word| !CONJUNCTIONS.contains(&word.as_str())) {
        words.retain(|word| !CONJUNCTIONS.contains(&word.as_str()));
    }
    words
}

/// Cuts a text into lower-case words, and says of each whether a hyphen joins it to the one before.
///
/// A word is letters and digits. An apostrophe, a soft hyphen and the like are inside it and left out (`raa'an`), and so
/// is the ending that Finnish writes after a colon (`THL:n`). Letters typed as a base and a combining dot or ring become
/// the letters `ä`, `ö`, `å`; other combining marks are left out.
fn split(text: &str, mut found: impl FnMut(&str, bool)) {
    let mut word = String::new();
    let mut letters = 0;
    let mut joined = false;
    let mut rest = text.chars();
    while let Some(read) = rest.next() {
        match read {
            '\'' | '\u{2019}' | '\u{2bc}' | '\u{ad}' | '\u{200b}'..='\u{200d}' => {}
            '\u{300}'..='\u{36f}' => compose(&mut word, read),
            _ if read.is_alphanumeric() => {
                if letters < LONGEST_WORD {
                    read.to_lowercase().for_each(|letter| {
                        if letter.is_alphanumeric() {
                            word.push(letter)
                        }
                    });
                    letters += 1;
                }
            }
            _ => {
                if !word.is_empty() {
                    found(&word, joined);
                    joined = matches!(read, '-' | '\u{2010}' | '\u{2011}');
                    if read == ':' {
                        skip_ending(&mut rest);
                    }
                    word.clear();
                    letters = 0;
                } else {
                    joined = false;
                }
            }
        }
    }
    if !word.is_empty() {
        found(&word, joined);
    }
}

fn compose(word: &mut String, mark: char) {
    let letter = match (word.chars().next_back(), mark) {
        (Some('a'), '\u{308}') => 'ä',
        (Some('o'), '\u{308}') => 'ö',
        (Some('a'), '\u{30a}') => 'å',
        _ => return,
    };
    word.pop();
    word.push(letter);
}

/// Skips a case ending after a colon: at most four lower-case letters, `EU:ssa`, `THL:ään`.
fn skip_ending(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    let letters = ahead.by_ref().take_while(|letter| letter.is_alphanumeric()).take(5).collect::<String>();
    let ending = letters.chars().all(char::is_lowercase) && (1..=4).contains(&letters.chars().count());
    if ending {
        for _ in letters.chars() {
            rest.next();
        }
    }
}

/// The splitter as the index asks for it. Words joined by hyphens are also one word: `Reissu-Ellu` is `reissu`, `ellu`
/// and `reissuellu`.
#[derive(Clone)]
struct Splitter;

struct Split {
    words: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Splitter {
    type TokenStream<'a> = Split;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Split {
        let mut words: Vec<String> = Vec::new();
        let mut chain = String::new();
        let mut links = 0;
        split(text, |word, joined| {
            if !joined {
                if links > 1 {
                    words.push(std::mem::take(&mut chain));
                }
                chain.clear();
                links = 0;
            }
            chain.push_str(word);
            links += 1;
            words.push(word.to_owned());
        });
        if links > 1 {
            words.push(chain);
        }
        // Every word at the same place: nothing asks for the order of words.
        Split { words: words.into_iter(), token: Token { position: 0, ..Token::default() } }
    }
}

impl TokenStream for Split {
    fn advance(&mut self) -> bool {
        self.words.next().map(|word| self.token.text = word).is_some()
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of these Finnish texts, each of which also holds the word `ankkuri`.
    fn index(texts: &[&str]) -> SearchIndex {
        let documents = (0_u32..).zip(texts).map(|(position, text)| Document {
            position,
            name: [None; 3],
            body: [format!("{text} ankkuri"), String::new(), String::new()],
        });
        SearchIndex::build(documents).unwrap()
    }

    fn found(index: &SearchIndex, text: &str) -> Vec<u32> {
        index.search(text, usize::MAX).unwrap().into_iter().map(|(position, _)| position).collect()
    }

    fn undotted(word: &str) -> String {
        Analyser::new(Language::Finnish).fold(word)
    }

    /// The pairs (word asked for, text) that break the promise that a text is found, or is not.
    fn broken<'a>(pairs: &[(&'a str, &'a str)], unfinished: bool, promised: bool) -> Vec<(&'a str, &'a str)> {
        let texts: Vec<&str> = pairs.iter().map(|&(_, text)| text).collect();
        let index = index(&texts);
        let ask = |word: &str| found(&index, &if unfinished { format!("ankkuri {word}") } else { format!("{word} ankkuri") });
        (0_u32..)
            .zip(pairs)
            .filter(|&(position, (word, _))| [ask(word), ask(&undotted(word))].iter().any(|found| found.contains(&position) != promised))
            .map(|(_, pair)| *pair)
            .collect()
    }

    const NONE: Vec<(&str, &str)> = Vec::new();

    /// A dictionary form and forms of it: each finds each, with its dots and without.
    const FORMS: &[(&str, &str)] = &[
        ("ryhmä", "ryhmässä ryhmään ryhmän ryhmät ryhmiä ryhmille ryhmämme"),
        ("valmennus", "valmennuksen valmennuksessa valmennusta valmennukset valmennuksiin"),
        ("toiminta", "toiminnan toimintaan toiminnassa toimintoja toimintansa"),
        ("tuki", "tuen tukea tueksi tukeen tukia"),
        ("apu", "avun apua avulla apuun"),
        ("työpaja", "työpajassa työpajat työpajoja työpajojen"),
        ("työ", "työtä työssä työhön työn töitä töissä"),
        ("liikunta", "liikunnan liikuntaa liikunnassa"),
        ("kuntoutus", "kuntoutukseen kuntoutusta kuntoutuksesta kuntoutukseensa"),
        ("kuntoutuminen", "kuntoutumisen kuntoutumista kuntoutumiseen"),
        ("asiakas", "asiakkaan asiakkaat asiakasta asiakkaille asiakkaiden asiakkaidensa"),
        ("nuori", "nuorten nuoret nuoria nuorille nuorta nuoren nuoriin"),
        ("lapsi", "lapsen lapset lasten lasta lapsille"),
        ("vanhempi", "vanhemmat vanhempien vanhemmille vanhemman vanhempiensa"),
        ("kotikäynti", "kotikäynnit kotikäynnin kotikäyntejä kotikäynnillä"),
        ("palvelu", "palveluiden palvelut palvelujen palveluita palvelussa"),
        ("yhdistys", "yhdistyksen yhdistykset yhdistyksiä yhdistystä"),
        ("mielenterveys", "mielenterveyden mielenterveyttä mielenterveyteen"),
        ("osallisuus", "osallisuuden osallisuutta osallisuuteen osallisuuksia"),
        ("velka", "velan velat velkaa velkoja veloista"),
        ("raha", "rahat rahan rahaa rahoja rahoista"),
        ("ruoka", "ruoan ruokaa ruokia ruuan"),
        ("arki", "arjen arkea arjessa arkeen"),
        ("koti", "kodin kotiin kotona koteja kotoa"),
        ("päihde", "päihteet päihteiden päihteitä"),
        ("perhe", "perheet perheen perheille perhettä perheiden perheitä"),
        ("aika", "ajan aikaa aikoja"),
        ("suku", "suvun sukua"),
        ("kaupunki", "kaupungin kaupungissa kaupunkiin"),
        ("ihminen", "ihmiset ihmisten ihmistä ihmisille"),
        ("työtön", "työttömät työttömien työtöntä työttömille"),
        ("vuosi", "vuoden vuotta vuosia vuonna"),
        ("jäsen", "jäsenet jäsenen jäsenille"),
        ("puhelin", "puhelimen puhelimella puhelinta"),
        ("syksy", "syksyn syksyllä syksyt"),
        ("ilta", "illan iltaa illat iltoja"),
        ("lehti", "lehden lehtiä"),
        ("kerho", "kerhon kerhot kerhoja kerhoissa"),
        ("vertaistuki", "vertaistuen vertaistukea"),
        ("vapaa-aika", "vapaa-ajan vapaa-aikaa"),
        ("harrastus", "harrastukset harrastusten harrastuksia"),
        ("vapaaehtoinen", "vapaaehtoiset vapaaehtoisten vapaaehtoisia"),
    ];

    /// A word, and compounds it is the beginning or the end of.
    const COMPOUNDS: &[(&str, &str)] = &[
        ("valmennus", "ryhmävalmennus työvalmennukseen Arki–ryhmävalmennus"),
        ("päihde", "päihdekuntoutus päihdekuntoutuksessa päihdetyö"),
        ("kuntoutus", "päihdekuntoutus päihdekuntoutuksessa kuntoutusryhmä"),
        ("ryhmä", "vertaistukiryhmä vertaistukiryhmässä ryhmämuotoinen"),
        ("vertaistuki", "vertaistukiryhmä"),
        ("tukiryhmä", "vertaistukiryhmään"),
        ("tuki", "vertaistuki vertaistukea vertaistuen tukihenkilö"),
        ("työ", "työpaja työpajassa työvalmennus"),
        ("paja", "työpaja työpajassa"),
        ("velka", "velkaneuvonta asuntovelat"),
        ("neuvonta", "velkaneuvonnassa talousneuvonta"),
        ("talo", "kansalaistalo kansalaistalossa"),
        ("nuori", "nuortenryhmä nuortentalo"),
        ("lapsi", "lapsiperhe lastenhoito"),
        ("perhe", "lapsiperheille perhetyö"),
        ("asuminen", "asumispalvelu tukiasuminen tukiasumista"),
        ("ohjaus", "palveluohjaus palveluohjauksen työohjaus"),
        ("mielenterveys", "mielenterveyskuntoutuja"),
        ("henkilö", "tukihenkilö tukihenkilöitä"),
        ("ruoka", "ruoka-apu ruoka-avun ruokajakelu"),
        ("kahvila", "yökahvila"),
        ("ihminen", "ihmissuhde"),
    ];

    /// Beginnings as one types them, and what they are to bring already.
    const BEGINNINGS: &[(&str, &str)] = &[
        ("val", "valmennus"),
        ("lii", "liikunta"),
        ("ky", "kynä"),
        ("kuntoutu", "kuntoutusta"),
        ("ryhmäval", "ryhmävalmennus"),
        ("pomp", "Pömpeli"),
        ("pömp", "pompeli"),
        ("talo", "talous"),
        ("kela", "kelaus"),
        ("åla", "Åland"),
    ];

    /// Words that have letters in common with a text and are not in it.
    const STRANGERS: &[(&str, &str)] = &[
        ("kuusi", "kuusio"),
        ("talo", "talous"),
        ("talo", "talousneuvonta"),
        ("raha", "rahti"),
        ("kela", "kelaus"),
        ("kela", "kelauspaikka"),
        ("työ", "sosiaalityö"),
        ("työ", "ryhmätyötä"),
        ("apu", "kriisiapu"),
        ("val", "valmennus"),
        ("tuki", "tukka"),
        ("tuki", "tuoli"),
        ("velka", "velho"),
        ("velka", "veli"),
        ("arki", "arka"),
        ("nuori", "nuora"),
        ("koti", "koto"),
        ("kylä", "kyljys"),
        ("paja", "paju"),
        ("ilta", "ilma"),
        ("palvelu", "palkka"),
        ("lehti", "lehmä"),
        ("luku", "lukko"),
        ("paikka", "paja"),
        ("liikunta", "liikenne"),
        ("perhe", "perho"),
        ("toiminta", "toimisto"),
        ("asiakas", "asiakirja"),
        ("ase", "asema"),
        ("kerho", "keho"),
        ("päihde", "päivä"),
        ("tal", "kansantalo"),
        ("ohjaus", "ohje"),
    ];

    #[test]
    fn a_word_is_found_in_any_form_from_any_form() {
        let pairs: Vec<_> = FORMS.iter().flat_map(|(word, forms)| forms.split(' ').flat_map(move |form| [(*word, form), (form, *word)])).collect();
        assert!(pairs.len() > 300);
        assert_eq!(broken(&pairs, false, true), NONE);
    }

    #[test]
    fn a_word_is_found_in_its_compounds() {
        let pairs: Vec<_> = COMPOUNDS.iter().flat_map(|(word, texts)| texts.split(' ').map(move |text| (*word, text))).collect();
        assert_eq!(broken(&pairs, false, true), NONE);
    }

    #[test]
    fn the_last_word_may_be_unfinished() {
        assert_eq!(broken(BEGINNINGS, true, true), NONE);
        assert!(found(&index(&["valmennus"]), "v").is_empty());
    }

    #[test]
    fn strangers_are_not_found() {
        assert_eq!(broken(STRANGERS, false, false), NONE);
    }

    #[test]
    fn names_with_hyphens_and_dashes_are_found_by_every_part() {
        let index = index(&["Reissu-Ellu", "Arki – ryhmävalmennus", "perhe/pari", "THL:n opas", "po\u{308}mpeli"]);
        for asked in ["reissu", "ellu", "reissu ellu", "Ellu Reissu", "reissuellu", "REISSU-ELLU"] {
            assert_eq!(found(&index, asked), [0], "{asked}");
        }
        for (asked, position) in [("arki valmennus", 1), ("pari", 2), ("thl", 3), ("THL:ään", 3), ("pömpeli", 4)] {
            assert_eq!(found(&index, asked), [position], "{asked}");
        }
    }

    #[test]
    fn every_word_must_be_found_and_each_in_any_language() {
        let text = |name, body: [&str; 3]| Document { position: 0, name, body: body.map(str::to_owned) };
        let index =
            SearchIndex::build([text([None, Some("Stödgrupper"), Some("Peer groups")], ["Ryhmiä nuorille.", "För unga i Åbo.", "Meetings"])].into_iter())
                .unwrap();
        for asked in ["stödgrupp", "stodgruppen", "group", "meeting", "ryhmä nuori", "nuorten group abo", "unga ja ryhmät"] {
            assert_eq!(found(&index, asked), [0], "{asked}");
        }
        for asked in ["ryhmä vanha", "stödgrupp äldre", "", " – ", "ja"] {
            assert!(found(&index, asked).is_empty(), "{asked}");
        }
    }

    #[test]
    fn names_come_before_bodies_and_whole_words_before_parts() {
        let named = |position, name, body: &str| Document { position, name: [Some(name), None, None], body: [body.to_owned(), String::new(), String::new()] };
        let texts = [
            named(10, "Eka", "Ryhmävalmennus"),
            named(11, "Toka", "Valmennuskeskus"),
            named(12, "Kolmas", "Annamme valmennusta"),
            named(13, "Ryhmävalmennus", ""),
            named(14, "Valmennuskeskus", ""),
            named(15, "Valmennusta", ""),
            named(16, "Valmennukset", "valmennus"),
        ];
        let index = SearchIndex::build(texts.into_iter().rev()).unwrap();
        let best = index.search("valmennus", 10).unwrap();
        assert_eq!(best, [(15, 6.0), (16, 6.0), (14, 5.0), (13, 4.0), (12, 3.0), (11, 2.0), (10, 1.0)]);
        assert_eq!(index.search("valmennus", 3).unwrap(), best[..3]);
        assert_eq!(index.search("valmennus", 0).unwrap(), []);
        assert_eq!(index.search("valmennus annamme", 10).unwrap(), [(12, 6.0)]);
    }

    #[test]
    fn equals_keep_the_order_of_their_positions() {
        let texts = (0_u32..500).map(|number| Document {
            position: (number * 7) % 500,
            name: [Some("Ryhmä"), None, None],
            body: [String::new(), String::new(), String::new()],
        });
        let index = SearchIndex::build(texts).unwrap();
        assert_eq!(found(&index, "ryhmä"), (0..500).collect::<Vec<_>>());
        assert_eq!(index.search("ryhmä", 2).unwrap(), [(0, 6.0), (1, 6.0)]);
    }

    #[test]
    fn no_query_is_syntax_or_endless_work() {
        let long = ["ä", "n", "st", "ryhmä", "-a", ":a", "日", "\u{308}"].map(|part| part.repeat(10_000));
        let many = "ryhmä ".repeat(1_000);
        let different: String = (0..1_000).map(|number| format!("r{number} ")).collect();
        let mut texts = vec!["ryhmä AND ei (tukea)", "日本語 кружок", &many, &different];
        texts.extend(long.iter().map(String::as_str));
        texts.extend([
            "\0",
            "😀😀",
            "\u{308}\u{30a}",
            "ß",
            "İ",
            "-",
            "--a--",
            ":",
            "a:",
            ":a",
            "a:\u{308}",
            "👨\u{200d}👩",
            "'",
            "''s",
            "n",
            "en",
            "nen",
            "seen",
            "isiin",
            "kseen",
            "nsa",
            "ksensa",
            "aa",
            "ää",
            "öööö",
            "yötyö",
            "0",
            "﷽",
        ]);
        let index = index(&texts);
        for asked in &texts {
            index.search(asked, usize::MAX).unwrap();
        }
        assert!(found(&index, "AND ryhmä) OR body_fi:\"*^~[\\").is_empty());
        assert_eq!(found(&index, "\"ryhmä\" +(tukea) \0"), [0]);
        assert_eq!(found(&index, "КРУЖОК"), [1]);
        assert_eq!(found(&index, &many), [0, 2]);
        assert_eq!(found(&index, &different), [3]);
        assert!(SearchIndex::build(std::iter::empty()).unwrap().search("ryhmä", 10).unwrap().is_empty());
    }
}
