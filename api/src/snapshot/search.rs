//! Free-text search over the public catalogue, in memory: plain words, in any inflected form, in
//! Finnish, Swedish and English at once.
//!
//! The index holds words as they are written. What a word is found by (stems, parts of compounds,
//! letters without dots) is worked out once for each different word and kept beside it as its
//! vocabulary, by which a query is first turned into written words.
//!
//! Limits, chosen: a word in the middle of a longer compound is found with its neighbour only
//! (`vertaistuki`, not `tuki`, in `vertaistukiryhmä`); words of three letters begin a compound and
//! never end one (`työ` finds `työpaja`, not `ryhmätyö`); the end of a compound is found when its
//! word is complete, the beginning as one types; Swedish and English compounds are found by their
//! beginning only, as one types; verbs have no forms; misspelling is not mended.
use super::finnish::{self, Of, Stems};
use std::hash::{DefaultHasher, Hash, Hasher};
use tantivy::{
    Index, IndexReader, IndexWriter, Order, ReloadPolicy, Searcher, TantivyDocument, TantivyError, Term,
    collector::{TopDocs, sort_key},
    query::{BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, Query, TermSetQuery},
    schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{AsciiFoldingFilter, Language, RawTokenizer, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer},
};

/// One text to be found. The arrays are Finnish, Swedish, English.
pub struct Document<'a> {
    /// Where the thing described stands in the snapshot; also its place among equally good answers.
    pub position: u32,
    /// The name, in the languages it is given in.
    pub name: [Option<&'a str>; 3],
    /// Everything else to be found by: texts, keywords, labels of codes, organisation, places.
    pub body: [String; 3],
}

/// The index of one snapshot. It is built once and never changed; reading it needs no lock.
pub struct SearchIndex {
    reader: IndexReader,
    /// One a language.
    vocabularies: Vec<Vocabulary>,
}

const LANGUAGES: [Language; 3] = [Language::Finnish, Language::Swedish, Language::English];
const POSITION: &str = "position";
/// The name of the word splitter inside the index.
const SPLITTER: &str = "words";

/// Bytes the one writer thread may use before it closes a segment. With this, 20,000 texts are one
/// segment, which is the quickest to read; with the least tantivy accepts (15 MB) they are thirty.
const WRITER_MEMORY: usize = 50_000_000;

/// Letters read of a query, words asked for, letters kept of a word: the rest is ignored, so that
/// no query is work without end.
const LONGEST_QUERY: usize = 1_000;
const MOST_WORDS: usize = 12;
const LONGEST_WORD: usize = 64;
/// From how many letters on the last word is also read as a beginning.
const SHORTEST_PREFIX: usize = 2;

/// How a word can be met: as some form of itself, as a beginning, as the end of a compound.
const MEETINGS: usize = 3;
/// The scores of a word met in a name, then of one met in a body. Its best meeting counts, and a
/// text has the sum over the words of the query.
const SCORES: [f32; 2 * MEETINGS] = [6.0, 5.0, 4.0, 3.0, 2.0, 1.0];

/// Words that join the ones looked for and are not looked for themselves.
const CONJUNCTIONS: [&str; 8] = ["ja", "tai", "sekä", "och", "eller", "samt", "and", "or"];

