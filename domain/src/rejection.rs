//! Why a rule said no: a stable code, the place in the input, and words in the reader's language.
use crate::{code::Coded, outreach::unnamed_text::PersonalData, text::Language};

macro_rules! codes { ($($(#[$meta:meta])* $code:ident: $fi:literal, $sv:literal, $en:literal;)+) => {
    /// The stable code of a refusal. Frontends may build on it; the words may change.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    #[cfg_attr(feature = "graphql", derive(async_graphql::Enum), graphql(name = "UserErrorCode"))]
    pub enum Code { $($(#[$meta])* $code),+ }
    impl Code {
        /// Every code.
        pub const ALL: &'static [Self] = &[$(Self::$code),+];
        const fn words(self) -> [&'static str; 3] { match self { $(Self::$code => [$fi, $sv, $en]),+ } }
    }
} }

codes! {
    /// A part that must be given is missing (puuttuu).
    Required: "Tämä tieto puuttuu.", "Uppgiften saknas.", "This is missing.";
    /// Longer than allowed; the message tells the limit in characters or items.
    TooLong: "Enintään {}.", "Högst {}.", "At most {}.";
    /// A control character or NUL in a text.
    ControlCharacter: "Tekstissä on ohjausmerkkejä.", "Texten innehåller styrtecken.", "The text has control characters.";
    /// Not of the form that this value must have.
    Invalid: "Arvo ei ole oikeaa muotoa.", "Värdet har fel form.", "The value is not of the right form.";
    /// Outside the allowed range; the message tells it.
    OutOfRange: "Arvon on oltava välillä {}.", "Värdet ska vara mellan {}.", "The value must be in the range {}.";
    /// The end is before the start, or the dates do not fit together.
    DateOrder: "Loppu on ennen alkua.", "Slutet är före början.", "The end is before the start.";
    /// Outside the dates of the offering or the membership it belongs to.
    OutsideDates: "Ajankohta on tarjonnan ajan ulkopuolella.", "Tidpunkten ligger utanför utbudets tid.", "The time is outside the dates of the offering.";
    /// What tells of somebody unknown and what tells of a client are not sent in one request: send this in one of its own.
    SendApart: "Lähetä tämä omassa pyynnössään: nimetön ja asiakas eivät saa yhdistyä.", "Sänd detta i en egen begäran: den namnlösa och klienten får inte kopplas ihop.", "Send this in a request of its own: somebody unknown and a client must not be joined.";
    /// A code that its code list does not know.
    UnknownCode: "Koodia {} ei ole koodistossa.", "Koden {} finns inte i kodlistan.", "The code {} is not in the code list.";
    /// The thing that is referred to does not exist, or you may not see it.
    UnknownReference: "Viitattua kohdetta ei löydy.", "Det som hänvisas till finns inte.", "What is referred to does not exist.";
    /// Belongs to another network, or to an organisation outside this one.
    OtherNetwork: "Kohde kuuluu toiseen verkostoon.", "Objektet hör till ett annat nätverk.", "It belongs to another network.";
    /// The value is already in use.
    NotUnique: "Arvo on jo käytössä.", "Värdet används redan.", "The value is already in use.";
    /// Nobody goes on this visit alone: name two workers or more.
    PairRequired: "Käynnille ei mennä yksin: nimeä vähintään kaksi työntekijää.", "Ingen gör besöket ensam: ange minst två arbetstagare.", "Nobody goes on this visit alone: name two workers or more.";
    /// Given twice in a list.
    Duplicate: "Sama arvo on annettu kahdesti.", "Samma värde har angetts två gånger.", "The same value is given twice.";
    /// The state does not allow this move.
    IllegalTransition: "Siirtymä ei ole sallittu tilasta {}.", "Övergången är inte tillåten från läget {}.", "The move is not allowed from the state {}.";
    /// Somebody else has changed it since you read it: read again, then decide.
    StaleVersion: "Joku muu on muuttanut tätä. Nykyinen versio on {}.", "Någon annan har ändrat detta. Nuvarande version är {}.", "Somebody else has changed this. The version is now {}.";
    /// This idempotency key was used for another input.
    IdempotencyMismatch: "Sama avain on jo käytetty toiselle syötteelle.", "Samma nyckel har redan använts för annan inmatning.", "This key was already used for another input.";
    /// A published service needs at least one content of social rehabilitation, or the mark of an open activity.
    NoContent: "Valitse vähintään yksi sosiaalisen kuntoutuksen sisältö tai merkitse avoimeksi toiminnaksi.", "Välj minst ett innehåll i social rehabilitering eller markera som öppen verksamhet.", "Choose at least one content of social rehabilitation, or mark it as an open activity.";
    /// Steering to a partner or an open activity needs the client's consent, unless the client may walk in.
    ConsentNeeded: "Ohjaus kumppanille tai avoimeen toimintaan vaatii suostumuksen, ellei asiakas voi tulla itse.", "Hänvisning till en partner eller öppen verksamhet kräver samtycke om klienten inte kan komma själv.", "Steering to a partner or an open activity needs consent, unless the client may walk in.";
    /// The service of this offering is not published.
    ServiceNotPublished: "Palvelua ei ole julkaistu.", "Tjänsten är inte publicerad.", "The service is not published.";
    /// The organisation is not named as a producer of this service, or a service of this kind has none.
    NotProducer: "Organisaatiota ei ole nimetty palvelun tuottajaksi.", "Organisationen är inte angiven som producent av tjänsten.", "The organisation is not named as a producer of the service.";
    /// An offering takes place somewhere: at a unit, in a venue, along a route or remotely.
    NoPlace: "Kerro toimipiste, tila tai reitti, tai merkitse etäpalveluksi.", "Ange enhet, lokal eller rutt, eller markera som distanstjänst.", "Name a unit, a venue or a route, or offer the service remotely.";
    /// The use of the venue is not agreed, so nobody can be sent there.
    VenueNotAgreed: "Tilan käytöstä ei ole sovittu.", "Användningen av lokalen är inte avtalad.", "The use of the venue is not agreed.";
    /// Another session is in the venue at that time, and the venue holds one at a time; the message tells when, and which one if you may see it.
    VenueTaken: "Tila on jo varattu: {}.", "Lokalen är redan bokad: {}.", "The venue is taken already: {}.";
    /// Whoever leads it leads another session at that time; the message tells when, and which one if you may see it.
    LeaderTaken: "Ohjaajalla on jo toinen kerta: {}.", "Ledaren har redan ett annat tillfälle: {}.", "The leader has another session already: {}.";
    /// Something still uses it: a published offering, or an open unit, venue, route or area inside it.
    InUse: "Kohde on vielä käytössä.", "Objektet används ännu.", "It is still in use.";
    /// The unit, route or area has been closed: it is not changed any more, and nothing new may refer to it.
    PlaceClosed: "Toimipiste, reitti tai alue on lopetettu.", "Enheten, rutten eller området är nedlagt.", "The unit, route or area has been closed.";
    /// Places taken are more than the places there are.
    OverCapacity: "Paikkoja on enintään {}.", "Det finns högst {} platser.", "There are at most {} places.";
    /// The recurrence rule gives no session, or too many.
    RuleCount: "Toistosääntö tuottaa {} kertaa; sallittu määrä on 1–400.", "Upprepningsregeln ger {} gånger; 1–400 är tillåtet.", "The recurrence rule gives {} sessions; 1 to 400 are allowed.";
    /// No session of the series is planned from then on.
    NothingPlanned: "Sarjassa ei ole suunniteltuja kertoja siitä eteenpäin.", "Serien har inga planerade träffar från och med då.", "The series has no planned sessions from then on.";
    /// The local time does not exist: the clocks go forward over it.
    NoSuchLocalTime: "Kellonaikaa ei ole: kelloja siirretään eteenpäin.", "Klockslaget finns inte: klockan ställs fram.", "The time does not exist: the clocks go forward over it.";
    /// Who an organisation is, its administrator says: name, kind, tasks, registers and dates.
    AdministratorOnly: "Tämän tiedon muuttaa verkoston pääkäyttäjä.", "Uppgiften ändras av nätverkets administratör.", "This is changed by the network's administrator.";
    /// A network keeps at least one administrator.
    LastAdministrator: "Verkostolle on jäätävä pääkäyttäjä.", "Nätverket ska ha kvar en administratör.", "The network must keep an administrator.";
    /// An area cannot lie inside itself.
    Cycle: "Alue ei voi olla oma osansa.", "Ett område kan inte ligga i sig självt.", "An area cannot lie inside itself.";
    /// Shorter than allowed; the message tells the limit in characters.
    TooShort: "Vähintään {} merkkiä.", "Minst {} tecken.", "At least {} characters.";
    /// Two parts of the input contradict each other.
    DoesNotAgree: "Tieto ei täsmää muun kanssa.", "Uppgiften stämmer inte med de övriga.", "This does not agree with the rest.";
    /// Data of the client is disclosed only with consent or on a law, and there is neither.
    ConsentMissing: "Asiakkaan suostumus puuttuu.", "Klientens samtycke saknas.", "The client's consent is missing.";
    /// The consent does not cover this item of data.
    ConsentScope: "Suostumus ei kata tietoa {}.", "Samtycket omfattar inte {}.", "The consent does not cover {}.";
    /// A consent of this purpose binds a referral, and one of another does not.
    ConsentBinding: "Suostumus sitoo yhden ohjauksen, ja vastaanottajan on oltava sama.", "Samtycket gäller en hänvisning, och mottagaren ska vara densamma.", "The consent binds one referral, and the recipient must be the same.";
    /// Advice only: no data of the client goes along.
    NothingDisclosed: "Neuvonnassa ei luovuteta tietoja.", "Vid rådgivning lämnas inga uppgifter ut.", "With advice only, no data goes along.";
    /// The person is under non-disclosure for safety: this item is told to authorities only.
    ProtectedPerson: "Turvakielto: tietoa {} ei anneta muulle kuin viranomaiselle.", "Spärrmarkering: {} lämnas endast ut till myndigheter.", "Non-disclosure for safety: {} is told to authorities only.";
    /// Only the sender may do this.
    SenderOnly: "Tämän tekee ohjauksen lähettäjä.", "Detta görs av avsändaren.", "This is for the sender.";
    /// Only the recipient may do this.
    RecipientOnly: "Tämän tekee ohjauksen vastaanottaja.", "Detta görs av mottagaren.", "This is for the recipient.";
    /// An outcome that cannot follow the one that was told before.
    OutcomeOrder: "Tulos ei voi seurata aiempaa.", "Resultatet kan inte följa det tidigare.", "This outcome cannot follow the one before.";
    /// The case is suspended: it goes on first, or is closed.
    CaseSuspended: "Asiakkuus on keskeytetty.", "Klientskapet är avbrutet.", "The case is suspended.";
    /// A case in this stage is not closed for this reason.
    ClosingReason: "Vaiheessa {} asiakkuutta ei päätetä tällä syyllä.", "I skedet {} avslutas klientskapet inte av denna orsak.", "A case in the stage {} is not closed for this reason.";
    /// A referral that the case's organisation has sent for the client is still open; the message tells its id.
    ReferralOpen: "Asiakkaan ohjaus {} on vielä auki.", "Klientens hänvisning {} är ännu öppen.", "The client's referral {} is still open.";
    /// The needs assessment is not completed, or not since the needs have changed.
    AssessmentMissing: "Palvelutarpeen arviointi ei ole valmis.", "Bedömningen av servicebehovet är inte färdig.", "The needs assessment is not completed.";
    /// No client plan is in force.
    PlanMissing: "Asiakassuunnitelma ei ole voimassa.", "Ingen klientplan är i kraft.", "No client plan is in force.";
    /// Nothing of the plan has begun yet.
    NothingBegun: "Mikään suunnitelman toimi ei ole alkanut.", "Ingen åtgärd i planen har inletts.", "Nothing of the plan has begun.";
    /// A goal of the case is still pursued, and no exit is agreed; the message tells its id.
    GoalOpen: "Tavoitteen {} tulosta ei ole arvioitu, eikä lopettamisesta ole sovittu.", "Resultatet av målet {} är inte bedömt, och man har inte kommit överens om att avsluta.", "The goal {} was not reviewed, and no exit is agreed.";
    /// The final assessment is not approved, or not since it was begun again.
    FinalAssessmentMissing: "Loppuarviota ei ole hyväksytty.", "Slutbedömningen är inte godkänd.", "The final assessment is not approved.";
    /// The client's participation is still open.
    ParticipationOpen: "Asiakkaan osallistuminen {} on vielä kesken.", "Klientens deltagande {} pågår ännu.", "The client's participation {} is still going on.";
    /// A visit with the client is to come, or under way; the message tells its id.
    VisitOpen: "Asiakkaan käynti {} on vielä tulossa tai kesken.", "Besöket {} hos klienten är ännu planerat eller pågår.", "The visit {} with the client is still to come, or under way.";
    /// The service is for those who are referred to it.
    ReferralNeeded: "Palveluun tullaan ohjauksella.", "Till tjänsten kommer man genom hänvisning.", "One comes to this service by a referral.";
    /// No place is free, and there is no room on the waiting list.
    OfferingFull: "Paikat ja jono ovat täynnä.", "Platserna och kön är fulla.", "All places and the waiting list are full.";
    /// Nobody can register: it is not offered, or it is over.
    NotOnOffer: "Palveluun ei voi nyt ilmoittautua.", "Det går inte att anmäla sig till tjänsten nu.", "Nobody can register for it now.";
    /// Has a place there already, or waits for one.
    AlreadyRegistered: "Asiakkaalla on jo paikka tai hän on jonossa.", "Klienten har redan en plats eller står i kö.", "The client has a place there already, or waits for one.";
    /// Attendance is told of sessions that were held.
    SessionNotHeld: "Kertaa ei ole pidetty.", "Tillfället har inte hållits.", "The session was not held.";
    /// Takes no part in it: no place, or not any more.
    NotParticipating: "Henkilö ei osallistu tähän.", "Personen deltar inte i detta.", "The person takes no part in this.";
    /// It is for the other side to do: the client, those who keep the register, or those who give the service.
    OtherSide: "Tämän tekee toinen osapuoli.", "Detta görs av den andra parten.", "This is for the other side to do.";
    /// The place is not held for anybody to confirm.
    NothingToConfirm: "Paikka ei odota vahvistusta.", "Platsen väntar inte på bekräftelse.", "The place does not wait to be confirmed.";
    /// There is no follow-on path, and no reason is given why there is none.
    PathMissing: "Jatkopolku tai syy sen puuttumiseen on kirjattava.", "En fortsatt stig eller orsaken till att den saknas ska antecknas.", "A follow-on path, or the reason why there is none, is missing.";
    /// A needs assessment is still being made; the message tells its id.
    AssessmentOpen: "Palvelutarpeen arviointi {} on kesken.", "Bedömningen {} är inte färdig.", "The needs assessment {} is not finished.";
    /// A client plan is still being made; the message tells its id.
    PlanOpen: "Asiakassuunnitelma {} on kesken.", "Klientplanen {} är inte färdig.", "The client plan {} is not finished.";
    /// A final assessment is still being made; the message tells its id.
    FinalAssessmentOpen: "Loppuarvio {} on kesken.", "Slutbedömningen {} är inte färdig.", "The final assessment {} is not finished.";
    /// A service decision is not made yet, the client has not been told of it, or its rectification is not at its end; the message tells its id.
    DecisionOpen: "Palvelupäätös {} on tekemättä tai antamatta tiedoksi, tai sen oikaisu on kesken.", "Servicebeslutet {} är inte fattat eller inte delgivet, eller så pågår omprövningen av det.", "The service decision {} is not made, not served, or its rectification is not at its end.";
    /// What was ordered still goes on; the message tells the order's id.
    OrderOpen: "Palvelutilaus {} on vielä kesken.", "Tjänstebeställningen {} pågår ännu.", "The purchase order {} is still going on.";
    /// A voucher can still be used, or was refused and nobody has arranged the service in another way; the message tells its id.
    VoucherOpen: "Palveluseteli {} on vielä käytettävissä, tai siitä on kieltäydytty eikä palvelua ole järjestetty toisin.", "Servicesedeln {} kan ännu användas, eller så har den avböjts och tjänsten inte ordnats på annat sätt.", "The voucher {} can still be used, or was refused and the service is not arranged in another way.";
    /// Whoever is named does not work with clients in the organisation.
    NotColleague: "Henkilö ei työskentele asiakkaiden kanssa tässä organisaatiossa.", "Personen arbetar inte med klienter i denna organisation.", "The person does not work with clients in this organisation.";
    /// It has been recorded already: what is wrong is corrected, not recorded again.
    RecordedAlready: "Tieto on jo kirjattu; virhe korjataan korjausmerkinnällä.", "Uppgiften är redan antecknad; fel korrigeras med en rättelse.", "This is recorded already; what is wrong is corrected.";
    /// The case is closed: nothing is added to it.
    CaseClosed: "Asiakkuus on päättynyt.", "Klientskapet är avslutat.", "The case is closed.";
    /// Another of the kind is still being made in this case.
    Unfinished: "Edellinen on vielä kesken.", "Den föregående är ännu inte färdig.", "The one before is not finished yet.";
    /// What it refers to belongs to another case.
    OtherCase: "Kohde kuuluu toiseen asiakkuuteen.", "Objektet hör till ett annat klientskap.", "It belongs to another case.";
    /// The client has neither agreed nor dissented yet.
    AgreementMissing: "Asiakkaan kanta puuttuu.", "Klientens ståndpunkt saknas.", "The client's word is missing.";
    /// Only those who work with the client may do this.
    WorkerOnly: "Tämän tekee työntekijä.", "Detta görs av arbetstagaren.", "This is for a worker.";
    /// It is not yet time for this; the message tells the first day.
    TooEarly: "Aikaisintaan {}.", "Tidigast {}.", "On {} at the earliest.";
    /// The time for this is over; the message tells the last day.
    TooLate: "Viimeistään {}.", "Senast {}.", "On {} at the latest.";
    /// No dated rule tells what holds on that day; the message tells the day.
    RuleMissing: "Päivälle {} ei ole sääntöä.", "Det finns ingen regel för dagen {}.", "There is no rule for {}.";
    /// The value of what is granted, or of what it takes the place of, is above the power of one's role to decide; the message tells the limit in cents, above which the lead decides.
    AbovePower: "Arvo ylittää ratkaisuvaltasi ({} senttiä).", "Värdet överstiger din beslutanderätt ({} cent).", "The value is above your power to decide ({} cents).";
    /// Processing of the client's data is restricted (GDPR 18): nothing is written but on a recorded ground.
    ProcessingRestricted: "Asiakkaan tietojen käsittelyä on rajoitettu.", "Behandlingen av klientens uppgifter är begränsad.", "Processing of the client's data is restricted.";
    /// The client has prohibited that this data is disclosed, and neither a newer consent nor a right by law goes before that; the message tells what the prohibition is about.
    DisclosureProhibited: "Asiakas on kieltänyt tietojen luovuttamisen.", "Klienten har förbjudit att uppgifterna lämnas ut.", "The client has prohibited that this is disclosed.";
    /// The client has not been informed about the Kanta services yet, which comes before any disclosure permission.
    InformingMissing: "Asiakasta ei ole informoitu Kanta-palveluista.", "Klienten har inte informerats om Kanta-tjänsterna.", "The client has not been informed about the Kanta services.";
    /// Two rows about one human being would not say so different a thing; the message tells which.
    IdentityDiffers: "Henkilötiedot eroavat ({}): korjaa ne ensin.", "Personuppgifterna skiljer sig ({}): korrigera dem först.", "The identities differ ({}): mend them first.";
    /// Both clients have an account of their own.
    AccountDiffers: "Molemmilla on oma käyttäjätunnus.", "Båda har ett eget användarkonto.", "Both have an account of their own.";
    /// Both clients have an open case of the same service task: one of them is closed first; the message tells the task.
    CasesCollide: "Molemmilla on avoin asiakkuus palvelutehtävässä {}.", "Båda har ett öppet klientskap i serviceuppgiften {}.", "Both have an open case of the service task {}.";
    /// The clients are in the registers of different organisations, which are not mixed.
    OtherRegister: "Asiakkaat ovat eri rekistereissä.", "Klienterna finns i olika register.", "The clients are in different registers.";
    /// The client has been merged into another one, who is found by the same id and number.
    MergedAlready: "Asiakas on jo yhdistetty toiseen.", "Klienten har redan slagits ihop med en annan.", "The client has been merged into another one already.";
    /// The times of a route must follow its stops.
    StopOrder: "Pysäkkien aikojen on edettävä reitin suuntaan.", "Hållplatsernas tider ska följa rutten.", "The times must follow the stops of the route.";
    /// A band of ages is too narrow, or none at all: it could tell who somebody is.
    AgeBandTooNarrow: "Ikähaarukan on oltava vähintään kymmenen vuotta välillä 0–120.", "Åldersgruppen ska omfatta minst tio år mellan 0 och 120.", "A band of ages has at least ten years, between 0 and 120.";
    /// The estimated value is at the national threshold or above it: it is no small purchase; the message tells the threshold.
    AboveThreshold: "Arvo on vähintään kansallinen kynnysarvo {}.", "Värdet är minst det nationella tröskelvärdet {}.", "The value is at the national threshold of {} or above it.";
    /// A contract of this value needs the procurement in which its provider was chosen.
    ProcurementMissing: "Hankintapäätös puuttuu.", "Upphandlingsbeslutet saknas.", "The procurement in which the provider was chosen is missing.";
    /// The procurement that the contract rests on is not decided, or its decision is appealed against; the message tells its state.
    ProcurementNotAwarded: "Hankinnasta ei ole voimassa olevaa päätöstä ({}).", "Det finns inget gällande upphandlingsbeslut ({}).", "The procurement has no decision that stands ({}).";
    /// The contract is not in force then, or nothing is ordered by it; the message tells its state.
    ContractNotInForce: "Sopimus ei ole silloin voimassa ({}).", "Avtalet är inte i kraft då ({}).", "The contract is not in force then ({}).";
    /// The decision does not grant the service then; the message tells its state.
    DecisionNotInForce: "Päätös ei myönnä palvelua silloin ({}).", "Beslutet beviljar inte tjänsten då ({}).", "The decision does not grant the service then ({}).";
    /// More than may still be ordered by the decision, the line or the contract that the path names; the message tells what is left, in hundredths of the unit.
    QuantityReached: "Määrästä on jäljellä {} yksikön sadasosaa.", "Av mängden återstår {} hundradelar av enheten.", "Of the quantity, {} hundredths of the unit are left.";
    /// For more than may still be ordered by the decision, the line or the contract that the path names; the message tells what is left, in cents.
    CeilingReached: "Enimmäisarvosta on jäljellä {} senttiä.", "Av maximivärdet återstår {} cent.", "Of the ceiling, {} cents are left.";
    /// The month is closed: what was delivered in it is not written down or taken back any more; the message tells the last day on which it was.
    MonthLocked: "Kuukausi on suljettu {}.", "Månaden stängdes {}.", "The month was closed on {}.";
    /// The provider has no business id, or is not in the Soteri register of producers on that day (741/2023).
    NotRegistered: "Tuottajalta puuttuu y-tunnus tai Soteri-rekisteröinti.", "Producenten saknar FO-nummer eller Soteri-registrering.", "The provider has no business id, or is not in the Soteri register.";
    /// Only euros are taken.
    OtherCurrency: "Vain eurot käyvät.", "Endast euro godtas.", "Only euros are taken.";
    /// Whoever ordered, told or approved what an invoice asks for, sent it or put it right, does not approve it.
    FourEyes: "Tämän hyväksyy joku muu kuin se, joka on tilannut, kirjannut, lähettänyt tai oikaissut sitä.", "Detta godkänns av någon annan än den som beställt, antecknat, sänt eller rättat det.", "This is approved by somebody else than whoever ordered, told, sent or put it right.";
    /// Nothing of what the invoice asks for is approved and uninvoiced.
    NothingDelivered: "Laskulla ei ole hyväksyttyä, laskuttamatonta toteumaa.", "Fakturan har ingen godkänd, ofakturerad leverans.", "No delivery on the invoice is approved and still to be invoiced.";
    /// The rulebook is not in use, or its time is over; the message tells its state.
    RulebookNotInForce: "Sääntökirja ei ole voimassa ({}).", "Regelboken är inte i kraft ({}).", "The rulebook is not in force ({}).";
    /// Every option of the contract has been taken up.
    NoOptionLeft: "Optiota ei ole jäljellä.", "Det finns ingen option kvar.", "No option is left.";
    /// The target of a webhook lies inside: at an address that is not of the public internet, and whose host the operator has not allowed.
    TargetInside: "Osoite ei ole julkisessa verkossa.", "Adressen finns inte på det offentliga nätet.", "The address is not on the public internet.";
    /// A text of open work has an identity code, a telephone number or an e-mail address: it is told by its kind and place, never by its words.
    PersonalData: "Tekstissä on henkilötieto ({}).", "Texten innehåller en personuppgift ({}).", "The text has personal data ({}).";
    /// Of files only: a column that is not known, or cells under no heading; the message tells its letter.
    UnknownColumn: "Saraketta {} ei tunneta.", "Kolumnen {} är okänd.", "The column {} is not known.";
    /// Of files only: no text, or in an encoding that cannot be told.
    Unreadable: "Tiedostoa ei voi lukea: tallenna se CSV-muodossa (UTF-8).", "Filen kan inte läsas: spara den som CSV (UTF-8).", "The file cannot be read: save it as CSV (UTF-8).";
    /// Of feeds only: no JSON in UTF-8, or cut off; the message tells the line.
    FeedBroken: "Syöte ei ole ehjää UTF-8-muotoista JSONia (rivi {}).", "Flödet är inte hel JSON i UTF-8 (rad {}).", "The feed is no whole JSON in UTF-8 (line {}).";
    /// Of feeds only: a record of another organisation than the one for which the feed is taken in.
    OtherOrganization: "Tieto kuuluu toiselle organisaatiolle.", "Uppgiften hör till en annan organisation.", "It belongs to another organisation.";
    /// Of feeds only: the source says that the service is not given now.
    NotActive: "Palvelu ei ole lähteen mukaan käytössä.", "Tjänsten är enligt källan inte i bruk.", "The source says that the service is not active.";
    /// Of reports only: a day or a moment that is still to come.
    InFuture: "Ajankohta on vasta tulossa.", "Tidpunkten har inte kommit ännu.", "This is still to come.";
    /// Of reports only: figures of fewer than that many clients are never told; the message tells the least.
    ThresholdTooLow: "Suojauksen raja on vähintään {}.", "Gränsen för skydd är minst {}.", "The threshold is at least {}.";
    /// Of reports only: the cohort has some clients, but fewer than are told of; the message tells the least.
    CohortTooSmall: "Rajaukseen kuuluu alle {} asiakasta.", "Avgränsningen omfattar färre än {} klienter.", "The cohort has fewer than {} clients.";
    /// Of reports only: figures of clients of this cohort were published under another cohort, and one could be subtracted from the other.
    ReleasedOtherwise: "Samoista asiakkaista on jo julkaistu lukuja toisella rajauksella.", "Om samma klienter har siffror redan publicerats med en annan avgränsning.", "Figures of the same clients were published under another cohort.";
    /// Of reports only: so few clients have come or gone since an answer that was published that the difference would tell of them.
    ReleasedLately: "Edellisen julkaisun jälkeen asiakasmäärä on muuttunut niin vähän, että erotus kertoisi heistä.", "Sedan den senaste publiceringen har klienterna förändrats så lite att skillnaden skulle berätta om dem.", "Since the last publication so few clients have come or gone that the difference would tell of them.";
}

/// How much a refusal weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum), graphql(name = "UserErrorSeverity"))]
pub enum Severity {
    /// Nothing was kept.
    Error,
}

/// One reason why a rule said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What is wrong, as a stable code.
    pub code: Code,
    /// Where in the input, from the outside in.
    pub path: Vec<String>,
    /// The limit, range, state or code that the words speak of.
    pub detail: Option<String>,
    /// What in a text tells who somebody is, and where it stands.
    pub found: Option<PersonalData>,
}

impl Rejection {
    /// A refusal of the part of the input at `path`.
    #[must_use]
    pub fn new(code: Code, path: &[&str]) -> Self {
        Self { code, path: path.iter().map(|p| (*p).to_owned()).collect(), detail: None, found: None }
    }

    /// The same, with the limit, range, state or code that the words speak of.
    #[must_use]
    pub fn with(code: Code, path: &[&str], detail: impl Into<Detail>) -> Self {
        Self { detail: Some(detail.into().0), ..Self::new(code, path) }
    }

    /// A refusal of the text at `path`, in which personal data was found.
    #[must_use]
    pub fn found(path: &[&str], found: PersonalData) -> Self {
        Self { found: Some(found), ..Self::new(Code::PersonalData, path) }
    }

    /// The reason in words, in the reader's language.
    #[must_use]
    pub fn words(&self, language: Language) -> String {
        let [fi, sv, en] = self.code.words();
        let words = match language {
            Language::Fi => fi,
            Language::Sv => sv,
            Language::En => en,
        };
        let kind = self.found.map(|found| found.kind.label().in_language(language).to_lowercase());
        words.replace("{}", kind.as_deref().or(self.detail.as_deref()).unwrap_or("–"))
    }
}

/// The limit, range, state or code that the words of a refusal speak of.
pub struct Detail(String);

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<i32> for Detail {
    fn from(number: i32) -> Self {
        Self(number.to_string())
    }
}

/// All reasons why an input is refused, gathered so that the caller is told of each at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejections(Vec<Rejection>);

impl Rejections {
    /// Adds a refusal of the part at `path`.
    pub fn add(&mut self, code: Code, path: &[&str]) {
        self.0.push(Rejection::new(code, path));
    }

    /// Adds a refusal whose words speak of `detail`.
    pub fn add_with(&mut self, code: Code, path: &[&str], detail: impl Into<Detail>) {
        self.0.push(Rejection::with(code, path, detail));
    }

    /// Adds the refusals of a part.
    pub fn append(&mut self, mut more: Self) {
        self.0.append(&mut more.0);
    }

    /// Adds a ready refusal.
    pub fn push(&mut self, rejection: Rejection) {
        self.0.push(rejection);
    }

    /// The refusals, in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Rejection> {
        self.0.iter()
    }

    /// `Ok` when nothing was refused.
    ///
    /// # Errors
    /// These refusals, when there are any.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<Rejection> for Rejections {
    fn from(rejection: Rejection) -> Self {
        Self(vec![rejection])
    }
}

impl<'a> IntoIterator for &'a Rejections {
    type Item = &'a Rejection;
    type IntoIter = std::slice::Iter<'a, Rejection>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_speaks_three_languages() {
        for code in Code::ALL {
            let words = Language::ALL.map(|l| Rejection::new(*code, &[]).words(l));
            assert!(words.iter().all(|w| w.ends_with('.')), "{code:?}: {words:?}");
            assert!(words[0] != words[2], "{code:?} is not translated");
        }
    }

    #[test]
    fn the_limit_is_told() {
        assert_eq!(Rejection::with(Code::TooLong, &["name", "fi"], 150).words(Language::En), "At most 150.");
    }
}