impl SearchIndex {
    /// Indexes the texts of a snapshot: 20,000 of them take one to two seconds of one core.
    ///
    /// # Errors
    /// When the index cannot be written, which in memory means that a thread could not be started.
    pub fn build<'a>(documents: impl Iterator<Item = Document<'a>>) -> Result<Self, TantivyError> {
        let mut schema = Schema::builder();
        let position = schema.add_u64_field(POSITION, FAST);
        let text = TextOptions::default()
            .set_indexing_options(TextFieldIndexing::default().set_tokenizer(SPLITTER).set_index_option(IndexRecordOption::Basic).set_fieldnorms(false));
        let fields = LANGUAGES.map(|of| ["name", "body"].map(|kind| schema.add_text_field(&format!("{kind}_{of:?}"), text.clone())));
        let index = Index::create_in_ram(schema.build());
        index.tokenizers().register(SPLITTER, Splitter);
        let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_MEMORY)?;
        for document in documents {
            let mut row = TantivyDocument::new();
            row.add_u64(position, document.position.into());
            for (at, [name, body]) in fields.into_iter().enumerate() {
                row.add_text(name, document.name[at].unwrap_or_default());
                row.add_text(body, &document.body[at]);
            }
            writer.add_document(row)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;

        let reader: IndexReader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let searcher = reader.searcher();
        let languages = LANGUAGES.into_iter().zip(fields);
        let read = |(language, fields)| Vocabulary::read(&searcher, language, fields);
        let vocabularies = languages.map(read).collect::<tantivy::Result<_>>()?;
        Ok(Self { reader, vocabularies })
    }

    /// The best `limit` texts that hold every word of `text`, each in any language: position and
    /// score, the best first, equals by position. The last word may be unfinished. Nothing in
    /// `text` is syntax; without a word in it the answer is empty.
    ///
    /// # Errors
    /// When the index cannot be read, which in memory is a defect.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<(u32, f32)>, TantivyError> {
        let searcher = self.reader.searcher();
        let limit = limit.min(usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX));
        let words = query_words(text);
        let clauses = words.iter().enumerate();
        let clauses = clauses.map(|(at, word)| self.clause(word, at + 1 == words.len()));
        let clauses: Option<Vec<_>> = clauses.collect();
        let Some(clauses) = clauses.filter(|clauses| !clauses.is_empty() && limit > 0) else {
            return Ok(Vec::new());
        };
        let score = (sort_key::SortBySimilarityScore, Order::Desc);
        let position = sort_key::SortByStaticFastValue::<u64>::for_field(POSITION);
        let best = TopDocs::with_limit(limit).order_by((score, (position, Order::Asc)));
        let best = searcher.search(&BooleanQuery::intersection(clauses), &best)?;
        let found = |(score, at): (f32, Option<u64>)| Some((u32::try_from(at?).ok()?, score));
        Ok(best.into_iter().filter_map(|(keys, _)| found(keys)).collect())
    }

    /// The texts that hold one word of a query, or `None` when there is no such word.
    fn clause(&self, word: &str, unfinished: bool) -> Option<Box<dyn Query>> {
        let mut terms: [Vec<Term>; 2 * MEETINGS] = Default::default();
        for vocabulary in &self.vocabularies {
            for (meeting, words) in vocabulary.find(word, unfinished).iter().enumerate() {
                for (field, first) in vocabulary.fields.into_iter().zip([0, MEETINGS]) {
                    let met = words.iter().map(|word| Term::from_field_text(field, word));
                    terms[first + meeting].extend(met);
                }
            }
        }
        let ways: Vec<Box<dyn Query>> = terms
            .into_iter()
            .zip(SCORES)
            .filter(|(terms, _)| !terms.is_empty())
            .map(|(terms, score)| Box::new(ConstScoreQuery::new(any(terms), score)) as _)
            .collect();
        (!ways.is_empty()).then(|| Box::new(DisjunctionMaxQuery::new(ways)) as _)
    }
}

/// Texts with any of these words. A set is dearer to prepare than a few hundred of them singly
/// (measured), and cheaper to read than more.
fn any(terms: Vec<Term>) -> Box<dyn Query> {
    if terms.len() > 256 { Box::new(TermSetQuery::new(terms)) } else { Box::new(BooleanQuery::new_multiterms_query(terms)) }
}

/// The different words of one language in the index, and what they are found by.
struct Vocabulary {
    language: Language,
    fields: [Field; 2],
    /// As written, sorted by their letters without diacritics. The number of a word is its place.
    words: Vec<Box<str>>,
    /// Stems and the words that have them, sorted: see [`entry`].
    stems: Vec<u64>,
}

impl Vocabulary {
    fn read(index: &Searcher, language: Language, fields: [Field; 2]) -> tantivy::Result<Self> {
        let mut words: Vec<Box<str>> = Vec::new();
        for segment in index.segment_readers() {
            for field in fields {
                let dictionary = segment.inverted_index(field)?;
                let mut terms = dictionary.terms().stream()?;
                while terms.advance() {
                    words.extend(str::from_utf8(terms.key()).map(Box::from));
                }
            }
        }
        words.sort_unstable();
        words.dedup();
        words.shrink_to_fit();
        let mut analyser = Analyser::new(language);
        words.sort_by_cached_key(|word| analyser.fold(word));

        let mut stems = Vec::new();
        for (number, word) in (0..1 << NUMBER_BITS).zip(&words) {
            let folded = analyser.fold(word);
            let mut found = vec![(Of::Word, analyser.stems(word, &folded))];
            if analyser.is_finnish(&folded) {
                found.extend(finnish::parts(&folded, word));
            }
            for (of, found) in found {
                let written = found.written.iter().map(|stem| entry(of, false, stem));
                let weakened = found.weakened.iter().map(|stem| entry(of, true, stem));
                stems.extend(written.chain(weakened).map(|entry| entry | number));
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

        let mut same = self.range(&folded, false);
        self.meet(Of::Word, &analyser.stems(word, &folded), &mut same);
        let mut beginning = Vec::new();
        let mut end = Vec::new();
        if unfinished && letters >= SHORTEST_PREFIX {
            beginning = self.range(&folded, true);
        }
        if analyser.is_finnish(&folded) {
            let sought = Stems::sought(&folded);
            if letters >= finnish::SHORTEST_FIRST {
                self.meet(Of::First, &sought, &mut beginning);
            }
            if letters >= finnish::SHORTEST_LAST {
                self.meet(Of::Last, &sought, &mut end);
            }
        }
        [same, beginning, end]
    }

    /// Adds the words whose stems meet these, as [`Stems`] says.
    fn meet<'a>(&'a self, of: Of, sought: &Stems, found: &mut Vec<&'a str>) {
        let both = |stem: &String| [entry(of, false, stem), entry(of, true, stem)];
        let written = sought.written.iter().flat_map(both);
        let weakened = sought.weakened.iter().map(|stem| entry(of, false, stem));
        for first in written.chain(weakened) {
            let start = self.stems.partition_point(|&other| other < first);
            let numbers = self.stems[start..].iter().map(|other| other ^ first);
            let same = numbers.take_while(|number| number >> NUMBER_BITS == 0);
            let same = same.filter_map(|number| self.words.get(usize::try_from(number).ok()?));
            found.extend(same.map(|word| &**word));
        }
    }

    /// The words that have or, if `unfinished`, begin with these letters without diacritics.
    fn range(&self, letters: &str, unfinished: bool) -> Vec<&str> {
        let mut analyser = Analyser::new(self.language);
        let mut order = |word: &str| {
            let folded = analyser.fold(word);
            let end = if unfinished { letters } else { &folded }.len();
            folded.bytes().take(end).cmp(letters.bytes())
        };
        let start = self.words.partition_point(|word| order(word).is_lt());
        let count = self.words[start..].partition_point(|word| order(word).is_eq());
        let words = self.words[start..].iter().take(count);
        words.map(|word| &**word).collect()
    }
}

/// How many of the 64 bits of an entry number its word; the others are the hash of its stem.
const NUMBER_BITS: u32 = 24;

/// An entry of [`Vocabulary::stems`] without its number. A stem is kept as 40 bits of its hash: the
/// chance to meet, among a million, one that only hashes alike is one in a million.
fn entry(of: Of, weakened: bool, stem: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (of, weakened, stem).hash(&mut hasher);
    hasher.finish() >> NUMBER_BITS << NUMBER_BITS
}

/// Folds and stems words of one language.
struct Analyser {
    language: Language,
    folding: TextAnalyzer,
    stemming: TextAnalyzer,
}

impl Analyser {
    fn new(language: Language) -> Self {
        let raw = || TextAnalyzer::builder(RawTokenizer::default());
        let stemming = raw().filter(Stemmer::new(language)).filter(AsciiFoldingFilter);
        Self { language, folding: raw().filter(AsciiFoldingFilter).build(), stemming: stemming.build() }
    }

    /// The letters of a lower-case word without diacritics: `pömpeli` is `pompeli`.
    fn fold(&mut self, word: &str) -> String {
        only_token(&mut self.folding, word)
    }

    fn stems(&mut self, word: &str, folded: &str) -> Stems {
        if self.is_finnish(folded) {
            return Stems::of(folded);
        }
        Stems { written: vec![only_token(&mut self.stemming, word)], weakened: Vec::new() }
    }

    /// Whether the rules of Finnish are for this word, by its language and by its letters.
    fn is_finnish(&self, folded: &str) -> bool {
        self.language == Language::Finnish && folded.is_ascii()
    }
}

fn only_token(analyzer: &mut TextAnalyzer, word: &str) -> String {
    let mut tokens = analyzer.token_stream(word);
    tokens.advance();
    std::mem::take(&mut tokens.token_mut().text)
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
    let asked = |word: &String| !CONJUNCTIONS.contains(&word.as_str());
    if words.iter().any(asked) {
        words.retain(asked);
    }
    words
}

/// Cuts a text into lower-case words, and says of each whether a hyphen joins it to the one before.
///
/// A word is letters and digits. An apostrophe, a soft hyphen and the like are inside it and left
/// out (`raa'an`), and so is the ending that Finnish writes after a colon (`THL:n`). Letters typed
/// as a base and a combining dot or ring become the letters `ä`, `ö`, `å`; other combining marks
/// are left out.
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
                    word.extend(read.to_lowercase().filter(|small| small.is_alphanumeric()));
                    letters += 1;
                }
            }
            _ if word.is_empty() => joined = false,
            _ => {
                found(&word, joined);
                joined = matches!(read, '-' | '\u{2010}' | '\u{2011}');
                if read == ':' {
                    skip_ending(&mut rest);
                }
                word.clear();
                letters = 0;
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
    let word = rest.clone().take_while(|letter| letter.is_alphanumeric());
    let length = word.clone().count();
    if (1..=4).contains(&length) && word.clone().all(char::is_lowercase) {
        rest.nth(length - 1);
    }
}

/// The splitter as the index asks for it. Words joined by hyphens are also one word: `Reissu-Ellu`
/// is `reissu`, `ellu` and `reissuellu`.
#[derive(Clone)]
struct Splitter;

struct Split {
    words: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Splitter {
    type TokenStream<'a> = Split;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Split {
        let (mut words, mut chain) = (Vec::new(), String::new());
        split(text, |word, joined| {
            if !joined {
                chain.clear();
            }
            chain.push_str(word);
            words.push(word.to_owned());
            if joined && chain.len() <= LONGEST_WORD {
                words.push(chain.clone());
            }
        });
        // Every word at the same place: nothing asks for the order of words.
        let token = Token { position: 0, ..Token::default() };
        let words = words.into_iter();
        Split { words, token }
    }
}

impl TokenStream for Split {
    fn advance(&mut self) -> bool {
        let next = self.words.next();
        next.map(|word| self.token.text = word).is_some()
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
        let found = index.search(text, usize::MAX).unwrap();
        found.into_iter().map(|(position, _)| position).collect()
    }

    #[test]
    fn the_last_word_may_be_unfinished() {
        let pairs = "val valmennus,lii liikunta,ky kynä,kuntoutu kuntoutusta,pomp Pömpeli,\
            pömp pompeli,ryhmäval ryhmävalmennus,talo talous,kela kelaus,åla Åland";
        let pairs: Vec<_> = pairs.split(',').filter_map(|pair| pair.split_once(' ')).collect();
        let index = index(&pairs.iter().map(|&(_, text)| text).collect::<Vec<_>>());
        for (position, (asked, text)) in (0..).zip(pairs) {
            let found = found(&index, &format!("ankkuri {asked}"));
            assert!(found.contains(&position), "{asked}: {text}");
        }
        assert!(found(&index, "v").is_empty());
    }

    #[test]
    fn names_with_hyphens_and_dashes_are_found_by_every_part() {
        let dashed = "Arki – ryhmävalmennus";
        let index = index(&["Reissu-Ellu", dashed, "perhe/pari", "THL:n opas", "po\u{308}mpeli"]);
        for asked in "reissu,ellu,reissu ellu,Ellu Reissu,reissuellu,REISSU-ELLU".split(',') {
            assert_eq!(found(&index, asked), [0], "{asked}");
        }
        assert_eq!(found(&index, "arki valmennus"), [1]);
        assert_eq!(found(&index, "pari"), [2]);
        assert_eq!(found(&index, "THL:ään"), [3]);
        assert_eq!(found(&index, "pömpeli"), [4]);
    }

    #[test]
    fn every_word_must_be_found_and_each_in_any_language() {
        let text = Document {
            position: 0,
            name: [None, Some("Stödgrupper"), Some("Peer groups")],
            body: ["Ryhmiä nuorille.", "För unga i Åbo.", "Meetings"].map(str::to_owned),
        };
        let index = SearchIndex::build(std::iter::once(text)).unwrap();
        let asked = "stödgrupp,stodgruppen,group,meeting,ryhmä nuori,nuorten group abo,unga ja ryhmät";
        for asked in asked.split(',') {
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
            named(15, "Valmennukset", "valmennus"),
        ];
        let index = SearchIndex::build(texts.into_iter().rev()).unwrap();
        let best = index.search("valmennus", 10).unwrap();
        let positions: Vec<u32> = best.iter().map(|&(position, _)| position).collect();
        let scores: Vec<f32> = best.iter().map(|&(_, score)| score).collect();
        assert_eq!(positions, [15, 14, 13, 12, 11, 10]);
        assert_eq!(scores, [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
        assert_eq!(index.search("valmennus", 3).unwrap(), best[..3]);
        assert_eq!(index.search("valmennus", 0).unwrap(), []);
        assert_eq!(index.search("valmennus annamme", 10).unwrap(), [(12, 6.0)]);
    }

    #[test]
    fn equals_keep_the_order_of_their_positions() {
        let texts = (0_u32..500).map(|number| Document { position: (number * 7) % 500, name: [Some("Ryhmä"), None, None], body: Default::default() });
        let index = SearchIndex::build(texts).unwrap();
        assert_eq!(found(&index, "ryhmä"), (0..500).collect::<Vec<_>>());
        assert_eq!(index.search("ryhmä", 2).unwrap(), [(0, 6.0), (1, 6.0)]);
    }

    #[test]
    fn no_query_is_syntax_or_endless_work() {
        let long = ["ä", "n", "st", "ryhmä", "-a", ":a", "日", "\u{308}"].map(|part| part.repeat(10_000));
        let many = "ryhmä ".repeat(1_000);
        let different: Vec<String> = (0..1_000).map(|number| format!("r{number}")).collect();
        let different = different.join(" ");
        let mut texts = vec!["ryhmä AND ei (tukea)", "日本語 кружок", &many, &different];
        texts.extend(long.iter().map(String::as_str));
        let odd = "\0 😀😀 \u{308}\u{30a} ß İ - --a-- : a: :a a:\u{308} 👨\u{200d}👩 ' ''s ﷽ 0 n en nen \
            seen isiin kseen nsa ksensa aa ää öööö yötyö";
        texts.extend(odd.split(' '));
        let index = index(&texts);
        for asked in &texts {
            index.search(asked, usize::MAX).unwrap();
        }
        assert!(found(&index, "AND ryhmä) OR body_fi:\"*^~[\\").is_empty());
        assert_eq!(found(&index, "\"ryhmä\" +(tukea) \0"), [0]);
        assert_eq!(found(&index, "КРУЖОК"), [1]);
        assert_eq!(found(&index, &many), [0, 2, 7]);
        assert_eq!(found(&index, &different), [3]);
        let empty = SearchIndex::build(std::iter::empty()).unwrap();
        assert!(found(&empty, "ryhmä").is_empty());
    }
}
